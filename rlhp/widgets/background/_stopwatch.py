"""How long agents trained: from a sweep's events, without compiling and without evaluating."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

__all__ = ["Stopwatch"]


class Stopwatch:
    """Hears a sweep's events and keeps the time.

    Parameters
    ----------
    now : callable
        Gives seconds on a clock that only goes forward.

    Examples
    --------
    >>> clock = iter([0.0, 5.0, 6.0, 6.5, 8.5, 9.0])
    >>> watch = Stopwatch(now=lambda: next(clock))
    >>> for event in ("compiling", "compiled", "progress", "eval", "progress", "eval"):
    ...     watch.hear({"event": event, "run_id": "a", "row": {"step": 1}})
    >>> watch.trained("a")
    (1.0, 3.0)
    """

    def __init__(self, now: Callable[[], float] = time.perf_counter) -> None:
        self._now = now
        self._guard = threading.Lock()
        self.n_evals = 0  # evaluations heard of
        self._compiling: float | None = None
        self._began: float | None = None
        self._marks: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._spent: dict[str, float] = {}
        self._trained: dict[str, list[float]] = {}

    def hear(self, event: dict[str, Any]) -> None:
        """Take note of an event; called from the thread that trains."""
        now, kind, name = self._now(), event["event"], event.get("run_id", "")
        with self._guard:
            if kind == "compiling":
                self._compiling = now
            elif kind == "compiled":
                self._compiling, self._began = None, now
            elif kind == "progress":
                self._marks.setdefault(name, now if self._began is None else self._began)
                self._last[name] = now
            elif kind == "eval":
                self.n_evals += 1
                if name not in self._last:
                    return
                # Between the last progress and this the run was evaluated; training goes on from here.
                self._spent[name] = self._spent.get(name, 0.0) + self._last[name] - self._marks[name]
                self._marks[name] = now
                self._trained.setdefault(name, []).append(self._spent[name])

    def compiling_for(self) -> float:
        """Seconds since the compiler was asked for the program that is awaited now; 0 if none is."""
        since = self._compiling
        return 0.0 if since is None else max(self._now() - since, 0.0)

    def trained(self, run_id: str) -> tuple[float, ...]:
        """Seconds of training before each evaluation of a run, and of those that were trained together with it."""
        with self._guard:
            return tuple(self._trained.get(run_id, ()))
