"""A band that covers the whole curve at once, not each step by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from rlhp.curves.bootstrap import FEWEST_FOR_PERCENTILE, chunks
from rlhp.curves.statistic import FEWEST_FOR_INTERVAL, IQM, Array, TrimmedMean


def simultaneous_band(
    curves: Any,
    draws: Array,
    statistic: TrimmedMean = IQM,
    *,
    confidence: float = 0.95,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Sup-t band: the true curve lies inside at *every* step with probability about `confidence`.

    The band is ``estimate +- c * se``. `se` is the standard error at each step: from ten runs on the standard
    deviation of the bootstrap draws, below ten that of a Gaussian sample with the runs' standard deviation; its square
    is averaged over each step and its two neighbours. `c` is the `confidence` quantile of ``max over steps
    |estimate / se|`` among simulated sets of n Gaussian curves with mean zero and the runs' covariance, `se`
    re-estimated in each set.

    Parameters
    ----------
    curves : array [n, T]
        One row a run, one column a step.
    draws : array [B, T]
        From `resampled` of the same curves; as many sets of curves are simulated.
    statistic : TrimmedMean
        What the band is around.
    confidence : float
        Probability with which the band covers the whole curve, in (0, 1).
    rng : numpy.random.Generator
        Where the simulated curves come from.

    Returns
    -------
    low, high : arrays [T]
        NaN with fewer than three runs.

    Notes
    -----
    The usual sup-t band, from the bootstrap alone, is too narrow with few runs: it forgets that the standard error is
    itself a guess, which Student's t accounts for at one step and the simulated `c` along the curve. Where runs are
    few, the standard deviation is a steadier guess than the winsorised one (four runs leave that a single degree of
    freedom), and neighbouring steps steady it further.

    References
    ----------
    J. L. Montiel Olea and M. Plagborg-Moller (2019), Simultaneous confidence bands: theory, implementation, and an
    application to SVARs, Journal of Applied Econometrics 34, 1-17 (sup-t bands).
    """
    values = np.asarray(curves, dtype=np.float64)
    n, steps = values.shape
    centre = statistic(values, axis=0)
    if n < FEWEST_FOR_INTERVAL:
        return np.full(steps, np.nan), np.full(steps, np.nan)
    apart = values - values.mean(axis=0)
    apart[np.abs(apart) < 1e-12 * np.abs(values).max()] = 0.0  # steps at which all runs agree, but for rounding
    # Curves with the runs' covariance are mixtures of at most min(n, T) shapes.
    _, weights, shapes = np.linalg.svd(apart, full_matrices=False)
    mix = np.ascontiguousarray((weights[:, None] * shapes).T) / np.sqrt(n - 1)  # [T, r]
    n_draws = len(draws)
    unit = float(statistic(rng.standard_normal((n_draws, n))).std())  # standard error of n Gaussians of variance 1
    largest = np.empty(n_draws)
    for part in chunks(n_draws, n * max(steps, len(weights))):
        simulated = mix @ rng.standard_normal((part.stop - part.start, len(weights), n))  # [draws, T, n]
        error = unit * _steadied(simulated.var(axis=-1, ddof=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.abs(statistic(simulated, axis=-1)) / error
        largest[part] = np.where(error > 0, ratio, 0.0).max(axis=-1)
    enough = n >= FEWEST_FOR_PERCENTILE
    error = _steadied(draws.var(axis=0)) if enough else unit * _steadied(apart.var(axis=0, ddof=1))
    reach = np.quantile(largest, confidence) * error
    return centre - reach, centre + reach


def _steadied(variance: Array) -> Array:
    """Average variances [..., T] over neighbouring steps, and give the standard deviations."""
    steps = variance.shape[-1]
    around = np.pad(variance, [(0, 0)] * (variance.ndim - 1) + [(1, 1)])
    total = around[..., :-2] + around[..., 1:-1] + around[..., 2:]
    at = np.arange(steps)
    count = np.minimum(at + 1, steps - 1) - np.maximum(at - 1, 0) + 1
    return np.asarray(np.sqrt(total / count))
