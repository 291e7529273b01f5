"""Policies of the compiled engine: kept by a sweep, read again, and acted with in Gymnasium."""

from __future__ import annotations

import warnings

import gymnasium
import numpy as np
import pytest

import rlhp
from rlhp.runs import Runs
from rlhp.trainers._request import RunRequest
from rlhp.trainers.compiled._running import Running
from tests.sweeps.asking import how

SMALL = {"net_arch": [8], "batch_size": 8, "learning_starts": 40, "learning_rate": 1e-2, "target_update_interval": 30}


def test_a_sweep_says_its_engine_keeps_policies_and_resumes(tmp_path):
    asked = {
        "steps": 240,
        "evaluation": rlhp.Evaluation(80, episodes=2),
        "execution": rlhp.Execution(progress=False),
        "engine": "jax",
    }
    first = rlhp.sweep("dqn", "CartPole-v1", SMALL, seeds=2, out=tmp_path, **asked | how(keep_policies=True))
    assert first.table["engine"].tolist() == ["jax", "jax"]
    again = rlhp.sweep("dqn", "CartPole-v1", SMALL, seeds=3, out=tmp_path, **asked | how(keep_policies=True))
    assert again.table["wall_time_s"].tolist()[:2] == first.table["wall_time_s"].tolist()
    assert again.table["seed"].tolist() == [0, 1, 2]
    for runs in (again, Runs.load(tmp_path)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # nothing is unpickled, so there is nothing to warn of
            policy = runs.policy(again.table.index[2])
        env = gymnasium.make("CartPole-v1")
        observation, _ = env.reset(seed=0)
        assert env.action_space.contains(policy.act(observation))
    episode = policy.record(seed=3, max_steps=30)
    assert episode.frames.shape[0] == episode.length + 1
    assert episode.return_ == episode.length


def test_a_policy_plays_in_gymnasium_what_it_was_evaluated_at(tmp_path):
    config = {"net_arch": [16], "learning_rate": 5e-3, "batch_size": 32, "learning_starts": 200, "gamma": 0.95}
    runs = rlhp.sweep(
        "dqn",
        "CartPole-v1",
        {**config, "target_update_interval": 100},
        steps=4_000,
        seeds=2,
        out=tmp_path,
        execution=rlhp.Execution(keep_policies=True, progress=False),
        engine="jax",
        evaluation=rlhp.Evaluation(4_000, episodes=100),
    )
    env = gymnasium.make("CartPole-v1")
    for name in runs.table.index:
        policy, returns = runs.policy(name), []
        for seed in range(60):
            observation, _ = env.reset(seed=seed)
            total, done = 0.0, False
            while not done:
                observation, reward, terminated, truncated, _ = env.step(policy.act(observation))
                total, done = total + reward, terminated or truncated
            returns.append(total)
        row = runs.evals[runs.evals["run_id"] == name].iloc[0]
        error = np.hypot(np.std(returns) / np.sqrt(60), row["return_std"] / np.sqrt(100))
        assert abs(np.mean(returns) - row["return_mean"]) < 4 * max(error, 0.5)


def test_policies_that_were_not_kept_are_missed_clearly():
    run = Running(RunRequest("dqn", "CartPole-v1", 0, 240, SMALL, 240, 2, "jax"))
    run.advance()
    runs = run.runs()
    with pytest.raises(ValueError, match="was not kept; train with `out=` and `execution=rlhp"):
        runs.policy(runs.table.index[0])
    with pytest.raises(ValueError, match="unknown run `nobody`"):
        runs.policy("nobody")
