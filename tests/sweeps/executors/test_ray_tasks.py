"""What the executor does when a cluster does badly: a cluster that does as it is told stands in for one."""

from __future__ import annotations

import itertools
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import rlhp
from rlhp.sweeps import _session
from rlhp.sweeps._ended import Ended
from rlhp.sweeps._paused import Paused
from rlhp.sweeps._queue import RequestQueue
from rlhp.sweeps._requests import requests_of
from rlhp.sweeps.executors import _ray, _ray_task
from rlhp.sweeps.executors._ray import Ray
from rlhp.sweeps.executors._ray_task import Chunk
from tests.hpo import searching


class RayError(Exception):
    pass


class RayTaskError(RayError):
    pass


class Stream:
    """What a task tells: lists of events, an error instead of one, and None where nothing comes for now."""

    def __init__(self, told: Iterator[Any]) -> None:
        self.told, self.cancelled = told, False
        self.next: Any = None

    def ready(self) -> bool:
        if self.next is None:
            self.next = RayError("cancelled") if self.cancelled else next(self.told, StopIteration())
        return self.next is not None

    def __next__(self) -> Any:
        found, self.next = self.next, None
        if isinstance(found, StopIteration):
            raise found
        return found


class Cluster:
    """`ray`, as far as the executor asks: `script(chunk, number)` is what the task of that number tells."""

    class exceptions:
        RayError = RayError
        RayTaskError = RayTaskError
        RuntimeEnvSetupError = type("RuntimeEnvSetupError", (RayError,), {})
        TaskUnschedulableError = type("TaskUnschedulableError", (RayError,), {})

    def __init__(self, script: Callable[[Chunk, int], Iterator[Any]]) -> None:
        self.script, self.streams = script, []

    def remote(self, **options: Any) -> Any:
        assert options == {"num_cpus": 1, "max_retries": 0, "num_returns": "streaming"}
        return lambda function: SimpleNamespace(remote=self.start)

    def start(self, chunk: Chunk) -> Stream:
        self.streams.append(Stream(self.script(chunk, len(self.streams))))
        return self.streams[-1]

    def wait(self, streams: list[Stream], **options: Any) -> tuple[list[Stream], list[Stream]]:
        ready = [one for one in streams if one.ready()]
        return ready, [one for one in streams if one not in ready]

    def get(self, told: Any) -> Any:
        if isinstance(told, Exception):
            raise told
        return told

    def cancel(self, stream: Stream, *, force: bool) -> None:
        assert force
        stream.cancelled = True

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 1.0}

    def nodes(self) -> list[dict[str, Any]]:
        return [{"NodeID": "abc", "Alive": True}]


class Bench:
    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: Any, **options: Any) -> None:
        self.cluster = Cluster(script)
        monkeypatch.setattr(_ray, "connect", lambda address: self.cluster)
        monkeypatch.setattr(_ray, "_WAIT_S", 0.001)
        self.executor = Ray(Paused(tmp_path), **options)
        self.requests = requests_of("a2c", "CartPole-v1", {}, steps=32, seeds=2, engine="sb3")
        self.events: list[dict[str, Any]] = []
        self.ended: list[Ended] = []

    def train(self, should_stop: Callable[[], bool] = lambda: False) -> list[tuple[int, str, str]]:
        source = RequestQueue()
        source.put(self.requests)
        source.close()
        self.executor.train(
            source, policies=None, on_event=self.events.append, on_end=self.ended.append, should_stop=should_stop
        )
        return sorted((run.request.seed, run.status, run.error) for run in self.ended)


def begun() -> list[dict[str, Any]]:
    return [{"event": "begun", "node": "abc"}]


def started(chunk: Chunk) -> list[dict[str, Any]]:
    (name,) = chunk.requests
    return [*begun(), {"event": "started", "run_id": name, "process": "7 on here"}]


def trained(chunk: Chunk) -> list[dict[str, Any]]:
    (name,) = chunk.requests
    run = Ended(None, "finished").to_json()
    ended = {"event": "ended", "run_id": name, "run": run, "policy": None, "paused": None}
    return [*started(chunk), ended, {"event": "over"}]


