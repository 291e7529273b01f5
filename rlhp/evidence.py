"""How plausible the numbers in the covariance of a Gaussian process are: evidence, its gradient, and the maximum.

What is here knows no covariance: a process hands in the matrix, and carries the gradient on to its own numbers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import lapack
from scipy.optimize import minimize

from rlhp.threads import one_thread

__all__ = ["implausible", "log_evidence", "most_plausible"]

Likely = Callable[[np.ndarray], tuple[float, np.ndarray]]


def log_evidence(covariance: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the log marginal likelihood of observations, and its gradient by the entries of their covariance.

    Parameters
    ----------
    covariance : array [m, m]
        With the noise on its diagonal.
    y : array [m]

    Returns
    -------
    value : float
        Minus infinity where the covariance is none, as rounding makes it of points that are too close.
    gradient : array [m, m]
        The trace of its product with the slope of the covariance along a number is the slope of the value.

    References
    ----------
    C. Rasmussen, C. Williams (2006), Gaussian processes for machine learning, equations 2.30 and 5.9.

    Examples
    --------
    >>> value, gradient = log_evidence(np.eye(1), np.zeros(1))
    >>> round(value, 4), gradient.tolist()  # -log(2 pi) / 2
    (-0.9189, [[-0.5]])
    """
    factor, failed = lapack.dpotrf(covariance, lower=True)
    if failed:
        return -np.inf, np.zeros_like(covariance)
    inverse = lapack.dpotri(factor, lower=True)[0]
    inverse = np.tril(inverse) + np.tril(inverse, -1).T
    alpha = inverse @ y
    value = -0.5 * float(y @ alpha) - float(np.log(np.diag(factor)).sum()) - 0.5 * len(y) * float(np.log(2 * np.pi))
    return value, 0.5 * (np.outer(alpha, alpha) - inverse)


def implausible(at: np.ndarray, likely: Likely, means: np.ndarray, deviations: np.ndarray) -> tuple[float, np.ndarray]:
    """Return minus the logarithm of the posterior density of numbers, but for a constant, and its gradient.

    Parameters
    ----------
    at : array [k]
    likely : callable
        Takes numbers, shape [k], and returns the log evidence and its gradient [k].
    means, deviations : array [k]
        Of the normal prior of each number.

    Returns
    -------
    value : float
        Very large where there is no evidence, see `log_evidence`.
    gradient : array [k]

    Examples
    --------
    >>> def likely(at):
    ...     return -0.5 * float((at - 3.0) @ (at - 3.0)), 3.0 - at
    >>> value, gradient = implausible(np.array([2.0]), likely, np.zeros(1), np.ones(1))
    >>> value, gradient.tolist()
    (2.5, [1.0])
    """
    value, gradient = likely(at)
    if not np.isfinite(value):
        return 1e10, np.zeros(len(at))
    away = (at - means) / deviations
    return 0.5 * float(away @ away) - value, away / deviations - gradient


def most_plausible(
    likely: Likely,
    means: np.ndarray,
    deviations: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    rng: np.random.Generator,
    *,
    restarts: int,
    steps: int = 50,
) -> np.ndarray:
    """Find where evidence and normal priors together are highest.

    Parameters
    ----------
    likely : callable
        Takes numbers, shape [k], and returns the log evidence and its gradient [k].
    means, deviations : array [k]
        Of the prior of each number.
    low, high : array [k]
        Where the search may go.
    rng : numpy.random.Generator
        Draws the starts after the first, which is the middle of the priors.
    restarts : int
        How many more starts.
    steps : int
        Of L-BFGS-B, from each start.

    Returns
    -------
    array [k]

    Examples
    --------
    >>> def likely(at):
    ...     return -0.5 * float((at - 3.0) @ (at - 3.0)), 3.0 - at
    >>> box = np.array([-9.0]), np.array([9.0])
    >>> found = most_plausible(likely, np.zeros(1), np.ones(1), *box, np.random.default_rng(0), restarts=0)
    >>> found.round(3).tolist()  # halfway between what the data say and what was believed before
    [1.5]
    """
    starts = [means, *(means + deviations * rng.standard_normal((restarts, len(means))))]
    with one_thread():
        ended = [
            minimize(
                implausible,
                np.clip(start, low, high),
                args=(likely, means, deviations),
                jac=True,
                bounds=list(zip(low, high, strict=True)),
                method="L-BFGS-B",
                options={"maxiter": steps, "ftol": 1e-7},
            )
            for start in starts
        ]
    return np.asarray(min(ended, key=lambda one: float(one.fun)).x)
