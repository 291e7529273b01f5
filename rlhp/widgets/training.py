"""One sweep in the background, and the thread that tells an explorer about it."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from rlhp.widgets.stopwatch import Stopwatch
from rlhp.widgets.warming import WarmUp

__all__ = ["COMPILING", "Training", "about", "seeds"]

# Said while there is no program yet: the state, of what, and what to expect.
COMPILING = ("compiling the training of {what}, once", "about 10 s; after that every training starts at once")
_NOT_WORTH_SAYING_S = 0.3  # a program that was compiled before is there sooner

_RUNNING: weakref.WeakSet[Training] = weakref.WeakSet()


class Training:
    """Runs a sweep in the background and reports at most a few times a second.

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
    engine : {"sb3", "jax"}
        What trains: one starts processes, the other compiles.
    before : Training, optional
        One that this takes the place of: it was told to stop, and its end is awaited.
    warm : WarmUp, optional
        Compiles what will be trained; its end is awaited.
    every : float
        Seconds between reports, at least.
    """

    def __init__(
        self,
        sweep: Any,
        *,
        report: Callable[[Training], None],
        what: str,
        engine: str = "sb3",
        before: Training | None = None,
        warm: WarmUp | None = None,
        every: float = 0.25,
    ) -> None:
        self.sweep, self.what, self.engine = sweep, what, engine
        self.watch = Stopwatch()
        self._before, self._warm = before, warm
        self.stopped_by = ""
        self.ended = False
        self.failure: BaseException | None = None
        self._report, self._every = report, every
        self._wake, self._over = threading.Event(), threading.Event()
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
        if not self._over.wait(timeout):
            return False
        self._thread.join()
        return True

    @property
    def running(self) -> bool:
        """Whether there are reports to come."""
        return self._thread.ident is not None and not self._over.is_set()

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
        if self._compiles():
            state, detail = COMPILING
            return state.format(what=self.what), detail
        if not done and self.engine == "jax":
            return f"starting {self.what}", ""
        if not done:
            return f"starting the workers for {self.what}", "about 5 s"
        left = self._seconds_left(done, total)
        return f"training {self.what}", steps + (f", about {about(left)} left" if left else "")

    def _compiles(self) -> bool:
        if self._warm is not None and self._warm.running and not self.sweep.progress[0]:
            return True
        return self.watch.compiling_for() > _NOT_WORTH_SAYING_S

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
            self._await_others()
            if not self.stopped_by:
                self.sweep.listen(self.watch.hear)
                self.sweep.start()
            while self.stopped_by or not self.sweep.done:
                if self.stopped_by:
                    self.sweep.stop()  # returns when nothing trains any more
                    break
                self._report(self)
                self._wake.wait(self._every)
        except Exception as error:
            self.failure = error
        finally:
            _RUNNING.discard(self)
            self.ended = True
            try:
                self._report(self)
            finally:
                self._over.set()

    def _await_others(self) -> None:
        """Let the one before come to its end, and the compiler too: what it makes is needed here."""
        if self._before is not None:
            self._before.wait()
            self._before.sweep.close()
            self._before = None
        while self._warm is not None and self._warm.running and not self.stopped_by:
            self._report(self)
            self._warm.wait(self._every)


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
