"""A run that is no longer in training: what an executor hands over, and how several become one table."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rlhp.runs import Runs, empty_evals, empty_history
from rlhp.trainers import RunRequest

__all__ = ["Ended", "as_runs", "reached"]


@dataclass(frozen=True)
class Ended:
    """One run that ended, however it did.

    A table is made of many at once: one for each would cost more than many a run.

    Parameters
    ----------
    request : RunRequest
        What was trained.
    status : {"finished", "diverged", "failed", "stopped"}
        What became of it.
    rows : sequence of dict
        Its evaluations, as in `Runs.evals`, by step.
    wall_time_s, cpu_time_s : float
        Seconds; NaN where nobody knows.
    error : str
        Why it diverged or failed.
    n_updates : float
        Gradient steps taken; NaN where nobody knows.
    history : sequence of dict
        Changes of its hyperparameters, as in `Runs.history`.
    """

    request: RunRequest
    status: str
    rows: Sequence[dict[str, Any]] = ()
    wall_time_s: float = math.nan
    cpu_time_s: float = math.nan
    error: str = ""
    n_updates: float = math.nan
    history: Sequence[dict[str, Any]] = ()

    def to_json(self) -> str:
        """Write as one line of JSON, without the request; `from_json` reads it back."""
        fields = {one.name: getattr(self, one.name) for one in dataclasses.fields(self) if one.name != "request"}
        return json.dumps(fields)

    @classmethod
    def from_json(cls, request: RunRequest, text: str) -> Ended:
        """Read what `to_json` wrote of the run of a request."""
        return cls(request, **json.loads(text))


def reached(rows: Sequence[dict[str, Any]]) -> int:
    """Return the environment steps at the last of some evaluations; 0 where there is none."""
    return int(rows[-1]["step"]) if rows else 0


def as_runs(several: Sequence[Ended]) -> Runs:
    """Make one table of some runs, in their order.

    Examples
    --------
    >>> request = RunRequest("ppo", "CartPole-v1", 0, 100, {}, 50, engine="sb3")
    >>> as_runs([Ended(request, "failed", error="ValueError: the pole fell")]).table["status"].tolist()
    ['failed']
    """
    table = [
        one.request.row(
            one.status,
            wall_time_s=one.wall_time_s,
            cpu_time_s=one.cpu_time_s,
            error=one.error,
            n_updates=one.n_updates,
        )
        for one in several
    ]
    rows = [row for one in several for row in one.rows]
    changes = [change for one in several for change in one.history]
    return Runs(
        pd.DataFrame(table),
        pd.DataFrame(rows) if rows else empty_evals(),
        pd.DataFrame(changes) if changes else empty_history(),
    )
