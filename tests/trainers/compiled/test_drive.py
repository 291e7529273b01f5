"""Many runs side by side: which is advanced when, what may happen meanwhile, and that all of them end once."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from rlhp.errors import KeepingError
from rlhp.trainers.compiled import _drive as driving
from rlhp.trainers.compiled._drive import Limits, drive


class Fake:
    """A run that computes nothing; `log` says what the threads did, in order."""

    def __init__(
        self, name: str, *, steps: int = 3, recipe: str = "one", size: int = 1, log: list | None = None
    ) -> None:
        self.name, self.log = name, [] if log is None else log
        self.request = SimpleNamespace(run_id=name, steps=steps)
        self.prepared = SimpleNamespace(recipe=recipe)
        self.status, self.step, self.state, self.size = "going", 0, None, size
        self.wall_time_s = 0.0
        self.error: BaseException | None = None

    def program(self, device=None) -> None:
        self.log.append(("program", self.prepared.recipe))

    def state_bytes(self) -> int:
        return self.size

    def resume(self) -> None:
        self.status = "going" if self.status == "stopped" else self.status

    def stop(self) -> None:
        self.status = "stopped" if self.status == "going" else self.status

    def fail(self, error: BaseException) -> None:
        self.status, self.error = "failed", error

    def advance(self, device=None, *, on_event, should_stop, policies) -> None:
        self.state = "begun"
        if should_stop():
            return
        self.step += 1
        self.log.append(("step", self.name, self.step))
        on_event({"event": "eval", "run_id": self.name})
        if self.step == self.request.steps:
            self.status = "finished"


def started(runs, **options) -> list:
    """Drive fakes, each under its own name; gives the runs in the order of their ends."""
    ended: list = []
    limits = Limits(**{name: options.pop(name) for name in ("workers", "most_open", "memory") if name in options})
    drive(iter(runs), begin=lambda run: run, on_end=ended.append, limits=limits, **options)
    return ended


def steps(log: list) -> list:
    return [entry[1:] for entry in log if entry[0] == "step"]


def test_the_least_advanced_run_is_advanced_first():
    log: list = []
    runs = [Fake("a", log=log), Fake("b", steps=6, log=log)]
    ended = started(runs, workers=1)
    # In shares of the whole: a third of `a` is two of six of `b`.
    expected = [("a", 1), ("b", 1), ("b", 2), ("a", 2), ("b", 3), ("b", 4), ("a", 3), ("b", 5), ("b", 6)]
    assert steps(log) == expected
    assert [run.name for run in ended] == ["a", "b"]
    assert {run.status for run in ended} == {"finished"}


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_run_ends_once_whatever_the_number_of_threads(workers):
    runs = [Fake(str(i), recipe=str(i % 3)) for i in range(40)]
    ended = started(runs, workers=workers, most_open=7)
    assert sorted(run.name for run in ended) == sorted(run.name for run in runs)
    assert {run.status for run in ended} == {"finished"}


def test_only_so_many_are_open_at_once():
    log: list = []
    started([Fake(str(i), log=log) for i in range(4)], workers=1, most_open=2)
    assert steps(log)[:6] == [("0", 1), ("1", 1), ("0", 2), ("1", 2), ("0", 3), ("2", 1)]


def test_only_so_many_programs_are_in_use_at_once(monkeypatch):
    monkeypatch.setattr(driving, "_PROGRAMS", 2)
    log: list = []
    ended = started([Fake(str(i), recipe=str(i), log=log) for i in range(4)], workers=1)
    assert len(ended) == 4
    third = log.index(("program", "2"))
    assert ("step", "0", 3) in log[:third] or ("step", "1", 3) in log[:third]


def test_runs_that_come_while_others_train_are_taken_up():
    more: list = []

    def source():
        yield Fake("first")
        while not more:
            yield None
        yield from more

    def hear(event) -> None:
        if not more:
            more.append(Fake("second"))

    assert [run.name for run in started(source(), workers=2, on_event=hear)] == ["first", "second"]


def test_a_run_that_is_left_alone_is_stopped_where_it_was_to_be_and_goes_on_later():
    runs = [Fake("a"), Fake("b", steps=5)]
    ended = started(runs, workers=2, until=lambda request: 2)
    assert {(run.name, run.status, run.step) for run in ended} == {("a", "stopped", 2), ("b", "stopped", 2)}
    assert [run.status for run in started(runs, until=lambda request: 2)] == ["stopped", "stopped"]
    assert [run.step for run in runs] == [2, 2]  # they were there already
    assert {(run.status, run.step) for run in started(runs)} == {("finished", 3), ("finished", 5)}


def test_a_program_is_looked_for_once_and_compiled_while_others_train():
    """The second program comes while the first one's runs are trained; while it is made, no other is."""
    log: list = []
    making = threading.Event()

    class Slow(Fake):
        def program(self, device=None):
            if self.prepared.recipe == "slow" and not making.is_set():
                making.set()
                until = time.monotonic() + 30
                while not steps(log) and time.monotonic() < until:
                    time.sleep(0.001)
            return super().program(device)

    runs = [Fake("quick", steps=50, recipe="quick", log=log), Slow("late", recipe="slow", log=log)]
    told: list = []
    started(runs, workers=2, on_event=lambda event: told.append(event) if "comp" in event["event"] else None)
    compiled = log.index(("program", "slow"))
    assert 0 < len(steps(log[:compiled]))
    assert sorted(event["event"] for event in told) == ["compiled"] * 2 + ["compiling"] * 2


