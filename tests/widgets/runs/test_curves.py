"""Every view of any runs can be looked at: short, broken and empty ones among them cut or refuse nothing else."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rlhp import Runs, curves, plots
from rlhp.runs import empty_history
from rlhp.widgets import RunExplorer
from rlhp.widgets.runs._curves import RunCurves
from rlhp.widgets.runs._view import Held, View

TOY = "Toy-v0"


def made(*rows: dict[str, Any]) -> Runs:
    """Make runs of `at` (steps of evaluations), `status`, `lr`, `env_id`; a run's return is its step."""
    base = Runs.from_table([{"lr": row.get("lr", 0.1)} for row in rows], [0.0] * len(rows), seeds=range(len(rows)))
    table = base.table.assign(
        env_id=[row.get("env_id", TOY) for row in rows],
        status=[row.get("status", "finished") for row in rows],
        steps=100,
    )
    evals = [
        {"run_id": run_id, "step": step, "return_mean": float(step), "return_std": 0.0, "n_episodes": 1,
         "length_mean": row.get("length", 1.0)}
        for run_id, row in zip(table.index, rows, strict=True)
        for step in row["at"]
    ]  # fmt: skip
    frame = pd.DataFrame(evals) if evals else base.evals.iloc[:0]
    return Runs(table, frame, empty_history())


def all_of(runs: Runs) -> np.ndarray:
    return np.ones(len(runs), dtype=bool)


def test_one_short_run_cuts_its_own_group_only() -> None:
    short = (
        [{"at": (10, 50, 100), "lr": 0.001}] * 5 + [{"at": (10, 50, 100), "lr": 0.01}] * 4 + [{"at": (10,), "lr": 0.01}]
    )
    runs = made(*short)
    groups = Held("", runs).groups(View(TOY, by="lr"), all_of(runs))
    assert [group.steps.tolist() for group in groups] == [[10, 50, 100], [10]]
    said = curves.iqm(runs, by="lr", rng=0).groups
    for group, other in zip(groups, said, strict=True):
        assert group.estimate == pytest.approx(other.estimate)
    stopped = made(*short[:-1], {**short[-1], "status": "stopped"})
    groups = Held("", stopped).groups(View(TOY, by="lr"), all_of(stopped))
    assert [group.steps.tolist() for group in groups] == [[10, 50, 100]] * 2
    assert groups[1].curves[-1].tolist() == [10, 10, 10]
    assert groups[1].observed[-1].tolist() == [True, False, False]


def test_no_order_is_told_of_curves_that_end_at_different_steps(make) -> None:
    one = make(RunExplorer, made({"at": (10, 50), "lr": 0.1}, {"at": (10,), "lr": 0.2}), by="lr")
    assert "the curves end at different steps, after 10 to 50 steps" in one.text
    assert "highest" not in one.text
    one.percent = 10
    assert "IQM of the return after 10 steps: highest" in one.text
    one.by, one.percent = "", 100
    assert "A curve ends where the shortest of its finished runs does (step 10)" in one.text


def test_a_finished_run_without_an_evaluation_is_told_and_refuses_nothing(make) -> None:
    one = make(RunExplorer, made({"at": (10, 50)}, {"at": (10, 50)}, {"at": ()}), by="")
    assert one.error == ""
    assert one.groups[0].n == 2
    assert "1 of the runs that pass have no curve here: no evaluation of this" in one.text
    other = make(RunExplorer, made({"at": (10,)}, {"at": (), "env_id": "Void-v0"}))
    other.env_id = "Void-v0"
    assert other.text == "None of these runs has an evaluation of this; let others pass, or show something else."


def test_a_group_of_which_all_broke_has_its_worst_return_to_the_end() -> None:
    runs = made({"at": (10, 50, 100), "lr": 0.1}, {"at": (), "lr": 0.5, "status": "diverged"})
    whole, broken = Held("", runs).groups(View(TOY, by="lr"), all_of(runs))
    assert broken.steps.tolist() == whole.steps.tolist()
    assert broken.estimate.tolist() == [10, 10, 10]


def test_runs_that_share_no_step_are_left_out_and_counted() -> None:
    runs = made({"at": (10, 20)}, {"at": (10, 20)}, {"at": (90, 100)})
    one = RunCurves(runs, TOY, "return_mean").together(all_of(runs))
    assert one is not None
    assert (one.rows.tolist(), one.n_apart, one.steps.tolist()) == ([0, 1], 1, [10, 20])


def test_a_view_in_which_an_unfinished_run_was_always_observed(make) -> None:
    one = make(RunExplorer, "ppo_pendulum")
    assert (one.held.runs.table["status"] != "finished").any()
    one.percent = 10
    assert one.error == ""
    assert "all of them were evaluated at every step that is shown" in one.text


ROW = st.fixed_dictionaries(
    {
        "at": st.lists(st.sampled_from([1, 10, 50, 99, 100, 130]), max_size=4, unique=True).map(sorted).map(tuple),
        "status": st.sampled_from(["finished", "finished", "diverged", "failed", "stopped"]),
        "lr": st.sampled_from([0.1, 0.2]),
        "env_id": st.sampled_from([TOY, TOY, "Void-v0"]),
        "length": st.sampled_from([1.0, math.nan]),
    }
)


@pytest.fixture
def undrawn(monkeypatch):
    """Let figures be made but not written as PNG, which takes the most time."""

    def unwritten(draw: Any, *, width: int, height: int, zoom: float = 2.0) -> bytes:
        ax = plots.new_axes((width / 96, height / 96))
        draw(ax)
        return b""

    monkeypatch.setattr("rlhp.widgets.frame._figure.png", unwritten)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=7), data=st.data())
def test_any_view_of_any_runs_is_shown_without_an_error(undrawn, rows, data) -> None:
    runs = made(*rows)
    if not len(runs.evals):
        with pytest.raises(ValueError, match="no evaluation"):
            RunExplorer(runs)
        return
    one = RunExplorer(runs)
    try:
        for _ in range(4):
            options = {
                "env_id": one.held.environments,
                "by": ["", *one.held.columns],
                "value": one.held.values,
                "statistic": ["iqm", "mean", "median"],
                "percent": [1, 10, 50, 100],
                "single": [False, True],
            }
            name = data.draw(st.sampled_from(sorted(options)))
            setattr(one, name, data.draw(st.sampled_from(list(options[name]))))
            assert one.error == ""
            for group in one.groups:
                assert np.isfinite(group.curves).all()
                assert f"{group.n}" in one.text
    finally:
        one.close()
