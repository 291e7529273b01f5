"""Several hyperparameters that are about as plausible as the most plausible ones, by a Hamiltonian walk.

Of ten scores many length scales are plausible. A process that believes in one of them is too sure, and stays where it
is because it knows that nothing is elsewhere. emukit has such a walk through GPy's samplers, which draw from NumPy's
global state and take seconds; this one takes some hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from rlhp import evidence
from rlhp.hpo.searchers.gp._evidence import Hyperparameters, Priors, log_evidence

__all__ = ["walk"]

# Steps of a leap, leaps before the first sample, and the shortest and longest step, in standard deviations: nine in ten
# leaps are taken.
_STEPS, _BEFORE, _STRIDE = 6, 4, (0.45, 0.9)
# Over what distance in prior standard deviations the curvature is measured, and the least that is believed: the prior's
# own is 1.
_APART, _FLATTEST = 0.1, 0.5


def walk(
    x: np.ndarray,
    y: np.ndarray,
    known: np.ndarray,
    priors: Priors,
    rng: np.random.Generator,
    *,
    start: Hyperparameters,
    n: int,
    held: int = 0,
) -> list[Hyperparameters]:
    """Draw hyperparameters from their posterior distribution.

    Parameters
    ----------
    x, y, known, priors
        As in `log_evidence`.
    rng : numpy.random.Generator
    start : Hyperparameters
        The most plausible ones: there the posterior's width along each of them is measured.
    n : int
        How many are drawn, one after each leap.
    held : int
        So many of the first length scales stay as they are.

    References
    ----------
    R. Neal (2011), MCMC using Hamiltonian dynamics. I. Murray, R. Adams (2010), Slice sampling covariance
    hyperparameters of latent Gaussian models (on why to average over them).
    """
    means, deviations = priors.moments(x.shape[1])
    free = np.arange(len(means)) >= held

    def likely(logarithms: np.ndarray) -> tuple[float, np.ndarray]:
        return log_evidence(logarithms, x, y, known)

    # In standard deviations of the prior all are of one size.
    def energy(z: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = evidence.implausible(means + deviations * z, likely, means, deviations)
        return value, gradient * deviations

    z = (start.logarithms - means) / deviations
    sizes = free / np.sqrt(_curvature(lambda at: energy(at)[1], z))
    value, slope = energy(z)
    found = []
    for _ in range(_BEFORE + n):
        stride = sizes * rng.uniform(*_STRIDE) * len(z) ** -0.25
        push = rng.standard_normal(len(z))
        ahead, ahead_value, ahead_slope, ahead_push = z, value, slope, push
        for _ in range(_STEPS):
            ahead_push = ahead_push - 0.5 * stride * ahead_slope
            ahead = ahead + stride * ahead_push
            ahead_value, ahead_slope = energy(ahead)
            ahead_push = ahead_push - 0.5 * stride * ahead_slope
        lost = ahead_value - value + 0.5 * float(ahead_push @ ahead_push - push @ push)
        if np.log(rng.random()) < -lost:
            z, value, slope = ahead, ahead_value, ahead_slope
        found.append(Hyperparameters.of(means + deviations * z))
    return found[_BEFORE:]


def _curvature(slope: Callable[[np.ndarray], np.ndarray], z: np.ndarray) -> np.ndarray:
    """Return second derivatives along each coordinate by differences of the first, shape [d]."""
    steps = _APART * np.eye(len(z))
    along = [slope(z + step)[j] - slope(z - step)[j] for j, step in enumerate(steps)]
    return np.maximum(np.array(along) / (2 * _APART), _FLATTEST)
