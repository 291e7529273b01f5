"""Runs that are trained a part of their way, by one process or several: nothing they learn depends on it."""

from __future__ import annotations

import _thread
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import rlhp

pytest.importorskip("jax")

from rlhp.schedules import Linear
from rlhp.sweeps import _paused as paused
from rlhp.sweeps._advance import advance
from rlhp.sweeps._requests import requests_of
from rlhp.sweeps._store import Store
from rlhp.trainers import compiled
from rlhp.trainers._request import RunRequest
from tests.sweeps.asking import how

ON_POLICY = {"n_steps": 8, "net_arch": [8], "learning_rate": Linear(0.01, 0.0)}
REPLAY = {"net_arch": [8], "learning_starts": 16, "train_freq": 8, "buffer_size": 250, "batch_size": 4}
# Of a length, and a memory, whose programs other files have too.
PLAN = {"steps": 208, "evaluation": rlhp.Evaluation(16, episodes=2), "engine": "jax"}


def several(seeds: int = 2, **changed: object) -> list[RunRequest]:
    """Runs of two programs."""
    plan = {**PLAN, **changed, "seeds": seeds}
    return [
        *requests_of("a2c", "CartPole-v1", ON_POLICY, **plan),
        *requests_of("dqn", "CartPole-v1", REPLAY, **plan),
    ]


def uninterrupted(requests: list[RunRequest]) -> rlhp.Runs:
    from rlhp.sweeps._session import Session

    session = Session(requests)
    try:
        session.run()
        runs = session.finished()
        assert runs is not None
        return runs
    finally:
        session.close()


def assert_learned_the_same(runs: rlhp.Runs, whole: rlhp.Runs, until: int) -> None:
    names = list(runs.table.index)
    expected = whole.evals[whole.evals["run_id"].isin(names) & (whole.evals["step"] <= until)]
    by = ["run_id", "step"]
    left, right = (frame.sort_values(by).reset_index(drop=True) for frame in (runs.evals, expected))
    pd.testing.assert_frame_equal(left, right, check_exact=True)


class Heard(list):
    """The steps that were evaluated, by run."""

    def __call__(self, event: dict) -> None:
        if event["event"] == "eval":
            self.append((event["run_id"], event["row"]["step"]))


def test_three_rungs_are_the_uninterrupted_run_to_the_bit(tmp_path: Path) -> None:
    requests, store = several(), Store(tmp_path)
    whole = uninterrupted(requests)
    for until, survivors in ((16, requests), (60, requests[1:]), (208, requests[1:3])):
        heard = Heard()
        runs = advance(survivors, until, store, on_event=heard)
        pause = {60: 64}.get(until, until)  # the first evaluation there or later
        assert runs.table.index.tolist() == [one.run_id for one in survivors]
        assert set(runs.table["status"]) == {"finished" if until == 208 else "stopped"}
        assert_learned_the_same(runs, whole, pause)
        assert len(heard) == len(survivors) * {16: 1, 60: 3, 208: 9}[until]  # nothing was trained twice
    kept = {file.stem for file in (tmp_path / "paused").iterdir()}
    assert kept == {requests[0].run_id, requests[3].run_id}  # what is finished needs no state any more
    found = rlhp.Runs.load(tmp_path)
    assert sorted(found.evals.groupby("run_id").size()) == [1, 4, 13, 13]
    assert found.table["n_updates"].loc[requests[1].run_id] == whole.table["n_updates"].loc[requests[1].run_id]


def test_each_run_has_a_step_of_its_own_and_meets_the_others_later(tmp_path: Path) -> None:
    requests = several()
    whole = uninterrupted(requests)
    first = advance(requests[:2], 32, tmp_path)
    second = advance(requests[2:], [16, 48], tmp_path)
    assert second.evals.groupby("run_id", sort=False)["step"].max().tolist() == [16, 48]
    together = advance(reversed(requests), 80, tmp_path)
    assert together.table.index.tolist() == [one.run_id for one in reversed(requests)]
    assert_learned_the_same(first, whole, 32)
    assert_learned_the_same(together, whole, 80)


def test_what_the_store_has_is_not_trained_again_and_is_given_as_it_was_then(tmp_path: Path) -> None:
    requests = several(1)
    whole = uninterrupted(requests)
    early = advance(requests, 32, tmp_path)
    advance(requests, 208, tmp_path)
    heard = Heard()
    again = advance(requests, 32, tmp_path, on_event=heard)
    assert heard == []
    pd.testing.assert_frame_equal(again.evals, early.evals)
    assert set(again.table["status"]) == {"stopped"}
    assert again.table["n_updates"].isna().all()  # nobody knows what they were then
    assert_learned_the_same(advance(requests, 1_000, tmp_path, on_event=heard), whole, 208)
    assert heard == []


def test_a_sweep_goes_on_from_where_runs_were_paused(tmp_path: Path) -> None:
    config, plan = {**REPLAY, "gamma": 0.9}, {**PLAN, "seeds": 2}
    advance(requests_of("dqn", "CartPole-v1", config, **plan), 96, tmp_path)
    assert set(rlhp.Runs.load(tmp_path).table["status"]) == {"stopped"}
    runs = rlhp.sweep("dqn", "CartPole-v1", config, **plan, out=tmp_path, **how())
    fresh = rlhp.sweep("dqn", "CartPole-v1", config, **plan, **how())
    assert set(runs.table["status"]) == {"finished"}
    pd.testing.assert_frame_equal(runs.evals, fresh.evals, check_exact=True)
    assert not list((tmp_path / "paused").iterdir())


