"""Bernoulli bandits: exact values against published ones, brute force and trials."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

from rlhp.meta import bandits
from rlhp.meta.bandits._beliefs import beliefs

EXACT = {
    (2, 10): 6.02179, (2, 20): 12.4313, (2, 50): 31.9967, (5, 10): 6.65999, (5, 20): 14.2873,
    (10, 10): 6.71395, (10, 20): 14.6535,
}  # fmt: skip


@pytest.mark.parametrize(("k", "n"), EXACT)
def test_the_optimum_has_its_known_value(k: int, n: int) -> None:
    digits = 5 if n == 10 else 4
    assert round(bandits.bayes_optimal(k, n).value, digits) == EXACT[k, n]


def brute(k: int, n: int, choose) -> float:
    """Go through every order of arms, with the chance of each arm that `choose` gives; None: the best."""

    @functools.cache
    def value(arms: tuple[tuple[int, int], ...]) -> float:
        step = sum(map(sum, arms))
        if step == n:
            return 0.0
        worth = []
        for i, (won, lost) in enumerate(arms):
            p = (won + 1) / (won + lost + 2)
            after = [(*arms[:i], one, *arms[i + 1 :]) for one in ((won + 1, lost), (won, lost + 1))]
            worth.append(p * (1 + value(after[0])) + (1 - p) * value(after[1]))
        if choose is None:
            return max(worth)
        return float(np.dot(choose(np.array(arms), step), worth))

    return value(((0, 0),) * k)


@pytest.mark.parametrize(("k", "n"), [(1, 4), (2, 5), (3, 5), (4, 4), (6, 3)])
def test_the_optimum_is_that_of_all_orders_of_arms(k: int, n: int) -> None:
    assert bandits.bayes_optimal(k, n).value == pytest.approx(brute(k, n, None), abs=1e-12)


POLICIES = [
    bandits.Random(), bandits.Greedy(), bandits.EpsilonGreedy(0.3), bandits.UCB1(0.5), bandits.Gittins(0.8),
    bandits.FiniteHorizonGittins(),
]  # fmt: skip


@pytest.mark.parametrize("policy", POLICIES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize(("k", "n"), [(3, 5), (6, 3)])
def test_the_value_of_an_index_policy_is_that_of_all_orders_of_arms(policy, k: int, n: int) -> None:
    def chance(arms: np.ndarray, step: int) -> np.ndarray:
        index = policy.index(arms[:, 0], arms[:, 1], step, n)
        best = np.isclose(index, index.max(), rtol=0, atol=1e-12)
        return (1 - policy.exploration) * best / best.sum() + policy.exploration / k

    assert bandits.policy_value(policy, k, n) == pytest.approx(brute(k, n, chance), abs=1e-12)


@pytest.mark.parametrize("policy", [*POLICIES, bandits.bayes_optimal(4, 12)], ids=lambda one: type(one).__name__)
def test_trials_have_the_exact_mean(policy) -> None:
    n = 12
    exact = policy.value if isinstance(policy, bandits.BayesOptimal) else bandits.policy_value(policy, 4, n)
    played = bandits.play(policy, 4, n, trials=20_000, rng=3)
    assert abs(played.mean - exact) < 3 * played.error
    assert abs(played.wins.mean() - exact) < 3 * played.wins.std() / np.sqrt(len(played.wins))
    assert played.expected.sum() == pytest.approx(played.mean, abs=6 * played.wins.std() / np.sqrt(20_000))


def test_published_values_of_greedy_and_ucb1() -> None:
    assert [round(bandits.policy_value(bandits.Greedy(), k, 10), 4) for k in (5, 10, 50)] == [6.6262, 6.6931, 6.7080]
    widths = [bandits.policy_value(bandits.UCB1(c / 10), 5, 10) for c in range(11)]
    assert int(np.argmax(widths)) == 1
    assert round(widths[1], 4) == 6.6566


def test_gittins_indices_have_their_published_values() -> None:
    assert bandits.gittins_index(0, 0, discount=0.9) == pytest.approx(0.7029, abs=5e-5)
    assert bandits.gittins_index(0, 0, discount=0.99) == pytest.approx(0.8699, abs=5e-5)


@pytest.mark.parametrize(("k", "n"), [(2, 10), (2, 50), (5, 10), (5, 20), (50, 10)])
def test_the_index_for_the_pulls_that_are_left_is_almost_optimal(k: int, n: int) -> None:
    best = bandits.bayes_optimal(k, n).value
    assert 0.9995 * best <= bandits.policy_value(bandits.FiniteHorizonGittins(), k, n) <= best


def test_with_one_pull_left_the_index_is_the_mean() -> None:
    won, lost = np.array([0, 3, 1]), np.array([0, 1, 4])
    index = bandits.FiniteHorizonGittins().index(won, lost, 9, 10)
    assert index == pytest.approx((won + 1) / (won + lost + 2), abs=1e-9)


def test_with_two_pulls_left_an_untouched_arm_is_worth_five_ninths() -> None:
    """q with 1/2 - q + 1/2 (2/3 - q) = 0: after a loss nobody pulls again."""
    none = np.zeros(1, int)
    assert bandits.FiniteHorizonGittins().index(none, none, 8, 10) == pytest.approx(5 / 9, abs=1e-5)


def test_the_control_variate_takes_out_the_luck_of_the_arms() -> None:
    """Of a single arm nothing is left to chance."""
    played = bandits.play(bandits.Greedy(), 1, 5, trials=50, rng=0)
    assert (played.mean, played.error) == pytest.approx((2.5, 0.0), abs=1e-9)


@pytest.mark.parametrize(("k", "n"), [(1, 6), (2, 7), (3, 6), (6, 5)])
def test_beliefs_are_all_multisets_of_records_each_once(k: int, n: int) -> None:
    wanted = 0
    for step in range(n):
        records = [(won, total - won) for total in range(step + 1) for won in range(total + 1)]
        those = [some for some in itertools.combinations_with_replacement(records, k) if sum(map(sum, some)) == step]
        layer = beliefs(k, n).layers[step]
        assert len(layer.arms) == len(those) == len(np.unique(layer.arms, axis=0))
        wanted += len(those)
    assert bandits.n_beliefs(k, n) == wanted


def test_what_cannot_be_exact_is_refused_with_what_can_be_done() -> None:
    with pytest.raises(ValueError, match=r"beliefs, more than 10,000,000; `play` estimates"):
        bandits.bayes_optimal(10, 100)
    with pytest.raises(TypeError, match="what draws at random is for `play`"):
        bandits.policy_value(bandits.Thompson(), 2, 3)  # type: ignore[arg-type]
    optimum = bandits.bayes_optimal(2, 5)
    with pytest.raises(ValueError, match=r"`bayes_optimal\(3, 5\)` is for them"):
        optimum.act(np.zeros((1, 3), int), np.zeros((1, 3), int), 0, 5, np.random.default_rng(0))
    with pytest.raises(ValueError, match="arms were pulled 0 times"):
        optimum.act(np.zeros((1, 2), int), np.zeros((1, 2), int), 3, 5, np.random.default_rng(0))

    class Beyond:
        def act(self, successes, failures, step, n, rng):
            return np.full(len(successes), 2)

    with pytest.raises(ValueError, match="give an arm, 0 to 1"):
        bandits.play(Beyond(), 2, 3, trials=4, rng=0)


def test_the_same_seed_plays_the_same_trials() -> None:
    one, two, other = (bandits.play(bandits.Thompson(), 3, 8, trials=50, rng=rng) for rng in (1, 1, 2))
    assert (one.wins == two.wins).all()
    assert (one.wins != other.wins).any()


def test_thompson_by_one_sample_is_thompson() -> None:
    one, two = (
        bandits.play(policy, 3, 8, trials=50, rng=1) for policy in (bandits.Thompson(), bandits.OptimisticThompson(1))
    )
    assert (one.wins == two.wins).all()
