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
        self.engine, make = maker
        self.executor, self.folder = make(folder / "paused", limit), folder
        self.source, self.stop = RequestQueue(), threading.Event()
        self.events: list[dict[str, Any]] = []
        self.ended: list[Ended] = []

    def asked(self, *seeds: int, steps: int = 64) -> list[RunRequest]:
        return requests_of(
            "a2c",
            "CartPole-v1",
            SMALL,
            steps=steps,
            seeds=list(seeds),
            evaluation=Evaluation(32, episodes=2),
            engine=self.engine,
        )

    def train(self, *, on_end: Callable[[Ended], None] | None = None, policies: Any = None) -> None:
        def end(run: Ended) -> None:
            self.ended.append(run)
            if on_end is not None:
                on_end(run)

        self.executor.train(
            self.source, policies=policies, on_event=self.events.append, on_end=end, should_stop=self.stop.is_set
        )

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
        assert [row["step"] for row in run.rows] == [32, 64]
        heard = [event["row"] for event in bench.told("eval") if event["run_id"] == name]
        assert json.dumps(heard) == json.dumps(run.rows)  # a NaN that has travelled is another NaN
        assert run.n_updates == 8
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
    bench.source.put(bench.asked(0, steps=32 * 10**6))
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
    request: pytest.FixtureRequest, tmp_path: Path, bench: Bench
) -> None:
    check_time_limit(Bench(MAKERS[request.node.callspec.params["bench"]], tmp_path, limit=4.0))


def check_time_limit(limited: Bench) -> None:
    limited.source.put([*limited.asked(0, steps=32 * 10**6), *limited.asked(1)])
    limited.source.close()
    limited.train()
    late, good = sorted(limited.ended, key=lambda run: run.request.seed)
    assert (late.status, good.status) == ("failed", "finished")
    assert late.error.startswith("TimeLimit: not done after 4 s (it was at step ")
    assert late.rows


def test_nothing_to_train_is_over_at_once(bench: Bench) -> None:
    bench.source.close()
    bench.train()
    assert (bench.events, bench.ended) == ([], [])
