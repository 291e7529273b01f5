"""A search replays on a measured sweep: same loop, same numbers as the data set's own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, datasets, hpo, objectives, spaces
from rlhp.runs import concat

ACROBOT = datasets.load("dqn_acrobot")
NAMES = [name for name in datasets.list() if f"{name}_best" in datasets.list()]


@pytest.mark.parametrize("name", NAMES)
def test_a_pool_says_what_its_runs_say(name) -> None:
    made = hpo.pool(name)
    runs = made.runs
    expected = objectives.score(runs, "final_return", failures=np.nanmin(runs.evals["return_mean"]), per="config")
    assert len(made.configurations) == len(runs.configs) == len(expected.values)
    truth = made.truth()
    sound = ~np.isnan(truth)
    assert truth[sound] == pytest.approx(expected.values.to_numpy()[sound])
    failed = runs.table["status"].isin(["failed", "diverged"]).groupby(runs.config_id, sort=False).any()
    assert failed.to_numpy().tolist() == (~sound).tolist()
    assert spaces.allowed(made.space, made.configurations).all()


def test_a_goal_is_a_prefix_of_the_measured_curve() -> None:
    made = hpo.pool("dqn_cartpole")
    config, seed = made.configurations[7], made.seeds[2]
    (part,) = made.train([hpo.Goal(config, seed, 20_000)])
    row = made.runs.table.index[(made.runs.config_id == made.runs.configs.index[7]) & (made.runs.table["seed"] == seed)]
    curve = made.runs.evals[made.runs.evals["run_id"] == row[0]]
    assert part.steps.tolist() == curve["step"].tolist()[:4]
    assert part.values.tolist() == curve["return_mean"].tolist()[:4]
    assert part.status == "stopped"


def test_the_searcher_is_told_what_its_proposal_became() -> None:
    told = []

    class Noting:
        def propose(self, space, seen, n, rng):
            told.append(seen.configurations)
            assert not seen.pending
            return hpo.Sobol(scramble=4).propose(space, seen, n, rng)

    made = hpo.pool("ppo_cartpole")
    found = hpo.replay(made, budget=6 * 150_000, searcher=Noting(), plan="full", rng=2)
    assert len(told) == len(found.trials) == 6
    measured = {str(one) for one in made.configurations}
    assert len({str(dict(one.configuration)) for one in found.trials}) == 6
    assert all(str(one) in measured for one in told[-1])
    unit = spaces.to_unit(made.space, [dict(found.trials[0].configuration)])[0]
    wanted = hpo.Sobol(scramble=4).propose(made.space, hpo.Observations(), 1, np.random.default_rng(0))
    wanted = spaces.to_unit(made.space, wanted)[0]
    others = np.nansum((made._unit - wanted) ** 2, axis=1)
    assert np.nansum((unit - wanted) ** 2) <= np.quantile(others, 0.05)


def test_a_model_chooses_the_best_of_what_there_is() -> None:
    """Where the score rises with one hyperparameter, the free configuration that has most of it is taken."""
    made = hpo.pool("dqn_cartpole")
    unit = spaces.to_unit(made.space, made.configurations)
    rate = unit[:, list(made.space).index("learning_rate")]
    told = np.random.default_rng(3).permutation(made.capacity)[:60].tolist()
    free = [at for at in range(made.capacity) if at not in told]
    seen = hpo.Observations([made.configurations[at] for at in told], 10 * rate[told], np.full(len(told), 0.01))
    asked = made.adapted(hpo.Emukit())
    first, second = asked.propose(made.space, seen, 2, np.random.default_rng(0))
    assert rate[made.place(first)] > np.quantile(rate[free], 0.9)
    assert {made.place(first), made.place(second)} <= set(free)
    assert first != second


def test_random_search_draws_every_free_configuration_alike() -> None:
    made = hpo.pool("sac_pendulum")
    asked, seen = made.adapted(hpo.Random()), hpo.Observations(made.configurations[:1], [0.0])
    drawn = [made.place(asked.propose(made.space, seen, 1, np.random.default_rng(at))[0]) for at in range(600)]
    counts = np.bincount(drawn, minlength=made.capacity)
    assert counts[0] == 0
    assert counts[1:].min() > 0.4 * 600 / (made.capacity - 1)


def test_a_searcher_is_told_how_long_and_how_noisy() -> None:
    class Noting(hpo.Random):
        def choose(self, space, seen, n, rng, among):
            told.append(seen)
            return super().choose(space, seen, n, rng, among)

    told: list[hpo.Observations] = []
    found = hpo.replay("dqn_acrobot", budget=1_200_000, searcher=Noting(), plan="race", rng=1)
    last, trained = told[-1], {made.number: made for made in found.trials}
    assert set(last.steps.tolist()) == {15_000, 30_000}
    several = [one for one in found.trials if one.last.seeds > 1]
    assert several
    assert np.isnan(last.noise[0]), "before any configuration has two seeds, nobody knows"
    latest = last.latest()
    for config, score, steps in zip(latest.configurations, latest.scores, latest.steps, strict=True):
        (number,) = (one.number for one in found.trials if one.configuration == config)
        rungs = trained[number].rungs
        assert (score, steps) in [(one.score, one.steps) for one in rungs]
    single = [noise for one, noise in zip(last.configurations, last.noise, strict=True) if noise > 0]
    assert len(single) > len(last) / 2, "then a single seed has the spread that others showed"


def test_every_measured_configuration_is_found_once_and_then_it_is_over() -> None:
    runs = datasets.load("sac_pendulum")
    made = hpo.pool("sac_pendulum", judging=hpo.Judging(seeds=2, choice_seeds=0, test_seeds=[4]))
    found = hpo.replay(made, budget=10**9, searcher="random", plan=hpo.Full(batch=7))
    assert len(found.trials) == made.capacity == len(runs.configs)
    assert len({str(dict(one.configuration)) for one in found.trials}) == made.capacity
    best = np.nanargmax(made.truth(made.judging.tuning))
    assert found.trials[int(found.finalists["trial"].max())].number < made.capacity
    tuned = {number: row for number, row in found.finalists.set_index("trial")["tuned"].items()}
    assert max(tuned.values()) == pytest.approx(made.truth((0, 1))[best])
    assert found.finalists["tuned"].is_monotonic_decreasing, (
        "without choice seeds the best by the tuning seeds is taken"
    )
    assert found.finalists["confirmed"].notna().tolist() == [True, False, False]


def test_a_replay_repeats_itself_and_counts() -> None:
    one, two, other = (
        hpo.replay("dqn_cartpole", budget=1_000_000, searcher="random", plan=hpo.Race(batch=4), rng=rng)
        for rng in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one.table, two.table)
    assert not one.table.equals(other.table)
    assert one.counts["env_steps"] == one.table["env_steps"].sum() <= 1_000_000
    assert one.brackets.table["env_steps"].sum() == one.counts["env_steps"]
    assert one.counts["confirming"] == (3 * 3 + 4) * 50_000, "three finalists and three seeds choose; one is tested"
    assert one.history["env_steps"].is_monotonic_increasing
    assert one.history["trial"].iloc[-1] in one.finalists["trial"].tolist()
    value, low, high = one.confirmed
    assert low <= value <= high
    assert one.optimism == pytest.approx(one.finalists["tuned"].iloc[0] - value)
    assert "fresh seeds" in repr(one)
    assert "hpo.replay('dqn_cartpole'" in one._repr_html_().replace("&#x27;", "'")
    assert "searcher='random', plan=hpo.Race(batch=4)" in one.call
    named = replace(one, trials=tuple(replace(trial, configuration={"score": 7.0, "steps": 3}) for trial in one.trials))
    assert named.table["score"].tolist() == one.table["score"].tolist()
    assert set(named.table["hp.score"]) == {7.0}


def test_on_a_capped_return_the_area_decides() -> None:
    """Three settings reach the cap, of which the one that learns fastest is taken, though another scores higher."""
    steps = [100, 200, 300]
    curves = {0.1: [10, 200, 500], 0.2: [498, 498, 497], 0.3: [10, 10, 490], 0.4: [500, 500, 400]}
    rows = [
        {"hp.learning_rate": rate, "seed": seed, "step": step, "return_mean": value}
        for rate, values in curves.items()
        for seed in range(4)
        for step, value in zip(steps, values, strict=True)
    ]
    options = {"algorithm": "ppo", "env_id": "CartPole-v1", "steps": 300, "status": "finished"}
    runs = Runs.from_frame(pd.DataFrame(rows), **options)
    from ConfigSpace import ConfigurationSpace

    space = ConfigurationSpace(space={"learning_rate": (0.0, 1.0)})
    made = hpo.pool(runs, space=space, judging=hpo.Judging(seeds=2, choice_seeds=1, test_seeds=1))
    assert hpo.replay(made, budget=10_000, searcher="random", plan="full").best_config == {"learning_rate": 0.2}
    untested = hpo.pool(runs, space=space, judging=hpo.Judging(seeds=2, choice_seeds=0, test_seeds=0))
    assert hpo.replay(untested, budget=10_000, searcher="random", plan="full").best_config == {"learning_rate": 0.2}
    strict = hpo.pool(runs, space=space, judging=hpo.Judging(seeds=2, choice_seeds=1, test_seeds=1, tie=0))
    assert hpo.replay(strict, budget=10_000, searcher="random", plan="full").best_config == {"learning_rate": 0.1}


def shown(made: hpo.Pool, searcher: str, plan: str, part: float, seed: int) -> float:
    """Return what the choice after a part of random search's steps earns on seeds that had no part in it."""
    found = hpo.replay(made, budget=int(part * 120 * made.pauses[-1]), searcher=searcher, plan=plan, rng=seed)
    taken = found.trials[found.history["trial"].iloc[-1]]
    return float(made.truth(made.judging.testing)[made.place(taken.configuration)])