def test_states_used_last_stay_in_memory_up_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requests, store, read = several(), Store(tmp_path), []
    real = compiled.read_runs
    monkeypatch.setattr(compiled, "read_runs", lambda path: read.append(path.stem) or real(path))
    advance(requests, 16, store)
    advance(requests, 32, store)
    assert read == []
    advance(requests, 48, store, memory=0)
    advance(requests, 64, store, memory=0)
    assert sorted(read) == sorted(one.run_id for one in requests)
    read.clear()
    advance(requests, 80, store)
    read.clear()
    room = sum(sorted(one[2] for one in store.paused._near.values())[:2])
    store.paused.memory = room
    advance(requests[:2], 96, store, memory=room)
    assert sum(one[2] for one in store.paused._near.values()) <= room
    assert set(store.paused._near) == {one.run_id for one in requests[:2]}
    advance(requests, 112, store, memory=room)
    assert sorted(read) == sorted(one.run_id for one in requests[2:])


def test_another_process_that_went_further_is_followed(tmp_path: Path) -> None:
    requests, mine, theirs = several(1), Store(tmp_path), Store(tmp_path)
    whole = uninterrupted(requests)
    advance(requests, 16, mine)
    advance(requests, 48, theirs)
    heard = Heard()
    assert_learned_the_same(advance(requests, 64, mine, on_event=heard), whole, 64)
    assert sorted({step for _, step in heard}) == [64]


def test_a_damaged_state_is_told_and_the_run_begins_anew(tmp_path: Path) -> None:
    requests = several(1)
    whole = uninterrupted(requests)
    advance(requests, 32, tmp_path)
    for file in (tmp_path / "paused").iterdir():
        file.write_bytes(file.read_bytes()[:100])
    with pytest.warns(RuntimeWarning, match=r"is not a snapshot that can be read .* The run begins anew"):
        runs = advance(requests, 64, tmp_path)
    assert_learned_the_same(runs, whole, 64)


def test_a_disk_that_refuses_a_state_stops_and_keeps_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests = several(1)
    advance(requests, 16, tmp_path)
    real = compiled.write_runs

    def refuse(*args: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(compiled, "write_runs", refuse)
    with pytest.raises(RuntimeError, match=r"training stopped: could not write the paused run .*No space.* is kept in"):
        advance(requests, 32, tmp_path)
    monkeypatch.setattr(compiled, "write_runs", real)
    assert_learned_the_same(advance(requests, 48, tmp_path), uninterrupted(requests), 48)


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts as POSIX does")
def test_ctrl_c_loses_nothing(tmp_path: Path) -> None:
    requests = several(1, steps=16 * 10**6)
    heard, pressed = Heard(), []

    def press(event: dict) -> None:
        heard(event)
        if len(heard) >= 6 and len(set(dict(heard))) == 2 and not pressed:
            pressed.append(True)
            _thread.interrupt_main()

    with pytest.raises(KeyboardInterrupt):
        advance(requests, 16 * 10**6, tmp_path, on_event=press)
    furthest = {name: max(step for one, step in heard if one == name) for name, _ in heard}
    again = Heard()
    advance(requests, max(furthest.values()) + 16, tmp_path, on_event=again)
    assert all(step > furthest[name] for name, step in again)


LADDER = """
import sys
sys.path.insert(0, sys.argv[1])
from tests.sweeps.test_advance import several, advance
for until in map(int, sys.argv[3:]):
    advance(several(), until, sys.argv[2])
    print("at", until, flush=True)
"""


def climb(out: Path, *rungs: int) -> subprocess.Popen:
    root = str(Path(__file__).resolve().parents[2])
    command = [sys.executable, "-c", LADDER, root, str(out), *map(str, rungs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root})


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_killed_between_rungs_it_goes_on_in_another_process_to_the_same_end(tmp_path: Path) -> None:
    child = climb(tmp_path, 32, 96, 112)
    assert child.stdout is not None
    while child.stdout.readline() != "at 96\n":
        assert child.poll() is None
    time.sleep(0.1 * (time.time() % 3))  # another moment each time
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    heard = Heard()
    runs = advance(several(), 208, tmp_path, on_event=heard)
    assert min((step for _, step in heard), default=112) >= 112  # no more than the rung under way is lost
    assert_learned_the_same(runs, uninterrupted(several()), 208)


def test_what_cannot_be_paused_or_fits_not_is_refused(tmp_path: Path) -> None:
    good, sb3 = several(1), requests_of("a2c", "CartPole-v1", steps=100, engine="sb3")
    for call, message in (
        (lambda: advance([*good, *sb3], 10, tmp_path), r"item 2, is of engine='sb3', .* \(engine='jax'\)"),
        (lambda: advance([], 10, tmp_path), "`requests` is empty"),
        (lambda: advance(good, [10], tmp_path), "`until` has 1 steps for 2 requests"),
        (lambda: advance(good, 0, tmp_path), "`until` is 0"),
        (lambda: advance(good, [10, -1], tmp_path), r"`until\[1\]` is -1"),
        (lambda: advance(good, 10, tmp_path, memory=-1), "`memory` is -1"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match=r"`requests\[0\]`"):
        advance(["a2c"], 10, tmp_path)
    assert paused.MEMORY == 2**30
