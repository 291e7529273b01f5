"""Hyperparameters of live models of stable-baselines3: each that is changed alone changes what is learned next."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from rlhp.algorithms import declared
from rlhp.trainers import RunRequest
from rlhp.trainers.sb3._model import build, set_hyperparameter

ROLLOUT = {"n_envs": 2, "n_steps": 8, "net_arch": [8], "ent_coef": 0.01, "gae_lambda": 0.9}
REPLAY = {"batch_size": 8, "buffer_size": 256, "learning_starts": 8, "net_arch": [8], "learning_rate": 1e-2}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a2c": ("CartPole-v1", ROLLOUT),
    "ppo": ("CartPole-v1", ROLLOUT | {"batch_size": 8, "n_epochs": 2, "learning_rate": 1e-2}),
    "dqn": ("CartPole-v1", REPLAY | {"target_update_interval": 12, "exploration_fraction": 1.0}),
    "sac": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": 2}),
    "td3": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": 2, "action_noise_std": 0.1}),
}
# What is given instead, where half of it would not show.
VALUES = {
    "batch_size": 4,
    "clip_range": 1e-4,
    "clip_range_vf": 0.001,
    "target_kl": 1e-7,
    "max_grad_norm": 0.01,
    "ent_coef": 0.4,
    "exploration": 0.9,
    "exploration_initial_eps": 0.3,
    "exploration_final_eps": 0.9,
    "exploration_fraction": 0.6,
    "learning_starts": 10_000,
    "target_entropy": -3.0,
    "action_noise_std": 0.7,
    "target_noise_clip": 0.01,
    "target_policy_noise": 0.9,
    "policy_delay": 3,
    "gradient_steps": 3,
    "n_epochs": 1,
    "target_update_interval": 5,
    "rms_prop_eps": 0.3,
    "normalize_advantage": True,
}
HALF = 64


def moving() -> list[tuple[str, str]]:
    """List what may be given anew: all that is a number to it and decides no shape."""
    return [
        (algorithm, name)
        for algorithm in sorted(CASES)
        for name, one in declared(algorithm).hyperparameters.items()
        if "sb3" in one.engines and (one.moves or one.mark == "traced") and one.mark != "static"
    ]


@functools.cache
def weights(algorithm: str, name: str = "", *, anew: bool = False) -> bytes:
    """Train for two halves, between which a hyperparameter may be given anew, and give the weights."""
    env_id, config = CASES[algorithm]
    model = build(RunRequest(algorithm, env_id, 0, 2 * HALF, config, HALF, 2, "sb3"))
    model.learn(HALF)
    if name:
        known = declared(algorithm).hyperparameters[name]
        before = config.get(name, known.default)
        other = VALUES[name] if name in VALUES else before * 0.5
        set_hyperparameter(model, name, other if anew else before)
    model.learn(HALF, reset_num_timesteps=False)
    assert model.env is not None
    model.env.close()
    return b"".join(np.asarray(one.detach()).tobytes() for one in model.policy.state_dict().values())


@pytest.mark.parametrize(("algorithm", "name"), moving())
def test_each_hyperparameter_changed_alone_changes_what_is_learned_next(algorithm, name):
    assert weights(algorithm, name, anew=True) != weights(algorithm)


@pytest.mark.parametrize(
    ("algorithm", "name"), [("ppo", "clip_range"), ("a2c", "learning_rate"), ("dqn", "exploration_fraction")]
)
def test_given_what_it_had_nothing_changes(algorithm, name):
    assert weights(algorithm, name) == weights(algorithm)
