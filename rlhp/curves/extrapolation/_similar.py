"""What became of similar runs: finished runs of the same environment, weighed by how like their first part is.

Runs differ more from one another than one run does along its way. So the ends of finished runs that began alike say
more than any formula fitted to three points, and where none began alike, the spread of all ends is the honest answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from rlhp.curves._statistic import Array

# A small ridge keeps the regression steady when there are hardly more runs than points.
_RIDGE = 0.3


@dataclass(frozen=True)
class Neighbours:
    """One way to weigh finished runs.

    Attributes
    ----------
    name : str
    by : {"curve", "regression", "nothing"}
        Distance between the first parts themselves, between what a ridge regression makes of them, or none: all
        finished runs count alike.
    bandwidth : float
        In units of the range of returns.
    """

    name: str
    by: Literal["curve", "regression", "nothing"]
    bandwidth: float = 1.0

    def draws(self, new: Array, old: Array, ends: Array, quantiles: Array) -> Array:
        """Quantiles of what the runs came to.

        Parameters
        ----------
        new : array [R, d]
            First parts of the runs in question.
        old : array [N, d]
            First parts of the finished runs.
        ends : array [N, T]
            What those came to, at T later steps.
        quantiles : array [M]
            Probabilities at which to read the distribution.

        Returns
        -------
        array [R, M, T], sorted along M
        """
        result = np.empty((len(new), len(quantiles), ends.shape[1]))
        for step in range(ends.shape[1]):
            order = np.argsort(ends[:, step], kind="stable")
            weights = self._weights(new, old, ends[:, step])[:, order]
            total = np.cumsum(weights, axis=1)
            total /= total[:, -1:]
            values = ends[order, step]
            for row, cumulated in enumerate(total):
                place = np.minimum(np.searchsorted(cumulated, quantiles), len(values) - 1)
                result[row, :, step] = values[place]
        return result

    def _weights(self, new: Array, old: Array, ends: Array) -> Array:
        if self.by == "nothing":
            return np.ones((len(new), len(old)))
        if self.by == "regression":
            new, old = _regressed(new, old, ends)
        apart = (new**2).sum(axis=1)[:, None] + (old**2).sum(axis=1) - 2 * new @ old.T
        apart = np.maximum(apart, 0.0)
        nearest = apart.min(axis=1, keepdims=True)
        # Where the nearest run is far, the next ones count almost as much as it does.
        return np.asarray(np.exp(-0.5 * (apart - nearest) / (self.bandwidth**2 + nearest)))


NEIGHBOURS = (
    Neighbours("similar, 0.1", "curve", 0.1),
    Neighbours("similar, 0.2", "curve", 0.2),
    Neighbours("regression, 0.05", "regression", 0.05),
    Neighbours("regression, 0.1", "regression", 0.1),
    Neighbours("base rate", "nothing"),
)


def _regressed(new: Array, old: Array, ends: Array) -> tuple[Array, Array]:
    inputs = np.column_stack([np.ones(len(old)), old])
    penalty = _RIDGE * np.eye(inputs.shape[1])
    penalty[0, 0] = 1e-9
    slope = np.linalg.solve(inputs.T @ inputs + penalty, inputs.T @ ends)
    return (np.column_stack([np.ones(len(new)), new]) @ slope)[:, None], (inputs @ slope)[:, None]
