"""A Gaussian process that was fitted to scores: GPy's model, and its posterior written out where it must be fast."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from rlhp.hpo.searchers.gp._evidence import JITTER, Hyperparameters, Priors, distances, matern, most_plausible
from rlhp.hpo.searchers.gp._walk import walk
from rlhp.threads import one_thread

__all__ = ["Process", "fit"]

_ROOT5 = float(np.sqrt(5.0))
# The hyperparameters are found on so many observations: the cost is their number cubed.
_FITTED_ON = 128


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
        The most plausible ones.
    priors : Priors
    among : tuple of Hyperparameters
        Those that predictions are averaged over; by default the most plausible ones alone.
    """

    x: np.ndarray
    y: np.ndarray
    known: np.ndarray
    at: Hyperparameters
    priors: Priors
    among: tuple[Hyperparameters, ...] = field(default=(), repr=False)

    @cached_property
    def gpy(self) -> Any:
        """The `GPy.core.GP` at the most plausible hyperparameters: print it, plot it, or give it to emukit."""
        from rlhp.hpo.searchers.gp._gpy import model_of

        return model_of(self.x, self.y, self.known, self.at, self.priors)

    @cached_property
    def _scales(self) -> np.ndarray:
        """Length scales, shape [k, 1, width]: here and below k is how many hyperparameters are averaged over."""
        return np.array([one.scales for one in self.among or (self.at,)])[:, None, :]

    @cached_property
    def _height(self) -> np.ndarray:
        """Prior variances, shape [k, 1, 1]."""
        return np.array([one.height for one in self.among or (self.at,)])[:, None, None]

    @cached_property
    def _solved(self) -> tuple[np.ndarray, np.ndarray]:
        """Inverse Cholesky factors [k, m, m] of the covariance of the observations, and weights [k, m] of the mean."""
        covariance = self._height * matern(distances(self.x, self.x, self._scales))
        rows = np.arange(len(self.x))
        noise = np.array([one.noise for one in self.among or (self.at,)])[:, None]
        covariance[:, rows, rows] = self._height[:, 0] + noise + self.known + JITTER
        inverse = np.linalg.inv(np.linalg.cholesky(covariance))
        return inverse, ((inverse @ self.y)[:, None] @ inverse)[:, 0]

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, each [n], at features [n, width], without the noise of observations.

        At one set of hyperparameters it is what `gpy.predict(x, include_likelihood=False)` returns. Of several, the
        mean of the means, and as variance the mean of the variances and the variance of the means.
        """
        inverse, weights = self._solved
        towards = self._height * matern(distances(x, self.x, self._scales))
        return averaged(*self._moments(towards, towards @ inverse.transpose(0, 2, 1), weights))

    def _moments(
        self, towards: np.ndarray, explained: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return means and variances, each [k, n]."""
        variances = self._height[:, :, 0] - (explained**2).sum(axis=2)
        return (towards @ weights[:, :, None])[:, :, 0], np.maximum(variances, 1e-12)

    def slopes(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients of mean and standard deviation, each [n, width]."""
        inverse, weights = self._solved
        r = distances(x, self.x, self._scales)
        decay = np.exp(-_ROOT5 * r)
        towards = self._height * (1.0 + _ROOT5 * r + 5.0 / 3.0 * r**2) * decay
        # d k / d x_q = -pull (x_q - x'_q) / l_q^2
        pull = self._height * 5.0 / 3.0 * (1.0 + _ROOT5 * r) * decay
        explained = towards @ inverse.transpose(0, 2, 1)
        means, variances = self._moments(towards, explained, weights)
        mean, std = averaged(means, variances)

        def along(w: np.ndarray) -> np.ndarray:
            return np.asarray(-(x * w.sum(axis=2)[:, :, None] - w @ self.x) / self._scales**2)

        of_means = along(pull * weights[:, None])
        of_variances = -2.0 * along(pull * (explained @ inverse))
        of_squares = (2.0 * (means - mean)[:, :, None] * of_means + of_variances).mean(axis=0)
        return of_means.mean(axis=0), of_squares / (2.0 * std[:, None])

    def given(self, x: np.ndarray, y: np.ndarray) -> Process:
        """Return the process that has seen more, features [k, width] and scores [k], at the same hyperparameters."""
        known = np.append(self.known, np.zeros(len(y)))
        return replace(self, x=np.vstack([self.x, x]), y=np.append(self.y, y), known=known)


def averaged(means: np.ndarray, variances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation, each [n], of a mixture of normal distributions, given [k, n]."""
    mean = means.mean(axis=0)
    return mean, np.sqrt((variances + (means - mean) ** 2).mean(axis=0))


def fit(
    x: np.ndarray,
    y: np.ndarray,
    noise: np.ndarray,
    rng: np.random.Generator,
    *,
    restarts: int = 1,
    samples: int = 8,
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
        Draws starts and samples, and which observations decide the hyperparameters if there are many.
    restarts : int
        Starts of the search for hyperparameters besides the middle of their priors.
    samples : int
        Hyperparameters that predictions are averaged over, drawn from their posterior; 0: the most plausible alone.
    length_scale : float, optional
        Of every feature, held; by default each its own.
    priors : Priors, optional
    """
    priors = Priors() if priors is None else priors
    own = noise**2
    mean = float(np.mean(own[~np.isnan(own)])) if not np.isnan(own).all() else 0.0
    known = 0.5 * np.where(np.isnan(own), mean, own) + 0.5 * mean
    some = rng.permutation(len(y))[:_FITTED_ON] if len(y) > _FITTED_ON else slice(None)
    seen = x[some], y[some], known[some]
    held = 0 if length_scale is None else x.shape[1]
    with one_thread():
        at = most_plausible(*seen, priors, rng, restarts=restarts, length_scale=length_scale)
        among = walk(*seen, priors, rng, start=at, n=samples, held=held) if samples else ()
    return Process(x, y, known, at, priors, tuple(among))
