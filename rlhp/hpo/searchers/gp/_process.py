"""A Gaussian process that was fitted to scores: GPy's model, and its posterior written out where it must be fast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.linalg import solve_triangular

from rlhp.hpo.searchers.gp._evidence import Hyperparameters, Priors, distances, matern, most_plausible

__all__ = ["Process", "fit"]

_ROOT5 = float(np.sqrt(5.0))


@dataclass(frozen=True, eq=False)
class Process:
    """A Gaussian process given observations.

    Attributes
    ----------
    x : array [m, width]
    y : array [m]
    known : array [m]
        Variance of each observation that is known.
    at : Hyperparameters
    priors : Priors
    """

    x: np.ndarray
    y: np.ndarray
    known: np.ndarray
    at: Hyperparameters
    priors: Priors

    @cached_property
    def gpy(self) -> Any:
        """The `GPy.core.GP`: print it, plot it, or put it into emukit's `GPyModelWrapper`."""
        from rlhp.hpo.searchers.gp._gpy import model_of

        return model_of(self.x, self.y, self.known, self.at, self.priors)

    @cached_property
    def _factor(self) -> tuple[np.ndarray, np.ndarray]:
        """Cholesky factor [m, m] of the covariance of the observations, and the weights [m] of the mean, of GPy."""
        posterior = self.gpy.posterior
        return np.asarray(posterior.woodbury_chol), np.asarray(posterior.woodbury_vector)[:, 0]

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, each [n], at features [n, width], without the noise of observations.

        What `gpy.predict(x, include_likelihood=False)` returns, a third of a millisecond later.
        """
        factor, weights = self._factor
        towards = self.at.height * matern(distances(x, self.x, self.at.scales))
        explained = solve_triangular(factor, towards.T, lower=True, check_finite=False)
        variance = self.at.height - (explained**2).sum(axis=0)
        return towards @ weights, np.sqrt(np.maximum(variance, 1e-12))

    def slopes(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients of mean and standard deviation, each [n, width]."""
        factor, weights = self._factor
        r = distances(x, self.x, self.at.scales)
        towards = self.at.height * matern(r)
        # d k / d x_q = -pull (x_q - x'_q) / l_q^2
        pull = self.at.height * 5.0 / 3.0 * (1.0 + _ROOT5 * r) * np.exp(-_ROOT5 * r)
        explained = solve_triangular(factor, towards.T, lower=True, check_finite=False)
        back = solve_triangular(factor, explained, lower=True, trans="T", check_finite=False)
        std = np.sqrt(np.maximum(self.at.height - (explained**2).sum(axis=0), 1e-12))

        def along(w: np.ndarray) -> np.ndarray:
            return np.asarray(-(x * w.sum(axis=1)[:, None] - w @ self.x) / self.at.scales**2)

        return along(pull * weights), -along(pull * back.T) / std[:, None]

    def given(self, x: np.ndarray, y: np.ndarray) -> Process:
        """Return the process that has seen more, features [k, width] and scores [k], at the same hyperparameters."""
        known = np.append(self.known, np.zeros(len(y)))
        return Process(np.vstack([self.x, x]), np.append(self.y, y), known, self.at, self.priors)


def fit(
    x: np.ndarray,
    y: np.ndarray,
    noise: np.ndarray,
    rng: np.random.Generator,
    *,
    restarts: int = 1,
    length_scale: float | None = None,
    priors: Priors | None = None,
) -> Process:
    """Fit a Gaussian process.

    Parameters
    ----------
    x : array [m, width]
        Features in the unit cube.
    y : array [m]
        Scores, standardised.
    noise : array [m]
        Standard error of each, NaN where nobody knows. One of a few seeds is itself a guess, so that the variance used
        is half its own and half the mean of all; whatever is missing is that mean, or nothing where all are missing. A
        variance that all observations share is estimated on top.
    rng : numpy.random.Generator
    restarts : int
        Starts of the search for hyperparameters besides the middle of their priors.
    length_scale : float, optional
        Of every feature, held; by default each its own, the most plausible.
    priors : Priors, optional
    """
    priors = Priors() if priors is None else priors
    own = noise**2
    mean = float(np.mean(own[~np.isnan(own)])) if not np.isnan(own).all() else 0.0
    known = 0.5 * np.where(np.isnan(own), mean, own) + 0.5 * mean
    at = most_plausible(x, y, known, priors, rng, restarts=restarts, length_scale=length_scale)
    return Process(x, y, known, at, priors)
