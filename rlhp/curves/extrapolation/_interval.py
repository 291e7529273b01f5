"""Intervals from equally likely values: the shortest that holds enough, and how much is enough by what came before."""

from __future__ import annotations

import numpy as np

from rlhp.curves._statistic import Array

# Intervals are nested from here on; below it, where a distribution has its densest spot says little.
LOWEST_LEVEL = 0.4


def levels(n_draws: int) -> Array:
    """Levels at which `nested` gives intervals: array [P], ascending, the last the range of all draws."""
    first = max(1, round(LOWEST_LEVEL * n_draws))
    return np.arange(first, n_draws + 1) / n_draws


def nested(draws: Array) -> tuple[Array, Array]:
    """Shortest intervals that hold a share of the draws, each widened to hold those of lower levels.

    Shortest, not central: where returns have a floor or a ceiling that many runs end at, a central interval wastes a
    tail on what cannot happen.

    Parameters
    ----------
    draws : array [R, M]
        Sorted along M.

    Returns
    -------
    low, high : arrays [R, P]
        One column per level of ``levels(M)``.
    """
    n, m = draws.shape
    counts = np.round(levels(m) * m).astype(int)
    low, high = np.empty((n, len(counts))), np.empty((n, len(counts)))
    rows = np.arange(n)
    reach = (draws[:, -1] - draws[:, 0])[:, None]
    for column, count in enumerate(counts):
        width = draws[:, count - 1 :] - draws[:, : m - count + 1]
        # Of equally short ones the most central.
        middle = np.abs(np.arange(width.shape[1]) + (count - 1) / 2 - (m - 1) / 2) / m
        first = np.argmin(width + 1e-6 * reach * middle, axis=1)
        low[:, column], high[:, column] = draws[rows, first], draws[rows, first + count - 1]
    return np.minimum.accumulate(low, axis=1), np.maximum.accumulate(high, axis=1)


def calibrated_level(draws: Array, actual: Array, confidence: float) -> float:
    """Level whose intervals hold `confidence` of what came, on runs held out (split-conformal).

    Parameters
    ----------
    draws : array [R, M]
        Forecasts of runs that they had not seen, sorted along M.
    actual : array [R]
        What came.
    confidence : float
        In (0, 1).

    Returns
    -------
    float
        One of ``levels(M)``; 1 where too few runs are there to tell.

    References
    ----------
    V. Vovk, A. Gammerman, G. Shafer (2005), Algorithmic learning in a random world. V. Chernozhukov, K. Wuthrich,
    Y. Zhu (2021), Distributional conformal prediction, PNAS 118.
    """
    low, high = nested(draws)
    grid = levels(draws.shape[1])
    slack = 1e-9 * (1 + np.abs(actual))[:, None]
    inside = (low - slack <= actual[:, None]) & (actual[:, None] <= high + slack)
    needed = np.sort(np.where(inside.any(axis=1), grid[np.argmax(inside, axis=1)], 1.0))
    place = int(np.ceil((len(actual) + 1) * confidence)) - 1
    return float(needed[place]) if place < len(needed) else 1.0


def at_level(draws: Array, level: float) -> tuple[Array, Array]:
    """Return the interval of one level for every row of `draws` [R, M]: low, high [R]."""
    low, high = nested(draws)
    column = int(np.searchsorted(levels(draws.shape[1]), level - 1e-9))
    column = min(column, low.shape[1] - 1)
    return low[:, column], high[:, column]
