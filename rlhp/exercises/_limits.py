"""A limit on how long a student's code may run, so that an endless loop gets a verdict instead of a dead kernel.

No thread can be ended from outside, so the code itself is made to raise. In the main thread of a POSIX system an
alarm does that, which also wakes what sleeps or waits; elsewhere (Windows, other threads) a second thread asks the
interpreter to raise between two steps of Python. Neither touches the interrupt of the user.
"""

from __future__ import annotations

import ctypes
import itertools
import signal
import sys
import threading
import time
import types
from collections.abc import Callable
from typing import Protocol, TypeVar

_Result = TypeVar("_Result")

# A bare `except:` in a loop catches what is raised in its `try`, so it is raised again until it comes outside of one:
# at first with time to tidy up in between, then in quick succession.
_AGAIN, _QUICKLY, _PATIENCE = 0.2, 0.003, 3


class TimeUp(BaseException):
    """Raised in the midst of code that ran for too long; no `Exception`, so that `except Exception` lets it pass."""

    call: str = ""
    place: str = ""
    """What was running and at which line, in the student's terms: added on the way by whoever knows it."""


class _Limit(Protocol):
    def start(self) -> None: ...

    def stop(self) -> None: ...


def within(seconds: float, call: Callable[[], _Result]) -> _Result:
    """Call a function and end it when it runs for too long.

    Parameters
    ----------
    seconds : float
        How long it may run, in seconds of the clock.
    call : callable
        Takes no argument.

    Returns
    -------
    object
        What the function returned.

    Raises
    ------
    TimeUp
        When the time was over first. One long step outside of Python (a compiled program, a large matrix product)
        is waited for.

    Examples
    --------
    >>> within(5.0, lambda: 6 * 7)
    42
    >>> try:
    ...     within(0.05, lambda: [None for _ in iter(int, 1)])
    ... except TimeUp:
    ...     print("it did not end")
    it did not end
    """
    limit: _Limit = _Alarm(seconds) if _alarms_reach_here() else _Watch(seconds)
    try:
        try:
            limit.start()
            return call()
        finally:
            limit.stop()
    except TimeUp:
        limit.stop()  # it may have come while the limit was being lifted
        raise


def _alarms_reach_here() -> bool:
    return sys.platform != "win32" and threading.current_thread() is threading.main_thread()


class _Alarm:
    """The system's alarm clock. Whose alarm was set before finds its handler and its remaining time again."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._is_set = False
        self._remaining = self._interval = 0.0
        self._rung = 0

    def start(self) -> None:
        self._handler = signal.signal(signal.SIGALRM, self._ring)
        self._is_set = True
        self._began = time.monotonic()
        # Read before it is set: a short limit may be over before what stood here before is noted.
        self._remaining, self._interval = signal.getitimer(signal.ITIMER_REAL)
        signal.setitimer(signal.ITIMER_REAL, self._seconds, _AGAIN)

    def stop(self) -> None:
        if not self._is_set:
            return
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if self._handler is None else self._handler)
        self._is_set = False
        if self._remaining > 0.0:
            left = self._remaining - (time.monotonic() - self._began)
            signal.setitimer(signal.ITIMER_REAL, max(left, 1e-3), self._interval)

    def _ring(self, number: int, frame: types.FrameType | None) -> None:
        self._rung += 1
        if self._rung == _PATIENCE:
            signal.setitimer(signal.ITIMER_REAL, _QUICKLY, _QUICKLY)
        raise TimeUp


class _Watch:
    """A second thread that asks the interpreter to raise in the first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._over = threading.Event()
        self._lock = threading.Lock()

    def start(self) -> None:
        self._thread = ctypes.c_ulong(threading.get_ident())
        threading.Thread(target=self._wait, name="rlhp-time-limit", daemon=True).start()

    def stop(self) -> None:
        with self._lock:
            self._over.set()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, ctypes.py_object())  # one that is still to come

    def _wait(self) -> None:
        pauses = itertools.chain([self._seconds], [_AGAIN] * _PATIENCE, itertools.repeat(_QUICKLY))
        while not self._over.wait(next(pauses)):
            with self._lock:
                if not self._over.is_set():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(self._thread, ctypes.py_object(TimeUp))
