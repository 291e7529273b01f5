"""What says that runs are needed, where a function is passed something else."""

from __future__ import annotations

from typing import Any

from rlhp import arguments
from rlhp.runs._runs import Runs


def need_runs(value: Any, name: str = "runs") -> Runs:
    """Return the runs that a function was passed, or say what makes some.

    Raises
    ------
    TypeError
        If it is anything else.
    """
    hint = (
        "`rlhp.sweep` trains some; `Runs.load`, `Runs.from_csv`, `Runs.from_monitor` and `Runs.from_table` read them."
    )
    if type(value).__name__ == "Scores":  # the likeliest slip; the room that has them lies above this one
        hint = "These are scores: pass the runs they are of, and the scores as `objective=`."
    return arguments.instance(name, value, Runs, hint=hint)
