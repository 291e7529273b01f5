"""One run becomes one number, or the reason why it has none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from rlhp.objectives.definitions import Objective, names
from rlhp.runs import Runs

# Every run has these; a frame without them has no rows.
_NEVER_MISSING = ("return_mean", "steps")


def per_run(runs: Runs, objective: str, what: Objective, *, threshold: float | None, last: int) -> pd.DataFrame:
    """Score each run by itself: a row with the `value`, or NaN and the reason for it in `failure`."""
    on_table = what.column in runs.table.columns
    _need_recorded(objective, what.column, runs, on_table)
    curves = {str(one): curve for one, curve in runs.evals.groupby("run_id", sort=False)}
    rows = []
    for run_id, run in runs.table.iterrows():
        curve = curves.get(str(run_id), runs.evals.iloc[:0])
        row: dict[str, Any] = {
            "env_id": run["env_id"],
            "value": math.nan,
            "status": run["status"],
            "failure": "",
            "step": float(curve["step"].iloc[-1]) if len(curve) else math.nan,
            "n_evals": len(curve),
        }
        if run["status"] in ("diverged", "failed"):
            row["failure"] = ": ".join(filter(None, [run["status"], run["error"]]))
        elif on_table:
            row |= _resource(run, what.column, row["step"])
        else:
            row |= _off_curve(objective, what, curve, threshold, last)
        rows.append(row)
    table = pd.DataFrame(rows, index=runs.table.index)
    table.insert(0, "config_id", runs.config_id)
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


def _resource(run: pd.Series, column: str, step: float) -> dict[str, Any]:
    # What a run that was stopped used is not what it was given.
    used = step if column == "steps" and run["status"] != "finished" else float(run[column])
    if math.isfinite(used):
        return {"value": used}
    return {"failure": "no evaluations" if column == "steps" else f"`{column}` was not recorded"}


def _off_curve(
    objective: str, what: Objective, curve: pd.DataFrame, threshold: float | None, last: int
) -> dict[str, Any]:
    if not len(curve):
        return {"failure": "no evaluations"}
    steps, values = curve["step"].to_numpy(dtype=float), curve[what.column].to_numpy(dtype=float)
    known = ~np.isnan(values)  # no episode may have ended since the last evaluation, so that NaN is no fault
    if not known.any():
        return {"failure": f"`{what.column}` was not recorded"}
    steps, values = steps[known], values[known]
    if not np.isfinite(values).all():
        return {"failure": f"`{what.column}` is not finite"}
    if objective == "steps_to_threshold":
        reached = np.flatnonzero(values >= threshold)
        return {"value": float(steps[reached[0]])} if len(reached) else {}
    value = what.curve(steps, values) if what.curve else float(values[-last:].mean())
    return {"value": value} if math.isfinite(value) else {"failure": "the value is not finite"}
