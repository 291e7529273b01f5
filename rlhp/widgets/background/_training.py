"""One sweep in the background, and the thread that tells an explorer about it."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

from rlhp.widgets.background._fates import brief
from rlhp.widgets.background._notices import Notices
from rlhp.widgets.background._stopwatch import Stopwatch
from rlhp.widgets.background._warming import WarmUp

__all__ = ["BackgroundSweep", "compiling", "seeds", "so_far"]

_NOT_WORTH_SAYING_S = 0.3  # a program that was compiled before is there sooner

_RUNNING: weakref.WeakSet[BackgroundSweep] = weakref.WeakSet()


class BackgroundSweep:
    """Runs a sweep in the background and reports at most a few times a second.

    Only one training runs at a time in a kernel: two would share the cores and both be slow, and a cell that is run
    again would leave the first one training unseen. Starting one stops the other, which then says so.

    Parameters
    ----------
    sweep : rlhp.sweeps.Session
        Not yet started.
    report : callable
        Called with this object from one background thread, every `every` seconds and at last when training has ended.
    what : str
        What is trained, in words: ``"4 seeds"``.
    engine : {"sb3", "jax"}
        What trains: one starts processes, the other compiles.
    before : BackgroundSweep, optional
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
        report: Callable[[BackgroundSweep], None],
        what: str,
        engine: str = "sb3",
        before: BackgroundSweep | None = None,
        warm: WarmUp | None = None,
        every: float = 0.25,
    ) -> None:
        self.sweep, self.what, self.engine = sweep, what, engine
        self.watch, self.notices = Stopwatch(), Notices(sweep.requests)
        self._before, self._warm = before, warm
        self.stopped_by = ""
        self.ended = False
        self.broken = ""
        self.failure: BaseException | None = None
        self._report, self._every = report, every
        self._wake, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._follow, name="rlhp-training", daemon=True)
        self._since = time.monotonic()

    def start(self) -> None:
        """Start at once and return; whatever trained before is told to stop."""
        for other in list(_RUNNING):
            other.stop("another training was started")
        _RUNNING.add(self)
        self._since = time.monotonic()
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
                return f"stopped, because {self.stopped_by}" + (f", {self.broken}" if self.broken else ""), steps
            return f"trained {self.what}" + (f", {self.broken}" if self.broken else ""), steps
        # How long it will take is not known: what compiles, starts and trains shares the machine with everything else.
        # So the time is counted up.
        spent = so_far(time.monotonic() - self._since)
        if self.stopped_by:
            return "stopping", steps
        if self._compiles():
            return compiling(self.what, time.monotonic() - self._since)
        if not done and self.engine == "jax":
            return f"starting {self.what}", spent
        if not done:
            return f"starting the workers for {self.what}", spent
        return f"training {self.what}", f"{steps}, {spent}"

    def _compiles(self) -> bool:
        if self._warm is not None and self._warm.running and not self.sweep.progress[0]:
            return True
        return self.watch.compiling_for() > _NOT_WORTH_SAYING_S

    def _follow(self) -> None:
        try:
            self._await_others()
            if not self.stopped_by:
                self.sweep.listen(self._hear)
                self.sweep.start()
            while self.stopped_by or not self.sweep.done:
                if self.stopped_by:
                    self.sweep.stop()  # returns when nothing trains any more
                    break
                self._report(self)
                self._wake.wait(self._every)
            runs = self.sweep.snapshot()
            self.broken = brief(runs)
            self.notices.end(runs)
        except Exception as error:
            self.failure = error
        finally:
            _RUNNING.discard(self)
            self.ended = True
            try:
                self._report(self)
            finally:
                self._over.set()

    def _hear(self, event: dict[str, Any]) -> None:
        self.watch.hear(event)
        self.notices.hear(event)

    def _await_others(self) -> None:
        """Let the one before come to its end, and the compiler too: what it makes is needed here."""
        if self._before is not None:
            self._before.wait()
            self._before.sweep.close()
            self._before = None
        while self._warm is not None and self._warm.running and not self.stopped_by:
            self._report(self)
            self._warm.wait(self._every)


def so_far(seconds: float) -> str:
    """Return for how long something has been going on.

    >>> so_far(8.6), so_far(95), so_far(9000)
    ('8 s', '1 min 35 s', '2 h 30 min')
    """
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def compiling(what: str, seconds: float) -> tuple[str, str]:
    """Return what is waited for while there is no program yet: the state, and what to expect."""
    return f"compiling the training of {what}, once", f"{so_far(seconds)}; after that every training starts at once"


def seeds(n: int) -> str:
    """Return how many seeds."""
    return f"{n} seed{'s' * (n != 1)}"
