"""One run becomes one number, or the reason why it has none; all runs at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from rlhp.frames import BROKEN
from rlhp.objectives._definitions import Array, Objective, names
from rlhp.runs import Runs

Mask = npt.NDArray[np.bool_]

# Every run has these; a frame without them has no rows.
_NEVER_MISSING = ("return_mean", "steps")


def per_run(runs: Runs, objective: str, what: Objective, *, threshold: float | None, last: int) -> pd.DataFrame:
    """Score each run by itself: a row with the `value`, or NaN and the reason for it in `failure`."""
    on_table = what.column in runs.table.columns
    _need_recorded(objective, what.column, runs, on_table)
    index, status = runs.table.index, runs.table["status"]
    steps = runs.evals["step"].to_numpy(dtype=np.float64)
    owner = index.get_indexer(pd.Index(runs.evals["run_id"]))  # which run a row is of; rows stand by run, then step
    n_evals = np.bincount(owner, minlength=len(index))
    last_step = np.full(len(index), np.nan)
    last_step[n_evals > 0] = steps[np.cumsum(n_evals)[n_evals > 0] - 1]
    ended = status.isin(BROKEN).to_numpy()
    if on_table:
        value, failure = _resource(runs.table, what.column, last_step)
    else:
        values = runs.evals[what.column].to_numpy(dtype=np.float64)
        sound = ~ended[owner]
        value, failure = _off_curves(what, owner[sound], steps[sound], values[sound], n_evals, threshold, last)
    value[ended] = np.nan
    error = runs.table["error"].to_numpy(dtype=object)[ended]
    told = status.to_numpy(dtype=object)[ended]
    failure[ended] = [": ".join(filter(None, both)) for both in zip(told, error, strict=True)]
    table = pd.DataFrame(
        {
            "config_id": runs.config_id,
            "env_id": runs.table["env_id"],
            "value": value,
            "status": status,
            "failure": pd.Series(failure, index=index, dtype="str"),
            "step": last_step,
            "n_evals": n_evals,
        },
        index=index,
    )
    return _censored(table, runs.table["steps"]) if objective == "steps_to_threshold" else table


def _censored(table: pd.DataFrame, budget: pd.Series) -> pd.DataFrame:
    """Mark who never reached the threshold; as value they get the longest budget of their environment."""
    never = table["value"].isna() & (table["failure"] == "")
    seen = pd.Series(np.fmax(budget.astype(float), table["step"]), index=table.index)
    longest = seen.groupby(table["env_id"]).transform("max")
    value = table["value"].where(~never, longest)
    return table.assign(value=value, censored=never, observed_until=table["step"])


def _need_recorded(objective: str, column: str, runs: Runs, on_table: bool) -> None:
    frame = runs.table if on_table else runs.evals
    if column in _NEVER_MISSING or (column in frame.columns and frame[column].notna().any()):
        return
    engines = ", ".join(sorted(set(runs.table["engine"])))
    raise ValueError(
        f"{objective} needs `{column}`, which none of these runs records (engine: {engines}); choose another "
        f"objective of {', '.join(names())}."
    )


def _resource(table: pd.DataFrame, column: str, last_step: Array) -> tuple[Array, npt.NDArray[np.object_]]:
    used = table[column].to_numpy(dtype=np.float64, copy=True)
    if column == "steps":  # what a run that was stopped used is not what it was given
        used = np.where(table["status"] == "finished", used, last_step)
    known = np.isfinite(used)
    missing = "no evaluations" if column == "steps" else f"`{column}` was not recorded"
    return np.where(known, used, np.nan), np.where(known, "", missing).astype(object)


def _off_curves(
    what: Objective,
    owner: npt.NDArray[np.intp],
    steps: Array,
    values: Array,
    n_evals: npt.NDArray[np.intp],
    threshold: float | None,
    last: int,
) -> tuple[Array, npt.NDArray[np.object_]]:
    """Read a number off each curve; row i of the curves is of run `owner[i]`, and rows of one run stand together."""
    n = len(n_evals)
    known = ~np.isnan(values)  # no episode may have ended since the last evaluation, so that NaN is no fault
    owner, steps, values = owner[known], steps[known], values[known]
    counts = np.bincount(owner, minlength=n)
    infinite = np.bincount(owner[~np.isfinite(values)], minlength=n) > 0
    failure = np.full(n, "", dtype=object)
    failure[infinite] = f"`{what.column}` is not finite"
    failure[counts == 0] = f"`{what.column}` was not recorded"
    failure[n_evals == 0] = "no evaluations"
    value = np.full(n, np.nan)
    if threshold is not None:
        reached = np.flatnonzero((values >= threshold) & ~infinite[owner])
        first = reached[np.unique(owner[reached], return_index=True)[1]]
        value[owner[first]] = steps[first]
        return value, failure
    for mine, rows in of_equal_length(counts, (counts > 0) & ~infinite):
        value[mine] = what.curve(steps[rows], values[rows]) if what.curve else values[rows][:, -last:].mean(axis=-1)
    unbounded = (failure == "") & ~np.isfinite(value)
    value[unbounded], failure[unbounded] = np.nan, "the value is not finite"
    return value, failure


def of_equal_length(
    counts: npt.NDArray[np.intp], wanted: Mask
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Return wanted groups by their lengths, with the rows [n groups, length] of each; rows stand group by group."""
    starts = np.cumsum(counts) - counts
    for length in np.unique(counts[wanted]):
        mine = np.flatnonzero(wanted & (counts == length))
        yield mine, starts[mine, None] + np.arange(length)
