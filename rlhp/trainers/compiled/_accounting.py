"""Whose the processor's time is: XLA computes in threads of its own, so it is divided among those that work."""

from __future__ import annotations

import threading
import time
from types import TracebackType

__all__ = ["Share"]


class _Account:
    """The process's CPU seconds, divided equally at every moment among the shares that are open."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open, self._last, self._each = 0, 0.0, 0.0

    def read(self, change: int = 0) -> float:
        """Return what a share that was open for ever would have got, and open or close some."""
        with self._lock:
            now = time.process_time()
            if self._open:
                self._each += (now - self._last) / self._open
            self._last = now
            self._open += change
            return self._each


_account = _Account()


class Share:
    """The time that passes inside of a `with`: on the wall, and this piece of work's part of the processor's.

    All shares together get what the process spent while any was open: exact where one works alone, and otherwise as
    exact as it is that each of them keeps one core busy.
    """

    wall_s = 0.0
    cpu_s = 0.0

    def __enter__(self) -> Share:
        self._wall, self._cpu = time.perf_counter(), _account.read(+1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._count(-1)

    def lap(self) -> None:
        """Count what has passed up to now, and go on."""
        self._count(0)

    def _count(self, change: int) -> None:
        wall, cpu = time.perf_counter(), _account.read(change)
        self.wall_s += wall - self._wall
        self.cpu_s += cpu - self._cpu
        self._wall, self._cpu = wall, cpu
