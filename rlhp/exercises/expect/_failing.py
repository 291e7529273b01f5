"""How a check fails, and the typical mistakes that it knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

import numpy as np

from rlhp.exercises._failures import CheckFailed

Mistakes = Iterable[tuple[Any, str]]
"""Pairs of the value that a typical mistake gives and what to tell whoever made it."""


def fail(message: str) -> NoReturn:
    """Fail with a message.

    Raises
    ------
    CheckFailed
        Always.

    Examples
    --------
    >>> try:
    ...     fail("Look at the axis.")
    ... except CheckFailed as failure:
    ...     print(failure)
    Look at the axis.
    """
    raise CheckFailed(message)


def true(condition: object, message: str) -> None:
    """Fail with `message` unless `condition` holds (for an array: everywhere).

    Raises
    ------
    CheckFailed
        When it does not hold.

    Examples
    --------
    >>> true(2 > 1, "Two is more than one.")
    """
    if not np.all(np.asarray(condition, dtype=bool)):
        fail(message)
