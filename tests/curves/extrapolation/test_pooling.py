from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from rlhp.curves.extrapolation._pooling import pool_weights, pooled
from rlhp.curves.extrapolation._similar import Neighbours

QUANTILES = (np.arange(100) + 0.5) / 100


def normal_draws(centre, spread):
    return centre[:, None] + spread * stats.norm.ppf(QUANTILES)


def test_the_forecaster_that_knows_gets_the_weight() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=400)
    knows, guesses = normal_draws(truth + 0.1 * rng.normal(size=400), 0.1), normal_draws(0 * truth, 1.0)
    weights = pool_weights(np.stack([knows, guesses]), truth, np.array([0.5, 0.5]), shrink=0.0)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] > 0.97


def test_weights_have_the_least_crps_that_a_general_optimiser_finds() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=60)
    forecasts = np.stack(
        [
            normal_draws(truth + 0.8 * rng.normal(size=60), 0.5),
            normal_draws(0 * truth + 0.3, 1.3),
            normal_draws(0.5 * truth, 0.2),
        ]
    )
    few = forecasts[:, :, np.linspace(0, 99, 40).round().astype(int)]

    def crps(weights):
        error = np.abs(forecasts - truth[None, :, None]).mean(axis=(1, 2))
        apart = np.abs(few[:, None, :, :, None] - few[None, :, :, None, :]).mean(axis=(2, 3, 4))
        return weights @ error - 0.5 * weights @ apart @ weights

    best = optimize.minimize(
        crps, np.full(3, 1 / 3), bounds=[(0, 1)] * 3, constraints={"type": "eq", "fun": lambda w: w.sum() - 1}
    )
    found = pool_weights(forecasts, truth, np.full(3, 1 / 3), shrink=0.0)
    assert crps(found) == pytest.approx(best.fun, abs=1e-4)


def test_shrinking_keeps_the_weights_there_were() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=50)
    forecasts = np.stack([normal_draws(truth, 0.1), normal_draws(0 * truth, 1.0)])
    prior = np.array([0.3, 0.7])
    np.testing.assert_allclose(pool_weights(forecasts, truth, prior, shrink=1e3), prior, atol=0.01)


def test_the_pool_of_two_is_read_off_their_mixture() -> None:
    zeros, ones = np.zeros((1, 100, 1)), np.ones((1, 100, 1))
    both = pooled(np.stack([zeros, ones]), np.array([0.3, 0.7]), QUANTILES)
    assert both[0, :, 0].tolist() == [0.0] * 30 + [1.0] * 70


def test_a_pool_of_one_is_that_one() -> None:
    draws = np.sort(np.random.default_rng(0).normal(size=(1, 4, 100, 2)), axis=2)
    np.testing.assert_array_equal(pooled(draws, np.ones(1), QUANTILES), draws[0])


OLD = np.array([[0.0, 0.0], [0.0, 0.05], [0.9, 1.0], [1.0, 1.0]])
ENDS = np.array([[0.1], [0.2], [0.8], [0.9]])


def test_runs_that_began_alike_say_where_this_one_ends() -> None:
    found = Neighbours("near", "curve", 0.1).draws(np.array([[0.0, 0.02], [0.95, 1.0]]), OLD, ENDS, QUANTILES)
    assert set(found[0].ravel()) == {0.1, 0.2}
    assert set(found[1].ravel()) == {0.8, 0.9}


def test_far_from_all_runs_they_all_count() -> None:
    found = Neighbours("near", "curve", 0.1).draws(np.array([[0.5, -9.0]]), OLD, ENDS, QUANTILES)
    assert set(found.ravel()) == {0.1, 0.2, 0.8, 0.9}


def test_the_base_rate_looks_at_nothing() -> None:
    found = Neighbours("all", "nothing").draws(np.array([[0.0, 0.0]]), OLD, ENDS, QUANTILES)
    assert np.unique(found, return_counts=True)[1].tolist() == [25, 25, 25, 25]


def test_the_regression_finds_the_direction_that_matters() -> None:
    """Only the second input says where runs end; the first is loud. The regression looks along the second."""
    rng = np.random.default_rng(0)
    old = np.column_stack([5 * rng.normal(size=300), rng.uniform(size=300)])
    ends = old[:, 1:] + 0.01 * rng.normal(size=(300, 1))
    new = np.array([[-4.0, 0.2], [4.0, 0.8]])
    found = Neighbours("along", "regression", 0.05).draws(new, old, ends, QUANTILES)
    np.testing.assert_allclose(np.median(found[..., 0], axis=1), [0.2, 0.8], atol=0.05)
    plain = Neighbours("near", "curve", 0.05).draws(new, old, ends, QUANTILES)
    assert np.ptp(plain[0]) > 2 * np.ptp(found[0])
