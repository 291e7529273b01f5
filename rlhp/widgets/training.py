"""One sweep in the background, and the thread that tells an explorer about it."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

__all__ = ["Training", "about", "seeds"]

_RUNNING: weakref.WeakSet[Training] = weakref.WeakSet()


class Training:
    """Runs a sweep in its worker processes and reports at most a few times a second.

    Only one training runs at a time in a kernel: two would share the cores and both be slow, and a cell that is run
    again would leave the first one training unseen. Starting one stops the other, which then says so.

    Parameters
    ----------
    sweep : rlhp.sweep.session.Sweep
        Not yet started.
    report : callable
        Called with this object from one background thread, every `every` seconds and at last when training has ended.
    what : str
        What is trained, in words: ``"4 seeds"``.
    every : float
        Seconds between reports, at least.
    """

    def __init__(self, sweep: Any, *, report: Callable[[Training], None], what: str, every: float = 0.25) -> None:
        self.sweep, self.what = sweep, what
        self.stopped_by = ""
        self.ended = False
        self.failure: BaseException | None = None
        self._report, self._every = report, every
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="rlhp-training", daemon=True)
        self._first: tuple[float, int] | None = None

    def start(self) -> None:
        """Start at once and return; whatever trained before is told to stop."""
        for other in list(_RUNNING):
            other.stop("another training was started")
        _RUNNING.add(self)
        self._thread.start()

    def stop(self, why: str = "you pressed Stop") -> None:
        """Ask the sweep to stop and return at once; what is finished is kept."""
        if not self.stopped_by:
            self.stopped_by = why
        self._wake.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the last report was given; False if `timeout` (seconds) came first."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether there are reports to come."""
        return self._thread.is_alive()

    def message(self) -> tuple[str, str]:
        """Say honestly how far the training is: what is going on, and the numbers that change all the time."""
        done, total = self.sweep.progress
        steps = f"{done:,} of {total:,} steps"
        if self.ended:
            if self.failure is not None or self.sweep.error:
                return "training failed", steps
            if self.stopped_by and done < total:
                return f"stopped, because {self.stopped_by}", steps
            return f"trained {self.what}", steps
        if self.stopped_by:
            return "stopping", steps
        if not done:
            return f"starting the workers for {self.what}", "about 5 s"
        left = self._seconds_left(done, total)
        return f"training {self.what}", steps + (f", about {about(left)} left" if left else "")

    def _seconds_left(self, done: int, total: int) -> float | None:
        now = time.monotonic()
        if self._first is None:
            self._first = now, done  # the rate is measured from here, so that starting up is not counted
        since, before = self._first
        if now - since < 1 or done == before:
            return None
        return (total - done) * (now - since) / (done - before)

    def _follow(self) -> None:
        try:
            self.sweep.start()
            while not self.sweep.done:
                if self.stopped_by:
                    self.sweep.stop()  # returns when its processes have ended
                    break
                self._report(self)
                self._wake.wait(self._every)
        except Exception as error:
            self.failure = error
        finally:
            _RUNNING.discard(self)
            self.ended = True
            self._report(self)


def about(seconds: float) -> str:
    """Say a duration as coarsely as it is known.

    >>> about(8.6), about(95), about(9000)
    ('9 s', '2 min', '2.5 h')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def seeds(n: int) -> str:
    """Say how many seeds."""
    return f"{n} seed{'s' * (n != 1)}"