def reseeded(name: str, repetition: int) -> hpo.Pool:
    """Return a pool of which three seeds, drawn anew, tune, and the others test."""
    seeds = np.random.default_rng([1, repetition]).permutation(hpo.pool(name).seeds).tolist()
    return hpo.pool(name, judging=hpo.Judging(seeds=seeds[:3], choice_seeds=0, test_seeds=seeds[3:]))


@pytest.mark.parametrize("name", ["ppo_cartpole", "dqn_minigrid_empty"])
def test_a_race_is_at_random_searchs_score_with_half_of_its_steps(name) -> None:
    """The short twin of what `benchmarks/hpo_pools.md` says: few repetitions, and two landscapes."""
    pools = [reseeded(name, repetition) for repetition in range(8)]
    random = [shown(made, "random", "full", 1.0, seed) for seed, made in enumerate(pools)]
    race = [shown(made, "random", "race", 0.5, seed) for seed, made in enumerate(pools)]
    assert np.mean(race) >= np.mean(random)


@pytest.mark.hard
@pytest.mark.parametrize("name", ["dqn_cartpole", "ppo_cartpole"])
def test_the_default_is_at_random_searchs_score_with_half_of_its_steps(name) -> None:
    """Of two landscapes, with other repetitions than those of `benchmarks/hpo_pools.md`."""
    pools = [reseeded(name, repetition) for repetition in range(24)]
    random = np.array([shown(made, "random", "full", 1.0, seed) for seed, made in enumerate(pools)])
    default = np.array([shown(made, "emukit", "race", 0.5, seed) for seed, made in enumerate(pools)])
    assert default.mean() >= random.mean()


