"""Which scores differ by rounding only: what is reckoned in another order is not another score."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Means and areas of the same numbers in another order differ by a few units in the last place, these by far more.
_ROUNDING = 64


def levelled(scores: NDArray[np.float64], magnitude: NDArray[np.float64]) -> NDArray[np.float64]:
    """Make equal what differs by rounding only.

    Parameters
    ----------
    scores : array [n]
        Finite.
    magnitude : array [n]
        Of the numbers that each was computed from: rounding is a part of these.

    Returns
    -------
    array [n]

    Examples
    --------
    >>> levelled(np.array([0.1 + 0.2, 0.3, 0.4]), np.ones(3)).tolist()
    [0.3, 0.3, 0.4]
    """
    order = np.argsort(scores, kind="stable")
    ranked, slack = scores[order], _ROUNDING * np.spacing(magnitude[order])
    gaps = np.diff(ranked)
    if not ((gaps > 0) & (gaps <= slack[:-1])).any():
        return scores
    start = 0
    while start < len(ranked):
        # From the first of a group: a chain of small steps is no rounding.
        end = int(np.searchsorted(ranked, ranked[start] + slack[start], side="right"))
        ranked[start:end] = ranked[start]
        start = end
    level = np.empty_like(ranked)
    level[order] = ranked
    return level
