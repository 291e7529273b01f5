"""Random tabular MDPs: planning against brute force, and planners against published means."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from rlhp.meta import tabular
from rlhp.meta.tabular._planners import _favourable, solved
from rlhp.meta.tabular._problems import HORIZON


@pytest.fixture(scope="module")
def problems() -> tabular.Problems:
    return tabular.draw(1_000, rng=5)


def test_the_problems_are_those_that_were_published(problems: tabular.Problems) -> None:
    assert problems.transitions.sum(axis=-1) == pytest.approx(1.0)
    assert problems.transitions.var() == pytest.approx(9 / (100 * 11), rel=0.02)  # of a flat Dirichlet over ten
    assert (problems.rewards.mean(), problems.rewards.std()) == pytest.approx((1.0, 1.0), abs=0.02)


@pytest.mark.parametrize(
    ("planner", "published"),
    [(tabular.Random(), 100.1), (tabular.PSRL(prior_mean=0.0), 138.1), (tabular.BEB(1.0, prior_mean=0.0), 150.2)],
    ids=lambda one: type(one).__name__,
)
def test_planners_have_their_published_means(problems: tabular.Problems, planner, published: float) -> None:
    played = tabular.play(planner, 10, trials=problems, rng=1)
    # Published of 1,000 trials, so with an error like ours.
    assert abs(played.mean - published) < 3 * np.sqrt(2) * played.error


def test_knowing_the_problem_is_worth_what_the_plan_says(problems: tabular.Problems) -> None:
    played = tabular.play(tabular.Oracle(), 2, trials=problems, rng=1)
    _, values = solved(problems.transitions, problems.rewards)
    assert abs(played.mean - 2 * values[:, 0].mean()) < 3 * played.error
    assert abs(values[:, 0].mean() - 21.83) < 3 * values[:, 0].std() / np.sqrt(len(problems))


def test_a_bonus_is_a_higher_prior_mean(problems: tabular.Problems) -> None:
    few = tabular.Problems(problems.transitions[:50], problems.rewards[:50])
    greedy, bonus = (
        tabular.play(one, 4, trials=few, rng=2).rewards for one in (tabular.Greedy(), tabular.BEB(1.0, prior_mean=0.0))
    )
    assert greedy == pytest.approx(bonus)


def test_bounds_of_no_width_are_greedy_and_one_sample_is_psrl(problems: tabular.Problems) -> None:
    few = tabular.Problems(problems.transitions[:50], problems.rewards[:50])
    for one, other in (
        (tabular.UCRL2(width=0.0), tabular.Greedy()),
        (tabular.OptimisticPSRL(1), tabular.PSRL()),
        (tabular.EpsilonGreedy(0.0), tabular.Greedy()),
    ):
        first, second = (tabular.play(planner, 4, trials=few, rng=2).rewards for planner in (one, other))
        assert (first == second).all()


def test_who_has_seen_everything_plans_like_who_knows(problems: tabular.Problems) -> None:
    few, rng = tabular.Problems(problems.transitions[:50], problems.rewards[:50]), np.random.default_rng(0)
    visits = np.round(1e9 * few.transitions).astype(np.int64)
    belief = tabular.Belief(visits, few.rewards * visits.sum(axis=-1))
    known = tabular.Oracle().plan(belief, few, rng)
    for planner in (tabular.Greedy(), tabular.PSRL(), tabular.OptimisticPSRL(3), tabular.BEB(), tabular.UCRL2()):
        assert (planner.plan(belief, few, rng) == known).all(axis=-1).mean() > 0.99  # but for what is almost equal


def test_a_plan_is_the_best_of_all_plans() -> None:
    rng = np.random.default_rng(1)
    transitions, rewards = rng.dirichlet(np.ones(2), (1, 2, 2)), rng.normal(size=(1, 2, 2))
    _, values = solved(transitions, rewards)

    # Two states, two actions: the best of the 16 pairs of stationary rules for the last two steps, by hand.
    def worth(rules) -> np.ndarray:
        value = np.zeros(2)
        for rule in reversed(rules):
            value = np.array([rewards[0, s, a] + transitions[0, s, a] @ value for s, a in enumerate(rule)])
        return value

    few = [list(one) for one in itertools.product(itertools.product((0, 1), repeat=2), repeat=2)]
    best_two = np.max([worth(rules) for rules in few], axis=0)
    value = np.zeros(2)
    for _ in range(2):
        value = (rewards[0] + transitions[0] @ value).max(axis=-1)
    assert best_two == pytest.approx(value)
    for _ in range(HORIZON - 2):
        value = (rewards[0] + transitions[0] @ value).max(axis=-1)
    assert values[0] == pytest.approx(value)


def test_the_most_favourable_transitions_move_from_the_worst_to_the_best() -> None:
    means, values = np.array([[[[0.5, 0.3, 0.2]]]]), np.array([[1.0, 3.0, 2.0]])
    for radius, wanted in ((0.0, 1.8), (0.2, 2.0), (1.2, 0.9 * 3 + 0.1 * 2), (9.0, 3.0)):
        assert _favourable(means, values, np.array([[[radius]]]))[0, 0, 0] == pytest.approx(wanted)


def test_noise_is_learned_from_and_not_counted(problems: tabular.Problems) -> None:
    """A belief after many visits is the truth; the prior counts as one visit."""
    belief = tabular.Belief.nothing(1)
    state = np.zeros(1, int)
    for reward in (4.0, 2.0):
        belief.saw(state, state, np.array([reward]), state)
    assert belief.mean_rewards()[0, 0, 0] == pytest.approx((1 + 4 + 2) / 3)
    assert belief.mean_rewards(0.0)[0, 0, 0] == pytest.approx(6 / 3)
    assert belief.mean_transitions()[0, 0, 0].tolist() == pytest.approx([3 / 12, *[1 / 12] * 9])
    drawn = [belief.sampled(np.random.default_rng(seed)) for seed in range(2_000)]
    first = np.array([one.rewards[0, 0, 0] for one in drawn])
    assert (first.mean(), first.std()) == pytest.approx((7 / 3, 1 / np.sqrt(3)), abs=0.05)
    moved = np.array([one.transitions[0, 0, 0, 0] for one in drawn])
    assert moved.mean() == pytest.approx(0.25, abs=0.01)


def test_a_plan_that_is_none_is_refused() -> None:
    class Wrong:
        def plan(self, belief, truth, rng):
            return np.zeros((len(truth), 3))

    with pytest.raises(ValueError, match="give probabilities"):
        tabular.play(Wrong(), 1, trials=3, rng=0)
