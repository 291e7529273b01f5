"""Exercise 02.equal_time. A small study: who is ahead at equal time?"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pandas as pd

from rlhp import runs
from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the shape of the table."""
    rows = [["16", "50000", "..."], ["16", "30000", "..."], ["16", "5000", "..."]]
    table = ax.table(cellText=rows, colLabels=["n", "step", "iqm"], rowLabels=["8", "64", "512"], loc="center")
    table.scale(0.8, 1.6)
    ax.axis("off")
    return (
        "A table with one row for each batch size, the larger the fewer steps, and the columns n, step and iqm; the "
        "numbers are made up."
    )


exercise(
    "02.equal_time",
    title="A small study: who is ahead at equal time?",
    hints=(
        "An evaluation at `step` of a run over `steps` steps was reached after `seconds[batch_size] * step / steps`.",
        '`runs.column("batch_size")` and `runs.table["steps"]` are indexed by run_id: `runs.evals["run_id"].map(...)`.',
        'Keep the evaluations within the budget; `.groupby("run_id").last()` is then the last one of each run.',
        "`scipy.stats.trim_mean(values, 0.25)` is the interquartile mean over the runs of one batch size.",
    ),
    picture=_picture,
)

_SECONDS = {8: 1.5, 64: 3.0, 512: 30.0}

_BUDGET = 2.0  # seconds: all 300 steps with batch size 8, 200 with 64, not even 100 with 512

_COLUMNS = ("n", "step", "iqm")

# The returns of each batch size's runs at the steps 100, 200 and 300.
_RETURNS = {
    8: [(-1000, 2000, final) for final in (0, 0, 1, 2, 3, 10, 20, 500)],
    64: [(5000, middle, 9000) for middle in (100, 300, 320, 900)],
    512: [(7, 8, 9), (7, 8, 9)],
}


@functools.cache
def _measured() -> runs.Runs:
    """Eight, four and two runs of three batch sizes, whose evaluations tell which were looked at."""
    table, evals = [], []
    for size, curves in _RETURNS.items():
        for seed, returns in enumerate(curves):
            run_id = f"size-{size}-seed-{seed}"
            table.append(
                {
                    "run_id": run_id, "algorithm": "dqn", "env_id": "CartPole-v1", "engine": "jax", "seed": seed,
                    "steps": 300, "status": "finished", "wall_time_s": 9.0, "cpu_time_s": 9.0, "error": None,
                    "hp.batch_size": size,
                }
            )  # fmt: skip
            for step, value in zip((100, 200, 300), returns, strict=True):
                evals.append(
                    {
                        "run_id": run_id, "step": step, "return_mean": float(value), "return_std": 0.0,
                        "n_episodes": 10, "length_mean": 10.0,
                    }
                )  # fmt: skip
    return runs.Runs(pd.DataFrame(table).set_index("run_id"), pd.DataFrame(evals), runs.empty_history())


def _frame(answer: Any) -> Any:
    frame = answer(_measured(), dict(_SECONDS), _BUDGET)
    expect.true(isinstance(frame, pd.DataFrame), "Give back a pandas DataFrame.")
    if frame.empty:
        expect.fail("No run is within the budget: `seconds` holds the seconds of a whole run, not of a step.")
    if set(_COLUMNS) <= set(frame.index):
        expect.fail("Rows and columns are swapped: one row for each batch size (transpose it with `.T`).")
    expect.columns(frame, _COLUMNS, "the table")
    expect.true(
        bool(set(_SECONDS) & set(frame.index)),
        f"The index should be the batch sizes, 8 and 64 here; it is {list(frame.index)[:3]}.",
    )
    return frame


def _row(answer: Any, size: int) -> Any:
    frame = _frame(answer)
    expect.true(size in frame.index, f"Batch size {size} has evaluations within the budget, but no row.")
    return frame.loc[size]


@checks("02.equal_time", "the last evaluation within the budget", weight=2)
def _steps(answer: Any) -> None:
    frame = _frame(answer)
    if 512 in frame.index:
        if pd.isna(frame.loc[512, "iqm"]):
            expect.fail("Batch size 512 has no evaluation within the budget: it should have no row, not an empty one.")
        expect.fail(
            "Batch size 512 needs 10 s to its first evaluation and 2 s are allowed: it should have no row. Are these "
            "the runs at equal steps?"
        )
    if 64 not in frame.index:
        expect.fail("Batch size 64 is missing: not only those count of which a whole run fits into the budget.")
    expect.equal(int(_row(answer, 8)["step"]), 300, "The step that batch size 8 reaches in 2 s of 1.5 s a run")
    expect.equal(
        int(_row(answer, 64)["step"]),
        200,
        "The step that batch size 64 reaches in 2 s of 3 s a run",
        mistakes=(
            (300, "That is over the budget: a whole run takes 3 s."),
            (100, "Step 200 is reached after exactly 2 s, just in time: `<=`."),
        ),
    )


@checks("02.equal_time", "n counts runs")
def _counts(answer: Any) -> None:
    expect.close(
        [_row(answer, 8)["n"], _row(answer, 64)["n"]],
        [8, 4],
        "`n` of the batch sizes 8 and 64",
        mistakes=(([24, 12], "n should count runs, not evaluations."),),
    )


@checks("02.equal_time", "the interquartile mean over seeds of that evaluation", weight=2)
def _finals(answer: Any) -> None:
    got = float(_row(answer, 8)["iqm"])
    if got == -1000:
        expect.fail("That is the *first* evaluation of each run; asked is the last one within the budget.")
    if got == 2000:
        expect.fail("That is the best evaluation of each run; asked is the last one within the budget.")
    if 330 < got < 340:
        expect.fail("That averages each run over all of its evaluations; asked is the last one within the budget.")
    expect.close(
        got,
        4.0,
        "`iqm` of batch size 8",
        mistakes=(
            (67.0, "That is the plain mean over seeds; the interquartile mean drops the outer quarters."),
            (2.5, "That is the median over seeds; the interquartile mean averages the middle half."),
            (500.0, "That is the best seed: choosing after the fact makes every batch size look good."),
            (0.0, "That is one seed (the first). One seed lies: use all of them."),
        ),
    )
    expect.close(_row(answer, 64)["iqm"], 310.0, "`iqm` of batch size 64")
