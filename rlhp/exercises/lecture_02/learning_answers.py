"""What students typically write for the repaired loss and for the small study, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

Wrong = dict[str, tuple[Any, str]]


def _loss(
    *,
    best: Callable[[Any], Any] = lambda next_q: next_q.max(axis=1),
    keep: Callable[[Any], Any] = lambda terminated: 1 - terminated,
    discount: Callable[[float], float] = lambda gamma: gamma,
    reduce: Callable[[Any], Any] = lambda error: (error**2).mean(),
    shape: Callable[[Any], Any] = lambda q: q[:, 0],
) -> Callable[..., Any]:
    """Build a wrong `fixed_td_loss`: the right one with one part replaced."""

    def answer(q: Any, reward: Any, next_q: Any, terminated: Any, gamma: float) -> Any:
        return reduce(shape(q) - (reward + discount(gamma) * keep(terminated) * best(next_q)))

    return answer


SILENT_BUG: Wrong = {
    "the bug itself": (_loss(shape=lambda q: q), "every prediction with every target"),
    "best of the whole batch": (_loss(best=lambda next_q: next_q.max()), "whole batch"),
    "average action": (_loss(best=lambda next_q: next_q.mean(axis=1)), "mean over actions"),
    "worst action": (_loss(best=lambda next_q: next_q.min(axis=1)), "smallest"),
    "first action": (_loss(best=lambda next_q: next_q[:, 0]), "first action"),
    "forgets the end": (_loss(keep=lambda terminated: 1.0), "ended"),
    "end the wrong way round": (_loss(keep=lambda terminated: terminated), "wrong way round"),
    "forgets gamma": (_loss(discount=lambda gamma: 1.0), "gamma"),
    "sum": (_loss(reduce=lambda error: (error**2).sum()), "sum over the batch"),
    "root": (_loss(reduce=lambda error: np.sqrt((error**2).mean())), "square root"),
    "absolute": (_loss(reduce=lambda error: np.abs(error).mean()), "absolute"),
    "averages first": (_loss(reduce=lambda error: error.mean() ** 2), "averaged before"),
    "one loss a transition": (_loss(reduce=lambda error: error**2), "shape"),
}


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


EQUAL_TIME: Wrong = {
    "equal steps": (_table(inside=lambda at, budget: at < np.inf), "equal steps"),
    "goes over the budget": (_table(inside=lambda at, budget: at <= 1.5 * budget), "over the budget"),
    "strictly below": (_table(inside=lambda at, budget: at < budget), "just in time"),
    "seconds of a step": (_table(cost=lambda step, steps, seconds: seconds * step), "of a whole run"),
    "whole runs only": (_table(cost=lambda step, steps, seconds: seconds), "whole run fits"),
    "the first evaluation": (_table(last=lambda group: group.iloc[0]), "*first* evaluation"),
    "the best evaluation": (_table(last=lambda group: group.max()), "best evaluation"),
    "the whole curve": (_table(last=lambda group: group.mean()), "all of its evaluations"),
    "mean over seeds": (_table(middle=lambda values: float(np.mean(values))), "plain mean"),
    "median over seeds": (_table(middle=lambda values: float(np.median(values))), "median"),
    "the best seed": (_table(middle=lambda values: float(np.max(values))), "best seed"),
    "one seed": (_table(middle=lambda values: float(values[0])), "one seed"),
    "counts evaluations": (_table(count=lambda ends: 3 * len(ends)), "runs, not evaluations"),
    "an empty row": (_table(shape=_with_missing), "no row"),
    "no index": (_table(shape=lambda frame: frame.reset_index(names="batch_size")), "index should be"),
    "transposed": (_table(shape=lambda frame: frame.T), "transpose"),
    "a column misspelt": (_table(shape=lambda frame: frame.rename(columns={"iqm": "IQM"})), "did you mean"),
}
