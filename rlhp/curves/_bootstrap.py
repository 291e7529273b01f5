"""The bootstrap of whole runs: a run is drawn with its entire curve, never frame by frame.

Frames of one run belong together. Drawing each step's runs anew would keep the interval at a single step but break
everything that spans steps: areas under curves, bands, the time to a threshold. Where runs are of several environments,
each environment's runs are drawn among themselves (strata).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlhp.arguments import instance, number_array, random_generator, whole
from rlhp.curves._options import share
from rlhp.curves._statistic import FEWEST_FOR_INTERVAL, IQM, Array, TrimmedMean, mean_within, strata_option

# Floats held at once while resampling (32 MB); results do not depend on it.
_CHUNK = 4_000_000
# Counting is fastest in blocks that fit a core's cache: so many to a chunk.
_BLOCKS = 64

Strata = NDArray[np.int64]
Counts = NDArray[np.int32]


def resampled(
    curves: Any,
    statistic: TrimmedMean = IQM,
    *,
    n_boot: int,
    rng: np.random.Generator,
    strata: Strata | None = None,
) -> Array:
    """Statistic of resampled runs, at each step.

    Parameters
    ----------
    curves : array [n, T]
        One row a run, one column a step.
    statistic : TrimmedMean
        What is computed of each resample.
    n_boot : int
        Number of resamples B.
    rng : numpy.random.Generator
        Where the resamples come from.
    strata : int array [n], optional
        Stratum of each run (0, 1, ...): its runs are drawn among themselves, so that each keeps its size.

    Returns
    -------
    array [B, T]
        In each row the same n runs, drawn with replacement, give the value at every step.

    References
    ----------
    B. Efron and R. Tibshirani (1993), An Introduction to the Bootstrap. R. Agarwal et al. (2021), Deep reinforcement
    learning at the edge of the statistical precipice (the IQM over runs).
    """
    values = number_array("curves", curves, ndim=2)
    instance("statistic", statistic, TrimmedMean)
    whole("n_boot", n_boot, at_least=1, at_most=10**8)
    rng = random_generator(rng)
    strata = strata_option(strata, len(values))
    return of_counts(values, statistic, drawn_counts(len(values), n_boot, rng, strata))[0]


def drawn_counts(n: int, n_boot: int, rng: np.random.Generator, strata: Strata | None = None) -> Counts:
    """Draw whole runs with replacement and give how often each is drawn, [n_boot, n]."""
    if strata is None:
        return _counted(rng.integers(0, n, (n_boot, n)), n)
    # In the order of the strata, position i is drawn among those from its stratum's first on.
    sizes = np.bincount(strata)
    of_each = np.repeat(np.arange(len(sizes)), sizes)
    first = (np.cumsum(sizes) - sizes)[of_each]
    counts = np.empty((n_boot, n), dtype=np.int32)
    for part in chunks(n_boot, n * _BLOCKS):
        shape = (part.stop - part.start, n)
        if np.ptp(sizes) == 0:
            within = rng.integers(0, sizes[0], shape)
        else:
            within = (rng.random(shape) * sizes[of_each]).astype(np.int64)
        within += first
        counts[part] = _counted(within, n)
    if (np.diff(strata) >= 0).all():
        return counts
    return counts[:, np.argsort(np.argsort(strata, kind="stable"))]


def of_counts(
    curves: Array, statistic: TrimmedMean, counts: Counts, *, errors: bool = False
) -> tuple[Array, Array | None]:
    """Take the statistic of resamples that are given by how often each run is in them.

    The runs are sorted once a step; a resample then only says how many of each are kept, so that no resample is sorted
    itself.

    Parameters
    ----------
    curves : array [n, T]
    statistic : TrimmedMean
    counts : int array [B, n]
        Every row adds up to the same number of runs m, at most 32,767.
    errors : bool
        Give the standard error of each resample as well (`TrimmedMean.standard_error`, without strata).

    Returns
    -------
    draws : array [B, T]
    errors : array [B, T] or None
    """
    n_boot, n = counts.shape
    steps = curves.shape[1]
    size = int(counts[0].sum())
    cut = statistic.cut(size)
    centre = mean_within(curves)
    if not cut:
        return _means(curves - centre, centre, counts, size, errors)
    order = np.argsort(curves, axis=0)
    # Around zero, so that squares lose no digits.
    ordered = np.ascontiguousarray((np.take_along_axis(curves, order, axis=0) - centre).T)[:, None, :]  # [T, 1, n]
    times = np.ascontiguousarray(counts.T.astype(np.int16))
    draws = np.empty((steps, n_boot))
    spread = np.empty((steps, n_boot)) if errors else None
    for part in chunks(n_boot, n * steps):
        upto = np.cumsum(times[order.T, part], axis=1, dtype=np.int16)  # [T, n, draws]: runs drawn so far, by size
        kept = np.clip(upto, cut, size - cut)
        kept[:, 1:] -= kept[:, :-1].copy()
        kept[:, 0] -= cut
        weights = kept.astype(np.float64)
        total = np.matmul(ordered, weights)[:, 0]
        draws[:, part] = total / (size - 2 * cut)
        if spread is not None:
            spread[:, part] = _standard_errors(ordered, weights, total, upto, size, cut)
    return (draws + centre[:, None]).T, None if spread is None else spread.T


def _means(apart: Array, centre: Array, counts: Counts, size: int, errors: bool) -> tuple[Array, Array | None]:
    """Return means of resamples, and their standard errors: nothing is cut, so that nothing need be sorted."""
    weights = counts.astype(np.float64)
    means = weights @ apart / size
    if not errors:
        return means + centre, None
    deviations = np.maximum(weights @ apart**2 - size * means**2, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return means + centre, np.sqrt(deviations / (size * (size - 1)))


def _standard_errors(
    ordered: Array, weights: Array, total: Array, upto: NDArray[np.int16], size: int, cut: int
) -> Array:
    """Take the standard error by the winsorised variance of each resample; what is cut counts as the nearest kept."""
    squares = np.matmul(ordered**2, weights)[:, 0]
    for place in ((upto <= cut).sum(axis=1), (upto < size - cut).sum(axis=1)):
        nearest = np.take_along_axis(ordered[:, 0], place, axis=1)
        total, squares = total + cut * nearest, squares + cut * nearest**2
    kept = size - 2 * cut
    deviations = np.maximum(squares - total**2 / size, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(deviations / (kept * (kept - 1))))


def percentile_interval(draws: Array, n: int, *, confidence: float = 0.95) -> tuple[Array, Array]:
    """Percentile interval at each step: the middle `confidence` of the draws.

    Parameters
    ----------
    draws : array [B, T]
        From `resampled`.
    n : int
        Number of runs behind them; below three the interval is missing (NaN).
    confidence : float
        Share of the draws inside, at *one* step, in (0, 1).

    Returns
    -------
    low, high : arrays [T]
    """
    draws = number_array("draws", draws, ndim=2)
    share("confidence", confidence)
    if whole("n", n, at_least=1) < FEWEST_FOR_INTERVAL:
        missing = np.full(draws.shape[1], np.nan)
        return missing, missing.copy()
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return low, high


def chunks(total: int, size: int) -> Iterator[slice]:
    """Cut `total` items of `size` floats each into slices that fit the memory set aside."""
    length = max(1, _CHUNK // max(size, 1))
    for start in range(0, total, length):
        yield slice(start, min(start + length, total))


def _counted(chosen: NDArray[np.int64], n: int) -> Counts:
    """Count in each row how often 0 to n - 1 are in it; `chosen` is used up."""
    rows = len(chosen)
    chosen += n * np.arange(rows)[:, None]
    return np.bincount(chosen.ravel(), minlength=rows * n).reshape(rows, n).astype(np.int32)
