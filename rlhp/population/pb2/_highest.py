"""Where the upper confidence bound of a process is highest, over some of its features with the others held."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from rlhp.population.pb2._process import Process

__all__ = ["bound", "highest"]

_DRAWN, _CLIMBED, _STEPS = 256, 3, 25
# Candidates beside those that are drawn: some near what is played now, where a good schedule mostly goes on.
_NEAR = 0.1


def bound(process: Process, x: np.ndarray, t: float, kappa: float) -> np.ndarray:
    """Return mean and `kappa` standard deviations, shape [n], at features [n, width] and a time in generations.

    The deviation, not the variance that some implementations add: the bound is in the unit of the gains.

    References
    ----------
    N. Srinivas et al. (2010), Gaussian process optimization in the bandit setting: no regret and experimental design.
    """
    mean, std = process.predict(x, t)
    return mean + kappa * std


def highest(
    process: Process,
    t: float,
    held: np.ndarray,
    near: np.ndarray,
    rng: np.random.Generator,
    *,
    kappa: float,
) -> np.ndarray:
    """Return points of the unit cube by their upper confidence bound, the best first.

    Parameters
    ----------
    process : Process
        Its first `d` features are free, the others are held.
    t : float
        In generations.
    held : array [width - d]
    near : array [m, d]
        Points around which some candidates are drawn; none are needed.
    rng : numpy.random.Generator
    kappa : float

    Returns
    -------
    array [n, d]
        The best few of the candidates climbed on along the slopes; all others stand as they were drawn.
    """
    d = process.x.shape[1] - len(held)
    drawn = rng.random((_DRAWN, d))
    if len(near):
        centres = near[rng.integers(len(near), size=_DRAWN // 4)]
        around = centres + _NEAR * rng.standard_normal((len(centres), d))
        drawn = np.vstack([drawn, np.clip(around, 0.0, 1.0)])

    def whole(free: np.ndarray) -> np.ndarray:
        return np.hstack([free, np.broadcast_to(held, (len(free), len(held)))])

    def negative(free: np.ndarray) -> tuple[float, np.ndarray]:
        mean, std, of_mean, of_std = process.slopes(whole(free[None]), t)
        return -float(mean[0] + kappa * std[0]), -(of_mean + kappa * of_std)[0, :d]

    if not d:
        return drawn[:1]
    values = bound(process, whole(drawn), t, kappa)
    starts = drawn[np.argsort(-values, kind="stable")[:_CLIMBED]]
    box = [(0.0, 1.0)] * d
    climbed = np.array(
        [
            minimize(negative, start, jac=True, bounds=box, method="L-BFGS-B", options={"maxiter": _STEPS}).x
            for start in starts
        ]
    )
    points = np.vstack([climbed, drawn])
    values = np.append(bound(process, whole(climbed), t, kappa), values)
    return np.asarray(points[np.argsort(-values, kind="stable")])
