"""How much each forecaster counts: weights that minimise the CRPS of their pool on runs held out."""

from __future__ import annotations

import numpy as np

from rlhp.curves._statistic import Array

# Draws compared with each other when distributions are; 40 of each, evenly spaced, are enough.
_FEW = 40


def pool_weights(draws: Array, actual: Array, prior: Array, *, shrink: float, iterations: int = 400) -> Array:
    """Weigh forecasters so that the pool of their distributions has the least CRPS.

    Parameters
    ----------
    draws : array [K, R, M]
        Equally likely values, sorted, of K forecasters for R runs that they had not seen.
    actual : array [R]
        What came.
    prior : array [K]
        Weights to shrink to; sums to 1.
    shrink : float
        Price, in units of the CRPS, of the Kullback-Leibler divergence from `prior`.
    iterations : int
        Of exponentiated gradient descent.

    Returns
    -------
    array [K], sums to 1

    References
    ----------
    T. Gneiting and A. Raftery (2007), Strictly proper scoring rules, prediction, and estimation, JASA 102, 359-378.
    J. Kivinen and M. Warmuth (1997), Exponentiated gradient versus gradient descent for linear predictors.
    """
    error = np.abs(draws - actual[None, :, None]).mean(axis=(1, 2))
    few = draws[:, :, np.linspace(0, draws.shape[2] - 1, min(_FEW, draws.shape[2])).round().astype(int)]
    k = len(draws)
    between = np.empty((k, k))
    for i in range(k):
        for j in range(i, k):
            between[i, j] = between[j, i] = np.abs(few[i][:, :, None] - few[j][:, None, :]).mean()
    weights = prior.astype(np.float64)
    scale = float(error.mean()) or 1.0
    for turn in range(iterations):
        rate = 2.0 / scale / (1 + turn / 60)
        # The divergence is dealt with exactly (a proximal step), so that no price is too high.
        log = np.log(np.maximum(weights, 1e-300)) - rate * (error - between @ weights) + rate * shrink * np.log(prior)
        log /= 1 + rate * shrink
        weights = np.exp(log - log.max())
        weights /= weights.sum()
    return np.asarray(weights)


def pooled(draws: Array, weights: Array, quantiles: Array) -> Array:
    """Read the pool of weighted forecasters at `quantiles`.

    Parameters
    ----------
    draws : array [K, R, M, T]
    weights : array [K]
    quantiles : array [Q]

    Returns
    -------
    array [R, Q, T], sorted along Q
    """
    k, n, m, steps = draws.shape
    if k == 1:
        return np.asarray(np.quantile(draws[0], quantiles, axis=1, method="inverted_cdf").transpose(1, 0, 2))
    values = draws.transpose(1, 3, 0, 2).reshape(n, steps, k * m)
    each = np.repeat(weights / m, m)
    order = np.argsort(values, axis=-1, kind="stable")
    values = np.take_along_axis(values, order, axis=-1)
    cumulated = np.cumsum(each[order], axis=-1)
    result = np.empty((n, len(quantiles), steps))
    for row in range(n):
        for step in range(steps):
            place = np.searchsorted(cumulated[row, step], quantiles * (1 - 1e-9))
            result[row, :, step] = values[row, step, np.minimum(place, k * m - 1)]
    return result
