"""Cells that use a student's answer: before there is one, a line in place of an error, and the lecture goes on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from rlhp.exercises import _verdicts as verdicts
from rlhp.exercises._answers import stub_that_raised
from rlhp.exercises._verdicts import EMPTY, SIGNS
from rlhp.exercises.declare import find_exercise


@dataclass(frozen=True, repr=False)
class Missing:
    """The answer that a cell uses and that is not there yet."""

    function: str
    names: tuple[str, ...]

    def __repr__(self) -> str:
        return f"{SIGNS[EMPTY]} {self._text}"

    def _repr_html_(self) -> str:
        return f'<div role="status" class="rlhp-missing">{verdicts.sign(EMPTY)} {verdicts.markup(self._text)}</div>'

    @property
    def _text(self) -> str:
        named = [name for name in self.names if name.endswith(f".{self.function}")] or self.names
        exercises = " or ".join(f"`{name}`" for name in named)
        return (
            f"This cell uses your `{self.function}` (exercise {exercises}), which is not written yet. Write it, run "
            "its cell, then this one; or read on: the lecture goes on without it."
        )


@contextlib.contextmanager
def needs(*names: str) -> Iterator[None]:
    """Run what stands below it, as far as the answers are there that it uses.

    Where one of them is still the stub that the exercise came with, a line says so in place of the error, and Run All
    goes on. Any other error is shown as ever.

    Parameters
    ----------
    *names : str
        The exercises whose answers are used, such as ``"01.linear_epsilon"``.

    Raises
    ------
    ValueError
        When no exercise is named, or there is none of that name; the message gives the nearest one.

    Examples
    --------
    >>> from rlhp.exercises.declare import exercise
    >>> exercise("98.four", title="Four", hints=("Two and two.",))
    >>> def four():
    ...     return 4
    >>> with needs("98.four"):
    ...     print(four() * four())
    16
    """
    if not names:
        raise ValueError('name the exercises whose answers are used here: `with needs("01.linear_epsilon"):`')
    for name in names:
        find_exercise(name)
    try:
        yield
    except NotImplementedError as error:
        function = stub_that_raised(error)
        if function is None:
            raise
        verdicts.show(Missing(function, names))
