"""Curves of runs that still train: what is aggregated, and what is said about it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import plots
from rlhp.runs import Runs, concat, empty_evals, empty_history
from rlhp.widgets.retrain._growing import Frame, growing, verdict


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
    assert now.sentence(over=True).endswith("(too few seeds for an interval). 1 more was stopped before that.")
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


def test_side_by_side_is_what_all_together_are_and_aggregates_each_once(monkeypatch) -> None:
    from rlhp.widgets.retrain import _growing as module

    asked = []
    plain = module.growing
    monkeypatch.setattr(module, "growing", lambda runs, **options: asked.append(len(runs)) or plain(runs, **options))
    whole = concat([run(f"w{s}", [1, 2, 3, 4 + s], seed=s, gamma=0.9, status="finished") for s in range(6)])
    grows = concat([run(f"g{s}", [5, 6 + s], seed=s, gamma=0.99) for s in range(6)])
    both = module.GrowingGroups("gamma")
    now = both.of([whole, grows])
    assert [group.key for group in now.summary.groups] == [(0.9,), (0.99,)]
    together = plain(concat([whole, grows]), by="gamma")
    assert now.summary.final["estimate"].tolist() == together.summary.final["estimate"].tolist()
    assert now.n_runs == 12
    both.of([whole, grows])
    assert asked == [6, 6, 6], "what has ended is aggregated once"
    broken = concat([whole, run("d", [1], seed=9, gamma=0.9, status="diverged")])
    assert both.of([broken, grows]).summary.stand_in == 1
    assert both.of([]).summary is None


def test_a_frame_grows_in_big_steps_and_curves_are_drawn_in_it() -> None:
    now = growing(concat([run(name, [1, 60], seed=seed) for seed, name in enumerate("abc")]))
    ax = plots.new_axes()
    now.draw(ax, frame=Frame(400))
    assert ax.get_xlim() == (-2, 408)
    assert ax.get_ylim() == pytest.approx((-3, 103))


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ([(1, 2), (5, 6)], "The intervals do not overlap: b ends higher."),
        ([(1, 5), (4, 6)], "The intervals overlap: 6 seeds each do not tell the two apart."),
        ([(1, 2), (8, 9), (3, 4)], "b ends highest, and its interval overlaps no other."),
        (
            [(1, 9), (8, 9), (3, 4)],
            "b ends highest, but its interval overlaps that of a: 6 seeds each do not rank them.",
        ),
        ([(1, 2)], ""),
    ],
)
def test_the_verdict_goes_by_the_intervals(ends, said) -> None:
    import dataclasses

    base = growing(concat([run(f"x{s}", [1, 2], seed=s) for s in range(5)]))
    group = base.summary.groups[0]
    groups = tuple(
        dataclasses.replace(
            group,
            estimate=np.array([0, (low + high) / 2]),
            low=np.array([0.0, low]),
            high=np.array([0.0, high]),
        )
        for low, high in ends
    )
    now = dataclasses.replace(base, summary=dataclasses.replace(base.summary, groups=groups))
    assert verdict(now, list("abc")[: len(ends)], "6 seeds each", steps=200) == said


def test_without_an_interval_nothing_is_concluded() -> None:
    runs = concat([run(f"{g}{s}", [1, g * 10], seed=s, gamma=g) for g in (0.9, 0.99) for s in range(2)])
    said = verdict(growing(runs, by="gamma"), ["a", "b"], "2 seeds each", steps=200)
    assert said == "2 seeds each are too few for an interval: nothing can be concluded."
