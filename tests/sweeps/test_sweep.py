from __future__ import annotations

import errno
import io
import json
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

import rlhp
from rlhp.runs import Runs
from rlhp.schedules import Linear
from tests.sweeps.asking import how

SMALL = {"n_steps": 8, "net_arch": [8]}
ASKED = {
    "steps": 200,
    "evaluation": rlhp.Evaluation(100, episodes=2),
    "execution": rlhp.Execution(progress=False),
    "engine": "sb3",
}


def test_every_configuration_with_every_seed_in_order():
    runs = rlhp.sweep(
        "a2c", "CartPole-v1", [{**SMALL, "gamma": 0.9}, {**SMALL, "gamma": Linear(0.9, 0.99)}], seeds=[3, 1], **ASKED
    )
    assert runs.table["seed"].tolist() == [3, 1, 3, 1]
    assert runs.column("gamma").tolist()[:2] == [0.9, 0.9]
    assert runs.column("gamma").tolist()[2:] == [Linear(0.9, 0.99).to_json()] * 2
    assert runs.configs["n_seeds"].tolist() == [2, 2]
    assert (runs.table["status"] == "finished").all()
    assert len(runs.evals) == 8


def test_processes_and_this_process_learn_the_same():
    configs = pd.DataFrame(
        [{"n_steps": 8, "net_arch": "[8]", "gamma": 0.9}, {"n_steps": 16, "net_arch": "[8]", "gamma": 0.99}]
    )
    there = rlhp.sweep("a2c", "CartPole-v1", configs, seeds=1, **ASKED | how(workers=2))
    here = rlhp.sweep("a2c", "CartPole-v1", configs, seeds=1, **ASKED | how(workers=0))
    pd.testing.assert_frame_equal(there.evals, here.evals)
    assert there.table.index.tolist() == here.table.index.tolist()


def test_the_same_call_trains_only_what_is_missing(tmp_path):
    first = rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=1, out=tmp_path, **ASKED | how(workers=0))
    second = rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=2, out=tmp_path, **ASKED | how(workers=0))
    assert second.table["seed"].tolist() == [0, 1]
    # Trained anew, it would have taken another time.
    assert second.table["wall_time_s"].iloc[0] == first.table["wall_time_s"].item()
    assert len(Runs.load(tmp_path)) == 2
    calls = [json.loads(line) for line in (tmp_path / "sweeps.jsonl").read_text().splitlines()]
    assert [call["runs"] for call in calls] == [1, 2]
    assert calls[0]["versions"]["stable-baselines3"]


def test_train_is_a_sweep_of_one(tmp_path):
    run = rlhp.train("a2c", "CartPole-v1", SMALL, seed=1, **ASKED)
    swept = rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=[1], **ASKED | how(workers=0))
    pd.testing.assert_frame_equal(run.evals, swept.evals)


def test_train_keeps_policy_and_checkpoints(tmp_path):
    runs = rlhp.train(
        "a2c",
        "CartPole-v1",
        SMALL,
        out=tmp_path,
        logging=rlhp.Logging(checkpoint_every=80),
        **ASKED | how(keep_policies=True),
    )
    name = runs.table.index[0]
    assert rlhp.load_policy(tmp_path / "policies" / name).request.run_id == name
    checkpoints = tmp_path / "checkpoints" / name
    assert len(list(checkpoints.glob("step_*"))) == 2
    with pytest.warns(UserWarning, match="unpickles"):
        resumed = rlhp.train("a2c", "CartPole-v1", SMALL, logging=rlhp.Logging(resume=checkpoints), **ASKED)
    pd.testing.assert_frame_equal(resumed.evals, runs.evals)


def test_warns_of_runs_that_diverged():
    with pytest.warns(RuntimeWarning, match=r"of 2 runs 1 diverged and 0 failed; they stay as rows"):
        runs = rlhp.sweep(
            "a2c",
            "CartPole-v1",
            [SMALL, {**SMALL, "learning_rate": 1e30, "use_rms_prop": False}],
            **ASKED | how(workers=0),
        )
    assert runs.table["status"].tolist() == ["finished", "diverged"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: rlhp.sweep("a2c", "CartPole-v1", [], **ASKED),
            "nothing to train: `configs` gives 0 configurations and `seeds` 1 seeds",
        ),
        (lambda: rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=[], **ASKED), "nothing to train"),
        (lambda: rlhp.sweep("a2c", "CartPole-v1", {"gama": 1}, **ASKED), "did you mean `gamma`"),
        (lambda: rlhp.sweep("a2c", "CartPole-v1", SMALL, **{**ASKED, "engine": "sb4"}), "did you mean `sb3`"),
        (
            lambda: rlhp.sweep("a2c", "CartPole-v1", SMALL, **ASKED | how(workers=-1)),
            "`execution.workers` is -1",
        ),
        (
            lambda: rlhp.sweep("a2c", "CartPole-v1", SMALL, **ASKED | how(keep_policies=True)),
            "give `out=`",
        ),
        (
            lambda: rlhp.train("a2c", "CartPole-v1", SMALL, logging=rlhp.Logging(checkpoint_every=10), **ASKED),
            "give `out=`",
        ),
        (
            lambda: rlhp.train("a2c", "CartPole-v1", SMALL, logging=rlhp.Logging(checkpoint_every=0), out="x", **ASKED),
            "`logging.checkpoint_every` is 0",
        ),
    ],
)
def test_bad_requests_train_nothing(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_shows_one_bar_with_all_steps(capsys):
    rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=2, **ASKED | how(workers=0, progress=True))
    shown = capsys.readouterr().err
    assert "400/400" in shown
    assert "2 of 2 runs" in shown


