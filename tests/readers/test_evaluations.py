"""What EvalCallback writes."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp.runs import Runs


def written(path, *, steps=(100, 200), results=((1.0, 3.0), (5.0, 5.0)), **more):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, timesteps=np.array(steps), results=np.array(results), **more)
    return path


def test_what_the_callback_of_sb3_writes(tmp_path):
    sb3 = pytest.importorskip("stable_baselines3")
    gymnasium = pytest.importorskip("gymnasium")
    from stable_baselines3.common.callbacks import EvalCallback
    from stable_baselines3.common.monitor import Monitor

    for rate, seed in ((0.001, 1), (0.01, 0)):
        callback = EvalCallback(
            Monitor(gymnasium.make("CartPole-v1")),
            n_eval_episodes=3,
            eval_freq=64,
            log_path=str(tmp_path / f"{rate}_s{seed}"),
            verbose=0,
        )
        small = {"n_steps": 64, "n_epochs": 1, "policy_kwargs": {"net_arch": []}, "device": "cpu"}
        model = sb3.PPO("MlpPolicy", "CartPole-v1", learning_rate=rate, seed=seed, **small)
        model.learn(192, callback=callback)
    runs = Runs.from_evaluations(tmp_path / "{learning_rate}_s{seed}", algorithm="ppo", env_id="CartPole-v1")
    assert runs.table[["hp.learning_rate", "seed"]].to_numpy().tolist() == [[0.001, 1], [0.01, 0]]
    assert set(runs.table["status"]) == {"finished"}
    assert runs.evals["step"].tolist() == [64, 128, 192] * 2
    last = runs.evals.iloc[-1]
    assert last["return_mean"] == pytest.approx(np.mean(callback.evaluations_results[-1]))
    assert last["return_std"] == pytest.approx(np.std(callback.evaluations_results[-1]))
    assert (last["n_episodes"], last["length_mean"]) == (3, np.mean(callback.evaluations_length[-1]))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_return_that_is_not_finite_ends_the_run_there(tmp_path, value):
    runs = Runs.from_evaluations(written(tmp_path / "evaluations.npz", results=[[1.0, 3.0], [5.0, value]]))
    assert runs.evals["step"].tolist() == [100]
    assert runs.table["status"].tolist() == ["diverged"]
    assert "evaluations.npz, evaluation 2 (step 200)" in runs.table["error"].iloc[0]


def test_a_run_that_went_on_from_a_checkpoint(tmp_path):
    path = written(tmp_path / "evaluations.npz", steps=[100, 200, 200], results=[[1.0], [2.0], [3.0]])
    with pytest.raises(ValueError, match=r"evaluations\.npz has two evaluations at step 200.*on_repeat='last'"):
        Runs.from_evaluations(path)
    assert Runs.from_evaluations(path, on_repeat="last").evals["return_mean"].tolist() == [1.0, 3.0]
    assert Runs.from_evaluations(path, on_repeat="first").evals["return_mean"].tolist() == [1.0, 2.0]


def test_a_run_that_ended_early_is_stopped(tmp_path):
    paths = [written(tmp_path / "a" / "evaluations.npz"), tmp_path / "b"]
    written(tmp_path / "b" / "evaluations.npz", steps=[100], results=[[1.0]])
    with pytest.warns(UserWarning, match="1 of 2 runs ended early"):
        assert Runs.from_evaluations(paths).table["status"].tolist() == ["finished", "stopped"]


def test_another_file_is_refused_by_name(tmp_path):
    path = tmp_path / "x.npz"
    for content in (b"", b"not a zip", b"PK\x03\x04" + b"\x00" * 40):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"x\.npz is damaged or is no `\.npz`"):
            Runs.from_evaluations(path)
    np.savez(path, timesteps=[1], results=np.array([[1, 2], [3]], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"x\.npz is damaged or is no `\.npz`"):
        Runs.from_evaluations(path)
    for arrays, message in (
        ({"timesteps": [1]}, "the array `results` is missing"),
        ({"timesteps": [1, 2], "results": [[1.0]]}, r"`results` must hold numbers.*\(1, 1\)"),
        ({"timesteps": ["a"], "results": [[1.0]]}, "`timesteps` must be one row of whole numbers"),
        ({"timesteps": [1.5], "results": [[1.0]]}, "`timesteps` must be whole numbers"),
        ({"timesteps": [-1], "results": [[1.0]]}, "`timesteps` must be whole numbers of at least 0"),
        ({"timesteps": [1], "results": [["a"]]}, "`results` must hold numbers"),
        ({"timesteps": [1], "results": [[1.0]], "ep_lengths": [1.0]}, "`ep_lengths` must hold numbers"),
    ):
        np.savez(path, **arrays)
        with pytest.raises(ValueError, match=message):
            Runs.from_evaluations(path)
    with pytest.raises(FileNotFoundError, match=r"there is no file .*evaluations\.npz"):
        Runs.from_evaluations(tmp_path)
