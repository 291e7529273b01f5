"""Says which run has been silent for a while: it may be slow, or hang."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from rlhp.algorithms import defaults
from rlhp.arguments import shown
from rlhp.trainers import RunRequest

__all__ = ["QUIET_S", "Silence", "description"]

QUIET_S = 60.0  # how long a run may be silent before it is named; then after twice as long, and so on
_BATCH = ""  # stands for the runs of the compiled engine: they take turns, and somebody's turn it always is


@dataclass
class _Heard:
    at: float
    step: int = 0
    where: str = "this process"
    patience: float = QUIET_S


class Silence:
    """Hears the events of a sweep and tells, from a thread of its own, of the runs of which nothing is heard.

    Parameters
    ----------
    tell : callable
        Given ``{"event": "silent", "run_id", "seconds", "heard", "message"}``: `heard` is `message` without the advice.
    quiet_s : float
        Seconds until a run is named for the first time.
    """

    def __init__(self, tell: Callable[[dict[str, Any]], None], *, quiet_s: float | None = None) -> None:
        self._requests: dict[str, RunRequest] = {}
        self._compiled: set[str] = set()  # runs of the compiled engine that have not ended
        self._tell, self._quiet_s = tell, QUIET_S if quiet_s is None else quiet_s
        self._heard: dict[str, _Heard] = {}
        self._guard, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="rlhp-silence", daemon=True)

    def __enter__(self) -> Silence:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def expect(self, requests: Iterable[RunRequest]) -> None:
        """Take note of runs that will be trained."""
        with self._guard:
            for request in requests:
                self._requests[request.run_id] = request
                if request.engine == "jax":
                    self._compiled.add(request.run_id)

    def hear(self, event: dict[str, Any]) -> None:
        """Take note of an event of the sweep."""
        name, kind, now = event.get("run_id", _BATCH), event["event"], time.monotonic()
        with self._guard:
            if name in self._requests and self._requests[name].engine == "jax":
                if kind == "finished":
                    self._compiled.discard(name)
                name = _BATCH
                if kind == "finished" and self._compiled and name in self._heard:
                    self._heard[name].at = now  # the others go on
                    return
            if kind in ("started", "compiling"):
                where = f"process {event['process']}" if "process" in event else "this process"
                self._heard[name] = _Heard(now, where=where, patience=self._quiet_s)
            elif kind in ("finished", "restarted"):
                self._heard.pop(name, None)
            elif kind in ("progress", "eval") and name in self._heard:
                step = event["step"] if kind == "progress" else event["row"]["step"]
                self._heard[name] = _Heard(now, step, self._heard[name].where, self._quiet_s)

    def _look(self, now: float) -> list[dict[str, Any]]:
        """Return an event for each run that has been silent for longer than it should."""
        found = []
        with self._guard:
            for name, heard in self._heard.items():
                if now - heard.at >= heard.patience:
                    heard.patience *= 2
                    found.append(self._event(name, heard, now - heard.at))
        return found

    def _event(self, name: str, heard: _Heard, seconds: float) -> dict[str, Any]:
        request = self._requests.get(name)
        what = "the runs that are compiled and trained side by side" if request is None else description(request)
        at = f"; it was at step {heard.step:,}" + ("" if request is None else f" of {request.steps:,}")
        said = f"no progress for {seconds:.0f} s from {what}, in {heard.where}{at}"
        message = (
            f"{said}. It may be slow, or it hangs: Ctrl-C stops the sweep, and `execution=Execution(time_limit=...)` "
            f"(seconds a run) ends such a run as failed."
        )
        return {"event": "silent", "run_id": name, "seconds": seconds, "heard": said, "message": message}

    def _watch(self) -> None:
        while not self._over.wait(min(1.0, self._quiet_s / 4)):
            for event in self._look(time.monotonic()):
                self._tell(event)


def description(request: RunRequest) -> str:
    """Return in a line which run that is: what, where, its seed, and the hyperparameters that are not the default."""
    usual = defaults(request.algorithm)
    chosen = {name: value for name, value in request.config.items() if name not in usual or value != usual[name]}
    return f"{request.algorithm} on {request.env_id}, seed {request.seed}, {shown(chosen)}"
