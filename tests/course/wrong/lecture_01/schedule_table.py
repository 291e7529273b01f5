"""What students typically write for 01.schedule_table, and a piece of what each is told."""

from typing import Any

import numpy as np
import pandas as pd


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


# %% mean over the whole curve: "whole curve"
schedule_table = _table_answer(last=lambda evals: evals.groupby("run_id")["return_mean"].mean())

# %% the first evaluation: "*first* evaluation"
schedule_table = _table_answer(last=lambda evals: evals.groupby("run_id")["return_mean"].first())

# %% the best evaluation: "best evaluation"
schedule_table = _table_answer(last=lambda evals: evals.groupby("run_id")["return_mean"].max())

# %% the best seed: "best seed"
schedule_table = _table_answer(middle=lambda values: float(np.max(values)))

# %% the first seed: "one seed"
schedule_table = _table_answer(middle=lambda values: float(values[0]))

# %% mean in place of IQM: "plain mean"
schedule_table = _table_answer(middle=lambda values: float(np.mean(values)))

# %% median in place of IQM: "median"
schedule_table = _table_answer(middle=lambda values: float(np.median(values)))

# %% counts evaluations: "runs, not evaluations"
schedule_table = _table_answer(count=lambda values: 3 * len(values))

# %% start of the schedule: "average over training"
schedule_table = _table_answer(mean_epsilon=lambda schedule: 0.1 if "constant" in schedule else 1.0)

# %% in percent: "mean_epsilon` of the constant"
schedule_table = _table_answer(mean_epsilon=lambda schedule: 10.0 if "constant" in schedule else 25.0)

# %% no index: "index"
schedule_table = _table_answer(by=lambda frame: frame.reset_index())

# %% transposed: "transpose"
schedule_table = _table_answer(by=lambda frame: frame.T)

# %% a column misspelt: "did you mean"
schedule_table = _table_answer(by=lambda frame: frame.rename(columns={"iqm": "IQM"}))
