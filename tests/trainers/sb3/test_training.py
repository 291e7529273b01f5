from __future__ import annotations

import math

import gymnasium
import numpy as np
import pandas as pd
import pytest
import torch
from gymnasium.envs.registration import EnvSpec
from stable_baselines3 import DQN, PPO, SAC, TD3
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

from rlhp.envs import make_jax
from rlhp.runs import Runs
from rlhp.schedules import Cosine, Exponential, Linear, Piecewise, Step
from rlhp.trainers import RunRequest
from rlhp.trainers._policy import load_policy
from rlhp.trainers.sb3._training import Options, train_run

DQN_SMALL = {"learning_starts": 50, "net_arch": [8], "buffer_size": 1000, "target_update_interval": 50}
PPO_SMALL = {"n_envs": 2, "n_steps": 32, "batch_size": 32, "n_epochs": 2, "net_arch": [8]}
LEARNED = ["step", "return_mean", "return_std", "length_mean", "train_return_mean", "entropy", "value_error", "loss"]


def request(algorithm="dqn", env_id="CartPole-v1", *, steps=300, config=None, **changes) -> RunRequest:
    config = {"dqn": DQN_SMALL, "ppo": PPO_SMALL}.get(algorithm, {}) | (config or {})
    fields = {"seed": 0, "eval_every": 100, "eval_episodes": 2, **changes}
    return RunRequest(algorithm, env_id, steps=steps, config=config, **fields)


def learned(runs: Runs) -> pd.DataFrame:
    return runs.evals[LEARNED]


@pytest.mark.parametrize(
    ("algorithm", "env_id", "config"),
    [
        ("dqn", "CartPole-v1", {}),
        ("ppo", "CartPole-v1", {"normalize": True}),
        ("a2c", "Pendulum-v1", {"net_arch": [8]}),
        ("sac", "Pendulum-v1", {"net_arch": [8], "buffer_size": 1000}),
        ("td3", "Pendulum-v1", {"net_arch": [8], "buffer_size": 1000, "action_noise_std": 0.1}),
    ],
)
def test_same_seed_same_curve_and_another_seed_another(algorithm, env_id, config):
    first = train_run(request(algorithm, env_id, config=config))
    assert first.table["status"].item() == "finished"
    assert first.evals["step"].tolist() == [100, 200, 300]
    assert first.evals["n_episodes"].tolist() == [2, 2, 2]
    assert (first.table[["wall_time_s", "cpu_time_s"]].to_numpy() > 0).all()
    pd.testing.assert_frame_equal(learned(train_run(request(algorithm, env_id, config=config))), learned(first))
    other = train_run(request(algorithm, env_id, config=config, seed=1))
    assert not learned(other).equals(learned(first))


@pytest.mark.parametrize("algorithm", ["dqn", "ppo"])
def test_trains_the_weights_that_sb3_alone_trains(algorithm, tmp_path):
    # Evaluations, reports and logging in between must not change a bit of what is learned.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    n_envs = PPO_SMALL["n_envs"] if algorithm == "ppo" else 1
    venv = DummyVecEnv([lambda: Monitor(gymnasium.make("CartPole-v1"))] * n_envs)
    config = PPO_SMALL if algorithm == "ppo" else DQN_SMALL
    config = {name: value for name, value in config.items() if name not in ("n_envs", "net_arch")}
    direct = {"dqn": DQN, "ppo": PPO}[algorithm](
        "MlpPolicy", venv, seed=0, device="cpu", policy_kwargs={"net_arch": [8]}, **config
    ).learn(320)
    torch.set_num_threads(threads)
    train_run(request(algorithm, steps=320, eval_every=64), Options(policy=tmp_path / "p"))
    ours = {"dqn": DQN, "ppo": PPO}[algorithm].load(tmp_path / "p.zip")
    for name, weights in direct.policy.state_dict().items():
        assert torch.equal(weights, ours.policy.state_dict()[name]), name


@pytest.mark.parametrize(
    "schedule",
    [
        0.3,
        Linear(1.0, 0.1, fraction=0.5),
        Exponential(1.0, 0.01, fraction=0.5),
        Cosine(1.0, 0.0),
        Step(1.0, 0.2, n_steps=3),
        Piecewise(((0.0, 0.2), (0.5, 0.9), (1.0, 0.1))),
    ],
    ids=lambda s: s if isinstance(s, float) else s.kind,
)
def test_exploration_of_any_shape_drives_epsilon(schedule, monkeypatch):
    seen = []
    original = DQN._on_step

    def recorded(self):
        original(self)
        seen.append((self.num_timesteps, self.exploration_rate))

    monkeypatch.setattr(DQN, "_on_step", recorded)
    train_run(request(config={"exploration": schedule}, steps=200))
    assert len(seen) == 200
    wanted = [schedule if isinstance(schedule, float) else schedule(step / 200) for step, _ in seen]
    np.testing.assert_allclose([epsilon for _, epsilon in seen], wanted, atol=1e-12)


