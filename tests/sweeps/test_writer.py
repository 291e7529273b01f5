"""Finished runs are written several at a time, and told of only when they are on the disk."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import pytest

from rlhp import chunks
from rlhp.runs import Runs
from rlhp.sweeps import _writer as writer
from rlhp.sweeps._ended import Ended, as_runs
from rlhp.sweeps._store import Store
from rlhp.sweeps._writer import Writer
from rlhp.trainers._request import RunRequest


def run(seed: int) -> Ended:
    request = RunRequest("ppo", "CartPole-v1", seed, 100, {"gamma": 0.9}, 50, engine="sb3")
    return Ended(request, "finished", [evaluation(request, step) for step in (50, 100)], 2.0, 1.0, n_updates=10)


def evaluation(request: RunRequest, step: int) -> dict[str, object]:
    seen = {"return_mean": float(step + request.seed), "return_std": 1.0, "n_episodes": 5, "length_mean": 9.0}
    return {"run_id": request.run_id, "step": step, **seen}


def test_many_runs_become_few_chunks_and_none_is_told_before_it_is_there(tmp_path: Path) -> None:
    store, told = Store(tmp_path), []

    def written(runs: Runs, several: list[Ended]) -> None:
        there = {name for chunk in chunks.listed(tmp_path) for name in chunks.ids_in(chunk)}
        assert set(runs.table.index) <= there
        told.extend(several)

    with Writer(store, on_written=written, on_failure=pytest.fail) as writing:
        for seed in range(100):
            writing.add(run(seed))
    assert [one.request.seed for one in told] == list(range(100))
    assert len(chunks.listed(tmp_path)) <= 1 + 100 // writer.MOST + 1
    found = store.read()
    assert found is not None
    assert sorted(found.evals["return_mean"]) == sorted(float(step + seed) for seed in range(100) for step in (50, 100))


def test_a_run_that_comes_alone_waits_for_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "EVERY_S", 60.0)
    with Writer(Store(tmp_path), on_written=lambda *what: None, on_failure=pytest.fail) as writing:
        writing.add(run(0))
        deadline = time.monotonic() + 30
        while not chunks.listed(tmp_path) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(chunks.listed(tmp_path)) == 1
        writing.add(run(1))  # it comes right after, and is gathered
        time.sleep(0.2)
        assert len(chunks.listed(tmp_path)) == 1
        for seed in range(2, 2 + writer.MOST):
            writing.add(run(seed))  # enough of them do not wait
        while len(chunks.listed(tmp_path)) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert len(chunks.listed(tmp_path)) == 2


def test_a_disk_that_refuses_is_told_and_nothing_of_it_is_called_finished(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    (tmp_path / "chunks").write_text("a file where the store wants a folder")
    with Writer(Store(tmp_path), on_written=lambda *what: pytest.fail("told"), on_failure=failures.append) as writing:
        writing.add(run(0))
    assert isinstance(failures[0], OSError)


def test_a_run_goes_through_json_unchanged() -> None:
    one = dataclasses.replace(run(3), history=[{"run_id": "a", "step": 5, "name": "gamma", "value": 0.9}])
    assert Ended.from_json(one.request, one.to_json()) == one


def test_several_runs_become_one_table_in_their_order() -> None:
    runs = as_runs([run(2), Ended(run(1).request, "failed", error="ValueError: no"), run(0)])
    assert runs.table["seed"].tolist() == [2, 1, 0]
    assert runs.table["status"].tolist() == ["finished", "failed", "finished"]
    assert runs.evals["return_mean"].tolist() == [52.0, 102.0, 50.0, 100.0]
