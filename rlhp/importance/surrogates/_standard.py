"""Scores on a scale of their own, so that no surrogate depends on their unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
