from __future__ import annotations

import inspect

import pytest

from rlhp.agents.agent import marks
from rlhp.trainers import action_kinds, algorithms, hyperparameters
from rlhp.trainers.batches import full_config
from rlhp.trainers.building import CLASSES
from rlhp.trainers.configurations import check_config
from rlhp.trainers.engines import obstacles
from rlhp.trainers.hyperparameters import table
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


def test_every_range_is_said_in_words():
    assert table("ppo")["clip_range_vf"].allowed() == "a number above 0 or None, or a schedule"
    assert table("dqn")["exploration_fraction"].allowed() == "a number above 0 to 1"
    assert table("dqn")["gradient_steps"].allowed() == "a whole number from -1, or a schedule"


def test_action_kinds_are_what_stable_baselines3_supports():
    for algorithm in algorithms():
        source = inspect.getsource(CLASSES[algorithm])
        for kind in action_kinds(algorithm):
            assert f"spaces.{kind}" in source
