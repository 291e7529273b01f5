"""A sweep that trains nothing, and patience."""

from __future__ import annotations

import itertools
import threading
import time
from pathlib import Path

import pandas as pd

from rlhp.runs import Runs, concat, empty_evals, empty_history


class StandIn:
    """What an explorer asks of a `Session`, moved on by the test: `reach(steps)` lets every run get that far."""

    made: list[StandIn]

    def __init__(self, requests, **options):
        self.requests = requests
        self.options = options
        self.hear = None
        self.reached, self.statuses = 0, {}
        self.error = None
        self.started = self.stopped = self.closed = False
        self.snapshots = 0
        self._over = threading.Event()
        type(self).made.append(self)

    def listen(self, hear):
        self.hear = hear

    def start(self):
        self.started = True
        return self

    def stop(self):
        self.stopped = True
        self._over.set()

    def close(self):
        self.closed = True
        self._over.set()

    def reach(self, steps):
        self.reached = steps
        if self.hear is not None:
            self.hear({"event": "eval", "run_id": self.requests[0].run_id, "row": {"step": steps}})
        if steps >= self.requests[0].steps:
            self._over.set()

    def end(self, *, error=None, statuses=()):
        self.error = error
        self.statuses = dict(zip([r.run_id for r in self.requests], statuses, strict=False))
        self._over.set()

    @property
    def done(self):
        return self._over.is_set()

    @property
    def progress(self):
        return self.reached * len(self.requests), self.requests[0].steps * len(self.requests)

    def policy_path(self, run_id):
        return Path("/nowhere") / f"{run_id}.zip"

    def snapshot(self):
        self.snapshots += 1
        parts = []
        for place, request in enumerate(self.requests):
            steps = [step for step in request.eval_steps() if step <= self.reached]
            status = self.statuses.get(request.run_id, "finished" if self.reached >= request.steps else "stopped")
            if not steps and status == "stopped":
                continue
            error = "ValueError: pole fell" if status == "failed" else ""
            row = request.row(status, wall_time_s=1.0, cpu_time_s=1.0, error=error)
            evals = [
                {
                    "run_id": request.run_id,
                    "step": step,
                    "return_mean": step / 100 + place,
                    "return_std": 1.0,
                    "n_episodes": 5,
                    "length_mean": 10.0,
                }
                for step in steps
            ]
            frame = pd.DataFrame(evals) if evals else empty_evals()
            parts.append(Runs(pd.DataFrame([row]), frame, empty_history()))
        if parts:
            return concat(parts)
        row = self.requests[0].row("stopped", wall_time_s=1.0, cpu_time_s=1.0)
        return Runs(pd.DataFrame([row]).iloc[:0], empty_evals(), empty_history())


class StillCompiler:
    """What an explorer asks of a `WarmUp`; `over()` ends it."""

    made: list[StillCompiler]

    def __init__(self, requests):
        self.requests, self.cancelled = requests, False
        self._over = threading.Event()
        type(self).made.append(self)

    def start(self):
        return self

    def over(self):
        self._over.set()

    def cancel(self):
        self.cancelled = True
        self._over.set()

    def wait(self, timeout=None):
        return self._over.wait(timeout)

    @property
    def running(self):
        return not self._over.is_set()


def until(met, seconds=30.0):
    """Wait until `met()` is true; fail if it never is."""
    end = time.monotonic() + seconds
    for pause in itertools.chain([0.01] * 50, itertools.repeat(0.05)):
        if met():
            return
        assert time.monotonic() < end, "it never came true"
        time.sleep(pause)
