"""Values by hand, and runs that stopped or never reached the threshold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlhp import objectives
from rlhp.objectives import score
from tests.objectives.made import CURVES, MAXIMISED, extra, make

MINIMISED = ("steps_to_threshold", "seed_std", "wall_time", "cpu_time", "env_steps", "value_error")


@pytest.mark.parametrize(
    ("objective", "expected"),
    [
        ("final_return", [4.0, 20.0]),
        ("best_return", [10.0, 20.0]),
        # trapezoids by hand: (0+10)/2*50 + (10+4)/2*50 = 600; 2*10 + (2+20)/2*90 = 1010; over 100 steps
        ("auc", [6.0, 10.1]),
        ("train_auc", [5.0, 9.1]),
        ("steps_to_threshold", [50.0, 100.0]),
        ("wall_time", [1.0, 2.0]),
        ("cpu_time", [2.0, 3.0]),
        ("env_steps", [100.0, 100.0]),
        ("exploration", [0.5, 0.5]),
        ("value_error", [2.0, 2.0]),
    ],
)
def test_values_by_hand(objective: str, expected: list[float]) -> None:
    scores = score(CURVES, objective, failures="raise", **extra(objective))
    np.testing.assert_allclose(scores.values, expected, rtol=1e-15)
    assert scores.values.index.tolist() == ["r0", "r1"]
    assert scores.values.name == objective
    assert scores.n == 2
    assert scores.n_failed == 0


def test_final_return_averages_the_last_evaluations() -> None:
    assert score(CURVES, "final_return", failures="raise", last=2).values.tolist() == [7.0, 11.0]
    assert score(CURVES, "final_return", failures="raise", last=9).values.tolist() == pytest.approx([14 / 3, 8.0])


def test_auc_counts_from_the_first_evaluation() -> None:
    late = make({"curve": {40: 1.0, 60: 3.0}}, {"curve": {60: 7.0}})
    assert score(late, "auc", failures="raise").values.tolist() == [2.0, 7.0]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-500, 500), min_size=2, max_size=12), st.floats(-100, 100), st.floats(0.1, 10))
def test_auc_lies_between_worst_and_best_and_follows_shifts_and_scales(
    values: list[float], shift: float, scale: float
) -> None:
    def auc(values: list[float]) -> float:
        runs = make({"curve": {step**2: value for step, value in enumerate(values)}})
        return float(score(runs, "auc", failures="raise").values.iloc[0])

    assert min(values) - 1e-9 <= auc(values) <= max(values) + 1e-9
    assert auc([scale * value + shift for value in values]) == pytest.approx(scale * auc(values) + shift, abs=1e-7)


def test_training_returns_may_be_missing_where_no_episode_ended() -> None:
    runs = make({"curve": {0: 0.0, 50: 0.0, 100: 0.0}, "train_return_mean": {0: math.nan, 50: 4.0, 100: 8.0}})
    assert score(runs, "train_auc", failures="raise").values.tolist() == [6.0]


def test_names_and_directions() -> None:
    assert set(objectives.names()) == {*MAXIMISED, *MINIMISED}
    assert {objectives.direction(name) for name in MAXIMISED} == {"maximize"}
    assert {objectives.direction(name) for name in MINIMISED} == {"minimize"}


STOPPED = make(
    {"curve": {0: 0.0, 50: 6.0, 100: 8.0}},
    {"curve": {0: 0.0, 50: 4.0}, "status": "stopped", "wall": 0.5},
    {"status": "stopped"},
)


def test_stopped_runs_are_scored_on_what_they_did() -> None:
    final = score(STOPPED, "final_return", failures="drop")
    assert final.values.tolist() == [8.0, 4.0]
    assert final.n_stopped == 1
    assert final.n_failed == 1  # stopped before its first evaluation: nothing to go by
    assert final.table["step"].tolist()[:2] == [100.0, 50.0]
    assert score(STOPPED, "auc", failures="drop").values.tolist() == [5.0, 2.0]
    assert score(STOPPED, "env_steps", failures="drop").values.tolist() == [100.0, 50.0]
    assert score(STOPPED, "wall_time", failures="drop").values.tolist() == [1.0, 0.5, 3.0]
    assert "1 stopped early, scored on what they did" in repr(final)
    by_config = score(STOPPED, "final_return", failures="drop", per="config")
    assert by_config.table[["n", "n_failed", "n_stopped"]].to_numpy().tolist() == [[2, 1, 1]]


def test_runs_that_never_reach_the_threshold_are_censored_and_not_fast() -> None:
    runs = make(
        {"curve": {0: 0.0, 50: 5.0, 100: 1.0}},
        {"curve": {0: 0.0, 50: 1.0, 100: 1.0}},
        {"curve": {0: 0.0, 20: 1.0}, "status": "stopped"},
        {"curve": {0: 0.0, 10: 1.0}, "steps": 10},
        {"status": "failed", "error": "boom"},
    )
    scores = score(runs, "steps_to_threshold", failures="worst", threshold=5.0)
    assert scores.table["censored"].tolist() == [False, True, True, True, False]
    assert scores.table["observed_until"].tolist()[:4] == [100.0, 100.0, 20.0, 10.0]
    assert scores.values.tolist()[:4] == [50.0, 100.0, 100.0, 100.0]
    assert scores.values.iloc[4] > 100.0
    assert scores.values.iloc[4] == pytest.approx(100.0)
    assert scores.best == "r0"
    by_config = score(runs, "steps_to_threshold", failures="worst", threshold=5.0, per="config", aggregate="median")
    assert by_config.table["n_censored"].tolist() == [2, 1]


def test_a_threshold_met_exactly_is_met() -> None:
    runs = make({"curve": {0: 0.0, 30: 475.0}})
    assert score(runs, "steps_to_threshold", failures="raise", threshold=475.0).values.tolist() == [30.0]


def test_a_crash_counts_the_longest_budget_when_all_others_were_fast() -> None:
    runs = make({"curve": {0: 0.0, 10: 9.0, 100: 9.0}}, {"status": "diverged"})
    assert score(runs, "steps_to_threshold", failures="worst", threshold=5.0).values.tolist() == [10.0, 100.0]
