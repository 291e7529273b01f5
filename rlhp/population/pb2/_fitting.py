"""Fitting the process: how the numbers of its covariance are found from what was gained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlhp import evidence
from rlhp.population.pb2._process import Covariance, Process, log_evidence

__all__ = ["Priors", "fit"]

# Where the search of the maximum may go, for scales, height, rate of the drift and noise.
_LEAST, _MOST = np.log([5e-3, 1e-2, 1e-3, 1e-3]), np.log([1e3, 1e2, 3.0, 4.0])
# The numbers are found on the latest so many observations: the cost is the cube of how many.
_FITTED_ON = 200


@dataclass(frozen=True)
class Priors:
    """Log-normal priors: each pair is mean and standard deviation of the logarithm.

    Attributes
    ----------
    scale : pair of float
        Of the squared distance over which gains change, along the unit interval. Wide, so that a hyperparameter that
        does not matter can say so.
    height, noise : pair of float
        Of the prior variance and of that of an observation, both in variances of the gains.
    rate : pair of float
        Of ``-log(1 - drift)``, a generation.
    """

    scale: tuple[float, float] = (-1.2, 1.2)
    height: tuple[float, float] = (0.0, 0.7)
    rate: tuple[float, float] = (-2.5, 1.0)
    noise: tuple[float, float] = (-1.0, 1.2)

    def moments(self, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Return means and standard deviations of all logarithms, each [width + 3]."""
        pairs = np.array([self.scale] * width + [self.height, self.rate, self.noise])
        return pairs[:, 0], pairs[:, 1]


def fit(
    x: np.ndarray,
    t: np.ndarray,
    y: np.ndarray,
    rng: np.random.Generator,
    *,
    groups: np.ndarray | None = None,
    restarts: int = 1,
    drift: float | None = None,
    priors: Priors | None = None,
) -> Process:
    """Fit a process to observations.

    Parameters
    ----------
    x : array [m, width]
        Features in the unit cube.
    t : array [m]
        In generations.
    y : array [m]
        Standardised.
    rng : numpy.random.Generator
    groups : array of int [width], optional
        From 0: features of one number share a scale. By default each has its own.
    restarts : int
        Starts of the search besides the middle of the priors.
    drift : float, optional
        Held; by default the most plausible one.
    priors : Priors, optional
    """
    priors = Priors() if priors is None else priors
    groups = np.arange(x.shape[1]) if groups is None else groups
    n_scales = int(groups.max()) + 1 if len(groups) else 0
    means, deviations = priors.moments(n_scales)
    low, high = (np.array([ends[0]] * n_scales + [*ends[1:]]) for ends in (_LEAST, _MOST))
    if drift is not None:
        # A drift of nothing has no logarithm; what a rate of 1e-9 costs in a thousand generations, no digit shows.
        means[-2] = low[-2] = high[-2] = np.log(max(float(-np.log1p(-drift)), 1e-9))
    late = np.argsort(t, kind="stable")[-_FITTED_ON:]
    # Of all numbers, the place of each column's scale, and of the three that are one.
    at = np.append(groups, n_scales + np.arange(3))

    def likely(logarithms: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = log_evidence(logarithms[at], x[late], t[late], y[late])
        return value, np.bincount(at, gradient, minlength=len(logarithms))

    found = evidence.most_plausible(likely, means, deviations, low, high, rng, restarts=restarts)
    return Process(x, t, y, Covariance.of(found[at]))
