from __future__ import annotations

import inspect

import numpy as np
import pytest

from rlhp.agents.agent import marks
from rlhp.schedules import Constant, Linear
from rlhp.trainers import action_kinds, algorithms, hyperparameters
from rlhp.trainers.batches import full_config
from rlhp.trainers.building import CLASSES
from rlhp.trainers.engines import obstacles
from rlhp.trainers.hyperparameters import check_config, table
from rlhp.trainers.programs import module_of
from rlhp.trainers.request import RunRequest

# Ours, which stable-baselines3 takes by other ways than its constructor.
OWN = {"n_envs", "net_arch", "normalize", "exploration", "action_noise_std"}


@pytest.mark.parametrize("algorithm", algorithms())
def test_names_and_defaults_are_those_of_stable_baselines3(algorithm):
    signature = inspect.signature(CLASSES[algorithm].__init__).parameters
    for name, default in hyperparameters(algorithm).items():
        if name not in OWN and table(algorithm)[name].only != "jax":
            assert name in signature, name
            assert signature[name].default == default, name


@pytest.mark.parametrize("algorithm", algorithms())
def test_the_compiled_engine_declares_the_same_names_and_defaults(algorithm):
    request = RunRequest(algorithm, "CartPole-v1" if algorithm in ("dqn", "ppo", "a2c") else "Pendulum-v1", 0, 9, {}, 9)
    assert obstacles("jax", algorithm, request.env_id, {}) == []
    declared = module_of(algorithm).Hyperparameters()
    for name, value in full_config(request).items():
        assert value == getattr(declared, name) or list(value) == list(getattr(declared, name)), name
    # What one engine takes and the other does not is said to be so.
    combined = {"exploration_initial_eps", "exploration_final_eps", "exploration_fraction"}
    named = set(table(algorithm)) - combined - {"normalize"}
    assert named <= set(marks(module_of(algorithm).Hyperparameters))


@pytest.mark.parametrize("algorithm", algorithms())
def test_every_default_is_allowed(algorithm):
    check_config(algorithm, {k: v for k, v in hyperparameters(algorithm).items() if k != "exploration"})


def test_values_are_brought_to_their_type():
    config = check_config(
        "dqn",
        {
            "batch_size": 64.0,
            "learning_rate": np.float64(0.001),
            "gamma": None,
            "tau": float("nan"),
            "normalize": np.bool_(True),
            "net_arch": "[64, 64]",
            "exploration": '{"schedule": "linear", "start": 1.0, "end": 0.1, "fraction": 0.5}',
            "max_grad_norm": Constant(5.0),
        },
    )
    assert config == {
        "batch_size": 64,
        "learning_rate": 0.001,
        "normalize": True,
        "net_arch": [64, 64],
        "exploration": Linear(1.0, 0.1, 0.5),
        "max_grad_norm": 5.0,
    }
    assert isinstance(config["batch_size"], int)


@pytest.mark.parametrize(
    ("algorithm", "config", "message"),
    [
        ("dqn", {"learning_rat": 1}, r"unknown hyperparameter `learning_rat` for dqn; did you mean `learning_rate`\?"),
        ("dqn", {"gamma": 1.5}, "`gamma` is 1.5 for dqn; allowed: a number from 0 to 1, or a schedule"),
        ("dqn", {"gamma": "high"}, "`gamma` is 'high' for dqn"),
        ("dqn", {"gamma": np.inf}, "cannot be inf"),
        ("dqn", {"batch_size": 0.5}, "allowed: a whole number from 1"),
        ("dqn", {"learning_rate": -1e-3}, "`learning_rate` is -0.001 for dqn"),
        ("dqn", {"buffer_size": Linear(10, 20)}, "`buffer_size` cannot move while dqn trains"),
        ("dqn", {"exploration": Linear(2.0, 0.0)}, "The schedule runs from 0 to 2"),
        ("dqn", {"exploration": 0.1, "exploration_final_eps": 0.1}, "both say how epsilon moves"),
        ("ppo", {"net_arch": 64}, r"a list of layer widths such as \[64, 64\] or None"),
        ("ppo", {"net_arch": [64, 0.5]}, "a list of layer widths"),
        ("ppo", {"net_arch": []}, "a list of layer widths"),
        ("ppo", {"normalize": "yes"}, "True or False"),
        ("sac", {"ent_coef": "automatic"}, "or 'auto'"),
        ("ppoo", {}, "unknown algorithm `ppoo`; did you mean `ppo`"),
    ],
)
def test_what_is_not_allowed_is_refused_with_what_is(algorithm, config, message):
    with pytest.raises(ValueError, match=message):
        check_config(algorithm, config)


def test_every_range_is_said_in_words():
    assert table("ppo")["clip_range_vf"].allowed() == "a number from 0 or None, or a schedule"
    assert table("dqn")["exploration_fraction"].allowed() == "a number above 0 to 1"
    assert table("dqn")["gradient_steps"].allowed() == "a whole number from -1, or a schedule"


def test_action_kinds_are_what_stable_baselines3_supports():
    for algorithm in algorithms():
        source = inspect.getsource(CLASSES[algorithm])
        for kind in action_kinds(algorithm):
            assert f"spaces.{kind}" in source
