"""What students typically write for 02.equal_time, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd


def _table(
    *,
    inside: Callable[..., Any] = lambda at, budget: at <= budget,
    last: Callable[[Any], Any] = lambda group: group.iloc[-1],
    middle: Callable[[Any], float] | None = None,
    count: Callable[[Any], int] = len,
    cost: Callable[..., Any] = lambda step, steps, seconds: seconds * step / steps,
    shape: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
) -> Callable[..., Any]:
    """Build a wrong `equal_time`: the right one with one part replaced."""

    def iqm(values: Any) -> float:
        cut = len(values) // 4
        return float(np.mean(np.sort(values)[cut : len(values) - cut]))

    def answer(runs: Any, seconds: Any, budget: float) -> Any:
        evals = runs.evals.assign(
            size=runs.evals["run_id"].map(runs.column("batch_size")),
            steps=runs.evals["run_id"].map(runs.table["steps"]),
        )
        at = cost(evals["step"], evals["steps"], evals["size"].map(seconds))
        evals = evals[inside(at, budget)]
        rows = {}
        for size, some in evals.groupby("size"):
            ends = some.groupby("run_id")["return_mean"].apply(last)
            rows[size] = {
                "n": count(ends),
                "step": some["step"].max(),
                "iqm": (middle or iqm)(ends.to_numpy()),
            }
        return shape(pd.DataFrame.from_dict(rows, orient="index"))

    return answer


def _with_missing(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.reindex([*frame.index, 512])


# %% equal steps: "equal steps"
equal_time = _table(inside=lambda at, budget: at < np.inf)

# %% goes over the budget: "over the budget"
equal_time = _table(inside=lambda at, budget: at <= 1.5 * budget)

# %% strictly below: "just in time"
equal_time = _table(inside=lambda at, budget: at < budget)

# %% seconds of a step: "of a whole run"
equal_time = _table(cost=lambda step, steps, seconds: seconds * step)

# %% whole runs only: "whole run fits"
equal_time = _table(cost=lambda step, steps, seconds: seconds)

# %% the first evaluation: "*first* evaluation"
equal_time = _table(last=lambda group: group.iloc[0])

# %% the best evaluation: "best evaluation"
equal_time = _table(last=lambda group: group.max())

# %% the whole curve: "all of its evaluations"
equal_time = _table(last=lambda group: group.mean())

# %% mean over seeds: "plain mean"
equal_time = _table(middle=lambda values: float(np.mean(values)))

# %% median over seeds: "median"
equal_time = _table(middle=lambda values: float(np.median(values)))

# %% the best seed: "best seed"
equal_time = _table(middle=lambda values: float(np.max(values)))

# %% one seed: "one seed"
equal_time = _table(middle=lambda values: float(values[0]))

# %% counts evaluations: "runs, not evaluations"
equal_time = _table(count=lambda ends: 3 * len(ends))

# %% an empty row: "no row"
equal_time = _table(shape=_with_missing)

# %% no index: "index should be"
equal_time = _table(shape=lambda frame: frame.reset_index(names="batch_size"))

# %% transposed: "transpose"
equal_time = _table(shape=lambda frame: frame.T)

# %% a column misspelt: "did you mean"
equal_time = _table(shape=lambda frame: frame.rename(columns={"iqm": "IQM"}))
