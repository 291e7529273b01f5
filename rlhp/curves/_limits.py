"""No interval of a return goes beyond what an episode can earn, where that is known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from rlhp.curves._statistic import Array
from rlhp.returns import return_bounds

# Columns of `evals` that hold undiscounted returns.
# Returns have a worst value, which a run that broke can count as; of other values it is not known which end is bad.
RETURNS = ("return_mean", "train_return_mean")

Limits = tuple[float, float]
EVERYTHING: Limits = (-math.inf, math.inf)
"""All numbers: the limits where nothing is known of the returns."""


def limits_of(
    environments: Iterable[str], values: Array, scale: Mapping[str, tuple[float, float]] | None = None
) -> Limits:
    """Return the least and the most that a mean of returns can be.

    Parameters
    ----------
    environments : iterable of str
        What the runs were trained on.
    values : array
        What was seen, on the scale of `scale`. Where any of it lies beyond the bounds, these are other rewards than
        the environment's own (a wrapper's, or a number that stands for a failure), and nothing is known.
    scale : mapping of str to (zero, unit), optional
        What `normalise` made of the returns.
    """
    lows, highs = [], []
    for env_id in environments:
        zero, unit = (0.0, 1.0) if scale is None else scale[env_id]
        ends = sorted((bound - zero) / unit for bound in return_bounds(env_id))
        lows.append(ends[0])
        highs.append(ends[1])
    low, high = min(lows, default=-math.inf), max(highs, default=math.inf)
    hair = 1e-6 * max(abs(low) if math.isfinite(low) else 0, abs(high) if math.isfinite(high) else 0)
    if values.size and (np.nanmin(values) < low - hair or np.nanmax(values) > high + hair):
        return EVERYTHING
    return low, high


def within(limits: Limits, low: Array, high: Array) -> tuple[Array, Array, str]:
    """Cut an interval at the limits, and say so where that changed it; the truth lies inside, so none covers less."""
    lower, upper = np.clip(low, *limits), np.clip(high, *limits)
    changed = bool((lower > low).any() or (upper < high).any())
    return lower, upper, f", cut at what an episode can earn ({said(limits)})" if changed else ""


def said(limits: Limits) -> str:
    """Write limits: ``"1 to 500"``.

    Examples
    --------
    >>> said((1.0, 500.0)), said((0.0, math.inf))
    ('1 to 500', 'at least 0')
    """
    low, high = limits
    if math.isinf(high):
        return f"at least {low:.6g}"
    return f"at most {high:.6g}" if math.isinf(low) else f"{low:.6g} to {high:.6g}"
