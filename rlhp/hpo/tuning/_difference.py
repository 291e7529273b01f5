"""The difference of two means of few scores, and its interval."""

from __future__ import annotations

import math

import numpy as np
from scipy import stats

__all__ = ["difference"]


def difference(
    one: np.ndarray, other: np.ndarray, confidence: float, bounds: tuple[float, float] = (-math.inf, math.inf)
) -> tuple[float, float, float]:
    """Return the mean of one less that of another, and the interval of that, by Welch (1947).

    Parameters
    ----------
    one, other : array [n], array [m]
        NaN ends where one has fewer than three scores: of two, an interval is so wide that it says nothing. Where
        neither varies, the ends are the difference itself.
    confidence : float
    bounds : (float, float)
        The least and the most that a score can be; no difference is larger than what is between them.

    Examples
    --------
    >>> [round(end, 2) for end in difference(np.array([5.0, 6.0, 7.0]), np.array([1.0, 2.0, 3.0]), 0.95)]
    [4.0, 1.73, 6.27]
    """
    if min(len(one), len(other)) == 0:
        return math.nan, math.nan, math.nan
    value = float(one.mean() - other.mean())
    if min(len(one), len(other)) < 3:
        return value, math.nan, math.nan
    parts = np.array([scores.var(ddof=1) / len(scores) for scores in (one, other)])
    if not parts.sum() > 0:
        return value, value, value
    dof = parts.sum() ** 2 / (parts[0] ** 2 / (len(one) - 1) + parts[1] ** 2 / (len(other) - 1))
    reach = float(stats.t.ppf((1 + confidence) / 2, dof) * np.sqrt(parts.sum()))
    most = bounds[1] - bounds[0]
    return value, max(value - reach, -most), min(value + reach, most)
