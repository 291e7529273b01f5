"""Scores on a scale of their own, so that no surrogate depends on their unit; and which differ by rounding only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Means and areas of the same numbers in another order differ by a few units in the last place, these by far more.
_ROUNDING = 64


@dataclass(frozen=True)
class Standard:
    """The scale on which scores have a mean of 0 and a standard deviation of 1.

    Trees stop to split below a fixed variance, and lose digits where scores are large beside their differences: what
    is fitted to scores is fitted on this scale, and what it says is carried back.

    Attributes
    ----------
    centre, scale : float
        In the objective's unit; the scale is 1 where nothing varies.
    """

    centre: float
    scale: float

    @classmethod
    def of(cls, scores: NDArray[np.float64]) -> Standard:
        """Take the scale from scores."""
        # Centred first at a score: the mean of large numbers is itself rounded.
        first = float(scores[0])
        centre = first + float(np.mean(scores - first))
        scale = float(np.std(scores - centre))
        return cls(centre, scale if scale > 0 else 1.0)

    def onto(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Carry scores onto the scale.

        Examples
        --------
        >>> Standard.of(np.array([1e8, 1e8 + 2])).onto(np.array([1e8, 1e8 + 2]))
        array([-1.,  1.])
        """
        return (scores - self.centre) / self.scale

    def back(self, standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """Carry values of the scale back to the objective's unit."""
        return self.centre + self.scale * standard


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
