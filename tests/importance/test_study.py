"""From runs to what is analysed, and what cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs
from rlhp.importance.resampling import around, resamples
from rlhp.importance.study import scored
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
