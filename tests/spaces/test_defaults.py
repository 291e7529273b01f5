"""Default spaces: what they contain, and that they agree with what trains."""

from __future__ import annotations

import inspect
import json

import numpy as np
import pytest
from ConfigSpace import (
    Configuration,
    Float,
)

from rlhp import algorithms, spaces
from rlhp.trainers._configurations import check_config
from tests.spaces.of_all_kinds import ALGORITHMS

# rl-baselines3-zoo's tuned settings for classic control; what a row does not name is SB3's default. A linear
# schedule is listed with its start.
TUNED = {
    "PPO CartPole": (
        "ppo",
        {
            "n_envs": 8,
            "n_steps": 32,
            "batch_size": 256,
            "gae_lambda": 0.8,
            "gamma": 0.98,
            "n_epochs": 20,
            "ent_coef": 0.0,
            "learning_rate": 1e-3,
            "clip_range": 0.2,
        },
    ),
    "PPO Acrobot": (
        "ppo",
        {
            "normalize": True,
            "n_envs": 16,
            "n_steps": 256,
            "gae_lambda": 0.94,
            "gamma": 0.99,
            "n_epochs": 4,
            "ent_coef": 0.0,
        },
    ),
    "PPO MountainCar": (
        "ppo",
        {
            "normalize": True,
            "n_envs": 16,
            "n_steps": 16,
            "gae_lambda": 0.98,
            "gamma": 0.99,
            "n_epochs": 4,
            "ent_coef": 0.0,
        },
    ),
    "PPO Pendulum": (
        "ppo",
        {
            "n_envs": 4,
            "n_steps": 1024,
            "gae_lambda": 0.95,
            "gamma": 0.9,
            "n_epochs": 10,
            "learning_rate": 1e-3,
            "clip_range": 0.2,
        },
    ),
    "DQN CartPole": (
        "dqn",
        {
            "net_arch": "[256, 256]",
            "learning_rate": 2.3e-3,
            "batch_size": 64,
            "buffer_size": 100_000,
            "learning_starts": 1000,
            "gamma": 0.99,
            "target_update_interval": 10,
            "train_freq": 256,
            "gradient_steps": 128,
            "exploration_fraction": 0.16,
            "exploration_final_eps": 0.04,
        },
    ),
    "DQN MountainCar": (
        "dqn",
        {
            "net_arch": "[256, 256]",
            "learning_rate": 4e-3,
            "batch_size": 128,
            "buffer_size": 10_000,
            "learning_starts": 1000,
            "gamma": 0.98,
            "target_update_interval": 600,
            "train_freq": 16,
            "gradient_steps": 8,
            "exploration_fraction": 0.2,
            "exploration_final_eps": 0.07,
        },
    ),
    "DQN Acrobot": (
        "dqn",
        {
            "net_arch": "[256, 256]",
            "learning_rate": 6.3e-4,
            "batch_size": 128,
            "buffer_size": 50_000,
            "learning_starts": 0,
            "gamma": 0.99,
            "target_update_interval": 250,
            "train_freq": 4,
            "gradient_steps": -1,
            "exploration_fraction": 0.12,
            "exploration_final_eps": 0.1,
        },
    ),
    "SAC Pendulum": ("sac", {"learning_rate": 1e-3, "buffer_size": 1_000_000}),
    "TD3 Pendulum": (
        "td3",
        {
            "learning_rate": 1e-3,
            "gamma": 0.98,
            "buffer_size": 200_000,
            "learning_starts": 10_000,
            "action_noise_std": 0.1,
            "net_arch": "[400, 300]",
        },
    ),
    "TD3, the whole memory": ("td3", {"buffer_size": 1_000_000}),
    "A2C of the population study": ("a2c", {"learning_rate": 0.01, "gamma": 0.95, "gae_lambda": 0.8, "ent_coef": 0.05}),
}


