"""A band that covers the whole curve at once, not each step by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from rlhp.arguments import instance, number_array, random_generator
from rlhp.curves._bootstrap import Strata, chunks
from rlhp.curves._intervals import FEWEST_FOR_BOOTSTRAP, LEAST_ERROR
from rlhp.curves._options import share
from rlhp.curves._statistic import FEWEST_FOR_INTERVAL, IQM, Array, TrimmedMean, mean_within, strata_option

# From so many runs on the spread of the bootstrap draws is a steadier standard error than that of Gaussian runs.
_FEWEST_FOR_SPREAD = 10
# How far an edge goes from the Gaussian band to the draws that lie further in; chosen by benchmarks/coverage.py.
_INWARDS = 2 / 3


def simultaneous_band(
    curves: Any,
    draws: Array,
    statistic: TrimmedMean = IQM,
    *,
    confidence: float = 0.95,
    rng: np.random.Generator,
    errors: Array | None = None,
    strata: Strata | None = None,
) -> tuple[Array, Array]:
    """Sup-t band: the true curve lies inside at *every* step with probability about `confidence`.

    It rests on a Gaussian band ``estimate +- c * se``. `se` is the standard error at each step: from ten runs on the
    standard deviation of the bootstrap draws, below ten that of a Gaussian sample with the runs' standard deviation;
    its square is averaged over each step and its two neighbours. `c` is the `confidence` quantile of ``max over steps
    |estimate / se|`` among simulated sets of n Gaussian curves with mean zero and the runs' covariance, `se`
    re-estimated in each set. Returns are skewed, so that from five runs on the bootstrap is asked too:

    - IQM and median: an edge reaches at least to the quantile ``Phi(-c)`` or ``Phi(c)`` of the draws. Where that lies
      further in, as on the short side of skewed returns, the edge moves two thirds of the way there from ten runs on.
    - mean (with `errors`): its edges move towards those of the studentised bootstrap, ``max over steps (draw -
      estimate) / (standard error of the draw)``, halfway with five runs and all the way from ten on. Those hold for
      skewed returns, where the Gaussian band is too narrow, but are too wide for a handful of runs.

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
    errors : array [B, T], optional
        Standard errors of the draws, for the mean.
    strata : int array [n], optional
        Environment of each run, 0, 1, ... With several, `c` is that of the bootstrap draws (their largest deviation in
        units of their standard deviation), stretched as far as Student's t stretches the normal quantile.

    Returns
    -------
    low, high : arrays [T]
        NaN with fewer than three runs.

    Notes
    -----
    The usual sup-t band, from the bootstrap alone, is too narrow with few runs: it forgets that the standard error is
    itself a guess, which Student's t accounts for at one step and the simulated `c` along the curve. Where runs are
    few, the standard deviation is a steadier guess than the winsorised one (four runs leave that a single degree of
    freedom), and neighbouring steps steady it further. How often bands hold whole curves is measured by
    ``python benchmarks/coverage.py``.

    References
    ----------
    J. L. Montiel Olea and M. Plagborg-Moller (2019), Simultaneous confidence bands: theory, implementation, and an
    application to SVARs, Journal of Applied Econometrics 34, 1-17 (sup-t bands).
    """
    values = number_array("curves", curves, ndim=2)
    draws = number_array("draws", draws, ndim=2)
    if draws.shape[1] != values.shape[1]:
        raise ValueError(
            f"`draws` has {draws.shape[1]} steps and `curves` {values.shape[1]}; give draws of these curves."
        )
    instance("statistic", statistic, TrimmedMean)
    share("confidence", confidence)
    rng = random_generator(rng)
    n, steps = values.shape
    if errors is not None:
        errors = number_array("errors", errors, ndim=2, finite=False)
        if errors.shape != draws.shape:
            raise ValueError(f"`errors` has shape {errors.shape} and `draws` {draws.shape}; give one of each draw.")
    strata = strata_option(strata, n)
    centre = statistic(values, axis=0)
    if n < FEWEST_FOR_INTERVAL:
        return np.full(steps, np.nan), np.full(steps, np.nan)
    if strata is not None and strata.max() > 0:
        return _stratified(draws, centre, np.bincount(strata), confidence)
    apart = values - mean_within(values)
    apart[np.abs(apart) < 1e-12 * np.abs(values).max()] = 0.0  # steps at which all runs agree, but for rounding
    unit = float(statistic(rng.standard_normal((len(draws), n))).std())  # standard error of n Gaussians of variance 1
    critical = float(np.quantile(_largest(apart, statistic, unit, len(draws), rng), confidence))
    steady = n >= _FEWEST_FOR_SPREAD
    error = _steadied(draws.var(axis=0)) if steady else unit * _steadied(apart.var(axis=0, ddof=1))
    low, high = centre - critical * error, centre + critical * error
    if n < FEWEST_FOR_BOOTSTRAP:
        return low, high
    if statistic.cut(n):
        tail = stats.norm.cdf(-critical)
        least, most = np.quantile(draws, [tail, 1 - tail], axis=0)
        inwards = _INWARDS if steady else 0.0
        low, high = low + inwards * np.maximum(least - low, 0.0), high + inwards * np.minimum(most - high, 0.0)
        return np.minimum(low, least), np.maximum(high, most)
    if errors is None:
        return low, high
    other_low, other_high = _studentised(values, draws, errors, statistic, confidence)
    weight = min(1.0, n / _FEWEST_FOR_SPREAD)
    return low + weight * (other_low - low), high + weight * (other_high - high)


def _largest(apart: Array, statistic: TrimmedMean, unit: float, sets: int, rng: np.random.Generator) -> Array:
    """Simulate sets of Gaussian curves with the runs' covariance; give each set's largest |estimate / se|."""
    n, steps = apart.shape
    # Curves with the runs' covariance are mixtures of at most min(n, T) shapes.
    _, weights, shapes = np.linalg.svd(apart, full_matrices=False)
    mix = np.ascontiguousarray((weights[:, None] * shapes).T) / np.sqrt(n - 1)  # [T, r]
    largest = np.empty(sets)
    for part in chunks(sets, n * max(steps, len(weights))):
        simulated = mix @ rng.standard_normal((part.stop - part.start, len(weights), n))  # [draws, T, n]
        error = unit * _steadied(simulated.var(axis=-1, ddof=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = np.abs(statistic(simulated, axis=-1)) / error
        largest[part] = np.where(error > 0, ratio, 0.0).max(axis=-1)
    return largest


def _studentised(
    values: Array, draws: Array, errors: Array, statistic: TrimmedMean, confidence: float
) -> tuple[Array, Array]:
    """Band of the studentised bootstrap, its two sides apart because returns are skewed."""
    centre = statistic(values, axis=0)
    error = _steadied(statistic.standard_error(values, axis=0) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (draws - centre) / np.maximum(_steadied(errors**2), LEAST_ERROR * error)
    ratio = np.where(error > 0, ratio, 0.0)
    below, above = np.quantile([ratio.max(axis=1), (-ratio).max(axis=1)], (1 + confidence) / 2, axis=1)
    return centre - below * error, centre + above * error


def _stratified(draws: Array, centre: Array, sizes: Any, confidence: float) -> tuple[Array, Array]:
    error = draws.std(axis=0) * np.sqrt(sizes.mean() / (sizes.mean() - 1))
    spread = draws.std(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(spread > 0, np.abs(draws - draws.mean(axis=0)) / spread, 0.0)
    level = (1 + confidence) / 2
    stretch = stats.t.ppf(level, sizes.sum() - len(sizes)) / stats.norm.ppf(level)
    reach = stretch * np.quantile(ratio.max(axis=1), confidence) * error
    return centre - reach, centre + reach


def _steadied(variance: Array) -> Array:
    """Average variances [..., T] over neighbouring steps, and give the standard deviations."""
    steps = variance.shape[-1]
    around = np.pad(variance, [(0, 0)] * (variance.ndim - 1) + [(1, 1)])
    total = around[..., :-2] + around[..., 1:-1] + around[..., 2:]
    at = np.arange(steps)
    count = np.minimum(at + 1, steps - 1) - np.maximum(at - 1, 0) + 1
    return np.asarray(np.sqrt(total / count))
