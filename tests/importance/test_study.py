"""From runs to what is analysed, and what cannot be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, importance, spaces
from rlhp.importance import Score
from rlhp.importance._study import around, resamples, scored, until
from rlhp.runs import concat


def test_rows_are_configurations_and_columns_seeds(cube, sampled) -> None:
    space = cube(2)
    runs = sampled(space, lambda u: u[:, 0], n=16, seeds=3, noise=0.1)
    data = scored(runs, space, "final_return", failures="raise")
    assert data.scores.shape == (16, 3)
    assert (data.n_runs, data.n_seeds, data.crossed) == (48, 3, True)
    for row, config in enumerate(data.config_ids):
        of_one = runs.select(runs.config_id == config)
        assert sorted(of_one.evals["return_mean"]) == pytest.approx(sorted(data.scores[row]))
        assert data.unit[row].tolist() == pytest.approx(of_one.configs[["x0", "x1"]].iloc[0].tolist())
    assert data.y[data.best] == data.y.max()


def test_seeds_that_are_not_shared_are_drawn_by_each_configuration(cube) -> None:
    configs = pd.DataFrame({"x0": np.repeat(np.linspace(0, 1, 12), 2)})
    runs = Runs.from_table(configs, np.arange(24.0), seeds=range(24))
    data = scored(runs, cube(1), "final_return", failures="raise")
    assert not data.crossed
    assert data.n_seeds == 2
    for one in resamples(data, 20, np.random.default_rng(0)):
        pairs = np.arange(24.0).reshape(12, 2)
        assert all(y in (*pair, pair.mean()) for y, pair in zip(one.y, pairs, strict=True))


def test_whole_seeds_are_drawn_for_all_configurations_at_once(cube) -> None:
    """Seed k adds k to every configuration, so that a resample moves all of them by one amount."""
    base = np.linspace(0, 1, 12)
    configs = pd.DataFrame({"x0": np.tile(base, 3)})
    scores = np.tile(base, 3) + np.repeat([0.0, 1.0, 2.0], 12)
    data = scored(
        Runs.from_table(configs, scores, seeds=np.repeat(range(3), 12).tolist()),
        cube(1),
        "final_return",
        failures="raise",
    )
    moved = [one.y - data.y for one in resamples(data, 30, np.random.default_rng(0))]
    assert all(np.ptp(one) < 1e-12 for one in moved)
    assert len({round(float(one[0]), 6) for one in moved}) > 3


def test_a_configuration_without_any_drawn_seed_is_left_out(cube) -> None:
    configs = pd.DataFrame({"x0": [*np.linspace(0, 1, 12), *np.linspace(0, 1, 12)[:6]]})
    runs = Runs.from_table(configs, np.arange(18.0), seeds=[0] * 12 + [1] * 6)
    data = scored(runs, cube(1), "final_return", failures="raise")
    for one in resamples(data, 30, np.random.default_rng(0)):
        assert np.isfinite(one.y).all()
        left_out = (one.times[6:] == 0).all()
        assert left_out or np.array_equal(one.y[6:], np.arange(6.0, 12.0))


def test_intervals_stand_around_the_estimate() -> None:
    draws = np.random.default_rng(0).normal([[5.0, 1.0]], 1.0, (2000, 2))
    low, high = around(np.array([3.0, 1.0]), draws, 0.95)
    assert low == pytest.approx([1.04, -0.96], abs=0.15)
    assert high == pytest.approx([4.96, 2.96], abs=0.15)
    assert np.isnan(around(np.array([3.0]), np.empty((0, 1)), 0.95)).all()


def test_several_environments_or_algorithms_are_refused(cube, sampled) -> None:
    space = cube(1)
    parts = [sampled(space, lambda u: u[:, 0], n=16, env_id=env) for env in ("A-v0", "B-v0")]
    with pytest.raises(
        ValueError, match=r"2 different `env_id` \(A-v0, B-v0\), and returns are not on one scale; take"
    ):
        scored(concat(parts), space, "final_return", failures="raise")
    parts = [sampled(space, lambda u: u[:, 0], n=16, algorithm=name) for name in ("dqn", "ppo")]
    with pytest.raises(ValueError, match="2 different `algorithm`"):
        scored(concat(parts), space, "final_return", failures="raise")


def test_space_and_runs_must_agree(cube, sampled) -> None:
    runs = sampled(cube(2), lambda u: u[:, 0], n=16)
    with pytest.raises(
        ValueError, match=r"do not record `x2`, which the space has; .* `spaces.subspace\(space, \['x0'"
    ):
        scored(runs, cube(3), "final_return", failures="raise")
    with pytest.raises(ValueError, match="`x1` varied in these runs and the space lacks it"):
        scored(runs, cube(1), "final_return", failures="raise")


def test_nothing_or_too_little_is_refused(cube, sampled) -> None:
    runs = sampled(cube(1), lambda u: u[:, 0], n=8)
    with pytest.raises(ValueError, match="8 configurations with a score; an importance needs at least 10"):
        scored(runs, cube(1), "final_return", failures="raise")
    with pytest.raises(ValueError, match="no runs to analyse"):
        scored(runs.select([]), cube(1), "final_return", failures="raise")


def test_an_objective_over_seeds_has_one_score_a_configuration(cube, sampled) -> None:
    data = scored(sampled(cube(1), lambda u: u[:, 0], n=16, seeds=3, noise=1.0), cube(1), "seed_std", failures="raise")
    assert data.scores.shape == (16, 1)
    assert data.direction == "minimize"


def test_a_nearly_empty_column_does_not_count_as_a_shared_seed(cube, sampled) -> None:
    """One row too many makes a second column; a draw of that column alone would be one configuration, or none."""
    runs = sampled(cube(2), lambda u: 10 * u[:, 0], n=40)
    twice = pd.concat([runs.configs[["x0", "x1"]]] * 2).iloc[:41]
    runs = Runs.from_table(twice, 10 * twice["x0"].to_numpy())
    data = scored(runs, cube(2), "final_return", failures="raise")
    assert data.scores.shape == (40, 2)
    assert not data.crossed
    distinct = [int((one.times > 0).sum()) for one in resamples(data, 200, np.random.default_rng(0))]
    assert min(distinct) > 15
    assert importance.fanova(runs, cube(2), rng=0, fit=importance.Fit(n_trees=8, boot_trees=2)).ranking == ["x0", "x1"]


def test_fresh_seeds_of_the_best_do_not_widen_the_interval(cube, sampled) -> None:
    runs = sampled(cube(2), lambda u: 10 * u[:, 0], n=128, seeds=2, noise=1.0)
    configs = runs.configs[["x0", "x1"]]
    best = configs.nlargest(10, "x0")
    noise = np.random.default_rng(1).normal(size=20)
    fresh = Runs.from_table(
        pd.concat([best, best]), 10 * np.tile(best["x0"], 2) + noise, seeds=np.repeat([10, 11], 10).tolist()
    )
    imp = importance.fanova(
        concat([runs, fresh]), cube(2), rng=0, fit=importance.Fit(n_trees=16, n_boot=80, boot_trees=4)
    )
    assert imp.n_seeds == 4
    assert imp.table.set_index(["kind", "name"]).loc[("main", "x0"), "low"] > 0.85


def test_no_draw_is_empty(cube) -> None:
    """Of twelve configurations two alone have a second seed: drawing it for others alone leaves nobody."""
    data = scored(
        Runs.from_table(pd.DataFrame({"x0": np.linspace(0, 1, 12)}), np.arange(12.0)),
        cube(1),
        "final_return",
        failures="raise",
    )
    second = np.where(np.arange(12) < 2, 1.0, np.nan)
    sparse = replace(data, scores=np.column_stack([data.scores, second]), crossed=True)
    drawn = list(resamples(sparse, 300, np.random.default_rng(0)))
    assert len(drawn) == 300
    assert all(one.times.any() for one in drawn)


# --- at a step -------------------------------------------------------------------------------------------------


@pytest.fixture
def dying(cube) -> Runs:
    """At step 10 the return is x1; of 40 configurations some die right away, some after step 10, some are stopped."""
    configs = spaces.sample(cube(2), 40, method="sobol", rng=0)
    runs = Runs.from_table(configs, configs["x1"], steps=100)
    evals = pd.concat([runs.evals.assign(step=10), runs.evals.assign(return_mean=7.0)])
    early, late, stopped = (runs.table.index[rows] for rows in (slice(0, 4), slice(4, 14), slice(14, 17)))
    gone = evals["run_id"].isin(early) | (evals["run_id"].isin(late.union(stopped)) & (evals["step"] == 100))
    status = runs.table["status"].mask(runs.table.index.isin(early.union(late)), "diverged")
    status = status.mask(runs.table.index.isin(stopped), "stopped")
    return Runs(runs.table.assign(status=status, wall_time_s=1.0, cpu_time_s=1.0), evals[~gone], runs.history)


def test_who_fails_later_is_alive_before(cube, dying) -> None:
    at_10 = scored(dying, cube(2), Score("final_return", at=10), failures="worst")
    dead = np.isin(at_10.config_ids, dying.config_id.iloc[:4])
    assert at_10.n_failed == 4
    np.testing.assert_allclose(at_10.y[~dead], at_10.unit[~dead, 1])
    assert (at_10.y[dead] < at_10.y[~dead].min()).all()
    assert scored(dying, cube(2), "final_return", failures="worst").n_failed == 14
    assert scored(dying, cube(2), Score("final_return", at=100), failures="worst").n_failed == 14
    healthy = dying.select(list(dying.table.index[4:]))
    assert scored(healthy, cube(2), Score("final_return", at=10), failures="raise").n_failed == 0
    assert set(until(healthy, 10).table["status"]) == {"finished"}


def test_the_budget_ends_at_the_step(cube, dying) -> None:
    """Half reach .5 at step 10; for all others, and a little worse for the dead, it takes the ten steps there were."""
    data = scored(dying, cube(2), Score("steps_to_threshold", at=10, threshold=0.5), failures="worst")
    assert data.y == pytest.approx(10.0)
    assert data.config_ids == tuple(dying.configs.index)
    alive = dying.select(list(dying.table.index[4:]))
    assert set(scored(alive, cube(2), Score("env_steps", at=10), failures="raise").y) == {10.0}


def test_budgets_stay_different_configurations_at_a_step(cube) -> None:
    """The same hyperparameters trained for 100 and for 200 steps are two configurations, at step 100 too."""
    runs = Runs.from_table(pd.DataFrame({"x0": np.linspace(0, 1, 12)}), np.arange(12.0), steps=100)
    both = concat([runs, Runs.from_table(runs.configs[["x0"]], np.arange(12.0) + 20, steps=200, seeds=1)])
    both = Runs(both.table.assign(engine="sb3"), both.evals.assign(step=100), both.history)
    for objective, threshold in (("final_return", None), ("steps_to_threshold", 5.0)):
        data = scored(both, cube(1), Score(objective, at=100, threshold=threshold), failures="raise")
        assert data.config_ids == tuple(both.configs.index)
        assert len(data.y) == 24


@pytest.mark.parametrize("objective", ["wall_time", "cpu_time"])
def test_times_cannot_be_cut(cube, dying, objective) -> None:
    with pytest.raises(
        ValueError, match=f"`{objective}` is recorded of whole runs only, so that `at=10` cannot cut it"
    ):
        scored(dying, cube(2), Score(objective, at=10), failures="worst")
