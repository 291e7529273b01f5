"""A student's function, called so that whatever goes wrong is told in the student's own terms."""

from __future__ import annotations

import functools
import inspect
import linecache
import reprlib
import types
from collections.abc import Callable
from typing import Any

from rlhp.exercises._failures import CheckFailed, NotAnswered
from rlhp.exercises._limits import TimeUp
from rlhp.exercises._plain import is_own, plain
from rlhp.exercises.expect._wording import type_of

NOT_ANSWERED = (
    "not answered yet. Write your answer in place of `raise NotImplementedError(...)`, run that cell, then this one."
)

FUNCTION, VALUE = "function", "value"
"""What an exercise can ask for."""

after_call: Callable[[], None] | None = None
"""Run after every call of an answer: a grader puts back what the call did to libraries."""

_short = reprlib.Repr()
_short.maxother = _short.maxstring = 60


class GuardedFunction:
    """A function whose calls raise nothing but `CheckFailed` and give nothing but plain values.

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
        except TimeUp as late:
            late.call, late.place = late.call or call, late.place or _place(late, self._function).text
            raise
        except BaseException as error:
            if not _is_the_answers(error):
                raise
            place = _place(error, self._function)
            if isinstance(error, NotImplementedError) and place.is_raised_there:
                raise NotAnswered(NOT_ANSWERED) from None
            raise CheckFailed(f"{call} raised {_headline(error)}{place.text}") from None
        finally:
            if after_call is not None:
                after_call()
        if result is Ellipsis:
            raise NotAnswered(NOT_ANSWERED)
        if result is None and not self._returns_none:
            raise CheckFailed(f"{call} returned None. Does every way through it end with `return ...`?")
        return plain(result, call)

    def _refuse_wrong_signature(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        try:
            signature = inspect.signature(self._function)
        except Exception:  # some functions written in C have none, and some objects only claim to have one
            return
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:
            raise CheckFailed(
                f"The check calls `{self.__name__}({_arguments(args, kwargs)})`, but yours is "
                f"`def {self.__name__}{signature}`: {error}. Keep the arguments that the exercise came with."
            ) from None


def guard(answer: Any, *, returns_none: bool = False, takes: str = FUNCTION) -> Any:
    """Make an answer one that a check can work with.

    A function is wrapped in a `GuardedFunction`, and so is each function of a list or tuple. A value is given back
    as plain values.

    Parameters
    ----------
    answer : object
        The student's function or value.
    returns_none : bool
        Whether None is a right result.
    takes : {"function", "value"}
        What the exercise asks for. With ``"value"`` a function is as good as any other value.

    Returns
    -------
    object

    Raises
    ------
    NotAnswered
        When the answer is ``...``, or None where None is no answer.
    CheckFailed
        When something else stands in the place of a function, or an object of the student's own in that of a value.

    Examples
    --------
    >>> try:
    ...     guard(0.5)
    ... except CheckFailed as failure:
    ...     print(failure)
    A function is expected here; this is a float (0.5). Define it with `def`, and run that cell again.
    """
    if answer is Ellipsis or (answer is None and not returns_none):
        raise NotAnswered(NOT_ANSWERED)
    if type(answer) is GuardedFunction:
        return answer
    if type(answer) in (list, tuple) and answer and takes == FUNCTION:
        return type(answer)(guard(one, returns_none=returns_none, takes=takes) for one in answer)
    if is_function(answer):
        return GuardedFunction(answer, returns_none=returns_none)
    if takes == FUNCTION:
        raise CheckFailed(not_a_function(answer))
    return plain(answer, "your answer")


def _is_the_answers(error: BaseException) -> bool:
    """Whether an exception is the answer's doing; an interrupt and a time limit are somebody else's."""
    return isinstance(error, Exception | SystemExit | GeneratorExit) or (
        is_own(type(error)) and not isinstance(error, KeyboardInterrupt)
    )


def is_function(answer: Any) -> bool:
    """Return whether an answer is one that can be called: a function or the like, but no class."""
    return not inspect.isclass(answer) and (isinstance(answer, functools.partial) or callable(answer))


def not_a_function(answer: Any) -> str:
    """Say what stands where a function is expected."""
    return f"A function is expected here; {_instead_of_a_function(answer)}"


def _instead_of_a_function(answer: Any) -> str:
    if inspect.isclass(answer):
        return f"this is a class (`{answer.__name__}`). Define it with `def`, and run that cell again."
    if inspect.iscoroutine(answer):
        answer.close()  # or Python warns that nobody awaited it
    calls = inspect.isgenerator(answer) or inspect.iscoroutine(answer)
    if calls:
        kind = "generator" if inspect.isgenerator(answer) else "coroutine"
        return f"this is a {kind}, which is what *calling* a function gives. Give the function itself."
    kind = "text" if isinstance(answer, str) else type_of(answer)
    return f"this is {kind} ({_argument(answer)}). Define it with `def`, and run that cell again."


def stub_that_raised(error: NotImplementedError) -> str | None:
    """Return the name of the function of the notebook that raised this itself; None where something else did.

    A library that lacks something raises the same exception, from a file of its own.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not _is_cell(trace.tb_frame.f_code.co_filename):
        return None
    return trace.tb_frame.f_code.co_name


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
    try:
        unwrapped: Callable[..., Any] = inspect.unwrap(function)
    except ValueError:  # it claims to wrap itself
        return function
    return unwrapped


def _headline(error: BaseException) -> str:
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # an exception of the student's own whose text cannot be made
        lines = []
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _arguments(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    shown = [_argument(value) for value in args]
    shown += [f"{name}={_argument(value)}" for name, value in kwargs.items()]
    return ", ".join(shown)


def _argument(value: Any) -> str:
    text = " ".join(_short.repr(value).split())
    return text if "\n" not in text and "`" not in text and len(text) <= 60 else f"<{type(value).__name__}>"