def test_epsilon_decides_how_often_actions_are_random(monkeypatch):
    greedy = []
    original = DQN.predict

    def counted(self, observation, state=None, episode_start=None, deterministic=False):
        before = self.policy._predict
        calls = []
        self.policy._predict = lambda *a, **k: calls.append(1) or before(*a, **k)
        result = original(self, observation, state, episode_start, deterministic)
        self.policy._predict = before
        if not deterministic:
            greedy.append(bool(calls))
        return result

    monkeypatch.setattr(DQN, "predict", counted)
    train_run(request(config={"exploration": 0.25, "learning_starts": 0}, steps=1000, eval_every=1000))
    # 1,000 coin flips: four standard errors are 0.055.
    assert 1 - np.mean(greedy) == pytest.approx(0.25, abs=0.055)


def rate(model) -> float:
    return model.policy.optimizer.param_groups[0]["lr"]


def clip(model) -> float:
    return model.clip_range(model._current_progress_remaining)


@pytest.mark.parametrize(
    ("cls", "env_id", "algorithm", "name", "schedule", "read"),
    [
        (DQN, "CartPole-v1", "dqn", "gamma", Linear(0.9, 0.99), lambda m: m.gamma),
        (DQN, "CartPole-v1", "dqn", "learning_rate", Linear(1e-3, 1e-4), rate),
        (PPO, "CartPole-v1", "ppo", "gae_lambda", Linear(0.8, 0.9), lambda m: m.rollout_buffer.gae_lambda),
        (PPO, "CartPole-v1", "ppo", "clip_range", Linear(0.3, 0.1), clip),
        (PPO, "CartPole-v1", "ppo", "n_epochs", Linear(1, 4), lambda m: m.n_epochs),
        (SAC, "Pendulum-v1", "sac", "ent_coef", Linear(0.5, 0.1), lambda m: m.ent_coef_tensor.item()),
        (TD3, "Pendulum-v1", "td3", "action_noise_std", Linear(0.5, 0.1), lambda m: m.action_noise._sigma[0]),
    ],
)
def test_a_schedule_moves_a_hyperparameter(cls, env_id, algorithm, name, schedule, read, monkeypatch):
    seen = []
    original = cls.train

    def recorded(self, *args, **kwargs):
        original(self, *args, **kwargs)
        seen.append((self.num_timesteps / 300, read(self)))

    monkeypatch.setattr(cls, "train", recorded)
    extra = {} if algorithm in ("dqn", "ppo") else {"net_arch": [8], "buffer_size": 1000}
    train_run(request(algorithm, env_id, config={**extra, name: schedule}, eval_every=300))
    assert len(seen) > 3
    wanted = [schedule(min(progress, 1)) for progress, _ in seen]
    if name == "n_epochs":
        wanted = [round(value) for value in wanted]
    np.testing.assert_allclose([value for _, value in seen], wanted, atol=1e-6)
    assert seen[0][1] != seen[-1][1]


def test_evaluates_the_policy_in_force_at_each_step(monkeypatch):
    # PPO updates after 64 steps: evaluations at 40 and 60 see the first policy, the one at 64 the updated one.
    updates = []
    original = PPO.train
    monkeypatch.setattr(PPO, "train", lambda self: updates.append(self.num_timesteps) or original(self))
    at = {}
    train_run(
        request("ppo", steps=128, eval_every=20),
        on_event=lambda e: at.setdefault(e["row"]["step"], len(updates)) if e["event"] == "eval" else None,
    )
    assert at == {20: 0, 40: 0, 60: 0, 80: 1, 100: 1, 120: 1, 128: 2}
    assert updates == [64, 128]


def test_a_run_that_diverges_is_a_result():
    runs = train_run(request(config={"learning_rate": 1e30}, steps=600))
    assert runs.table["status"].item() == "diverged"
    assert "no longer finite" in runs.table["error"].item()
    assert len(runs.evals) < 6