@pytest.mark.parametrize(
    ("call", "kind", "said"),
    [
        (lambda: hpo.pool("dqn_cartpol"), ValueError, "did you mean `dqn_cartpole`"),
        (lambda: hpo.pool(3), TypeError, "`source` is 3"),
        (
            lambda: hpo.pool("dqn_acrobot", judging=hpo.Judging(choice_seeds=0, test_seeds=[9])),
            ValueError,
            "`test_seeds`; the",
        ),
        (lambda: hpo.pool("dqn_acrobot", judging=hpo.Judging(7, 1, 1, 1)), ValueError, "`steps` is 7"),
        (
            lambda: hpo.pool(concat([ACROBOT, datasets.load("sac_pendulum")])),
            ValueError,
            "several environments or lengths",
        ),
        (lambda: hpo.pool(ACROBOT.select(ACROBOT.table.index[1:])), ValueError, "not every configuration was trained"),
        (lambda: hpo.pool(ACROBOT, space=spaces.subspace(spaces.default("dqn"), ["tau"])), ValueError, "give `space="),
        (
            lambda: hpo.Judging(seeds=[1, 2], choice_seeds=0, test_seeds=[2]),
            ValueError,
            "seed 2 is among `seeds` and `test_seeds`",
        ),
        (lambda: hpo.Judging(seeds=[1, 1]), ValueError, "give each seed once"),
        (lambda: hpo.Judging(objective="wall_time"), ValueError, "unknown objective `wall_time` for a search"),
        (lambda: hpo.replay("dqn_cartpole", budget=0), ValueError, "`budget` is 0"),
        (lambda: hpo.replay("dqn_cartpole", budget=1, rng=None), ValueError, "`rng` is None; give a seed"),
    ],
)
def test_what_cannot_be_is_refused(call, kind, said) -> None:
    with pytest.raises(kind, match=said):
        call()


def test_a_budget_that_begins_nothing_is_refused_with_the_least_that_does() -> None:
    made = hpo.pool("dqn_cartpole", judging=hpo.Judging(seeds=2, choice_seeds=0, test_seeds=0))
    for plan, least in {"full": 100_000, "race": 25_000, "hyperband": 100_000}.items():
        with pytest.raises(ValueError, match=f"`budget` is 500 .* needs {least:,} at least"):
            hpo.replay(made, budget=500, searcher="random", plan=plan)
        assert hpo.replay(made, budget=least, searcher="random", plan=plan).best_config is not None
    with pytest.raises(ValueError, match="`budget` is None"):
        hpo.replay(made, budget=None, searcher="random")


def test_the_words_of_a_result_are_true() -> None:
    few, none = (hpo.pool("dqn_cartpole", judging=hpo.Judging(seeds=2, choice_seeds=0, test_seeds=n)) for n in (2, 0))
    said = repr(hpo.replay(few, budget=100_000, searcher=hpo.Random(), plan=hpo.Full()))
    assert "(too few seeds for an interval)" in said
    assert "nan to nan" not in said
    found = hpo.replay(none, budget=100_000, searcher=hpo.Random(), plan=hpo.Full(), rng=3)
    assert "nothing was confirmed: there are no test seeds" in repr(found)
    assert found.call.startswith("hpo.replay(hpo.pool('dqn_cartpole', judging=judging), budget=100000, searcher=hpo.R")
    again = eval(found.call, {"hpo": hpo, "judging": none.judging})
    assert again.best_config == found.best_config
