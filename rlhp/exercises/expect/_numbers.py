"""Numbers: that they are some, within bounds, and in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlhp.errors import unknown_name
from rlhp.exercises.expect._failing import fail
from rlhp.exercises.expect._wording import kind, show


def number(got: Any, what: str, *, low: float | None = None, high: float | None = None) -> float:
    """Require one finite number, and return it.

    Parameters
    ----------
    got : object
        What the answer gave.
    what : str
        Its name.
    low, high : float, optional
        Bounds, both included.

    Returns
    -------
    float

    Raises
    ------
    CheckFailed
        When it is no number, several numbers, not finite, or outside its bounds.

    Examples
    --------
    >>> number(np.float64(0.5), "`share()`", low=0, high=1)
    0.5
    """
    values = as_numbers(got, what, wanted="a number")
    if values.size != 1:
        fail(f"{what} has shape {values.shape}; one number was expected.")
    value = float(values.reshape(()))
    if not np.isfinite(value):
        fail(f"{what} is {value}; a finite number was expected.")
    if (low is not None and value < low) or (high is not None and value > high):
        fail(f"{what} is {show(value)}; a number {_bounds(low, high)} was expected.")
    return value


def monotone(got: Any, direction: str, what: str, *, strict: bool = False) -> None:
    """Require numbers that never rise ("falling") or never fall ("rising").

    Parameters
    ----------
    got : array_like [n]
        The numbers.
    direction : {"falling", "rising"}
        The direction.
    what : str
        Their name.
    strict : bool
        Whether equal neighbours are wrong too.

    Raises
    ------
    CheckFailed
        At the first pair of neighbours that goes the wrong way.

    Examples
    --------
    >>> monotone([1.0, 0.5, 0.5], "falling", "`epsilon`")
    """
    if direction not in ("falling", "rising"):
        raise ValueError(unknown_name("direction", direction, ["falling", "rising"]))
    values = np.ravel(as_numbers(got, what, wanted="an array of numbers"))
    steps = np.diff(values) * (1.0 if direction == "rising" else -1.0)
    wrong = np.flatnonzero(~(steps > 0.0 if strict else steps >= 0.0))
    if wrong.size:
        place = int(wrong[0])
        fail(
            f"{what} should be {direction} all along, but goes from {show(values[place])} to "
            f"{show(values[place + 1])} (entries {place} and {place + 1})."
        )


def as_numbers(got: Any, what: str, *, wanted: str) -> NDArray[np.float64]:
    """Turn what the answer gave into an array of floats, or say why it is none."""
    if isinstance(got, str | bytes | None) or callable(got) or isinstance(got, Mapping | set):
        fail(f"{what} is {kind(got)}; {wanted} was expected.")
    try:
        values = np.asarray(got)
    except ValueError:
        fail(f"{what} has rows of unequal length; {wanted} was expected.")
    if values.dtype == bool and values.ndim == 0:
        fail(f"{what} is {bool(values)}; {wanted} was expected.")
    if np.iscomplexobj(values):
        fail(f"{what} is complex; {wanted} was expected.")
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        fail(f"{what} is {kind(got)} and not made of numbers; {wanted} was expected.")


def _bounds(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f"between {show(float(low))} and {show(float(high))}"
    return f"of at least {show(float(low))}" if low is not None else f"of at most {show(float(high or 0))}"
