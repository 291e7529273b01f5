"""Exercise 01.schedule_table. A small study: what did each schedule reach?"""

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
    table = ax.table(
        cellText=[["16", "0.100", "..."], ["16", "0.250", "..."]],
        colLabels=["n", "mean_epsilon", "iqm"],
        rowLabels=["constant 0.1", "linear 1 to 0 over 0.5"],
        loc="center",
    )
    table.scale(0.8, 1.6)
    ax.axis("off")
    return "A table with one row for each schedule and the columns n, mean_epsilon and iqm."


exercise(
    "01.schedule_table",
    title="A small study: what did each schedule reach?",
    hints=(
        ('The last evaluation of each run: `runs.evals.sort_values("step").groupby("run_id")["return_mean"].last()`.'),
        (
            "Both that and `runs.table` are indexed by run_id, so "
            '`final.groupby(runs.table["hp.exploration"])` fits together.'
        ),
        "`schedules.from_json(text).mean()` turns the JSON in the table into the average epsilon.",
        "`scipy.stats.trim_mean(values, 0.25)` is the interquartile mean of lecture 00.",
    ),
    picture=_picture,
)

_CONSTANT = '{"schedule": "constant", "value": 0.1}'

_LINEAR = '{"schedule": "linear", "start": 1.0, "end": 0.0, "fraction": 0.5}'


@functools.cache
def _measured() -> runs.Runs:
    """Two schedules, eight and four seeds; the last evaluations are known, the earlier ones are far away."""
    finals = {_CONSTANT: [0, 0, 1, 2, 3, 10, 20, 500], _LINEAR: [100, 300, 320, 900]}
    table, evals = [], []
    for schedule, returns in finals.items():
        for seed, final in enumerate(returns):
            run_id = f"{schedule[14:17]}{seed}"
            table.append(
                {
                    "run_id": run_id, "algorithm": "dqn", "env_id": "CartPole-v1", "engine": "sb3", "seed": seed,
                    "steps": 300, "status": "finished", "wall_time_s": 1.0, "cpu_time_s": 1.0, "error": None,
                    "hp.exploration": schedule,
                }
            )  # fmt: skip
            for step, value in ((100, -1000.0), (200, 2000.0), (300, float(final))):
                evals.append(
                    {
                        "run_id": run_id, "step": step, "return_mean": value, "return_std": 0.0, "n_episodes": 10,
                        "length_mean": 10.0,
                    }
                )  # fmt: skip
    return runs.Runs(pd.DataFrame(table).set_index("run_id"), pd.DataFrame(evals), runs.empty_history())


def _row(answer: Any, schedule: str) -> Any:
    frame = answer(_measured())
    expect.true(isinstance(frame, pd.DataFrame), "Give back a pandas DataFrame.")
    if {"n", "mean_epsilon", "iqm"} <= set(frame.index):
        expect.fail("Rows and columns are swapped: one row for each schedule (transpose it with `.T`).")
    expect.columns(frame, ("n", "mean_epsilon", "iqm"), "the table")
    expect.true(
        schedule in frame.index,
        'The index should be the schedules as they stand in `runs.table["hp.exploration"]` (JSON text); it is '
        f"{list(frame.index)[:2]}.",
    )
    return frame.loc[schedule]


@checks("01.schedule_table", "one row for each schedule, n counts runs")
def _rows(answer: Any) -> None:
    _row(answer, _LINEAR)
    expect.close(
        _row(answer, _CONSTANT)["n"],
        8,
        "`n` of the constant schedule",
        mistakes=((24, "n should count runs, not evaluations: each run was evaluated three times."),),
    )


@checks("01.schedule_table", "the average epsilon")
def _averages(answer: Any) -> None:
    expect.close(_row(answer, _CONSTANT)["mean_epsilon"], 0.1, "`mean_epsilon` of the constant schedule")
    expect.close(
        _row(answer, _LINEAR)["mean_epsilon"],
        0.25,
        "`mean_epsilon` of the linear schedule",
        mistakes=((1.0, "That is where the schedule starts; the average over training is its `.mean()`."),),
    )


@checks("01.schedule_table", "the interquartile mean over seeds of the last evaluation", weight=2)
def _finals(answer: Any) -> None:
    got = float(_row(answer, _CONSTANT)["iqm"])
    if got < -900:
        expect.fail("That is the *first* evaluation of each run; the question is about the last one.")
    if got > 1900:
        expect.fail("That is the best evaluation of each run; the question is about the last one.")
    if 330 < got < 340:
        expect.fail("That averages the whole curve; the question is about the last evaluation of each run.")
    expect.close(
        got,
        4.0,
        "`iqm` of the constant schedule",
        mistakes=(
            (67.0, "That is the plain mean over seeds; the interquartile mean drops the outer quarters."),
            (2.5, "That is the median over seeds; the interquartile mean averages the middle half."),
            (500.0, "That is the best seed: choosing after the fact makes every method look good."),
            (0.0, "That is one seed (the first). One seed lies: use all of them."),
        ),
    )
    expect.close(_row(answer, _LINEAR)["iqm"], 310.0, "`iqm` of the linear schedule")
