"""What the run explorer shows is what `rlhp.curves` says of the same runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, curves, datasets
from rlhp.runs import concat
from rlhp.widgets.runs._view import SCORES, Held, View, described


@pytest.fixture(scope="module")
def exploration() -> Held:
    return Held("exploration", datasets.load("exploration_cartpole"))


def everything(held: Held) -> np.ndarray:
    return np.ones(len(held.runs), dtype=bool)


@pytest.mark.parametrize("statistic", ["iqm", "mean", "median"])
def test_estimates_are_those_of_the_curves(exploration, statistic) -> None:
    groups = exploration.groups(View("CartPole-v1", by="exploration", statistic=statistic), everything(exploration))
    said = getattr(curves, statistic)(exploration.runs, by="exploration", rng=0).groups
    assert [group.n for group in groups] == [12] * 7
    for group, other in zip(groups, said, strict=True):
        assert group.estimate == pytest.approx(other.estimate)
        assert set(group.run_ids) == set(other.run_ids)
        assert group.low == pytest.approx(other.low, abs=50)
        assert group.high == pytest.approx(other.high, abs=50)


def test_filters_keep_what_select_keeps(exploration) -> None:
    level = exploration.columns["exploration"].levels[0]
    passed = exploration.passing({"exploration": (level,), "seed": [2, 5]})
    kept = exploration.runs.select(exploration=level, seed=[2, 3, 4, 5])
    assert set(exploration.runs.table.index[passed]) == set(kept.table.index)
    assert described({"exploration": (level,), "seed": [2, 5]}) == "exploration constant 0.01; seed from 2 to 5"


def test_only_columns_that_differ_are_offered(exploration) -> None:
    assert list(exploration.columns) == ["exploration", "seed", *SCORES]
    assert exploration.environments == ("CartPole-v1",)
    assert exploration.values[0] == "return_mean"
    assert "n_episodes" not in exploration.values


def test_many_numbers_are_cut_into_ranges_of_as_many() -> None:
    rates = [float(f"{10 ** (-5 + 3 * at / 19):.3g}") for at in range(20)]
    held = Held("", Runs.from_table([{"learning_rate": rate} for rate in rates], list(range(20)), seeds=0))
    column = held.columns["learning_rate"]
    assert column.ranges
    groups = held.groups(View("unknown", by="learning_rate"), everything(held))
    assert [group.n for group in groups] == [5] * 4
    assert [float(group.estimate[0]) for group in groups] == [2.0, 7.0, 12.0, 17.0]
    assert groups[0].label == "0.00001 to 0.0000428"
    assert column.between(1e-5, 4.28e-5).sum() == 5


def test_inactive_hyperparameters_are_a_group_of_their_own() -> None:
    configs = pd.DataFrame({"tau": [0.1, 0.1, 0.2, 0.2, None, None]})
    held = Held("", Runs.from_table(configs, [1, 1, 2, 2, 3, 3], seeds=[0, 1] * 3))
    groups = held.groups(View("unknown", by="tau"), everything(held))
    assert [(group.label, float(group.estimate[0])) for group in groups] == [("0.1", 1), ("0.2", 2), ("inactive", 3)]
    assert held.columns["tau"].among([None]).sum() == 2


def test_a_part_of_training_shows_what_was_evaluated_by_then(exploration) -> None:
    view = View("CartPole-v1", first=0.3)
    (group,) = exploration.groups(view, everything(exploration))
    assert group.steps.tolist() == [5_000, 10_000, 15_000]
    assert exploration.groups(View("CartPole-v1", first=0.05), everything(exploration)) == []


def test_broken_runs_count_as_the_worst_return() -> None:
    runs = datasets.load("learning_rate_cartpole").select(learning_rate=1e-3)
    first = runs.table.index[0]
    table = runs.table.assign(status=["diverged", *["finished"] * 15])
    evals = runs.evals[(runs.evals["run_id"] != first) | (runs.evals["step"] <= 4_000)]
    held = Held("", Runs(table, evals, runs.history))
    (group,) = held.groups(View("CartPole-v1"), everything(held))
    row = group.run_ids.index(first)
    assert group.n_unfinished == 1
    assert group.curves[row, -1] == evals["return_mean"].min()
    assert not group.observed[row, -1]
    (others,) = held.groups(View("CartPole-v1", value="value_error"), everything(held))
    assert first not in others.run_ids


def test_environments_are_looked_at_one_by_one(exploration) -> None:
    other = datasets.load("exploration_mountaincar")
    held = Held("", concat([exploration.runs, other]))
    assert held.environments == ("CartPole-v1", "MountainCar-v0")
    (group,) = held.groups(View("MountainCar-v0"), everything(held))
    assert group.n == len(other)
    assert group.steps[-1] == 120_000


def test_runs_without_an_evaluation_are_refused() -> None:
    with pytest.raises(ValueError, match="these runs have no evaluation"):
        Held("", Runs.from_table([{}], [np.nan]))


def test_a_hyperparameter_named_like_a_column_stands_beside_it() -> None:
    runs = Runs.from_table([{"steps": 8}, {"steps": 16}], [1.0, 2.0], steps=[10, 20])
    columns = Held("", runs).columns
    assert list(columns) == ["hp.steps", "table.steps", *SCORES]
    assert columns["hp.steps"].levels == (8, 16)
    assert columns["table.steps"].levels == (10, 20)