def test_what_is_held_counts_as_done_but_not_as_work(capsys, tmp_path):
    for seeds in (1, 2):
        capsys.readouterr()
        rlhp.sweep(
            "a2c",
            "CartPole-v1",
            SMALL,
            seeds=seeds,
            out=tmp_path,
            **ASKED | how(workers=0, progress=True),
        )
    shown = capsys.readouterr().err
    assert "200/200" in shown
    assert "400" not in shown
    assert "2 of 2 runs" in shown


def test_works_in_a_script_without_a_main_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import rlhp, rlhp.sweeps\n"
        f"runs = rlhp.sweep('a2c', 'CartPole-v1', {SMALL}, engine='sb3', steps=50, seeds=2,\n"
        "                  evaluation=rlhp.Evaluation(episodes=1), execution=rlhp.Execution(progress=False))\n"
        "print(len(runs))\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout == "2\n", done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT as a terminal does")
def test_ctrl_c_keeps_what_is_finished(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import rlhp\n"
        "runs = rlhp.sweep('a2c', 'CartPole-v1', [{'gamma': 0.9}, {'gamma': 0.99}], steps=300, seeds=40,\n"
        "                  engine='sb3', evaluation=rlhp.Evaluation(episodes=1), out='out',\n"
        "                  execution=rlhp.Execution(workers=1, progress=False))\n"
        "print('returned', len(runs))\n"
    )
    child = subprocess.Popen(
        [sys.executable, str(script)], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + 100
    while len(list((tmp_path / "out" / "chunks").glob("[!.]*"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    stdout, stderr = child.communicate(timeout=60)
    held = Runs.load(tmp_path / "out")
    assert 2 <= len(held) < 80
    assert stdout == f"returned {len(held)}\n"
    assert f"interrupted: {len(held)} of 80 runs are finished; the same call goes on from" in stderr


@pytest.fixture
def full_for(monkeypatch):
    """Give a disk that has no room for files of some name."""
    real = io.open

    def choose(part: str) -> None:
        def opened(file, mode="r", *args, **kwargs):
            if part in str(file) and set(mode) & set("wax+"):
                raise OSError(errno.ENOSPC, "No space left on device", str(file))
            return real(file, mode, *args, **kwargs)

        monkeypatch.setattr(io, "open", opened)
        monkeypatch.setattr("builtins.open", opened)

    return choose


def test_a_disk_without_room_for_anything_is_told_before_training(tmp_path, full_for):
    asked = {**ASKED, **how(workers=0), "engine": "sb3", "out": tmp_path}
    full_for("sweeps.jsonl")
    with pytest.raises(RuntimeError, match=r"cannot begin: could not write .*sweeps.jsonl .*No space left"):
        rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=[0], **asked)
    with pytest.raises(FileNotFoundError, match=r"no run of the sweep in .* is finished yet"):
        Runs.load(tmp_path)


@pytest.mark.parametrize("engine", ["sb3", "jax"])
def test_a_disk_without_room_for_a_policy_makes_no_run_fail(tmp_path, full_for, engine):
    if engine == "jax":
        pytest.importorskip("jax")
    asked = {**ASKED, **how(workers=0), "engine": engine, "out": tmp_path}
    rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=[0], **asked)
    full_for(".tmp.zip")
    with pytest.raises(RuntimeError, match=r"could not write the policy .*No space left.*is kept in"):
        rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=[1], **asked | how(workers=0, keep_policies=True))
    assert Runs.load(tmp_path).table["status"].tolist() == ["finished"]


def test_a_disk_without_room_for_runs_stops_the_sweep_and_keeps_what_is_finished(tmp_path, full_for):
    rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=[0], out=tmp_path, **ASKED | how(workers=0))
    full_for(".parquet")
    with pytest.raises(RuntimeError, match=r"the sweep stopped: could not write .*1 runs were finished; .* is kept in"):
        rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=2, out=tmp_path, **ASKED | how(workers=0))
    assert len(Runs.load(tmp_path)) == 1


def test_a_checkpoint_that_cannot_be_written_costs_no_training(tmp_path, full_for):
    full_for("state.pkl")
    with pytest.warns(RuntimeWarning, match=r"could not write a checkpoint at step \d+ .*goes on without it"):
        runs = rlhp.train("a2c", "CartPole-v1", SMALL, out=tmp_path, logging=rlhp.Logging(checkpoint_every=80), **ASKED)
    assert runs.table["status"].item() == "finished"


def test_a_corrupt_chunk_is_trained_again(tmp_path):
    asked = {**ASKED, **how(workers=0), "out": tmp_path}
    first = rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=1, **asked)
    rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=[5, 6, 7], **asked)
    chunk = min((tmp_path / "chunks").iterdir())
    next(chunk.glob("evals-*.parquet")).write_bytes(b"half")
    with pytest.warns(RuntimeWarning, match="set_aside"):
        again = rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=8, **asked)
    assert again.table["status"].tolist() == ["finished"] * 8
    pd.testing.assert_frame_equal(again.evals.iloc[:2], first.evals)
    assert len(Runs.load(tmp_path)) == 8
