"""The processor's time is divided among those that work, and nothing of it is lost."""

from __future__ import annotations

import time

import pytest

from rlhp.trainers.compiled import _accounting as accounting
from rlhp.trainers.compiled._accounting import Share


@pytest.fixture
def clock(monkeypatch):
    """Give a processor that spends what it is told to."""
    now = [0.0]
    monkeypatch.setattr(accounting, "_account", accounting._Account())
    monkeypatch.setattr(time, "process_time", lambda: now[0])

    def spend(seconds: float) -> None:
        now[0] += seconds

    return spend


def test_what_is_spent_is_divided_among_those_that_work(clock):
    one, other = Share(), Share()
    clock(5.0)  # nobody's
    with one:
        clock(1.0)
        with other:
            clock(4.0)
        clock(2.0)
    assert one.cpu_s == 1.0 + 4.0 / 2 + 2.0
    assert other.cpu_s == 4.0 / 2


def test_a_share_goes_on_and_can_be_looked_at_on_the_way(clock):
    share = Share()
    for _ in range(2):
        with share:
            clock(1.0)
            share.lap()
            assert share.cpu_s in (1.0, 4.0)
            clock(2.0)
    assert share.cpu_s == 6.0


def test_an_error_ends_a_share(clock):
    share = Share()
    with pytest.raises(KeyError), share:
        raise KeyError
    clock(3.0)
    with Share() as other:
        clock(1.0)
    assert (share.cpu_s, other.cpu_s) == (0.0, 1.0)


def test_the_wall_is_everybodys_own():
    with Share() as one, Share() as other:
        time.sleep(0.02)
    assert one.wall_s >= other.wall_s >= 0.02
