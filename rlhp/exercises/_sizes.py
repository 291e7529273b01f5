"""The one place where a lecture asks how large it may be."""

from __future__ import annotations

import os
from typing import TypeVar

_Size = TypeVar("_Size")

VARIABLE = "RLHP_SMALL"


def size(full: _Size, *, small: _Size) -> _Size:
    """Pick the size of a computation: the full one, or the small one that tests run.

    Parameters
    ----------
    full : object
        What a reader gets.
    small : object
        What is taken when the environment variable ``RLHP_SMALL`` is ``1``.

    Returns
    -------
    object
        `full` or `small`.

    Raises
    ------
    ValueError
        When the variable is set to anything but 0 or 1.

    Examples
    --------
    >>> steps = size(50_000, small=2_000)
    """
    value = os.environ.get(VARIABLE, "")
    if value in ("", "0"):
        return full
    if value == "1":
        return small
    raise ValueError(f"the variable {VARIABLE} is {value!r}; set it to 1 (small sizes), 0, or not at all")
