from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import psutil
import pytest

import rlhp
from rlhp.runs import Runs
from rlhp.sweeps._requests import requests_of
from rlhp.sweeps._session import Session
from tests.sweeps.asking import how

SMALL = {"n_steps": 8, "net_arch": [8]}
ASKED = {"steps": 200, "evaluation": rlhp.Evaluation(100, episodes=2), "engine": "sb3"}


def asked(seeds=1, **changed):
    """Requests of so many seeds."""
    return requests_of("a2c", "CartPole-v1", SMALL, seeds=seeds, **{**ASKED, **changed})


def test_runs_beside_the_caller_and_tells_what_happens():
    events = []
    sweep = Session(asked(2), on_event=events.append, execution=rlhp.Execution(keep_policies=True))
    assert not sweep.done
    assert sweep.start() is sweep
    assert len(sweep.snapshot()) < 2
    assert sweep.wait(timeout=120)
    assert sweep.error is None
    assert sweep.progress == (400, 400)
    assert [e["event"] for e in events].count("eval") == 4
    assert [e["event"] for e in events].count("finished") == 2
    assert events[-1] == {"event": "done"}
    runs = sweep.snapshot()
    here = rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=2, **ASKED | how(workers=0))
    pd.testing.assert_frame_equal(runs.evals, here.evals)
    assert all(sweep.policy_path(name).is_file() for name in runs.table.index)
    folder = sweep.store.folder
    sweep.close()
    assert not folder.exists()


def test_stop_ends_at_once_and_keeps_what_was_seen():
    sweep = Session(
        asked(2, steps=1_000_000, evaluation=rlhp.Evaluation(100, episodes=1)), execution=rlhp.Execution(workers=2)
    )
    sweep.start()
    deadline = time.monotonic() + 100
    while len(sweep.snapshot()) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    began = time.monotonic()
    sweep.stop()
    assert time.monotonic() - began < 60  # to the end it would be many minutes
    runs = sweep.snapshot()
    assert runs.table["status"].tolist() == ["stopped"] * 2
    assert len(runs.evals) >= 2
    assert sweep.done
    assert sweep.finished() is None
    sweep.close()


def test_cannot_be_started_twice():
    sweep = Session(asked(steps=50, evaluation=rlhp.Evaluation(100, episodes=1))).start()
    with pytest.raises(RuntimeError, match="was started before"):
        sweep.start()
    sweep.close()


def test_a_sweep_that_is_over_gives_its_folder_back(tmp_path):
    first = Session(asked(), out=tmp_path).start()
    assert first.wait(timeout=120)
    again = rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=1, out=tmp_path, **ASKED | how(workers=0))
    assert len(again) == 1
    first.close()


def test_a_listener_that_raises_does_not_end_the_training():
    def broken(event):
        raise KeyError("oops")

    sweep = Session(asked(), on_event=broken).start()
    assert sweep.wait(timeout=120)
    assert len(sweep.finished()) == 1
    assert "on_event raised KeyError" in sweep.error
    sweep.close()


def workers_of(pid: int) -> list[psutil.Process]:
    workers = []
    for child in psutil.Process(pid).children():
        with contextlib.suppress(psutil.NoSuchProcess):  # it ended since: a zombie has no command line
            if "rlhp.sweeps.executors.worker" in child.cmdline():
                workers.append(child)
    return workers


def test_a_worker_that_dies_is_replaced_and_its_run_trained_again(tmp_path):
    sweep = Session(
        asked(3, steps=2000, evaluation=rlhp.Evaluation(200, episodes=1)),
        execution=rlhp.Execution(workers=1),
        out=tmp_path,
    )
    killed = []

    def kill(event):
        if event["event"] == "eval" and not killed:
            killed.append(event["run_id"])
            workers_of(os.getpid())[0].kill()

    sweep.listen(kill)
    sweep.start()
    assert sweep.wait(timeout=200)
    assert sweep.error is None
    assert len(killed) == 1
    runs = sweep.finished()
    assert runs.table["status"].tolist() == ["finished"] * 3
    assert len(runs.evals) == 30
    alone = rlhp.sweep(
        "a2c",
        "CartPole-v1",
        SMALL,
        engine="sb3",
        steps=2000,
        seeds=3,
        execution=rlhp.Execution(workers=0, progress=False),
        evaluation=rlhp.Evaluation(episodes=1),
    )
    pd.testing.assert_frame_equal(runs.evals, alone.evals)


