"""Train with stable-baselines3 in this process: one run after the other, in the thread that asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlhp.runs import Runs
from rlhp.sweeps._ended import Ended
from rlhp.sweeps._options import Logging
from rlhp.sweeps._queue import RequestQueue
from rlhp.sweeps.executors._executor import Event, Policies
from rlhp.sweeps.executors._limit import TimeLimit, late
from rlhp.trainers import RunRequest

if TYPE_CHECKING:
    from rlhp.trainers.sb3 import Options

__all__ = ["Here", "train_one"]


@dataclass(frozen=True)
class Here:
    """The executor that needs no other process.

    A KeyboardInterrupt that is not the time limit's is the user's, and goes on.

    Parameters
    ----------
    time_limit : float, optional
        Seconds a run may take; one that is not done then ends as `failed`.
    logging : Logging
        What runs leave behind.
    checkpoints : path, optional
        Folder of the folders of checkpoints, one a run.
    """

    time_limit: float | None = None
    logging: Logging = Logging()
    checkpoints: Path | None = None

    def train(
        self,
        requests: RequestQueue,
        *,
        policies: Policies,
        on_event: Callable[[Event], None],
        on_end: Callable[[Ended], None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Train one request after the other; see `Executor`."""
        from rlhp.trainers.sb3 import Options

        for request in requests:
            if should_stop():
                return
            if request is None:
                requests.wait(0.1)
                time.sleep(0.01)  # what is held back is there, and must not be asked for all the time
                continue
            on_event({"event": "started", "run_id": request.run_id})
            log = self.logging
            options = Options(
                tensorboard=None if log.tensorboard is None else Path(log.tensorboard),
                checkpoint_every=log.checkpoint_every,
                checkpoints=None if self.checkpoints is None else self.checkpoints / request.run_id,
                resume=None if log.resume is None else Path(log.resume),
                policy=None if policies is None else policies(request.run_id),
            )
            on_end(train_one(request, options, self.time_limit, on_event, should_stop))


def train_one(
    request: RunRequest,
    options: Options,
    time_limit: float | None,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
    *,
    interrupts: bool = True,
) -> Ended:
    """Train one run in this thread, within its time; with `interrupts`, also where it does not come to ask for it.

    Raises
    ------
    KeyboardInterrupt
        If it was somebody else's than the limit's.
    KeepingError
        If the disk refuses the policy.
    """
    from rlhp.trainers.sb3 import train_run

    rows: list[dict[str, Any]] = []
    at = 0

    def hear(event: Event) -> None:
        nonlocal at
        if event["event"] == "eval":
            rows.append(event["row"])
        at = event.get("step", at)
        on_event(event)

    began = time.monotonic()
    runs: Runs | None = None
    with TimeLimit(time_limit, interrupts=interrupts) as limit:
        runs = train_run(request, options, on_event=hear, should_stop=lambda: limit.passed() or should_stop())
    if runs is None:  # it was interrupted out of what it did
        return late(Ended(request, "stopped", rows, time.monotonic() - began), time_limit or 0.0, at)
    row = runs.table.iloc[0]
    ended = Ended(
        request,
        row["status"],
        rows,
        float(row["wall_time_s"]),
        float(row["cpu_time_s"]),
        row["error"],
        float(row["n_updates"]),
    )
    return late(ended, time_limit or 0.0) if limit.passed() and not should_stop() else ended
