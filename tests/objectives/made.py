"""Runs from short descriptions, that tests share."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd

from rlhp import Runs
from rlhp.runs import empty_history

MAXIMISED = ("final_return", "best_return", "auc", "train_auc", "exploration")


def make(*runs: dict[str, Any], optional: bool = True) -> Runs:
    """Make runs from short descriptions: `curve` is step -> return, the rest columns of the table or of `evals`."""
    table, evals = [], []
    for number, run in enumerate(runs):
        row = {
            "run_id": run.get("id", f"r{number}"),
            "algorithm": "dqn",
            "env_id": run.get("env_id", "Env-v0"),
            "engine": "sb3",
            "seed": run.get("seed", number),
            "steps": run.get("steps", 100),
            "status": run.get("status", "finished"),
            "wall_time_s": run.get("wall", 1.0 + number),
            "cpu_time_s": run.get("cpu", 2.0 + number),
            "error": run.get("error", ""),
            "hp.gamma": run.get("gamma", 0.99),
        }
        table.append(row)
        for step, value in run.get("curve", {}).items():
            extra = {"train_return_mean": value - 1.0, "entropy": 0.5, "value_error": -2.0} if optional else {}
            extra |= {name: run[name][step] for name in extra if name in run}
            evals.append({"run_id": row["run_id"], "step": step, "return_mean": value, **extra})
    frame = pd.DataFrame(evals, columns=None if evals else ["run_id", "step", "return_mean"])
    frame = frame.assign(return_std=0.0, n_episodes=10, length_mean=1.0)
    return Runs(pd.DataFrame(table).set_index("run_id"), frame, empty_history())


CURVES = make(
    {"curve": {0: 0.0, 50: 10.0, 100: 4.0}},
    {"curve": {0: 2.0, 10: 2.0, 100: 20.0}},
)


def extra(objective: str) -> dict[str, Any]:
    return {"threshold": 5.0} if objective == "steps_to_threshold" else {}


@functools.cache
def with_crash(level: float, *, crash_first: bool = True, status: str = "failed") -> Runs:
    """Two configurations of three runs each; of one, all crashed. `level` moves all returns."""
    fine = [
        {"id": f"f{s}", "gamma": 0.9, "seed": s, "curve": {0: level, 50: level + 1 + s, 100: level + 2 + s}}
        for s in range(3)
    ]
    # The crashed runs had begun better, faster and cheaper than the ones that finished.
    crash = [
        {
            "id": f"c{s}",
            "gamma": 0.99,
            "seed": s,
            "status": status,
            "error": "ZeroDivisionError" if status == "failed" else "",
            "curve": {0: level + 50.0},
            "wall": 0.01,
            "cpu": 0.01,
            "value_error": {0: 0.0},
            "entropy": {0: 9.0},
        }
        for s in range(3)
    ]
    return make(*(crash + fine if crash_first else fine + crash))
