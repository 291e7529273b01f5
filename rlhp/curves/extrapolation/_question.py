"""What is asked of whom: runs seen at the same fractions of training, and the fractions that are asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rlhp.curves._statistic import Array
from rlhp.curves.extrapolation._families import progress

# More points than this are averaged in equal stretches: a monitor file has one row per episode.
MOST_POINTS = 12


@dataclass(frozen=True, eq=False)
class Question:
    """R runs observed at the same n fractions of training, and T fractions that are asked for.

    Attributes
    ----------
    seen, ahead : tuple of float
    values : array [R, n]
        In the unit of the range.
    training : array [R, n] or None
    """

    seen: tuple[float, ...]
    ahead: tuple[float, ...]
    values: Array
    training: Array | None

    def rows(self, chosen: NDArray[np.int64]) -> Question:
        """Ask of some of the runs only."""
        training = None if self.training is None else self.training[chosen]
        return replace(self, values=self.values[chosen], training=training)

    def inputs(self) -> Array:
        """Return what similar runs are found by: array [R, d]."""
        values = thinned(self.seen, self.values)[2]
        if self.training is None:
            return values
        return np.concatenate([values, thinned(self.seen, self.training)[2]], axis=1)


def thinned(fractions: tuple[float, ...], values: Array) -> tuple[Array, NDArray[np.int64], Array]:
    """Average a long first part in equal stretches.

    Parameters
    ----------
    fractions : tuple of n floats
        Of the horizon.
    values : array [R, n]

    Returns
    -------
    x : array [k]
        Hundredths of training, k at most `MOST_POINTS`.
    counts : int array [k]
        Values behind each mean.
    means : array [R, k]
    """
    pieces = np.array_split(np.arange(len(fractions)), min(len(fractions), MOST_POINTS))
    x = progress([np.mean([fractions[i] for i in piece]) for piece in pieces], 1.0)
    means = np.stack([values[:, piece].mean(axis=1) for piece in pieces], axis=1)
    return x, np.array([len(piece) for piece in pieces]), means
