"""A student's function, called so that whatever goes wrong is told in the student's own terms."""

from __future__ import annotations

import functools
import inspect
import linecache
import reprlib
import types
from collections.abc import Callable
from typing import Any

from rlhp.exercises.failures import CheckFailed, NotAnswered

NOT_ANSWERED = (
    "not answered yet. Write your answer in place of `raise NotImplementedError(...)`, run that cell, then this one."
)

_short = reprlib.Repr()
_short.maxother = _short.maxstring = 60


class GuardedFunction:
    """A function whose calls raise nothing but `CheckFailed`.

    Parameters
    ----------
    function : callable
        The student's function.
    returns_none : bool
        Whether None is a right result.

    Examples
    --------
    >>> def halve(x):
    ...     return x / 0
    >>> try:
    ...     GuardedFunction(halve)(3)
    ... except CheckFailed as failure:
    ...     print(str(failure).splitlines()[0])
    `halve(3)` raised ZeroDivisionError: division by zero
    """

    def __init__(self, function: Callable[..., Any], *, returns_none: bool = False) -> None:
        self._function = function
        self._returns_none = returns_none
        self.__name__: str = getattr(_innermost(function), "__name__", "your function")

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self._function, attribute)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function; whatever goes wrong becomes a `CheckFailed`."""
        self._refuse_wrong_signature(args, kwargs)
        call = f"`{self.__name__}({_arguments(args, kwargs)})`"
        try:
            result = self._function(*args, **kwargs)
        except CheckFailed:
            raise
        except (Exception, SystemExit) as error:
            place = _place(error, self._function)
            if isinstance(error, NotImplementedError) and place.is_raised_there:
                raise NotAnswered(NOT_ANSWERED) from None
            raise CheckFailed(f"{call} raised {_headline(error)}{place.text}") from None
        if result is Ellipsis:
            raise NotAnswered(NOT_ANSWERED)
        if result is None and not self._returns_none:
            raise CheckFailed(f"{call} returned None. Does every way through it end with `return ...`?")
        return result

    def _refuse_wrong_signature(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            signature = inspect.signature(self._function)
        except (TypeError, ValueError):  # some functions written in C have none
            return
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            raise CheckFailed(
                f"The check calls `{self.__name__}({_arguments(args, kwargs)})`, but yours is "
                f"`def {self.__name__}{signature}`: {error}. Keep the arguments that the exercise came with."
            ) from None


def guard(answer: Any, *, returns_none: bool = False) -> Any:
    """Wrap a plain function in a `GuardedFunction`; give any other answer back as it is.

    Raises
    ------
    NotAnswered
        When the answer is ``...``, or None where None is no answer.
    """
    if answer is Ellipsis or (answer is None and not returns_none):
        raise NotAnswered(NOT_ANSWERED)
    if isinstance(answer, functools.partial) or inspect.isroutine(answer):
        return GuardedFunction(answer, returns_none=returns_none)
    return answer


class _Place:
    """Where in the student's code an exception came from."""

    def __init__(self, text: str, is_raised_there: bool) -> None:
        self.text = text
        self.is_raised_there = is_raised_there


def _place(error: BaseException, function: Callable[..., Any]) -> _Place:
    """Find the deepest frame of the student's: in their function's own file or another notebook cell."""
    own_file = getattr(getattr(_innermost(function), "__code__", None), "co_filename", None)
    trace: types.TracebackType | None = error.__traceback__
    found: tuple[str, int, str] | None = None
    last = None
    while trace is not None:
        code = trace.tb_frame.f_code
        last = (code.co_filename, trace.tb_lineno, code.co_name)
        if code.co_filename == own_file or _is_cell(code.co_filename):
            found = last
        trace = trace.tb_next
    if isinstance(error, SyntaxError) or found is None:
        return _Place("", False)
    filename, line_number, name = found
    line = linecache.getline(filename, line_number).strip()
    shown = f": `{line}`" if line else ""
    return _Place(f"\nLine {line_number} of the cell, in `{name}`{shown}", found == last)


def _is_cell(filename: str) -> bool:
    return "ipykernel_" in filename or filename.startswith(("<ipython-input", "<stdin>"))


def _innermost(function: Callable[..., Any]) -> Callable[..., Any]:
    while isinstance(function, functools.partial):
        function = function.func
    unwrapped: Callable[..., Any] = inspect.unwrap(function)
    return unwrapped


def _headline(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    shown = [_argument(value) for value in args]
    shown += [f"{name}={_argument(value)}" for name, value in kwargs.items()]
    return ", ".join(shown)


def _argument(value: Any) -> str:
    text = " ".join(_short.repr(value).split())
    return text if "\n" not in text and "`" not in text and len(text) <= 60 else f"<{type(value).__name__}>"
