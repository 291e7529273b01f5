"""The bootstrap of whole runs: a run is drawn with its entire curve, never frame by frame.

Frames of one run belong together. Drawing each step's runs anew would keep the interval at a single step but break
everything that spans steps: areas under curves, bands, the time to a threshold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlhp.curves.statistic import FEWEST_FOR_INTERVAL, IQM, Array, TrimmedMean

# Below ten runs resamples are too much alike: the percentile interval covers less than it says.
FEWEST_FOR_PERCENTILE = 10

# Floats held at once while resampling (32 MB); results do not depend on it.
_CHUNK = 4_000_000


def resampled(curves: Any, statistic: TrimmedMean = IQM, *, n_boot: int, rng: np.random.Generator) -> Array:
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

    Returns
    -------
    array [B, T]
        In each row the same n runs, drawn with replacement, give the value at every step.

    References
    ----------
    B. Efron and R. Tibshirani (1993), An Introduction to the Bootstrap. R. Agarwal et al. (2021), Deep reinforcement
    learning at the edge of the statistical precipice (the IQM over runs).
    """
    values = np.ascontiguousarray(np.asarray(curves, dtype=np.float64).T)  # [T, n]: the runs side by side
    steps, n = values.shape
    chosen: NDArray[np.int64] = rng.integers(0, n, (n_boot, n))
    draws = np.empty((n_boot, steps))
    for part in chunks(n_boot, n * steps):
        draws[part] = statistic(values[:, chosen[part]], axis=-1).T
    return draws


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
    if n < FEWEST_FOR_INTERVAL:
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
