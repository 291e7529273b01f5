"""What every executor owes a session, whoever does the work."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rlhp import Evaluation
from rlhp.sweeps._ended import Ended
from rlhp.sweeps._paused import Paused
from rlhp.sweeps._queue import RequestQueue
from rlhp.sweeps._requests import requests_of
from rlhp.sweeps.executors._compiled import Compiled
from rlhp.sweeps.executors._executor import Executor
from rlhp.sweeps.executors._here import Here
from rlhp.sweeps.executors._processes import Processes
from rlhp.trainers._policy import load_policy
from rlhp.trainers._request import RunRequest

SMALL = {"n_steps": 8, "net_arch": [8]}
Maker = tuple[str, Callable[[Path, float | None], Executor]]  # of an executor, for runs of an engine
MAKERS: dict[str, Maker] = {
    "here": ("sb3", lambda folder, limit: Here(limit)),
    "processes": ("sb3", lambda folder, limit: Processes(2, limit)),
    "compiled": ("jax", lambda folder, limit: Compiled(Paused(folder), time_limit=limit)),
}


class Bench:
    """An executor at work on requests, and what it told."""

    def __init__(self, maker: Maker, folder: Path, *, limit: float | None = None) -> None:
        self.maker, (self.engine, make) = maker, maker
        self.executor, self.folder = make(folder / "paused", limit), folder
        self.source, self.stop = RequestQueue(), threading.Event()
        self.events: list[dict[str, Any]] = []
        self.ended: list[Ended] = []
        self.limit, self.begun = limit, 0.0

    def asked(self, *seeds: int, steps: int = 160) -> list[RunRequest]:
        return requests_of(
            "a2c",
            "CartPole-v1",
            SMALL,
            steps=steps,
            seeds=list(seeds),
            evaluation=Evaluation(80, episodes=2),
            engine=self.engine,
        )

    def train(self, *, on_end: Callable[[Ended], None] | None = None, policies: Any = None) -> None:
        def end(run: Ended) -> None:
            self.ended.append(run)
            if on_end is not None:
                on_end(run)

        def hear(event: dict[str, Any]) -> None:
            if event["event"] in ("started", "compiled"):
                self.begun = time.monotonic()
            self.events.append(event)

        self.executor.train(self.source, policies=policies, on_event=hear, on_end=end, should_stop=self.stop.is_set)

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]


@pytest.fixture(params=MAKERS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    if request.param == "compiled":
        pytest.importorskip("jax")
    return Bench(MAKERS[request.param], tmp_path)


def test_trains_each_request_once_and_keeps_its_policy(bench: Bench) -> None:
    requests = bench.asked(0, 1, 2)
    bench.source.put(requests)
    bench.source.close()
    bench.train(policies=lambda run_id: bench.folder / f"{run_id}.zip")
    assert sorted(run.request.seed for run in bench.ended) == [0, 1, 2]
    for run in bench.ended:
        name = run.request.run_id
        assert run.status == "finished"
        assert [row["step"] for row in run.rows] == [80, 160]
        heard = [event["row"] for event in bench.told("eval") if event["run_id"] == name]
        assert json.dumps(heard) == json.dumps(run.rows)  # a NaN that has travelled is another NaN
        assert run.n_updates == 20
        assert run.cpu_time_s > 0
        assert load_policy(bench.folder / f"{name}.zip").request.run_id == name


def test_takes_what_comes_while_it_trains(bench: Bench) -> None:
    """Each run that ends asks for another; the source is empty, but open, when it does."""

    def more(run: Ended) -> None:
        if len(bench.ended) < 4:
            bench.source.put(bench.asked(len(bench.ended)))
        else:
            bench.source.close()

    bench.source.put(bench.asked(0))
    bench.train(on_end=more)
    assert [run.request.seed for run in bench.ended] == [0, 1, 2, 3]


def test_stops_soon_and_says_of_each_run_that_it_was_stopped(bench: Bench) -> None:
    bench.source.put(bench.asked(0, steps=80 * 10**6))
    bench.source.close()

    def stop() -> None:
        while not bench.told("eval"):
            time.sleep(0.01)
        bench.stop.set()

    thread = threading.Thread(target=stop)
    thread.start()
    bench.train()
    thread.join()
    (run,) = bench.ended
    assert run.status == "stopped"
    assert 1 <= len(run.rows) < 10**6


def test_a_run_that_is_not_done_in_time_has_failed_and_the_next_has_a_time_of_its_own(
    tmp_path: Path, bench: Bench
) -> None:
    """The limit is many times what a run takes here and now, whatever else the machine is doing."""
    took: list[float] = []
    bench.source.put(bench.asked(2))
    bench.source.close()
    bench.train(on_end=lambda run: took.append(time.monotonic() - bench.begun))
    check_time_limit(Bench(bench.maker, tmp_path, limit=max(1.0, round(5 * took[0], 1))))


def check_time_limit(limited: Bench) -> None:
    limited.source.put([*limited.asked(0, steps=80 * 10**6), *limited.asked(1)])
    limited.source.close()
    limited.train()
    late, good = sorted(limited.ended, key=lambda run: run.request.seed)
    assert (late.status, good.status) == ("failed", "finished")
    assert late.error.startswith(f"TimeLimit: not done after {limited.limit:g} s (it was at step ")
    assert late.rows


def test_nothing_to_train_is_over_at_once(bench: Bench) -> None:
    bench.source.close()
    bench.train()
    assert (bench.events, bench.ended) == ([], [])
