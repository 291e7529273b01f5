"""Runs are chosen by ranges of hyperparameters and of scores, their curves shown, and what was chosen told."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import Runs, datasets, objectives
from rlhp.widgets import RunExplorer
from rlhp.widgets.runs._view import SCORES, Held


@pytest.fixture
def look(make, monkeypatch):
    monkeypatch.setattr("rlhp.widgets.frame._figure.png", lambda draw, **_: b"")
    return lambda *args, **options: make(RunExplorer, *args, **options)


@pytest.mark.parametrize(("name", "objective"), SCORES.items())
def test_a_range_of_scores_passes_the_configurations_that_lie_in_it(name, objective) -> None:
    runs = datasets.load("dqn_cartpole")
    scores = objectives.score(runs, objective, failures="worst", per="config").values
    low, high = np.quantile(scores, [0.8, 0.9])
    passed = Held("", runs).passing({name: [low, high]})
    wanted = set(scores.index[scores.between(low, high)])
    assert 20 <= len(wanted) <= 30
    assert set(runs.config_id[passed]) == wanted
    assert passed.sum() == runs.config_id.isin(wanted).sum()  # with all of their seeds


def test_ranges_of_a_hyperparameter_and_of_a_score_hold_together_and_are_told(look) -> None:
    one = look("dqn_cartpole", by="")
    one.filters.column.value = "return over training"
    low, _ = one.filters.controls
    low.box.value = 200
    assert "configurations chosen: return over training from 200 to" in one.text
    one.filters.column.value = "learning_rate"
    first, _ = one.filters.controls
    first.box.value = 0.001
    runs = one.held.runs
    scores = objectives.score(runs, "auc", failures="worst", per="config").values
    rates = runs.configs["learning_rate"]
    wanted = scores.index[(scores >= 200) & (rates[scores.index] >= 0.001)]
    assert f"{len(wanted)} of 256 configurations chosen: " in one.text
    (group,) = one.groups
    assert group.n_configs == len(wanted)
    assert set(runs.config_id[list(group.run_ids)]) == set(wanted)


def test_the_table_says_between_which_values_the_chosen_ones_lie(look) -> None:
    one = look("learning_rate_cartpole")
    one.filters.chosen = {"final return": [300.0, 500.0]}
    assert "3 of 5 configurations chosen: final return from 300 to 500." in one.text
    assert "learning_rate 0.001, 0.003, 0.01 0.0001, 0.0003, 0.001, 0.003, 0.01" in one.text
    one.filters.clear_button.click()
    assert "configurations chosen" not in one.text


def test_what_was_chosen_by_its_score_is_warned_of(look) -> None:
    one = look("learning_rate_cartpole")
    warning = "They were chosen by what came out."
    one.filters.chosen = {"learning_rate": (0.001,)}
    assert warning not in one.text
    one.filters.chosen = {"return over training": [0.0, 300.0]}
    assert warning in one.text
    one.filters.clear()
    one.by = "final return"
    assert warning in one.text


def test_groups_by_score_are_ranges_however_few_there_are() -> None:
    held = Held("", Runs.from_table([{"lr": 0.1}, {"lr": 0.2}], [1.0, 2.0]))
    column = held.columns["final return"]
    assert column.ranges
    assert [label for label, _ in column.masks()] == ["1", "2"]


def test_the_ends_of_a_slider_of_scores_are_round_and_hold_every_configuration(look) -> None:
    one = look("dqn_acrobot")
    for name in SCORES:
        column = one.held.columns[name]
        low, high = column.ends
        assert low <= column.levels[0]
        assert high >= column.levels[-1]
        assert len(f"{low:g}") <= 6
        one.filters.column.value = name
        assert [control.value for control in one.filters.controls] == [low, high]
        assert one.filters.chosen == {}


def test_runs_that_cannot_be_scored_have_no_scores() -> None:
    dead = Runs.from_table([{"lr": 0.1}, {"lr": 0.2}], [1.0, 2.0])
    dead = Runs(dead.table.assign(status="diverged"), dead.evals, dead.history)
    assert not set(SCORES) & set(Held("", dead).columns)
