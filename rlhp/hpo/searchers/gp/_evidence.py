"""How plausible the hyperparameters of Matern's process are: its log marginal likelihood, priors, and their maximum.

GPy has all of this, and the tests hold this file to it. Its optimiser draws its starts from NumPy's global state, and
one evaluation costs several milliseconds of bookkeeping around .5 ms of mathematics; a proposal needs about a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlhp import evidence

__all__ = ["Hyperparameters", "Priors", "log_evidence", "most_plausible"]

_ROOT5 = float(np.sqrt(5.0))
# What GPy adds to the diagonal.
JITTER = 1e-8
# Where the search of the maximum may go; they keep it in numbers that a float can take the exponential of.
_LEAST, _MOST = np.log([0.02, 1e-3, 1e-6]), np.log([1e3, 1e3, 2.0])


@dataclass(frozen=True, eq=False)
class Hyperparameters:
    """Of the covariance.

    Attributes
    ----------
    scales : array [width]
        Length scales.
    height : float
        Prior variance.
    noise : float
        Variance of an observation beyond what is known of it.
    """

    scales: np.ndarray
    height: float
    noise: float

    @property
    def logarithms(self) -> np.ndarray:
        """All of them in one vector, shape [width + 2]."""
        return np.log([*self.scales, self.height, self.noise])

    @classmethod
    def of(cls, logarithms: np.ndarray) -> Hyperparameters:
        """Read that vector."""
        values = np.exp(logarithms)
        return cls(values[:-2], float(values[-2]), float(values[-1]))


@dataclass(frozen=True)
class Priors:
    """Log-normal priors: each pair is mean and standard deviation of the logarithm.

    Attributes
    ----------
    scale : pair of float
        Of a length scale along the unit interval.
    height, noise : pair of float
        Of the prior variance and of the variance of the noise, both in variances of the scores.

    Notes
    -----
    The defaults are the ones of a few that found most on Hartmann-6 and predicted best what they had not seen of
    measured landscapes. Noise needs a prior that is neither loose nor tight: of few scores that hardly differ, the
    likeliest explanation is that they are all noise, and a process that believes so stays where it is; one that cannot
    believe it takes the luckiest of them for a peak, and stays there. Scales that grow with the number of columns,
    as is advised for hundreds of them, were worse here with 6 to 15.
    """

    scale: tuple[float, float] = (-0.7, 0.8)
    height: tuple[float, float] = (0.0, 0.7)
    noise: tuple[float, float] = (-4.5, 1.5)

    def moments(self, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Return means and standard deviations of all logarithms, each [width + 2]."""
        pairs = np.array([self.scale] * width + [self.height, self.noise])
        return pairs[:, 0], pairs[:, 1]


def matern(r: np.ndarray) -> np.ndarray:
    """Matern's correlation with 5/2 derivatives at distances in length scales."""
    scaled = _ROOT5 * r
    return np.asarray((1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled))


def distances(a: np.ndarray, b: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Return distances in length scales between features [n, width] and [m, width], shape [n, m].

    For k sets of scales, given as [k, 1, width], shape [k, n, m].
    """
    one, other = a / scales, b / scales
    squared = (one**2).sum(axis=-1)[..., :, None] + (other**2).sum(axis=-1)[..., None, :]
    return np.asarray(np.sqrt(np.maximum(squared - 2.0 * (one @ np.swapaxes(other, -1, -2)), 0.0)))


def log_evidence(logarithms: np.ndarray, x: np.ndarray, y: np.ndarray, known: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the log marginal likelihood and its gradient, by `rlhp.evidence`.

    Parameters
    ----------
    logarithms : array [width + 2]
        See `Hyperparameters.logarithms`.
    x : array [m, width]
    y : array [m]
    known : array [m]
        Variance of each observation that is known, added to the noise.

    Returns
    -------
    value : float
    gradient : array [width + 2]
    """
    at = Hyperparameters.of(logarithms)
    r = distances(x, x, at.scales)
    np.fill_diagonal(r, 0.0)
    decay = np.exp(-_ROOT5 * r)
    correlation = (1.0 + _ROOT5 * r + 5.0 / 3.0 * r**2) * decay
    covariance = at.height * correlation
    covariance[np.diag_indices_from(covariance)] += at.noise + known + JITTER
    value, by_covariance = evidence.log_evidence(covariance, y)
    # d k / d log l_q = height 5/3 (1 + sqrt(5) r) exp(-sqrt(5) r) (x_q - x'_q)^2 / l_q^2; the squares are written out,
    # so that no array [m, m, width] is needed.
    pull = by_covariance * (at.height * 5.0 / 3.0) * (1.0 + _ROOT5 * r) * decay
    scaled = x / at.scales
    by_scales = 2.0 * ((scaled**2).T @ pull.sum(axis=1) - np.einsum("iq,iq->q", scaled, pull @ scaled))
    by_height = float((by_covariance * covariance).sum() - (np.diag(by_covariance) * (at.noise + known + JITTER)).sum())
    by_noise = at.noise * float(np.trace(by_covariance))
    return value, np.array([*by_scales, by_height, by_noise])


def most_plausible(
    x: np.ndarray,
    y: np.ndarray,
    known: np.ndarray,
    priors: Priors,
    rng: np.random.Generator,
    *,
    restarts: int,
    length_scale: float | None = None,
) -> Hyperparameters:
    """Find the hyperparameters of the highest posterior density of their logarithms.

    Parameters
    ----------
    x, y, known
        As in `log_evidence`.
    priors : Priors
    rng : numpy.random.Generator
        Draws the starts after the first, which is the middle of the priors.
    restarts : int
        How many more starts.
    length_scale : float, optional
        Of every feature, held: only height and noise are looked for.
    """
    width = x.shape[1]
    means, deviations = priors.moments(width)
    low, high = (np.array([ends[0]] * width + [ends[1], ends[2]]) for ends in (_LEAST, _MOST))
    if length_scale is not None:
        low[:width] = high[:width] = np.log(length_scale)

    def likely(logarithms: np.ndarray) -> tuple[float, np.ndarray]:
        return log_evidence(logarithms, x, y, known)

    found = evidence.most_plausible(likely, means, deviations, low, high, rng, restarts=restarts)
    return Hyperparameters.of(found)
