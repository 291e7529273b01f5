"""A Gaussian process over hyperparameters and time, which trusts an observation the less the older it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import cho_factor, cho_solve, solve_triangular

from rlhp import evidence

__all__ = ["Covariance", "Process", "log_evidence"]

# Added to the noise, so that equal points are no obstacle where it is nothing.
_JITTER = 1e-8


@dataclass(frozen=True, eq=False)
class Covariance:
    """How observations of two points, `age` generations apart, go together.

    ``height * exp(-sum_q (x_q - x'_q)^2 / scales_q) * (1 - drift)^(age / 2)``, plus `noise` of an observation with
    itself.

    Attributes
    ----------
    scales : array [width]
        Squared distances over which the function changes, one a feature.
    height : float
        Prior variance.
    drift : float
        From 0, a function that stays as it is, to below 1: how much of the covariance two generations cost.
    noise : float
        Variance of an observation.

    References
    ----------
    I. Bogunovic, J. Scarlett, V. Cevher (2016), Time-varying Gaussian process bandit optimization. J. Parker-Holder,
    V. Nguyen, S. Roberts (2020), Provably efficient online hyperparameter optimization with population-based bandits.
    """

    scales: np.ndarray
    height: float
    drift: float
    noise: float

    @property
    def rate(self) -> float:
        """``-log(1 - drift)``: half of it is lost in a generation, and any positive number is one."""
        return float(-np.log1p(-self.drift))

    @property
    def logarithms(self) -> np.ndarray:
        """Of scales, height, rate and noise in one vector, shape [width + 3]."""
        return np.log([*self.scales, self.height, self.rate, self.noise])

    @classmethod
    def of(cls, logarithms: np.ndarray) -> Covariance:
        """Read that vector."""
        values = np.exp(logarithms)
        return cls(values[:-3], float(values[-3]), float(-np.expm1(-values[-2])), float(values[-1]))

    def between(self, x: np.ndarray, t: np.ndarray, other: np.ndarray, other_t: np.ndarray) -> np.ndarray:
        """Return the covariances of the function, without noise, shape [n, m].

        Parameters
        ----------
        x, other : array [n, width], [m, width]
        t, other_t : array [n], [m]
            In generations.
        """
        return _covariances(self, x, t, other, other_t)[0]


def _covariances(
    at: Covariance, x: np.ndarray, t: np.ndarray, other: np.ndarray, other_t: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return covariances and ages, each [n, m]."""
    roots = np.sqrt(at.scales)
    one, two = x / roots, other / roots
    squared = (one**2).sum(axis=1)[:, None] + (two**2).sum(axis=1)[None] - 2.0 * (one @ two.T)
    age = np.abs(t[:, None] - other_t[None])
    return at.height * np.exp(-np.maximum(squared, 0.0) - 0.5 * at.rate * age), age


def log_evidence(logarithms: np.ndarray, x: np.ndarray, t: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the log marginal likelihood and its gradient.

    Parameters
    ----------
    logarithms : array [width + 3]
        See `Covariance.logarithms`.
    x : array [m, width]
    t : array [m]
        In generations.
    y : array [m]

    Returns
    -------
    value : float
    gradient : array [width + 3]
    """
    at = Covariance.of(logarithms)
    covariance, age = _covariances(at, x, t, x, t)
    diagonal = np.diag_indices_from(covariance)
    covariance[diagonal] = at.height
    noisy = covariance.copy()
    noisy[diagonal] += at.noise + _JITTER
    value, by_covariance = evidence.log_evidence(noisy, y)
    # Every slope of a covariance is the covariance times something:
    pull = by_covariance * covariance
    # along log l_q (x_q - x'_q)^2 / l_q, whose square is written out, so that no array [m, m, width] is needed;
    by_scales = 2.0 * ((x**2).T @ pull.sum(axis=1) - np.einsum("iq,iq->q", x, pull @ x)) / at.scales
    # along log height 1; along log rate -rate age / 2. Along log noise it is the noise, on the diagonal alone.
    by_rate = -0.5 * at.rate * float((pull * age).sum())
    by_noise = at.noise * float(np.trace(by_covariance))
    return value, np.array([*by_scales, float(pull.sum()), by_rate, by_noise])


@dataclass(frozen=True, eq=False)
class Process:
    """A process given observations.

    Attributes
    ----------
    x : array [m, width]
        Features in the unit cube.
    t : array [m]
        When each was observed, in generations.
    y : array [m]
    at : Covariance
    """

    x: np.ndarray
    t: np.ndarray
    y: np.ndarray
    at: Covariance

    @cached_property
    def _solved(self) -> tuple[np.ndarray, np.ndarray]:
        """Cholesky factor [m, m] of the covariance of the observations, and the weights [m] of the mean."""
        noisy = self.at.between(self.x, self.t, self.x, self.t)
        noisy[np.diag_indices_from(noisy)] = self.at.height + self.at.noise + _JITTER
        factor = cho_factor(noisy, lower=True, check_finite=False)
        return np.asarray(factor[0]), np.asarray(cho_solve(factor, self.y, check_finite=False))

    def predict(self, x: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, each [n], of the function itself at features [n, width] and a time."""
        mean, std, _ = self._at(x, t)
        return mean, std

    def slopes(self, x: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return mean and standard deviation, each [n], and how they change along the features, each [n, width]."""
        factor, weights = self._solved
        mean, std, (towards, explained) = self._at(x, t)
        back = solve_triangular(factor, explained, lower=True, trans="T", check_finite=False).T

        def along(w: np.ndarray) -> np.ndarray:
            # d k / d x_q = -2 k (x_q - x'_q) / l_q
            return np.asarray(-2.0 * (x * w.sum(axis=1)[:, None] - w @ self.x) / self.at.scales)

        return mean, std, along(towards * weights), -along(towards * back) / std[:, None]

    def _at(self, x: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
        factor, weights = self._solved
        towards = self.at.between(x, np.full(len(x), float(t)), self.x, self.t)
        explained = solve_triangular(factor, towards.T, lower=True, check_finite=False)
        variance = self.at.height - (explained**2).sum(axis=0)
        return towards @ weights, np.sqrt(np.maximum(variance, 1e-12)), (towards, explained)

    def fantasised(self, x: np.ndarray, t: float) -> Process:
        """Return the process that has seen its own mean at more features [k, width]: as sure there, and no wiser.

        References
        ----------
        T. Desautels, A. Krause, J. Burdick (2014), Parallelizing exploration-exploitation tradeoffs in Gaussian
        process bandit optimization.
        """
        if not len(x):
            return self
        mean, _ = self.predict(x, t)
        when = np.append(self.t, np.full(len(x), float(t)))
        return Process(np.vstack([self.x, x]), when, np.append(self.y, mean), self.at)
