"""Curves of runs that still train: what is aggregated, and what is said about it."""

from __future__ import annotations

import pandas as pd
import pytest

from rlhp import plots
from rlhp.runs import Runs, concat, empty_evals, empty_history
from rlhp.widgets.growing import growing


def run(name, returns, *, seed=0, status="stopped", gamma=0.9) -> Runs:
    table = pd.DataFrame(
        {
            "run_id": [name],
            "algorithm": "ppo",
            "env_id": "CartPole-v1",
            "engine": "sb3",
            "seed": seed,
            "steps": 400,
            "status": status,
            "wall_time_s": 1.0,
            "cpu_time_s": 1.0,
            "error": "",
            "hp.gamma": gamma,
        }
    )
    evals = pd.DataFrame(
        {
            "run_id": name,
            "step": [100 * (i + 1) for i in range(len(returns))],
            "return_mean": [float(r) for r in returns],
            "return_std": 0.0,
            "n_episodes": 5,
            "length_mean": 1.0,
        }
    )
    return Runs(table, evals if returns else empty_evals(), empty_history())


def test_nothing_evaluated_yet_is_said() -> None:
    empty = growing(run("a", []))
    assert empty.summary is None
    assert empty.sentence() == "Nothing has been evaluated yet."
    with pytest.raises(ValueError, match="nothing to draw yet"):
        empty.draw(plots.new_axes())


def test_while_none_has_ended_the_curve_goes_as_far_as_the_slowest() -> None:
    now = growing(concat([run("a", [1, 2, 3]), run("b", [3, 4], seed=1), run("c", [5, 6], seed=2)]))
    assert list(now.summary.table["step"]) == [100, 200]
    assert now.summary.final["estimate"].item() == pytest.approx(4)
    assert now.summary.groups[0].common_grid
    assert now.rest is None
    assert now.sentence().startswith("After 200 steps the IQM return of 3 seeds is 4 (95 % interval ")


def test_once_some_have_ended_they_are_the_curve_and_the_others_are_dotted() -> None:
    over = [run("a", [1, 2, 3, 4], status="finished"), run("b", [2, 3, 4, 5], seed=1, status="finished")]
    now = growing(concat([*over, run("c", [90, 95], seed=2)]))
    assert now.summary.final["estimate"].item() == pytest.approx(4.5)
    assert list(now.rest.table.index) == ["c"]
    assert now.sentence() == (
        "After 400 steps the IQM return of 2 seeds is 4.5 (too few seeds for an interval). 1 more on their way."
    )
    ax = plots.new_axes()
    now.draw(ax, title="so far")
    assert ":" in [line.get_linestyle() for line in ax.lines]
    assert ax.get_ylim()[1] >= 95


def test_a_run_that_broke_counts_as_the_worst_seen_and_not_as_missing() -> None:
    over = [run(name, [10, 20, 30, 40], seed=seed, status="finished") for seed, name in enumerate("ab")]
    now = growing(concat([*over, run("c", [5], seed=2, status="failed"), run("d", [], seed=3, status="diverged")]))
    assert now.summary.final["n"].item() == 4
    assert now.summary.stand_in == 5
    assert now.summary.final["estimate"].item() == pytest.approx((5 + 40) / 2)


def test_configurations_are_told_apart() -> None:
    runs = concat([run(f"{g}{s}", [1, g * 10], seed=s, gamma=g) for g in (0.9, 0.99) for s in range(2)])
    now = growing(runs, by="gamma")
    assert [group.key for group in now.summary.groups] == [(0.9,), (0.99,)]
    assert now.sentence(["low", "high"]).startswith("Low: after 200 steps the IQM return of 2 seeds is 9 (too few")
