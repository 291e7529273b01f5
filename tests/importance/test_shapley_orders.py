"""Sampled Shapley values: they agree with the exact ones, and their interval says how well."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import importance, spaces
from rlhp.importance._shapley import shapley_values
from rlhp.importance._shapley_orders import most_of_parts, resampled_means, shares_by_walk, walks
from rlhp.importance._study import around


def number(free: np.ndarray) -> np.ndarray:
    """Number coalitions as `shapley_values` does: bit i says whether player i takes part."""
    return free @ (1 << np.arange(free.shape[1]))


def game(k: int, seed: int = 0) -> np.ndarray:
    """Players with a worth of their own, and pairs that are worth more together than apart."""
    rng = np.random.default_rng(seed)
    alone, together = rng.random(k), np.triu(rng.exponential(0.3, (k, k)), 1)
    free = (np.arange(2**k)[:, None] >> np.arange(k) & 1).astype(float)
    return free @ alone + np.einsum("ci,ij,cj->c", free, together, free)


def test_walks_go_from_nobody_to_everybody_and_back_in_reverse() -> None:
    walked = walks(5, 8, np.random.default_rng(0))
    assert walked.orders.shape == (16, 5)
    np.testing.assert_array_equal(walked.orders[8:], walked.orders[:8, ::-1])
    np.testing.assert_array_equal(np.sort(walked.orders, axis=1), np.tile(np.arange(5), (16, 1)))
    assert not walked.free[0].any()
    assert walked.free[-1].all()
    sizes = walked.free[walked.passed].sum(axis=2)
    np.testing.assert_array_equal(sizes, np.tile(np.arange(6), (16, 1)))
    joined = walked.free[walked.passed[:, 1:]] & ~walked.free[walked.passed[:, :-1]]
    np.testing.assert_array_equal(joined.argmax(axis=2), walked.orders)
    assert len(np.unique(walked.free, axis=0)) == len(walked.free) <= 2**5


def test_many_orders_approach_the_exact_values_and_always_add_up() -> None:
    worth = game(6)
    exact = shapley_values(worth) / worth[-1]
    shares, whole = shares_by_walk(worth[number((w := walks(6, 4000, np.random.default_rng(1))).free)], w)
    assert whole == pytest.approx(worth[-1])
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    np.testing.assert_allclose(shares.mean(axis=0), exact, atol=0.004)


def test_pairs_alone_need_no_more_than_one_order_with_its_reverse() -> None:
    """Where only pairs interact, one of them comes first in an order and last in its reverse: no error is left."""
    worth = game(7)
    walked = walks(7, 4, np.random.default_rng(0))
    shares, whole = shares_by_walk(worth[number(walked.free)], walked)
    np.testing.assert_allclose(shares, np.tile(shapley_values(worth) / whole, (4, 1)), atol=1e-12)


def test_the_interval_holds_the_exact_value_about_as_often_as_it_says() -> None:
    worth = game(8, seed=3) ** 2  # interactions of all orders
    exact = shapley_values(worth) / worth[-1]
    held = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        walked = walks(8, 32, rng)
        shares, _ = shares_by_walk(worth[number(walked.free)], walked)
        low, high = around(shares.mean(axis=0), np.array(resampled_means(shares, 400, rng)), 0.95)
        held.append((low <= exact) & (exact <= high))
    assert 0.90 < np.mean(held) < 0.98


def test_a_coalition_is_worth_what_its_best_part_is() -> None:
    free = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=bool)
    assert most_of_parts(np.array([0.0, 3.0, 1.0, 2.0]), free).tolist() == [0.0, 3.0, 1.0, 3.0]


def test_nothing_to_share_out_gives_nobody_anything() -> None:
    walked = walks(3, 4, np.random.default_rng(0))
    shares, whole = shares_by_walk(np.ones(len(walked.free)), walked)
    assert whole == 0.0
    assert not shares.any()


@pytest.mark.parametrize("kind", ["tunability", "sensitivity", "mistunability"])
def test_sampling_agrees_with_looking_at_every_coalition(cube, sampled, kind) -> None:
    space = cube(5)
    runs = sampled(space, lambda u: u[:, 0] - 2 * np.abs(u[:, 1] - 0.7) + 2 * u[:, 2] * u[:, 3], n=64)
    exact = importance.shapley(runs, space, rng=0, game=kind, fit=importance.Fit(n_trees=16, n_boot=0))
    some = importance.shapley(runs, space, rng=0, game=kind, fit=importance.Fit(n_trees=16, n_boot=0), n_orders=48)
    assert some.estimate.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(some.estimate, exact.estimate, atol=0.05)
    table = some.table
    assert ((table["low"] <= table["share"]) & (table["share"] <= table["high"])).all()
    assert (table["high"] - table["low"]).max() > 0
    assert "of the sampling alone" in some.interval
    assert "over 96 orders" in some.about


def test_more_than_twelve_can_be_sampled_and_the_same_seed_gives_the_same(sampled) -> None:
    space = spaces.subspace(spaces.default("dqn"), [name for name in spaces.default("dqn") if name != "net_arch"])
    place = list(space).index("learning_rate")
    runs = sampled(space, lambda u: -np.abs(u[:, place] - 0.9), n=128, seeds=2, noise=0.01)
    fit = importance.Fit(n_trees=8, n_boot=40, boot_trees=2)
    options = {"n_orders": 8, "game": "sensitivity", "fit": fit}
    imp = importance.shapley(runs, space, rng=0, **options)
    assert imp.ranking[0] == "learning_rate"
    assert imp.shares()["learning_rate"] > 0.8
    assert imp.draws.shape == (40, 14)
    assert imp.interval.endswith("and of the orders")
    again = importance.shapley(runs, space, rng=0, **options)
    np.testing.assert_array_equal(again.estimate, imp.estimate)
    np.testing.assert_array_equal(again.draws, imp.draws)


@pytest.mark.parametrize("wrong", [0, 3, 2.5, True])
def test_too_few_orders_are_refused(cube, sampled, wrong) -> None:
    runs = sampled(cube(2), lambda u: u[:, 0])
    with pytest.raises(
        ValueError,
        match=r"`n_orders` is .*; give a whole number of at least 4.*None: all",
    ):
        importance.shapley(runs, cube(2), rng=0, n_orders=wrong)


@pytest.mark.parametrize("options", [{}, {"n_orders": 8}])
def test_nobody_to_share_with_is_refused(cube, sampled, options) -> None:
    runs = sampled(cube(2), lambda u: u[:, 0])
    with pytest.raises(ValueError, match="`players` names no hyperparameter; give at least one, or leave it out"):
        importance.shapley(runs, cube(2), rng=0, players=[], **options)
