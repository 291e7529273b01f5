"""A limit on the time of one run: told between two steps, and by an interrupt where the run does not listen."""

from __future__ import annotations

import ctypes
import dataclasses
import signal
import threading
import time
from types import TracebackType

from rlhp.sweeps._ended import Ended, reached

__all__ = ["GRACE_S", "TimeLimit", "late", "reason"]

GRACE_S = 2.0  # how long a run may take to notice that its time is up


class TimeLimit:
    """Limits the time of what this thread does inside the ``with``.

    `passed` is asked between two environment steps. A run that does not come to its next step is interrupted as by
    Ctrl-C; the ``with`` then ends as if nothing had been raised, and `interrupted` says so. What hangs in foreign code
    that never comes back to Python cannot be interrupted from within: only a process can be ended whatever it does.

    Parameters
    ----------
    seconds : float, optional
        No limit where it is None.
    interrupts : bool
        Whether to interrupt at all; somebody else may see to a run that does not come to ask.
    """

    def __init__(self, seconds: float | None, *, interrupts: bool = True) -> None:
        self.seconds, self._interrupts = seconds, interrupts
        self.interrupted = False
        self._end = float("inf") if seconds is None else time.monotonic() + seconds
        self._over = threading.Event()
        self._thread: threading.Thread | None = None
        self._watched = 0

    def passed(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self._end

    def __enter__(self) -> TimeLimit:
        if self.seconds is not None:
            self._end = time.monotonic() + self.seconds
        if self.seconds is not None and self._interrupts:
            self._watched = threading.get_ident()
            self._thread = threading.Thread(target=self._watch, name="rlhp-limit", daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._over.set()
        try:
            if self._thread is not None:
                self._thread.join()
            if self.interrupted and not isinstance(error, KeyboardInterrupt):
                time.sleep(0.05)  # the interrupt was on its way when the run ended by itself
        except KeyboardInterrupt:
            if not self.interrupted:
                raise
        return self.interrupted and isinstance(error, KeyboardInterrupt)

    def _watch(self) -> None:
        wait = max(0.0, self._end + GRACE_S - time.monotonic())
        while not self._over.wait(wait):
            self.interrupted = True
            _interrupt(self._watched)
            wait = 1.0  # a run may swallow it, and is asked again


def _interrupt(thread: int) -> None:
    """Raise KeyboardInterrupt in a thread; in the main one also out of a system call that waits."""
    main = threading.main_thread().ident
    if (
        thread == main
        and hasattr(signal, "pthread_kill")
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    ):
        signal.pthread_kill(thread, signal.SIGINT)
    else:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(KeyboardInterrupt))


def reason(seconds: float, step: int, steps: int) -> str:
    """Return why a run was ended."""
    return f"TimeLimit: not done after {seconds:g} s (it was at step {step:,} of {steps:,})"


def late(run: Ended, seconds: float, step: int | None = None) -> Ended:
    """Count as failed a run that was stopped because its time was up, at `step` (its last evaluation by default)."""
    if run.status != "stopped":
        return run
    error = reason(seconds, reached(run.rows) if step is None else step, run.request.steps)
    return dataclasses.replace(run, status="failed", error=error)
