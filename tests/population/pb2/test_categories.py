"""Exponential weights over categories: by hand for one round, and what they end up with."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp.population.pb2._categories import Round, chances


def played(categories: list[int], gains: list[float], drawn: list[bool] | None = None) -> Round:
    return Round(np.array(categories), np.array(gains), np.array([True] * len(categories) if drawn is None else drawn))


def test_one_round_by_hand() -> None:
    n, horizon = 2, 10
    even = np.sqrt(n * np.log(n) / ((np.e - 1) * 2 * horizon))
    # Both of three members beat half and none of the others; category 1 beats all. All were drawn, evenly.
    seen = 1 - 0.5**3
    rewards = np.array([(0.0 + 0.5) / 2, 1.0]) / seen
    step = np.sqrt(2 * np.log(n) * seen / horizon)
    weights = 0.5 * np.exp(step * rewards) + np.e / (n * horizon)
    expected = (1 - even) * weights / weights.sum() + even / n
    np.testing.assert_allclose(chances([played([0, 0, 1], [1.0, 2.0, 3.0])], n, horizon), expected, rtol=1e-12)


def test_what_is_held_over_is_seen_for_certain() -> None:
    drawn = chances([played([0, 0, 1], [1.0, 2.0, 3.0])], 2, 10)
    held = chances([played([0, 0, 1], [1.0, 2.0, 3.0], [True, True, False])], 2, 10)
    assert 0.5 < held[1] < drawn[1]


def test_a_failure_is_the_worst_and_equal_gains_say_nothing() -> None:
    assert chances([played([0, 1], [np.nan, -5.0])] * 5, 2, 20)[0] < 0.5
    np.testing.assert_allclose(chances([played([0, 1], [3.0, 3.0])] * 5, 2, 20), 0.5)


def test_nothing_known_is_even_and_one_category_is_certain() -> None:
    np.testing.assert_allclose(chances([], 3, 10), 1 / 3)
    assert chances([played([0, 0], [1.0, 2.0])], 1, 10).tolist() == [1.0]


@pytest.mark.parametrize("members", [1, 4, 100])
def test_probabilities_whatever_the_size(members: int) -> None:
    rng = np.random.default_rng(0)
    rounds = [played(rng.integers(3, size=members).tolist(), rng.random(members).tolist()) for _ in range(50)]
    p = chances(rounds, 3, 10)
    assert p.sum() == pytest.approx(1.0)
    assert (p > 0).all()


def test_the_best_is_followed_when_it_changes() -> None:
    """A bandit of three arms, of which another is the best in each half."""
    rng = np.random.default_rng(0)
    rounds: list[Round] = []
    share = []
    for generation in range(80):
        p = chances(rounds, 3, 80)
        share.append(p)
        arms = rng.choice(3, size=4, p=p)
        best = 0 if generation < 40 else 2
        rounds.append(played(arms.tolist(), (np.where(arms == best, 1.0, 0.0) + 0.3 * rng.random(4)).tolist()))
    assert share[39][0] > 0.5
    assert share[79][2] > 0.5