def test_what_waits_for_a_program_is_told():
    told: list = []
    started([Fake(str(i)) for i in range(5)], workers=1, on_event=told.append)
    assert told[:2] == [{"event": "compiling", "runs": 5}, {"event": "compiled", "runs": 5}]


def test_a_program_that_raises_is_a_failed_run_and_the_others_are_trained():
    class Broken(Fake):
        def program(self, device=None):
            raise SystemExit(2)

    ended = started([Broken("bad", recipe="bad"), Fake("good")], workers=2)
    assert {run.name: run.status for run in ended} == {"bad": "failed", "good": "finished"}
    assert isinstance({run.name: run for run in ended}["bad"].error, SystemExit)


def test_stop_is_heard_and_all_that_are_open_end_as_stopped():
    stop = threading.Event()
    runs = [Fake(str(i), steps=10**6) for i in range(5)]
    ended = started(runs, workers=2, should_stop=stop.is_set, on_event=lambda event: stop.set())
    assert {run.status for run in ended} == {"stopped"}
    assert len(ended) == 5


def test_nobody_waits_for_a_compiler_when_it_is_stopped():
    begun, let_go, made = threading.Event(), threading.Event(), threading.Event()

    class Endless(Fake):
        def program(self, device=None):
            begun.set()
            let_go.wait(30)
            made.set()

    ended = started([Endless("late")], workers=1, should_stop=begun.is_set)
    assert not made.is_set()
    let_go.set()
    assert [(run.name, run.status) for run in ended] == [("late", "stopped")]


def test_a_run_whose_time_is_up_ends_alone():
    runs = [Fake("short", steps=50), Fake("long", steps=50)]
    ended = started(runs, workers=1, over=lambda run: run.name == "short" and run.step >= 3)
    assert {run.name: (run.status, run.step) for run in ended} == {"short": ("stopped", 3), "long": ("finished", 50)}


def test_states_stay_within_the_memory_there_is():
    log: list = []
    most: list = []
    runs = [Fake(str(i), size=10, log=log) for i in range(6)]

    def hear(event) -> None:
        most.append(sum(run.size for run in runs if run.state and run.status == "going"))

    ended = started(runs, workers=2, memory=20, on_event=hear)
    assert max(most) == 20
    assert len(ended) == 6
    # One that is larger than all there is is trained alone.
    assert [run.status for run in started([Fake("large", size=100)], memory=20)] == ["finished"]


def test_an_interrupt_gets_through_to_the_caller_and_runs_end():
    runs, ended = [Fake(str(i), steps=10**7) for i in range(3)], []
    interrupted = threading.Event()

    def hear(event) -> None:
        if not interrupted.is_set():
            interrupted.set()
            signal_main()

    def signal_main() -> None:
        import ctypes

        main = threading.main_thread().ident
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main), ctypes.py_object(KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        drive(iter(runs), begin=lambda run: run, on_event=hear, on_end=ended.append, limits=Limits(workers=2))
    assert {run.status for run in ended} == {"stopped"}
    assert len(ended) == 3


def test_what_a_listener_raises_is_the_callers_and_no_fault_of_a_run():
    def hear(event) -> None:
        raise LookupError("a listener's own")

    runs, ended = [Fake("a"), Fake("b")], []
    with pytest.raises(LookupError, match="a listener's own"):
        drive(iter(runs), begin=lambda run: run, on_event=hear, on_end=ended.append, limits=Limits(workers=1))
    assert "failed" not in {run.status for run in runs}


def test_a_disk_that_refuses_a_policy_stops_all_and_that_run_is_not_told_as_finished():
    class Refused(Fake):
        def advance(self, device=None, **options) -> None:
            self.status = "finished"
            raise KeepingError("no space")

    ended: list = []
    runs = [Fake("a", steps=10**7), Refused("b")]
    with pytest.raises(KeepingError, match="no space"):
        drive(iter(runs), begin=lambda run: run, on_end=ended.append, limits=Limits(workers=2))
    assert [(run.name, run.status) for run in ended] == [("a", "stopped")]


def test_listeners_are_called_one_at_a_time():
    inside, most = [], []

    def hear(what) -> None:
        inside.append(what)
        most.append(len(inside))
        time.sleep(0.001)
        inside.pop()

    drive(
        iter([Fake(str(i)) for i in range(8)]),
        begin=lambda run: run,
        on_event=hear,
        on_end=hear,
        limits=Limits(workers=4),
    )
    assert max(most) == 1


def test_no_thread_is_left_behind():
    started([Fake("a"), Fake("b")], workers=3)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(one.name.startswith("rlhp-training") for one in threading.enumerate()):
        time.sleep(0.01)
    assert not [one for one in threading.enumerate() if one.name.startswith("rlhp-training")]