def test_a_run_that_diverges_in_torch_is_told_from_one_that_fails():
    runs = train_run(request("ppo", config={"learning_rate": 1e30}))
    assert runs.table["status"].item() == "diverged"
    assert "(ValueError)" in runs.table["error"].item()


class Breaks(gymnasium.Wrapper):
    """Raises in its 150th step of training."""

    steps = 0

    def step(self, action):
        Breaks.steps += 1
        if Breaks.steps == 150:
            raise RuntimeError("the simulator gave up")
        return super().step(action)


def test_a_run_that_raises_is_a_row_that_says_so(monkeypatch):
    Breaks.steps = 0
    spec = EnvSpec("Breaks-v0", entry_point=lambda: Breaks(gymnasium.make("CartPole-v1")))
    monkeypatch.setitem(gymnasium.registry, "Breaks-v0", spec)  # other tests read the registry too
    runs = train_run(request(env_id="Breaks-v0"))
    assert runs.table["status"].item() == "failed"
    assert runs.table["error"].item().startswith("RuntimeError: the simulator gave up (test_training.py:")
    assert runs.evals["step"].tolist() == [100]


def test_can_be_stopped():
    events = []
    runs = train_run(request(steps=5000), on_event=events.append, should_stop=lambda: len(events) > 2)
    assert runs.table["status"].item() == "stopped"
    assert 0 < len(runs.evals) < 50


def test_reports_progress_and_evaluations():
    events = []
    runs = train_run(request(), on_event=events.append)
    rows = [event["row"] for event in events if event["event"] == "eval"]
    assert [row["return_mean"] for row in rows] == runs.evals["return_mean"].tolist()
    assert {event["run_id"] for event in events} == set(runs.table.index)
    assert any(event["event"] == "progress" for event in events)


def test_training_return_is_of_the_episodes_since_the_last_evaluation(monkeypatch):
    returns = []
    original = Monitor.step

    def recorded(self, action):
        result = original(self, action)
        if result[2] or result[3]:
            returns.append((self.total_steps, self.episode_returns[-1]))
        return result

    monkeypatch.setattr(Monitor, "step", recorded)
    runs = train_run(request())
    for low, high, found in zip([0, 100, 200], [100, 200, 300], runs.evals["train_return_mean"], strict=True):
        assert found == pytest.approx(np.mean([r for step, r in returns if low < step <= high]), abs=1e-5)


def test_threads_are_given_back():
    before = torch.get_num_threads()
    train_run(request(steps=100))
    assert torch.get_num_threads() == before


