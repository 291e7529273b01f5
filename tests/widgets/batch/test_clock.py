"""Curves over seconds are the same curves, elsewhere on the axis."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rlhp import curves, plots
from rlhp.runs import Runs, empty_history
from rlhp.widgets.batch._clock import at_equal_seconds, in_seconds, seconds_axis


def summary():
    rows = [(size, seed) for size in (16, 64) for seed in range(5)]
    runs = Runs.from_table([{"batch_size": size} for size, _ in rows], [1.0] * 10, seeds=[seed for _, seed in rows])
    same = {"return_std": 0.0, "n_episodes": 1, "length_mean": 1.0}
    evals = [
        {"run_id": name, "step": step, "return_mean": float(step * row["hp.batch_size"]), **same}
        for name, row in runs.table.iterrows()
        for step in (1, 2, 3)
    ]
    return curves.iqm(Runs(runs.table, pd.DataFrame(evals), empty_history()), by="batch_size", rng=0)


SECONDS = [np.array([0.5, 1.0, 1.5]), np.array([1.0, 2.0, 3.0])]


def test_only_the_steps_change() -> None:
    before = summary()
    after = in_seconds(before, SECONDS)
    for old, new, spent in zip(before.groups, after.groups, SECONDS, strict=True):
        np.testing.assert_array_equal(new.steps, 1000 * spent)
        np.testing.assert_array_equal(new.estimate, old.estimate)
        np.testing.assert_array_equal(new.curves, old.curves)
    part = in_seconds(before, [SECONDS[0][:2], SECONDS[1]])
    assert len(part.groups[0].estimate) == 2


def test_the_axis_is_labelled_in_seconds() -> None:
    ax = plots.new_axes()
    seconds_axis(ax, 16)
    assert ax.get_xlabel() == "seconds of training, 16 seeds at once, here and now"
    assert ax.xaxis.get_major_formatter()(1500, 0) == "1.5"


def test_at_equal_seconds_the_slow_one_is_not_at_its_end() -> None:
    said = at_equal_seconds(summary(), SECONDS, ["16", "64"])
    assert said == (
        "After 1.5 s of training, as long as the fastest takes: 16 is at 48 (3 steps); 64 is at 64 (1 steps)."
    )
    late = [SECONDS[0], np.array([2.0, 3.0, 4.0])]
    assert "64 is not evaluated yet" in at_equal_seconds(summary(), late, ["16", "64"])
    assert at_equal_seconds(summary(), [SECONDS[0], np.empty(0)], ["16", "64"]) == ""
