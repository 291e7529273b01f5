"""Work that is done ahead: what is looked at first, then what may be asked for next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

__all__ = ["Ahead"]

_Job = TypeVar("_Job")


class Ahead(Generic[_Job]):
    """Does jobs one after the other off the main thread; what is wanted now may change at any time.

    Parameters
    ----------
    work : callable
        Does one job.
    done : callable
        Told of each job that is done, and then of None when nothing is left; in the working thread.
    """

    def __init__(self, work: Callable[[_Job], object], done: Callable[[_Job | None], object]) -> None:
        self._work, self._done = work, done
        self._lock = threading.Lock()
        self._wanted: list[_Job] = []
        self._thread: threading.Thread | None = None
        self.now: _Job | None = None

    @property
    def running(self) -> bool:
        """Whether something is being done."""
        with self._lock:
            return self._thread is not None

    @property
    def left(self) -> int:
        """How many jobs wait."""
        with self._lock:
            return len(self._wanted)

    def want(self, jobs: Sequence[_Job]) -> None:
        """Take these jobs, in this order, in the place of those that wait; the one that is being done goes on."""
        with self._lock:
            self._wanted = list(jobs)
            if self._thread is None and self._wanted:
                self._thread = threading.Thread(target=self._run, name="rlhp-ahead", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Begin nothing more."""
        with self._lock:
            self._wanted = []

    def end(self) -> None:
        """Begin nothing more, and let what is being done come to its end, for a while."""
        self.stop()
        if self._thread is not threading.current_thread():
            self.wait(10)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is left; True if so."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return not self.running

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._thread, self.now = None, None
                    break
                self.now = self._wanted.pop(0)
            job = self.now
            try:
                self._work(job)
            finally:
                self._done(job)
        self._done(None)