def test_writes_what_tensorboard_reads(tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    runs = train_run(request("ppo"), Options(tensorboard=tmp_path))
    reader = accumulator.EventAccumulator(str(tmp_path / runs.table.index[0])).Reload()
    logged = [(event.step, event.value) for event in reader.Scalars("eval/return_mean")]
    assert logged == [(s, pytest.approx(r)) for s, r in zip(runs.evals["step"], runs.evals["return_mean"], strict=True)]
    assert "train/loss" in reader.Tags()["scalars"]


class TestCheckpoints:
    @pytest.mark.parametrize(
        ("algorithm", "config"), [("dqn", {"exploration": Cosine(1, 0.1)}), ("ppo", {}), ("ppo", {"normalize": True})]
    )
    def test_a_resumed_run_is_the_uninterrupted_one(self, algorithm, config, tmp_path):
        asked = request(algorithm, config=config, steps=600)
        whole = train_run(asked)
        events = []
        stopped = train_run(
            asked,
            Options(checkpoints=tmp_path, checkpoint_every=150),
            on_event=events.append,
            should_stop=lambda: sum(e["event"] == "eval" for e in events) >= 4,
        )
        assert stopped.table["status"].item() == "stopped"
        with pytest.warns(UserWarning, match="unpickles"):
            resumed = train_run(asked, Options(resume=tmp_path))
        assert resumed.table["status"].item() == "finished"
        pd.testing.assert_frame_equal(learned(resumed), learned(whole))
        assert resumed.table["wall_time_s"].item() > 0

    def test_keeps_models_and_logs_at_intervals(self, tmp_path):
        train_run(request(), Options(checkpoints=tmp_path, checkpoint_every=100))
        folders = sorted(tmp_path.glob("step_*"))
        assert [folder.name for folder in folders] == ["step_000000100", "step_000000200"]
        assert [(folder / "replay_buffer.pkl").exists() for folder in folders] == [False, True]
        for folder in folders:
            assert DQN.load(folder / "model.zip").num_timesteps > 0
            assert len(pd.read_csv(folder / "evals.csv")) == int(folder.name[5:]) // 100
        assert not list(tmp_path.glob(".*"))

    def test_refuses_the_checkpoint_of_another_run(self, tmp_path):
        train_run(request(), Options(checkpoints=tmp_path, checkpoint_every=100))
        runs = train_run(request(seed=5), Options(resume=tmp_path))
        assert "checkpoint of another run: its `seed` is 0, yours 5" in runs.table["error"].item()

    def test_says_where_no_checkpoint_is(self, tmp_path):
        runs = train_run(request(), Options(resume=tmp_path))
        assert "no checkpoint at" in runs.table["error"].item()


class TestPolicies:
    def test_acts_as_the_trained_model_did(self, tmp_path):
        train_run(request("ppo", config={"normalize": True}), Options(policy=tmp_path / "kept"))
        policy = load_policy(tmp_path / "kept")
        plain = PPO.load(tmp_path / "kept.zip")
        env = gymnasium.make("CartPole-v1")
        observation, _ = env.reset(seed=0)
        normalized = (observation - policy.normalize.mean[""]) / np.sqrt(policy.normalize.var[""] + 1e-8)
        assert policy.act(observation) == plain.predict(normalized.astype(np.float32), deterministic=True)[0]
        copy = policy.save(tmp_path / "elsewhere" / "copy")
        assert copy.read_bytes() == (tmp_path / "kept.zip").read_bytes()

    def test_records_an_episode_as_an_animation(self, tmp_path):
        image = pytest.importorskip("PIL.Image")
        train_run(request(), Options(policy=tmp_path / "kept"))
        policy = load_policy(tmp_path / "kept.zip")
        episode = policy.record(seed=1, max_steps=20)
        assert episode.frames.dtype == np.uint8
        assert episode.frames.shape[0] == episode.length + 1 <= 21
        assert episode.return_ == episode.length  # CartPole pays one a step
        (tmp_path / "episode.gif").write_bytes(episode.to_gif(width=200))
        with image.open(tmp_path / "episode.gif") as animation:
            assert animation.width == 200
            assert animation.n_frames > 1

    @pytest.mark.parametrize(
        ("env_id", "package"), [("MinAtar/Breakout-v1", "minatar"), ("MiniGrid-Empty-5x5-v0", "minigrid")]
    )
    def test_trains_and_shows_what_both_engines_have(self, env_id, package, tmp_path):
        pytest.importorskip(package)
        runs = train_run(request("ppo", env_id), Options(policy=tmp_path / "kept"))
        assert runs.table["error"].item() == ""
        assert runs.evals["length_mean"].max() <= make_jax(env_id).time_limit
        policy = load_policy(tmp_path / "kept")
        assert type(policy.model.features_extractor).__name__ == "FlattenExtractor"
        assert policy.model.observation_space.shape == make_jax(env_id).observation_shape
        episode = policy.record(max_steps=5)
        assert episode.frames.shape[3] == 3
        assert episode.to_gif()[:3] == b"GIF"

    def test_refuses_other_files(self, tmp_path):
        with pytest.raises(FileNotFoundError, match="no policy at"):
            load_policy(tmp_path / "none")
        (tmp_path / "text.zip").write_text("not a zip")
        with pytest.raises(ValueError, match="is not a policy that rlhp saved"):
            load_policy(tmp_path / "text.zip")

    def test_says_what_cannot_be_rendered(self, tmp_path):
        train_run(request(), Options(policy=tmp_path / "kept"))
        policy = load_policy(tmp_path / "kept")
        with pytest.raises(ValueError, match="cannot be rendered to pictures"):
            policy.record("NoSuchEnvironment-v0")


def test_nan_loss_is_not_a_number_in_the_table():
    runs = train_run(request(config={"learning_starts": 10_000}))
    assert math.isnan(runs.evals["loss"].iloc[0])
    assert runs.table["status"].item() == "finished"


def test_a_checkpoint_to_resume_from_is_not_written_over(tmp_path):
    asked = request(config={"buffer_size": 100})
    train_run(asked, Options(checkpoints=tmp_path, checkpoint_every=150))
    newest = max(tmp_path.glob("step_*"))
    before = (newest / "state.pkl").stat().st_mtime_ns
    train_run(asked, Options(checkpoints=tmp_path, checkpoint_every=150))
    assert max(tmp_path.glob("step_*")) == newest
    assert (newest / "state.pkl").stat().st_mtime_ns == before
