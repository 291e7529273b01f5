"""The shape of an array, and what went wrong where it is another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlhp.exercises.expect._failing import fail
from rlhp.exercises.expect._numbers import as_numbers


def array(
    got: Any,
    shape: tuple[int, ...],
    what: str,
    *,
    axes: Sequence[str] = (),
    reduced_from: tuple[int, ...] | None = None,
) -> NDArray[np.float64]:
    """Require numbers of a given shape, and return them as an array.

    Parameters
    ----------
    got : object
        What the answer gave: an array, a list, a Series, ...
    shape : tuple of int
        The shape wanted.
    what : str
        Its name.
    axes : sequence of str, optional
        What the axes of `shape` stand for, such as ``("seed", "step")``; an axis called "seed" of length 1 is
        told that one seed is not enough.
    reduced_from : tuple of int, optional
        Shape of the data that the answer was to average (or sum, ...) along one axis: tells the wrong axis.

    Returns
    -------
    ndarray of float

    Raises
    ------
    CheckFailed
        When the shape differs; the message says how.

    Examples
    --------
    >>> array([1, 2, 3], (3,), "`curve`")
    array([1., 2., 3.])
    """
    if axes and len(axes) != len(shape):
        raise ValueError(f"axes names {len(axes)} axes, shape has {len(shape)}")
    values = as_numbers(got, what, wanted="an array of numbers")
    if values.shape != tuple(shape):
        fail(shape_message(values.shape, tuple(shape), what, axes, reduced_from))
    return values


def shape_message(
    got: tuple[int, ...],
    wanted: tuple[int, ...],
    what: str,
    axes: Sequence[str],
    reduced_from: tuple[int, ...] | None,
) -> str:
    """Return how a shape differs from the wanted one, and what may have led there."""
    named = f" ({', '.join(axes)})" if axes else ""
    lead = f"{what} has shape {got}; {wanted}{named} was expected."
    if wanted == ():
        return f"{what} has shape {got}; one number was expected."
    if reduced_from is not None:
        wrong_axes = [axis for axis in range(len(reduced_from)) if _without(reduced_from, axis) == got]
        right_axes = [axis for axis in range(len(reduced_from)) if _without(reduced_from, axis) == wanted]
        if wrong_axes and right_axes and wrong_axes != right_axes:
            wrong, right = wrong_axes[0], right_axes[0]
            return f"{lead} That is axis={wrong} of shape {reduced_from}, the wrong axis: use axis={right}."
    if "seed" in axes:
        seeds = list(axes).index("seed")
        same_rank = len(got) == len(wanted)
        if (same_rank and got[seeds] == 1 and wanted[seeds] > 1) or got == _without(wanted, seeds):
            return f"{lead} It holds one seed; {wanted[seeds]} were expected."
    if got == ():
        return f"{what} is one number; shape {wanted}{named} was expected. Does it work on whole arrays?"
    if len(got) >= 2 and got == wanted[::-1]:
        return f"{lead} Its axes are swapped: transpose it."
    if [length for length in got if length != 1] == [length for length in wanted if length != 1]:
        place = "too many" if len(got) > len(wanted) else "too few or elsewhere"
        return f"{lead} It has an axis of length 1 {place}."
    if len(got) == len(wanted):
        gaps = [left - right for left, right in zip(got, wanted, strict=True)]
        if sorted(map(abs, gaps))[-1] == 1 and sum(map(abs, gaps)) == 1:
            side = "one entry too many" if sum(gaps) == 1 else "one entry too few"
            return f"{lead} It has {side}: off by one."
    return lead


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return shape[:axis] + shape[axis + 1 :]
