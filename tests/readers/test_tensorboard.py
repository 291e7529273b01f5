"""TensorBoard's event files: a sweep's, stable-baselines3's, and damaged ones."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from rlhp.runs import Runs
from tests.readers.events import write_events

pytest.importorskip("tensorboard")


def test_a_sweep_logs_what_it_trained(tmp_path):
    pytest.importorskip("stable_baselines3")
    from rlhp.trainers._request import RunRequest
    from rlhp.trainers.sb3._training import Options, train_run

    config = {"n_steps": 64, "batch_size": 64, "n_epochs": 1, "net_arch": [8], "learning_rate": 1e-3}
    options = {"steps": 128, "config": config, "eval_every": 64, "eval_episodes": 2}
    trained = [
        train_run(RunRequest("ppo", "CartPole-v1", seed=seed, **options), Options(tensorboard=tmp_path))
        for seed in (3, 4)
    ]
    runs = Runs.from_tensorboard(tmp_path)
    assert len(runs) == 2
    for mine in trained:
        again = runs.select(seed=mine.table["seed"].iloc[0])
        names = ["algorithm", "env_id", "seed", "steps", "status", *(f"hp.{name}" for name in config)]
        assert again.table[names].to_numpy().tolist() == mine.table[names].to_numpy().tolist()
        columns = ["step", "return_mean", "return_std", "n_episodes", "length_mean", "train_return_mean"]
        pd.testing.assert_frame_equal(
            again.evals[columns], mine.evals[columns], check_dtype=False, rtol=1e-6, check_exact=False
        )


def test_what_sb3_logs(tmp_path):
    sb3 = pytest.importorskip("stable_baselines3")
    from stable_baselines3.common.callbacks import BaseCallback, CallbackList, EvalCallback
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.logger import HParam

    class Noting(BaseCallback):
        def _on_training_start(self) -> None:
            self.logger.record("hparams", HParam({"gamma": 0.9, "algorithm": "PPO"}, {"eval/mean_reward": 0.0}))

        def _on_step(self) -> bool:
            return True

    small = {"n_steps": 64, "n_epochs": 1, "policy_kwargs": {"net_arch": []}, "device": "cpu", "seed": 0}
    model = sb3.PPO("MlpPolicy", "CartPole-v1", tensorboard_log=str(tmp_path), **small)
    evaluated = EvalCallback(make_vec_env("CartPole-v1"), n_eval_episodes=2, eval_freq=64, verbose=0)
    model.learn(192, callback=CallbackList([Noting(), evaluated]))
    runs = Runs.from_tensorboard(tmp_path, env_id="CartPole-v1", seeds=0)
    assert runs.evals["step"].tolist() == [64, 128, 192]
    assert runs.evals["return_mean"].iloc[-1] == pytest.approx(evaluated.last_mean_reward)
    assert runs.evals["train_return_mean"].notna().any()
    assert runs.table["algorithm"].tolist() == ["PPO"]
    assert runs.table["hp.gamma"].tolist() == [pytest.approx(0.9)]

    model = sb3.PPO("MlpPolicy", "CartPole-v1", tensorboard_log=str(tmp_path / "train"), **small)
    model.learn(192, log_interval=1)
    runs = Runs.from_tensorboard(tmp_path / "train" / "{algorithm}_{seed}", env_id="CartPole-v1")
    assert runs.table[["algorithm", "seed"]].to_numpy().tolist() == [["PPO", 1]]
    assert runs.evals["step"].tolist() == [64, 128, 192]
    assert (runs.evals["return_mean"] == runs.evals["train_return_mean"]).all()
    assert runs.evals["length_mean"].tolist() == runs.evals["return_mean"].tolist()  # a reward a step


def test_tags_of_ones_own(tmp_path):
    write_events(tmp_path / "0.1_s0", {"my/return": [(10, 1.0), (20, 2.0)], "my/loss": [(20, 0.5)]})
    with pytest.raises(ValueError, match=r"0\.1_s0 has none of the tags.*There are: my/return, my/loss"):
        Runs.from_tensorboard(tmp_path)
    runs = Runs.from_tensorboard(
        tmp_path / "{learning_rate}_s{seed}", tags={"my/return": "return_mean", "my/loss": "loss"}
    )
    assert runs.table[["hp.learning_rate", "seed"]].to_numpy().tolist() == [[0.1, 0]]
    assert runs.evals["return_mean"].tolist() == [1.0, 2.0]
    assert runs.evals["loss"].isna().tolist() == [True, False]
    assert runs.table["wall_time_s"].tolist() == [pytest.approx(runs.table["wall_time_s"].iloc[0])]
    with pytest.raises(ValueError, match="did you mean `my/return`"):
        Runs.from_tensorboard(tmp_path, tags={"my/retrun": "return_mean"})
    with pytest.raises(ValueError, match="`tags` must map one tag to 'return_mean'"):
        Runs.from_tensorboard(tmp_path, tags={"my/return": "loss"})


def test_a_return_that_is_not_finite_ends_the_run_there(tmp_path):
    write_events(tmp_path, {"eval/mean_reward": [(10, 1.0), (20, np.nan), (30, 2.0)]})
    runs = Runs.from_tensorboard(tmp_path)
    assert (runs.evals["step"].tolist(), runs.table["status"].tolist()) == ([10], ["diverged"])
    assert "evaluation 2 (step 20)" in runs.table["error"].iloc[0]


def test_a_run_that_was_restored_logs_some_steps_twice(tmp_path):
    write_events(tmp_path, {"eval/mean_reward": [(10, 1.0), (20, 2.0), (20, 5.0), (30, 6.0)]})
    with pytest.raises(ValueError, match="two evaluations at step 20"):
        Runs.from_tensorboard(tmp_path)
    assert Runs.from_tensorboard(tmp_path, on_repeat="last").evals["return_mean"].tolist() == [1.0, 5.0, 6.0]


def test_runs_that_ended_early_are_stopped(tmp_path):
    for name, last in (("a", 30), ("b", 20)):
        write_events(tmp_path / name, {"eval/mean_reward": [(step, 1.0) for step in range(10, last + 1, 10)]})
    with pytest.warns(UserWarning, match="1 of 2 runs ended early"):
        assert Runs.from_tensorboard(tmp_path).table["status"].tolist() == ["finished", "stopped"]


def test_nothing_there(tmp_path):
    with pytest.raises(ValueError, match="holds no event files"):
        Runs.from_tensorboard(tmp_path)
    with pytest.raises(FileNotFoundError, match="there is no file or folder"):
        Runs.from_tensorboard(tmp_path / "none")
    (tmp_path / "events.out.tfevents.1").write_bytes(b"not events")
    with pytest.raises(ValueError, match=r"damaged|none of the tags"):
        Runs.from_tensorboard(tmp_path)


def test_the_package_is_asked_for_when_it_is_needed(tmp_path, monkeypatch):
    write_events(tmp_path, {"eval/mean_reward": [(10, 1.0)]})
    monkeypatch.setitem(sys.modules, "tensorboard.backend.event_processing.event_accumulator", None)
    with pytest.raises(ImportError, match="needs the package tensorboard; install it with `pip install tensorboard`"):
        Runs.from_tensorboard(tmp_path)


def test_the_readers_load_no_package_of_those_whose_files_they_read():
    code = "import sys, rlhp.readers; print([m for m in ('tensorboard', 'optuna', 'torch', 'jax') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