def test_a_run_that_kills_every_worker_fails_and_spares_the_others(tmp_path, monkeypatch):
    (tmp_path / "deadly.py").write_text(
        "import gymnasium, os\n"
        "from gymnasium.envs.classic_control import CartPoleEnv\n"
        "class Deadly(CartPoleEnv):\n"
        "    def step(self, action):\n"
        "        if os.environ.get('RLHP_DEADLY'): os.abort()\n"
        "        return super().step(action)\n"
        "gymnasium.register('Deadly-v0', entry_point=Deadly, max_episode_steps=50)\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("RLHP_DEADLY", "1")
    with pytest.warns(RuntimeWarning, match="1 failed"):
        runs = rlhp.sweep(
            "a2c",
            "deadly:Deadly-v0",
            SMALL,
            engine="sb3",
            steps=50,
            out=tmp_path / "out",
            execution=rlhp.Execution(workers=1, progress=False),
        )
    assert runs.table["status"].item() == "failed"
    assert "its process died 3 times: killed by signal 6" in runs.table["error"].item()
    assert "out of memory" not in runs.table["error"].item()
    # A failed run is a result until asked to try again.
    monkeypatch.delenv("RLHP_DEADLY")
    with pytest.warns(RuntimeWarning, match="1 failed"):
        rlhp.sweep(
            "a2c",
            "deadly:Deadly-v0",
            SMALL,
            engine="sb3",
            steps=50,
            out=tmp_path / "out",
            execution=rlhp.Execution(workers=1, progress=False),
        )
    again = rlhp.sweep(
        "a2c",
        "deadly:Deadly-v0",
        SMALL,
        engine="sb3",
        steps=50,
        out=tmp_path / "out",
        execution=rlhp.Execution(workers=0, progress=False, retry_failed=True),
    )
    assert again.table["status"].item() == "finished"


def test_a_disk_that_refuses_ends_the_sweep_with_its_reason(tmp_path):
    sweep = Session(asked(2), execution=rlhp.Execution(workers=1), out=tmp_path)
    (tmp_path / "chunks").write_text("a file where the store wants a folder")
    sweep.start()
    assert sweep.wait(timeout=120)
    assert "chunks" in sweep.error
    assert sweep.finished() is None


SWEEP = """
import sys
from tests.sweeps.test_session import train
train(int(sys.argv[1]), sys.argv[2], workers=2)
"""


def train(kills: int, out: Path | str, workers: int) -> Runs:
    """Train 6 runs, or 12 longer ones where the sweep is killed several times."""
    configs = [{**SMALL, "gamma": gamma} for gamma in (0.9, 0.95, 0.99)]
    steps, seeds = (600, 2) if kills == 1 else (1500, 4)
    plan = {"evaluation": rlhp.Evaluation(steps // 3, episodes=2), **how(workers=workers)}
    return rlhp.sweep("a2c", "CartPole-v1", configs, steps=steps, seeds=seeds, engine="sb3", **plan, out=out)


def start(kills: int, out: Path) -> subprocess.Popen:
    command = [sys.executable, "-c", SWEEP, str(kills), str(out)]
    return subprocess.Popen(command, cwd=Path(__file__).resolve().parents[2], start_new_session=True)


def held_in(out: Path) -> Runs | None:
    from rlhp.sweeps._store import Store

    return Store(out).read()


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
@pytest.mark.parametrize("kills", [1, pytest.param(3, marks=pytest.mark.hard)])
def test_killed_at_any_moment_it_goes_on_to_the_same_end(tmp_path, kills):
    expected = train(kills, tmp_path / "whole", workers=0)

    chance = random.Random(int(time.time()))  # another moment each time the test runs; printed if it fails
    out, trained, moments = tmp_path / "out", {}, []
    for number in range(kills):
        child = start(kills, out)
        goal, pause = 4 * number + chance.randrange(3), chance.uniform(0, 0.7)
        moments.append((goal, pause))
        deadline = time.monotonic() + 100
        while len(list((out / "chunks").glob("[!.]*"))) < goal and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(pause)
        orphans = workers_of(child.pid)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        _, alive = psutil.wait_procs(orphans, timeout=10)
        assert not alive, f"workers outlived their sweep: {moments}"
        held = held_in(out)
        for name, seconds in held.table["wall_time_s"].items() if held is not None else ():
            # Trained a second time, a run would have taken another time.
            assert trained.setdefault(name, seconds) == seconds, moments
        assert len(trained) >= goal, moments
    final = train(kills, out, workers=0).select(expected.table.index)
    assert len(final) == (6 if kills == 1 else 12)
    for name, seconds in trained.items():
        assert final.table.at[name, "wall_time_s"] == seconds, moments
    order = expected.table.index
    times = ["wall_time_s", "cpu_time_s"]
    pd.testing.assert_frame_equal(final.table.loc[order].drop(columns=times), expected.table.drop(columns=times))
    learned = [runs.evals.set_index(["run_id", "step"]).sort_index() for runs in (final, expected)]
    pd.testing.assert_frame_equal(*learned)