@pytest.mark.parametrize("name", TUNED)
def test_default_space_contains_the_setting(name: str) -> None:
    algorithm, setting = TUNED[name]
    space = spaces.default(algorithm)
    whole = {**dict(space.get_default_configuration()), **setting}
    Configuration(space, values=whole)  # raises where a value, a condition or a forbidden clause says no
    unit = spaces.to_unit(space, [whole])
    back = spaces.from_unit(space, unit).iloc[0]
    assert {key: back[key] for key in setting} == setting
    assert spaces.allowed(space, [whole]).all()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_defaults_are_those_of_stable_baselines3(algorithm: str) -> None:
    import stable_baselines3

    signature = inspect.signature(getattr(stable_baselines3, algorithm.upper()).__init__).parameters
    ours = {name: hp.default_value for name, hp in spaces.default(algorithm).items()}
    beyond = {"n_envs", "net_arch", "normalize", "action_noise_std"}
    assert {name: value for name, value in ours.items() if name not in beyond} == {
        name: signature[name].default for name in ours if name not in beyond
    }
    assert ours.get("n_envs", 1) == 1
    assert ours.get("normalize", False) is False
    assert ours.get("action_noise_std", 0.0) == 0.0


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_default_networks_are_those_of_stable_baselines3(algorithm: str) -> None:
    import gymnasium
    import stable_baselines3

    env = gymnasium.make("Pendulum-v1" if algorithm in ("sac", "td3") else "CartPole-v1")
    memory = {"buffer_size": 10} if algorithm in ("dqn", "sac", "td3") else {}
    policy = getattr(stable_baselines3, algorithm.upper())("MlpPolicy", env, device="cpu", **memory).policy
    net = {"dqn": "q_net", "sac": "actor", "td3": "actor"}.get(algorithm)
    shapes = [tuple(w.shape) for w in (getattr(policy, net) if net else policy.mlp_extractor.policy_net).parameters()]
    widths = json.loads(spaces.default(algorithm)["net_arch"].default_value)
    assert [shape[0] for shape in shapes if len(shape) == 2][: len(widths)] == widths


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_trainers_agree_on_names_defaults_and_values(algorithm: str) -> None:
    from rlhp.algorithms import defaults
    from rlhp.trainers._configurations import check_config, config_rows

    theirs = defaults(algorithm)
    ours = {name: hp.default_value for name, hp in spaces.default(algorithm).items()}
    left_to_sb3 = {name for name in theirs if theirs[name] is None}  # its networks, and no noise on the action
    assert {name: value for name, value in ours.items() if name not in left_to_sb3} == {
        name: theirs[name] for name in ours if name not in left_to_sb3
    }
    configs = spaces.sample(spaces.default(algorithm), 64, method="sobol", rng=0)
    for row, kept in zip(configs.to_dict("records"), config_rows(algorithm, configs), strict=True):
        assert set(check_config(algorithm, kept)) == {
            n for n, value in row.items() if value is not None and value == value
        }


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_default_spaces_declare_gamma_flipped_and_the_learning_rate_log(algorithm: str) -> None:
    measures = spaces.measure(spaces.default(algorithm))
    assert measures["gamma"] == "flipped-log"
    assert measures["learning_rate"] == "log"
    assert measures["net_arch"] == "categorical"
    assert set(measures) == set(spaces.default(algorithm))


def test_default_gives_a_new_space_each_time() -> None:
    first = spaces.default("dqn")
    first.add(Float("mine", (0.0, 1.0)))
    assert "mine" not in spaces.default("dqn")


def test_unknown_algorithm_names_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"unknown algorithm `pppo`; did you mean `ppo`\? Valid: a2c, cem_rl, dqn"):
        spaces.default("pppo")


@pytest.mark.parametrize("algorithm", ["dqn", "sac", "td3"])
def test_no_sampled_run_takes_more_gradient_steps_than_environment_steps(algorithm: str) -> None:
    configs = spaces.sample(spaces.default(algorithm), 200, rng=1)
    assert (configs["gradient_steps"] <= configs["train_freq"]).all()
    assert (configs["gradient_steps"] == -1).any()


@pytest.mark.parametrize("algorithm", algorithms.names())
def test_every_corner_of_a_default_space_is_a_configuration_that_trains(algorithm: str) -> None:
    """What a sweep draws, the trainers take: also where several hyperparameters are at their ends at once."""
    space = spaces.default(algorithm)
    corners = np.random.default_rng(0).choice([0.0, 0.5, 1.0], (500, len(space)))
    rows = spaces.from_unit(space, np.vstack([np.zeros((1, len(space))), corners]))
    allowed = rows[spaces.allowed(space, rows)]
    assert len(allowed) > 100
    for row in allowed.to_dict("records"):
        check_config(algorithm, {k: v for k, v in row.items() if v is not None and v == v})
