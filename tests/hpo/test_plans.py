"""Plans: published numbers, budgets that hold, survivors that are the best of their rung."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from ConfigSpace import ConfigurationSpace
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhp import hpo

SPACE = ConfigurationSpace(space={"x": (0.0, 1.0)})


class Imagined:
    """Runs whose curves are drawn from a generator; some fail. Notes how far each run was trained."""

    def __init__(self, terms: hpo.Terms, seed: int, *, levels: int = 5, failing: float = 0.0) -> None:
        self.judging = hpo.Judging(steps=terms.steps, seeds=terms.seeds, choice_seeds=0, test_seeds=0)
        self.capacity = terms.capacity
        self.pauses = tuple(terms.pauses or (terms.steps,))
        self.seed, self.levels, self.failing = seed, levels, failing
        self.trained: dict[tuple[float, int], int] = {}
        self.rungs: list[dict[tuple[float, int], int]] = []

    def train(self, goals):
        found = []
        self.rungs.append({})
        for goal in goals:
            name = (goal.configuration["x"], goal.seed)
            assert goal.step in self.pauses
            assert goal.step >= self.trained.get(name, 0), "a run never goes back"
            self.trained[name] = self.rungs[-1][name] = goal.step
            rng = np.random.default_rng([self.seed, int(name[0] * 1e9), goal.seed])
            steps = np.array([one for one in self.pauses if one <= goal.step])
            # Few levels, so that there are ties.
            values = rng.integers(0, self.levels, len(self.pauses))[: len(steps)].astype(float)
            found.append(hpo.Reached(steps, values, "failed" if rng.random() < self.failing else "stopped"))
        return found

    @property
    def spent(self) -> int:
        return sum(self.trained.values())


def searched(plan, terms, seed=0, **options):
    from rlhp.hpo.tuning._loop import search_trials

    evaluator = Imagined(terms, seed, **options)
    return search_trials(hpo.Search(SPACE, "random", seed=seed), plan, terms, evaluator), evaluator


def test_hyperbands_published_numbers() -> None:
    table = hpo.Hyperband(eta=3, ratio=81).table(hpo.Terms(steps=81))
    first = table[table["rung"] == 0]
    assert first[["n", "steps"]].to_numpy().tolist() == [[81, 1], [34, 3], [15, 9], [8, 27], [5, 81]]
    of_first = table[table["bracket"] == 0]
    assert of_first["n"].tolist() == [81, 27, 9, 3, 1]
    assert of_first["steps"].tolist() == [1, 3, 9, 27, 81]
    assert of_first["env_steps"].tolist() == [81, 27 * 2, 9 * 6, 3 * 18, 54]
    assert table[table["bracket"] == 1]["n"].tolist() == [34, 11, 3, 1]


@pytest.mark.parametrize(("ratio", "brackets"), [(1, 1), (8, 2), (9, 3), (26, 3), (27, 4), (80, 4), (243, 6)])
def test_the_number_of_brackets_is_reckoned_in_whole_numbers(ratio, brackets) -> None:
    table = hpo.Hyperband(eta=3, ratio=ratio).table(hpo.Terms(steps=3**6))
    assert table["bracket"].nunique() == brackets


def test_hyperband_runs_as_its_table_says_and_begins_anew() -> None:
    plan, terms = hpo.Hyperband(eta=3, ratio=9, batch=4), hpo.Terms(steps=9, budget=300, pauses=range(1, 10))
    trials, evaluator = searched(plan, terms)
    planned = plan.table(terms)
    assert planned["bracket"].max() > 2
    assert planned["env_steps"].sum() == evaluator.spent <= 300
    for bracket, rows in planned.groupby("bracket"):
        members = [one for one in trials if one.bracket == bracket]
        counts = [sum(len(one.rungs) > rung for one in members) for rung in range(len(rows))]
        assert counts == rows["n"].tolist()


@pytest.mark.parametrize(
    "plan",
    [hpo.SuccessiveHalving(ratio=9, batch=4), hpo.SuccessiveHalving(n=81, batch=4), hpo.Hyperband(ratio=9, batch=4)],
)
def test_where_there_are_few_configurations_a_bracket_begins_with_those(plan) -> None:
    terms = hpo.Terms(steps=9, budget=300, pauses=range(1, 10), capacity=12)
    trials, evaluator = searched(plan, terms)
    planned = plan.table(terms)
    assert len(trials) == 12 == planned[planned["rung"] == 0]["n"].sum()
    assert planned["env_steps"].sum() == evaluator.spent
    assert max(one.last.steps for one in trials) == 9, "somebody climbs to the top"
    assert hpo.Full().table(terms)["n"].tolist() == [12]


BATCH = st.integers(1, 5)
PLANS = st.one_of(
    st.builds(hpo.Full, n=st.none() | st.integers(1, 9), batch=BATCH),
    st.builds(
        hpo.SuccessiveHalving,
        n=st.none() | st.integers(1, 30),
        eta=st.integers(2, 4),
        ratio=st.integers(1, 30),
        over=st.sampled_from(["steps", "seeds", "both"]),
        batch=BATCH,
    ),
    *(
        st.builds(
            kind,
            eta=st.integers(2, 4),
            ratio=st.integers(1, 30),
            over=st.sampled_from(["steps", "seeds", "both"]),
            batch=BATCH,
        )
        for kind in (hpo.Hyperband, hpo.Asha)
    ),
    st.builds(
        hpo.Race,
        first=st.floats(0.05, 1.0),
        first_seeds=st.integers(1, 4),
        eta=st.integers(1, 4),
        patience=st.sampled_from([0.0, 1.0]),
        batch=BATCH,
    ),
)
TERMS = st.builds(
    lambda steps, every, **options: hpo.Terms(steps=steps, pauses=[*range(every, steps, every), steps], **options),
    steps=st.integers(4, 40),
    every=st.integers(1, 12),
    seeds=st.integers(1, 4),
    budget=st.integers(1, 250),
    capacity=st.none() | st.integers(1, 20),
)


@settings(max_examples=60, deadline=None)
@given(plan=PLANS, terms=TERMS, seed=st.integers(0, 5), failing=st.sampled_from([0.0, 0.2, 1.0]))
def test_every_plan_keeps_its_budget_and_continues_what_it_began(plan, terms, seed, failing) -> None:
    trials, evaluator = searched(plan, terms, seed, failing=failing)
    assert evaluator.spent <= terms.budget
    assert evaluator.spent == sum(one.spent for one in trials), "steps reported are steps trained"
    assert [one.number for one in trials] == list(range(len(trials)))
    assert len(trials) <= (terms.capacity or math.inf)
    for trial in trials:
        for before, later in zip(trial.rungs, trial.rungs[1:], strict=False):
            assert later.steps * later.seeds > before.steps * before.seeds
            for (steps, values), (further, more) in zip(before.curves, later.curves, strict=False):
                assert further[: len(steps)].tolist() == steps.tolist(), "a rung is a prefix of the next"
                assert more[: len(values)].tolist() == values.tolist()
        if any(math.isnan(one.score) for one in trial.rungs[:-1]):
            raise AssertionError("a configuration that failed went on")
    again, _ = searched(plan, terms, seed, failing=failing)
    assert [repr(one.rungs[-1].scores) for one in again] == [repr(one.rungs[-1].scores) for one in trials]


@settings(max_examples=60, deadline=None)
@given(
    plan=st.builds(
        hpo.SuccessiveHalving, n=st.integers(2, 30), eta=st.integers(2, 4), ratio=st.integers(2, 30), batch=st.just(7)
    ),
    seed=st.integers(0, 9),
)
def test_survivors_are_the_best_of_their_rung_and_of_equals_the_earlier(plan, seed) -> None:
    terms = hpo.Terms(steps=30, pauses=range(1, 31))
    trials, _ = searched(plan, terms, seed, levels=3)
    n, rung = len(trials), 0
    members = trials
    while any(len(one.rungs) > rung + 1 for one in members):
        went_on = {one.number for one in members if len(one.rungs) > rung + 1}
        order = sorted(members, key=lambda one: (-one.rungs[rung].score, one.number))
        n, rung = max(1, len(trials) // plan.eta ** (rung + 1)), rung + 1
        assert went_on == {one.number for one in order[:n]}
        members = [one for one in members if one.number in went_on]
    assert len(trials) == plan.n


def test_asha_promotes_as_soon_as_one_in_eta_is_there() -> None:
    terms = hpo.Terms(steps=9, budget=200, pauses=range(1, 10))
    _, evaluator = searched(hpo.Asha(eta=3, ratio=9), terms, levels=1000)
    kinds = [next(iter(rung.values())) for rung in evaluator.rungs]
    assert kinds[:4] == [1, 1, 1, 3], "after three on the lowest rung, the best of them goes on"
    assert kinds.index(9) == next(at for at in range(len(kinds)) if kinds[:at].count(3) == 3)


def test_a_race_gives_a_further_seed_only_to_who_may_be_the_best() -> None:
    terms = hpo.Terms(steps=10, seeds=3, budget=1500, pauses=[5, 10])
    trials, _ = searched(hpo.Race(), terms, levels=1000)
    whole = [one for one in trials if one.last.seeds == 3]
    best = max(one.last.score for one in whole)
    assert len(whole) < len(trials) / 3
    short = [one for one in trials if one.last.steps == 10 and one.last.seeds < 3]
    assert sum(one.last.score >= best for one in short) <= 1, "but for the one at which the budget ended"
    assert len(short) > 10
    assert sum(one.last.steps == 10 for one in trials) < 0.75 * len(trials)


def test_a_race_orders_whole_batches_until_its_budget_ends() -> None:
    terms = hpo.Terms(steps=10, seeds=3, budget=1500, pauses=[5, 10])
    _, evaluator = searched(hpo.Race(batch=4), terms, levels=1000)
    configurations = [len({x for x, _ in rung}) for rung in evaluator.rungs]
    assert set(configurations[:-1]) == {4}, "a single further seed would leave the other cores idle"


def test_nothing_runs_where_the_budget_is_below_one_rung() -> None:
    for name in hpo.plan_names():
        trials, _ = searched(hpo.plan(name), hpo.Terms(steps=100, seeds=3, budget=9))
        assert trials == []


class Greedy:
    def __init__(self, **order) -> None:
        self.order = {"trial": 0, "bracket": 0, "steps": 5, "seeds": 1, **order}

    def next(self, trials, terms):
        return [hpo.Order(**self.order)]

    def table(self, terms):
        raise NotImplementedError


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({"trial": 3}, "ordered trial 3 where the next new one is 0"),
        ({"steps": 11}, "11 steps and 1 seeds; there are 10 and 2"),
        ({"steps": 10, "seeds": 2}, "ordered 20 environment steps; 15 are left"),
        ({}, "nothing that was not trained before"),
    ],
)
def test_a_plan_that_orders_what_cannot_be_is_stopped(order, said) -> None:
    terms = hpo.Terms(steps=10, seeds=2, budget=15, pauses=[5, 10])
    with pytest.raises(RuntimeError, match=said):
        searched(Greedy(**order), terms)


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: hpo.plan("hyperbend"), ValueError, "unknown plan `hyperbend`; did you mean `hyperband`"),
        (lambda: hpo.plan("race", etta=3), ValueError, "unknown option `etta` for .*did you mean `eta`"),
        (lambda: hpo.Hyperband(eta=1), ValueError, "`eta` is 1"),
        (lambda: hpo.Asha(over="step"), ValueError, "did you mean `steps`"),
        (lambda: hpo.Race(first=0), ValueError, "`first` is 0"),
        *(
            (lambda name=name: hpo.plan(name, batch=0), ValueError, "`batch` is 0; give a whole number of at least 1")
            for name in hpo.plan_names()
        ),
        (lambda: hpo.Terms(steps=10, pauses=[5]), ValueError, "the last is where a run ends, 10"),
        (lambda: hpo.SuccessiveHalving().table(hpo.Terms(steps=9)), ValueError, "give `n=`"),
        (lambda: hpo.replay("dqn_cartpole", budget=1, plan=hpo.Race), TypeError, "give a name, one of full"),
    ],
)
def test_what_cannot_be_is_refused(call, kind, said) -> None:
    with pytest.raises(kind, match=said):
        call()


@pytest.mark.parametrize("bounds", [(0.0, 5.0), None])
def test_freeze_thaw_continues_what_promises_most(bounds) -> None:
    """A run that rises is thawed up to its end before one that lies flat at the bottom is touched again."""
    terms = hpo.Terms(steps=10, seeds=2, budget=44, pauses=range(1, 11), bounds=bounds)

    def trial(number: int, values: list[float]) -> hpo.Trial:
        curve = (np.arange(1, len(values) + 1), np.array(values))
        return hpo.Trial(number, 0, {}, (hpo.Measured(len(values), 1, (values[-1],), (curve,)),))

    trials = [trial(0, [0.0, 0.0]), trial(1, [1.0, 2.0]), trial(2, [0.0, 0.0]), trial(3, [0.0, 0.0])]
    plan = hpo.FreezeThaw()
    assert plan.next(trials[:3], terms) == [hpo.Order(3, 0, 2, 1)], "four begin before anything is continued"
    assert plan.next(trials, terms) == [hpo.Order(1, 0, 4, 1)]
    trials[0] = trial(0, [1.0, 1.6])
    both = replace(plan, batch=2).next(trials, terms)
    assert [one.trial for one in both] == [1, 0], "the larger promise first"
    trials[1] = trial(1, [1.0, 2.0, 3.0, 4.0, 4.5, 5.0, 5.0, 5.0, 5.0, 5.0])
    assert plan.next(trials, terms) == [hpo.Order(1, 0, 10, 2)], "who is at its end gets its further seeds"


def test_freeze_thaw_searches_within_its_budget_and_finds() -> None:
    found = hpo.replay("sac_pendulum", budget=80_000, searcher="random", plan="freeze_thaw", rng=1)
    assert found.counts["env_steps"] <= 80_000
    lengths = [one.last.steps for one in found.trials]
    assert min(lengths) < max(lengths) == 10_000
    again = hpo.replay("sac_pendulum", budget=80_000, searcher="random", plan="freeze_thaw", rng=1)
    assert again.table.equals(found.table)
