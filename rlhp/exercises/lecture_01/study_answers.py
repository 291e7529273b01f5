"""What students typically write for the small study, and a piece of what each is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Wrong = dict[str, tuple[Any, str]]


def _table_answer(
    *, last: Any = None, middle: Any = None, mean_epsilon: Any = None, count: Any = None, by: Any = None
) -> Any:
    """Build a wrong `schedule_table`: the right one with one part replaced."""

    def iqm(values: Any) -> float:
        cut = len(values) // 4
        return float(np.mean(np.sort(values)[cut : len(values) - cut]))

    def final(evals: Any) -> Any:
        return evals.groupby("run_id")["return_mean"].last()

    def average(schedule: str) -> float:
        from rlhp import schedules

        return schedules.from_json(schedule).mean()

    def answer(runs: Any) -> Any:
        scores = (last or final)(runs.evals)
        label = runs.table["hp.exploration"].reindex(scores.index)
        rows = {}
        for schedule, values in scores.groupby(label):
            rows[schedule] = {
                "n": (count or len)(values),
                "mean_epsilon": (mean_epsilon or average)(schedule),
                "iqm": (middle or iqm)(values.to_numpy()),
            }
        frame = pd.DataFrame.from_dict(rows, orient="index")
        return by(frame) if by else frame

    return answer


SCHEDULE_TABLE: Wrong = {
    "mean over the whole curve": (
        _table_answer(last=lambda evals: evals.groupby("run_id")["return_mean"].mean()),
        "whole curve",
    ),
    "the first evaluation": (
        _table_answer(last=lambda evals: evals.groupby("run_id")["return_mean"].first()),
        "*first* evaluation",
    ),
    "the best evaluation": (
        _table_answer(last=lambda evals: evals.groupby("run_id")["return_mean"].max()),
        "best evaluation",
    ),
    "the best seed": (_table_answer(middle=lambda values: float(np.max(values))), "best seed"),
    "the first seed": (_table_answer(middle=lambda values: float(values[0])), "one seed"),
    "mean in place of IQM": (_table_answer(middle=lambda values: float(np.mean(values))), "plain mean"),
    "median in place of IQM": (_table_answer(middle=lambda values: float(np.median(values))), "median"),
    "counts evaluations": (_table_answer(count=lambda values: 3 * len(values)), "runs, not evaluations"),
    "start of the schedule": (
        _table_answer(mean_epsilon=lambda schedule: 0.1 if "constant" in schedule else 1.0),
        "average over training",
    ),
    "in percent": (
        _table_answer(mean_epsilon=lambda schedule: 10.0 if "constant" in schedule else 25.0),
        "mean_epsilon` of the constant",
    ),
    "no index": (_table_answer(by=lambda frame: frame.reset_index()), "index"),
    "transposed": (_table_answer(by=lambda frame: frame.T), "transpose"),
    "a column misspelt": (_table_answer(by=lambda frame: frame.rename(columns={"iqm": "IQM"})), "did you mean"),
}
