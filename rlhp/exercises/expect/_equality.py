"""Exactly the wanted value, or one of several names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from rlhp.errors import unknown_name
from rlhp.exercises.expect._failing import Mistakes, fail
from rlhp.exercises.expect._wording import show


def equal(got: Any, wanted: Any, what: str, *, mistakes: Mistakes = (), reveal: bool = True) -> None:
    """Require exactly the wanted value: a text, an int, a list, a dict, ...

    Parameters
    ----------
    got, wanted : object
        Compared with ``==`` (arrays and frames element by element).
    what : str
        Name of `got`.
    mistakes : iterable of (value, message)
        What typical mistakes give, looked at first.
    reveal : bool
        Whether the message may show the wanted value.

    Raises
    ------
    CheckFailed
        When they differ.

    Examples
    --------
    >>> equal(["a", "b"], ["a", "b"], "`names`")
    """
    if same(got, wanted):
        return
    expected = f"; {show(wanted)} was expected." if reveal else ", which is not right."
    lead = f"{what} is {show(got)}{expected}"
    for value, message in mistakes:
        if same(got, value):
            fail(f"{lead} {message}")
    if isinstance(got, list | tuple) and isinstance(wanted, list | tuple):
        if len(got) != len(wanted):
            fail(f"{lead} It has {len(got)} entries, {len(wanted)} were expected.")
        if same(list(got), list(wanted)[::-1]):
            fail(f"{lead} It is in reverse order.")
    fail(lead)


def one_of(got: Any, valid: Iterable[str], what: str) -> str:
    """Require one of the valid names, and return it.

    Raises
    ------
    CheckFailed
        When it is none of them; the message gives the nearest.

    Examples
    --------
    >>> one_of("iqm", ["mean", "iqm"], "`best_statistic()`")
    'iqm'
    """
    names = list(valid)
    if not isinstance(got, str):
        fail(f"{what} is {show(got)}; one of these texts was expected: {', '.join(names)}.")
    if got not in names:
        fail(f"{what}: {unknown_name('name', got, names)}")
    return got


def same(left: Any, right: Any) -> bool:
    """Equality that also understands arrays, frames and containers of them."""
    if isinstance(left, np.random.Generator) and isinstance(right, np.random.Generator):
        return True  # a generator is there to be drawn from
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        left, right = np.asarray(left), np.asarray(right)
        if left.shape != right.shape:
            return False
        if left.dtype == object or right.dtype == object:
            return same(left.ravel().tolist(), right.ravel().tolist())
        numeric = np.issubdtype(left.dtype, np.number) and np.issubdtype(right.dtype, np.number)
        return bool(np.array_equal(left, right, equal_nan=numeric))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        if isinstance(left, list) != isinstance(right, list) or len(left) != len(right):
            return False
        return all(same(a, b) for a, b in zip(left, right, strict=True))
    equals = getattr(left, "equals", None)
    if callable(equals) and type(left) is type(right):
        return bool(equals(right))
    if isinstance(left, float) and isinstance(right, float) and left != left and right != right:
        return True
    try:
        return bool(left == right)
    except (TypeError, ValueError):
        return False
