"""Runs that hang, exit or take too long: each is that run's failure, and is told."""

from __future__ import annotations

import _thread
import signal
import threading
import time
import warnings

import pytest

import rlhp
from rlhp.runs import Runs
from rlhp.sweeps import _silence as silence
from rlhp.sweeps._silence import Silence
from rlhp.sweeps.executors._limit import TimeLimit
from rlhp.trainers._request import RunRequest
from tests.sweeps.asking import how

SMALL = {"n_steps": 8, "net_arch": [8]}
ASKED = {
    "steps": 64,
    "evaluation": rlhp.Evaluation(32, episodes=1),
    "execution": rlhp.Execution(progress=False),
    "engine": "sb3",
}
MODULE = """
import os, sys, time
import gymnasium
from gymnasium.envs.classic_control import CartPoleEnv

class Odd(CartPoleEnv):
    steps = 0
    def step(self, action):
        Odd.steps += 1
        if Odd.steps == 50:
            {what}
        return super().step(action)

gymnasium.register("Odd{name}-v0", entry_point=Odd, max_episode_steps=20)
"""
MODES = {"here": 0, "process": 1}


@pytest.fixture
def odd(tmp_path, monkeypatch):
    """Give an environment that does something in its fiftieth step."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def make(what: str) -> str:
        name = f"N{time.monotonic_ns()}"
        (tmp_path / f"odd{name}.py").write_text(MODULE.format(what=what, name=name))
        return f"odd{name}:Odd{name}-v0"

    return make


def failed(call, **options) -> Runs:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs = call(**options)
    assert runs.table["status"].tolist() == ["failed"]
    return runs


@pytest.mark.parametrize("workers", MODES.values(), ids=MODES)
def test_an_environment_that_exits_is_a_failed_run(odd, workers):
    runs = failed(lambda: rlhp.sweep("a2c", odd("sys.exit(3)"), SMALL, **ASKED | how(workers=workers)))
    assert runs.table["error"].item().startswith("SystemExit: 3 (odd")
    assert runs.evals["step"].tolist() == [32]


def test_an_environment_that_exits_does_not_end_train(odd):
    assert "SystemExit" in failed(lambda: rlhp.train("a2c", odd("sys.exit()"), SMALL, **ASKED)).table["error"].item()


def test_ctrl_c_is_the_runs_failure_only_where_nobody_can_press_it(odd):
    env_id = odd("raise KeyboardInterrupt('from within')")
    runs = failed(lambda: rlhp.sweep("a2c", env_id, SMALL, **ASKED | how(workers=1)))
    assert runs.table["error"].item() == "KeyboardInterrupt: from within"
    with pytest.raises(KeyboardInterrupt):
        rlhp.train("a2c", odd("raise KeyboardInterrupt"), SMALL, **ASKED)


# Its process is ended from outside, whatever it does.
@pytest.mark.parametrize("what", ["time.sleep(1000)", pytest.param("while True: pass", marks=pytest.mark.hard)])
def test_a_run_that_hangs_in_its_process_ends_with_its_time(odd, what, tmp_path, monkeypatch):
    """Its limit is what a sweep takes here and now, the start of a process included, whatever else the machine does."""
    began = time.monotonic()
    rlhp.sweep("a2c", "CartPole-v1", SMALL, **ASKED | how(workers=1))
    limit = max(2.0, round(time.monotonic() - began, 1))
    monkeypatch.setattr("rlhp.sweeps.executors._processes.GRACE_S", 0.5)
    env_id = odd(f"{what}")
    out = tmp_path / "out"
    runs = failed(lambda: rlhp.sweep("a2c", env_id, SMALL, out=out, **ASKED | how(workers=1, time_limit=limit)))
    assert runs.table["error"].item() == f"TimeLimit: not done after {limit:g} s (it was at step 32 of 64)"
    assert runs.evals["step"].tolist() == [32]
    assert Runs.load(out).table["status"].tolist() == ["failed"]


@pytest.mark.parametrize("what", ["time.sleep(1000)", "while True: pass"])
def test_a_run_that_hangs_here_is_interrupted(odd, what, monkeypatch):
    monkeypatch.setattr("rlhp.sweeps.executors._limit.GRACE_S", 0.2)
    runs = failed(lambda: rlhp.train("a2c", odd(what), SMALL, **ASKED | how(time_limit=2)))
    assert "TimeLimit: not done after 2 s" in runs.table["error"].item()
    assert runs.evals["step"].tolist() == [32]


def test_a_slow_run_stops_by_itself_and_the_next_is_trained(odd):
    options = {**ASKED, "steps": 10**7, "evaluation": rlhp.Evaluation(10**6, episodes=1)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs = rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=2, **options | how(workers=0, time_limit=0.5))
    assert runs.table["status"].tolist() == ["failed", "failed"]
    assert runs.table["error"].str.startswith("TimeLimit: not done after 0.5 s").all()
    in_time = rlhp.sweep("a2c", "CartPole-v1", SMALL, **ASKED | how(workers=0, time_limit=600))
    assert in_time.table["status"].item() == "finished"


def test_compiled_runs_share_their_time():
    pytest.importorskip("jax")
    options = {**ASKED, "engine": "jax", "steps": 10**8, "evaluation": rlhp.Evaluation(10**7, episodes=2)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs = rlhp.sweep("a2c", "CartPole-v1", SMALL, seeds=2, **options | how(time_limit=0.1))
    assert runs.table["status"].tolist() == ["failed", "failed"]


def test_a_limit_that_is_not_reached_leaves_no_trace():
    with TimeLimit(60) as limit:
        pass
    assert not limit.passed()
    assert not limit.interrupted

    def pressed() -> None:
        with TimeLimit(60):
            _thread.interrupt_main()
            time.sleep(1)

    with pytest.raises(KeyboardInterrupt):
        pressed()


def test_a_thread_is_interrupted_too(monkeypatch):
    monkeypatch.setattr("rlhp.sweeps.executors._limit.GRACE_S", 0.0)
    seen = []

    def hang():
        with TimeLimit(0.1) as limit:
            while True:
                time.sleep(0.01)
        seen.append(limit.interrupted)

    thread = threading.Thread(target=hang)
    thread.start()
    thread.join(30)
    assert seen == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def requests(engine: str) -> list[RunRequest]:
    config = {"learning_rate": 0.01, **SMALL}
    return [RunRequest("a2c", "CartPole-v1", seed, 5_000, config, 500, 1, engine) for seed in (0, 3)]


def test_a_silent_run_is_named_again_and_again_less_often():
    told = []
    listener = Silence(told.append, quiet_s=60)
    listener.expect(requests("sb3"))
    first, second = (request.run_id for request in requests("sb3"))
    listener.hear({"event": "started", "run_id": first, "process": 11})
    listener.hear({"event": "started", "run_id": second, "process": 12})
    listener.hear({"event": "progress", "run_id": second, "step": 1200})
    listener.hear({"event": "finished", "run_id": first})
    now = time.monotonic()
    assert listener._look(now + 59) == []
    (event,) = listener._look(now + 61)
    assert event["run_id"] == second
    assert event["message"].startswith(
        "no progress for 61 s from a2c on CartPole-v1, seed 3, {'learning_rate': 0.01, 'n_steps': 8, 'net_arch': [8]}, "
        "in process 12; it was at step 1,200 of 5,000. It may be slow, or it hangs"
    )
    assert listener._look(now + 100) == []
    assert len(listener._look(now + 125)) == 1
    listener.hear({"event": "progress", "run_id": second, "step": 1300})
    assert listener._look(time.monotonic() + 59) == []


def test_runs_that_are_compiled_together_are_silent_together():
    listener = Silence(lambda event: None, quiet_s=60)
    listener.expect(requests("jax"))
    listener.hear({"event": "compiling", "runs": 2})
    assert "compiled and trained side by side" in listener._look(time.monotonic() + 61)[0]["message"]
    listener.hear({"event": "progress", "run_id": requests("jax")[0].run_id, "step": 100})  # the other has diverged
    assert listener._look(time.monotonic() + 59) == []
    for request in requests("jax"):
        assert len(listener._look(time.monotonic() + 600)) == 1
        listener.hear({"event": "finished", "run_id": request.run_id})
    assert listener._look(time.monotonic() + 6000) == []


@pytest.mark.parametrize("workers", MODES.values(), ids=MODES)
def test_a_sweep_warns_of_a_silent_run(odd, workers, monkeypatch):
    monkeypatch.setattr(silence, "QUIET_S", 0.5)
    with pytest.warns(RuntimeWarning, match=r"no progress for \d+ s from a2c on odd.*seed 0") as told:
        rlhp.sweep("a2c", odd("time.sleep(2)"), SMALL, **ASKED | how(workers=workers))
    assert told


@pytest.mark.parametrize("where", ["import", "__init__", "reset"])
def test_an_environment_that_exits_before_training_is_refused(tmp_path, monkeypatch, where):
    monkeypatch.syspath_prepend(str(tmp_path))
    name = f"exits_{where.strip('_')}"
    lines = [
        "import gymnasium, sys",
        "from gymnasium.envs.classic_control import CartPoleEnv",
        "class Exits(CartPoleEnv):",
        "    def reset(self, **options): return super().reset(**options)",
        f"    def {where}(self, *args, **options): sys.exit(1)",
        f"gymnasium.register('{name}-v0', entry_point=Exits)",
    ]
    if where == "import":
        lines = ["import sys", "sys.exit(1)"]
    (tmp_path / f"{name}.py").write_text("\n".join(lines))
    with pytest.raises(ValueError, match=rf"{name}-v0.? cannot be .*SystemExit: 1"):
        rlhp.train("a2c", f"{name}:{name}-v0", SMALL, **ASKED)
