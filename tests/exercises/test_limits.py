"""Code that does not end is ended, on every system, and nothing that stood before the limit is lost to it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rlhp.exercises import _limits as limits
from rlhp.exercises._limits import TimeUp, within

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no alarm")


@pytest.fixture(params=[pytest.param("alarm", marks=posix), "watch"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of ending code; the second is what Windows and other threads have."""
    if request.param == "watch":
        monkeypatch.setattr(limits, "_alarms_reach_here", lambda: False)
    return str(request.param)


def endless() -> None:
    while True:
        pass


caught: list[Exception] = []


def careful() -> None:
    while True:
        try:
            sum(range(100))
        except Exception as error:
            caught.append(error)


def greedy() -> None:
    while True:
        try:
            sum(range(100))
        except:  # noqa: E722
            pass


def tidy() -> None:
    try:
        endless()
    finally:
        endless()  # raised once is not enough


@pytest.mark.parametrize("loop", [endless, careful, greedy, tidy])
def test_a_loop_without_end_is_ended(way: str, loop: Callable[[], None]) -> None:
    began = time.monotonic()
    with pytest.raises(TimeUp):
        within(0.1, loop)
    assert caught == [], "what asks for `Exception` does not get it"
    # A loop that catches everything ends by chance: when it is hit outside of its `try`.
    assert time.monotonic() - began < (60.0 if loop is greedy else 5.0)


@posix
def test_what_sleeps_is_woken() -> None:
    began = time.monotonic()
    with pytest.raises(TimeUp):
        within(0.1, lambda: time.sleep(30))
    assert time.monotonic() - began < 5.0


def test_what_ends_in_time_is_left_alone(way: str) -> None:
    assert within(5.0, lambda: 42) == 42
    with pytest.raises(ZeroDivisionError):
        within(5.0, lambda: 1 / 0)
    for _ in range(200):  # also where the end and the limit meet
        try:
            within(0.001, lambda: time.sleep(0.001))
        except TimeUp:
            pass
    time.sleep(0.3)  # nothing comes after it


def test_the_users_interrupt_is_the_users(way: str) -> None:
    def interrupted() -> None:
        threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
        endless()

    with pytest.raises(KeyboardInterrupt):
        within(5.0, interrupted)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    time.sleep(0.05)


def test_in_another_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[Any] = []

    def work() -> None:
        try:
            within(0.1, endless)
        except TimeUp as late:
            ended.append(late)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(10.0)
    assert len(ended) == 1


@pytest.fixture
def alarms() -> Iterator[list[float]]:
    """An alarm of somebody else's, put back afterwards to what stood before (pytest's own limit is one)."""
    rung: list[float] = []
    handler = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(time.monotonic()))
    left, interval = signal.setitimer(signal.ITIMER_REAL, 0.0)
    began = time.monotonic()
    yield rung
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    signal.signal(signal.SIGALRM, handler)
    if left:
        signal.setitimer(signal.ITIMER_REAL, max(left - (time.monotonic() - began), 0.01), interval)


@posix
@pytest.mark.parametrize("call", [lambda: 1, endless], ids=["ends", "does not"])
def test_somebody_elses_alarm_still_rings(alarms: list[float], call: Callable[[], Any]) -> None:
    ours = signal.getsignal(signal.SIGALRM)
    began = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, 0.4)
    try:
        within(0.1, call)
    except TimeUp:
        pass
    assert signal.getsignal(signal.SIGALRM) is ours
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    assert 0.0 < left <= 0.4
    while not alarms and time.monotonic() - began < 5.0:
        time.sleep(0.01)
    assert 0.35 <= alarms[0] - began < 5.0


@posix
def test_an_alarm_that_comes_while_the_limit_is_lifted_is_the_limits(
    alarms: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    lifted = limits._Alarm.stop
    calls = []

    def stop(alarm: limits._Alarm) -> None:
        calls.append(alarm)
        if len(calls) == 1:
            time.sleep(0.3)  # it rings here
        lifted(alarm)

    monkeypatch.setattr(limits._Alarm, "stop", stop)
    ours = signal.getsignal(signal.SIGALRM)
    with pytest.raises(TimeUp):
        within(0.1, lambda: 42)
    assert len(calls) == 2
    assert signal.getsignal(signal.SIGALRM) is ours
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
