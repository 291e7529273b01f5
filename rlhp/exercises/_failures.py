"""What a check raises. Both are assertion errors, which is how graders recognise a failed test."""

from __future__ import annotations


class CheckFailed(AssertionError):
    """An answer is not right yet; the message says what to look at.

    In a notebook it shows as one line instead of a traceback, because the frames between a check and its
    verdict say nothing about the answer.

    Examples
    --------
    >>> from rlhp.exercises import CheckFailed, expect
    >>> try:
    ...     expect.number("three", "`n_seeds()`")
    ... except CheckFailed as failure:
    ...     print(failure)
    `n_seeds()` is text ('three'); a number was expected.
    """

    def _render_traceback_(self) -> list[str]:
        """Give IPython the lines to show for this exception."""
        return [f"{type(self).__name__}: {self}"]


class NotAnswered(CheckFailed):
    """The answer cell still holds the stub that the exercise came with.

    Examples
    --------
    >>> issubclass(NotAnswered, CheckFailed)
    True
    """
