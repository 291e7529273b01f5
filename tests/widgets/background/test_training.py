"""The thread that follows a sweep: how often it reports, and that it always ends with a last word."""

from __future__ import annotations

import itertools
import time

import pytest

from rlhp.runs import Runs
from rlhp.widgets import Explorer
from rlhp.widgets.background._training import BackgroundSweep, seeds, so_far
from tests.widgets.stand_in import until


class Ticking:
    """A sweep that ends after a while."""

    error = None
    requests = ()

    def __init__(self, seconds: float, *, fails: bool = False) -> None:
        self.until, self.fails = time.monotonic() + seconds, fails

    def listen(self, hear) -> None:
        self.hear = hear

    def start(self) -> None:
        if self.fails:
            raise OSError("no space left on device")

    def stop(self) -> None:
        self.until = 0.0

    def close(self) -> None:
        self.stop()

    @property
    def done(self) -> bool:
        return time.monotonic() > self.until

    @property
    def progress(self) -> tuple[int, int]:
        return 10, 100

    def snapshot(self) -> Runs:
        return Runs.from_table([{}], [1.0])


def follow(sweep: Ticking, **options) -> tuple[BackgroundSweep, list[bool]]:
    reports: list[bool] = []
    training = BackgroundSweep(sweep, report=lambda one: reports.append(one.ended), what="2 seeds", **options)
    training.start()
    return training, reports


def test_reports_come_at_most_four_times_a_second_and_one_last() -> None:
    training, reports = follow(Ticking(1.0))
    assert training.wait(10)
    assert not training.running
    assert 2 <= len(reports) <= 6
    assert reports[:-1] == [False] * (len(reports) - 1)
    assert reports[-1]


def test_stop_does_not_wait_for_the_next_report() -> None:
    training, reports = follow(Ticking(60.0), every=30.0)
    training.stop()
    assert training.wait(5)
    assert reports[-1]
    assert training.message() == ("stopped, because you pressed Stop", "10 of 100 steps")


def test_a_sweep_that_cannot_start_ends_with_its_exception() -> None:
    training, reports = follow(Ticking(60.0, fails=True))
    assert training.wait(5)
    assert reports == [True]
    assert str(training.failure) == "no space left on device"
    assert training.message()[0] == "training failed"


def test_what_takes_long_to_draw_is_drawn_less_often() -> None:
    drawn: list[float] = []

    def slow(_: BackgroundSweep) -> None:
        drawn.append(time.monotonic())
        time.sleep(0.2)

    explorer = Explorer("A slow one")
    explorer.begin(Ticking(60.0), what="2 seeds", report=slow)
    until(lambda: len(drawn) == 3, seconds=60)
    explorer.close()
    assert min(late - early for early, late in itertools.pairwise(drawn)) >= 0.6


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0 s"), (8.6, "8 s"), (59.9, "59 s"), (95, "1 min 35 s"), (5_000, "1 h 23 min"), (9_000, "2 h 30 min")],
)
def test_time_is_counted_up(seconds, said) -> None:
    assert so_far(seconds) == said


def test_one_seed_is_one_seed() -> None:
    assert (seeds(1), seeds(4)) == ("1 seed", "4 seeds")
