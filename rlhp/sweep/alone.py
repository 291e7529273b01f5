"""Train one run with stable-baselines3 in this process, within its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from rlhp.runs import Runs
from rlhp.sweep.limit import TimeLimit, failed, reason, stopped_by_limit
from rlhp.trainers.request import RunRequest
from rlhp.trainers.sb3 import Options, train_run

__all__ = ["train_alone"]


def train_alone(
    request: RunRequest,
    options: Mapping[str, Any],
    *,
    time_limit: float | None,
    on_event: Callable[[dict[str, Any]], None],
) -> Runs:
    """Train one run; the one that is not done in time ends as `failed`.

    A KeyboardInterrupt that is not the time limit's is the user's, and goes on.

    Parameters
    ----------
    request : RunRequest
        What to train.
    options : mapping
        The fields of `rlhp.trainers.sb3.Options`.
    time_limit : float, optional
        Seconds.
    on_event : callable
        As for `train_run`.
    """
    rows: list[dict[str, Any]] = []
    reached = 0

    def hear(event: dict[str, Any]) -> None:
        nonlocal reached
        if event["event"] == "eval":
            rows.append(event["row"])
        reached = event.get("step", reached)
        on_event(event)

    began = time.monotonic()
    runs: Runs | None = None
    with TimeLimit(time_limit) as limit:
        runs = train_run(request, Options(**options), on_event=hear, should_stop=limit.passed)
    if runs is None:
        error = reason(time_limit or 0.0, reached, request.steps)
        return failed(request, rows, error, seconds=time.monotonic() - began)
    return stopped_by_limit(runs, time_limit) if time_limit is not None else runs