def test_a_run_that_hangs_is_ended_with_its_process_and_has_failed(tmp_path, monkeypatch) -> None:
    def script(chunk: Chunk, number: int) -> Iterator[Any]:
        return iter([trained(chunk)]) if number else itertools.chain([started(chunk)], itertools.repeat(None))

    monkeypatch.setattr(_ray, "GRACE_S", 0.01)
    bench = Bench(tmp_path, monkeypatch, script, time_limit=0.05)
    assert bench.train() == [
        (0, "failed", "TimeLimit: not done after 0.05 s (it was at step 0 of 32)"),
        (1, "finished", ""),
    ]
    assert bench.cluster.streams[0].cancelled


def test_a_run_whose_process_dies_each_time_fails_and_spares_the_others(tmp_path, monkeypatch) -> None:
    first: list[str] = []

    def script(chunk: Chunk, number: int) -> Iterator[Any]:
        first.extend([] if first else chunk.requests)
        return iter(
            [started(chunk), RayError("out of memory")] if set(first) & set(chunk.requests) else [trained(chunk)]
        )

    bench = Bench(tmp_path, monkeypatch, script)
    assert bench.train() == [
        (0, "failed", "its process died 3 times: RayError: out of memory"),
        (1, "finished", ""),
    ]
    assert [event["event"] for event in bench.events].count("restarted") == 2


def test_workers_that_never_begin_end_the_sweep(tmp_path, monkeypatch) -> None:
    bench = Bench(tmp_path, monkeypatch, lambda chunk, number: iter([RayError("no such disk")]))
    with pytest.raises(RuntimeError, match="Ray's workers do not start: RayError: no such disk"):
        bench.train()
    assert bench.ended == []


@pytest.mark.parametrize(
    ("told", "message"),
    [
        (RayTaskError("Traceback\nModuleNotFoundError: rlhp"), "the cluster cannot train it: .* ModuleNotFoundError"),
        ([{"event": "broken", "message": "torch is 1.0 there"}], "torch is 1.0 there"),
    ],
)
def test_what_no_machine_can_train_ends_the_sweep(told, message, tmp_path, monkeypatch) -> None:
    bench = Bench(tmp_path, monkeypatch, lambda chunk, number: iter([told]))
    with pytest.raises(RuntimeError, match=message):
        bench.train()


def test_a_cluster_on_which_nothing_begins_is_told_of(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(_ray, "QUIET_S", 0.05)
    bench = Bench(tmp_path, monkeypatch, lambda chunk, number: itertools.repeat(None))
    bench.train(should_stop=lambda: bool(bench.events))
    (event,) = bench.events
    assert event["event"] == "silent"
    assert event["message"].startswith("none of 2 tasks has begun for 0 s on a cluster of 1 CPUs. Others may use them")
    assert bench.ended == []
    assert all(stream.cancelled for stream in bench.cluster.streams)


def test_a_search_is_the_search_of_this_process(tmp_path, monkeypatch) -> None:
    """Its tasks train for real; what they are given and what they tell is pickled, as on the way to another machine."""
    jax = pytest.importorskip("jax")
    chunks: list[Chunk] = []

    def script(chunk: Chunk, number: int) -> Iterator[Any]:
        chunks.append(pickle.loads(pickle.dumps(chunk)))
        for events in _ray_task.train(chunks[-1]):
            yield pickle.loads(pickle.dumps(events))

    monkeypatch.setattr(_ray_task, "_here", lambda: ("abc", "a machine"))
    monkeypatch.setattr(_session, "check_executor", lambda how: None)
    monkeypatch.setattr(_ray, "connect", lambda address: Cluster(script))
    execution = rlhp.Execution(executor="ray", address="10.0.0.5:6379", progress=False, keep_policies=True)
    found = searching.call(tmp_path / "ray", execution=execution)
    assert {len(one.rungs) for one in found.trials} == {1, 2, 3}
    assert any(one.paused for one in chunks), "a rung is continued from the state that travels with its task"
    mine = searching.call(tmp_path / "here", execution=rlhp.Execution(progress=False, keep_policies=True))
    pd.testing.assert_frame_equal(found.table, mine.table)
    pd.testing.assert_frame_equal(found.finalists, mine.finalists)
    assert found.counts == mine.counts
    pd.testing.assert_frame_equal(found.runs.evals, mine.runs.evals, check_exact=True)
    ended = found.runs.table.index[found.runs.table["status"] == "finished"]
    for name in ended:
        one, other = (jax.tree.leaves(runs.policy(name).model.parameters) for runs in (found.runs, mine.runs))
        assert [part.tobytes() for part in one] == [part.tobytes() for part in other]
    assert "execution=rlhp.Execution(progress=False, keep_policies=True, executor='ray'" in found.call
