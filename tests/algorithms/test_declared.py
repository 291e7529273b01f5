"""What is said of our algorithms: stable-baselines3's names and defaults, and everything that reads it agrees."""

from __future__ import annotations

import importlib
import inspect

import pytest

from rlhp.algorithms import Levels, Range, declared, defaults, names, powers
from rlhp.algorithms.loading import code, sb3_class
from rlhp.schedules import Schedule
from rlhp.trainers._configurations import check_config
from rlhp.trainers._engines import obstacles

# Ours, which stable-baselines3 takes by other ways than its constructor.
OWN = {"n_envs", "net_arch", "normalize", "exploration", "action_noise_std"}
IN_SB3 = [name for name in names() if declared(name).sb3 is not None]
COMPILED = [name for name in names() if declared(name).agent is not None]
BOTH = [name for name in IN_SB3 if name in COMPILED]


def environment(algorithm: str) -> str:
    return "CartPole-v1" if "Discrete" in declared(algorithm).actions else "Pendulum-v1"


@pytest.mark.parametrize("algorithm", IN_SB3)
def test_names_and_defaults_are_those_of_stable_baselines3(algorithm):
    signature = inspect.signature(sb3_class(algorithm).__init__).parameters
    for name, what in declared(algorithm).hyperparameters.items():
        if name not in OWN and "sb3" in what.engines:
            assert name in signature, name
            assert signature[name].default == what.default, name


@pytest.mark.parametrize("algorithm", BOTH)
def test_both_engines_take_every_default(algorithm):
    config = check_config(algorithm, {k: v for k, v in defaults(algorithm).items() if k != "exploration"})
    shared = {k: v for k, v in config.items() if declared(algorithm).hyperparameters[k].engines == ("jax", "sb3")}
    assert {"learning_rate", "gamma", "n_envs"} < set(shared)
    for engine in ("jax", "sb3"):
        assert obstacles(engine, algorithm, environment(algorithm), shared) == []


@pytest.mark.parametrize("algorithm", COMPILED)
def test_every_mark_is_one_that_the_value_can_bear(algorithm):
    one = declared(algorithm)
    full = one.described(defaults(algorithm))
    for name, what in one.hyperparameters.items():
        value = full.get(name)
        if what.mark == "traced" and name in full:
            assert isinstance(value, int | float | Schedule), name
            assert not isinstance(value, bool), name
        if what.mark == "loop":
            assert isinstance(value, int), name
    assert {what.mark for what in one.hyperparameters.values()} <= {"traced", "loop", "static"}


def test_every_range_is_said_in_words():
    assert declared("ppo").hyperparameters["clip_range_vf"].allowed() == "a number above 0 or None, or a schedule"
    assert declared("dqn").hyperparameters["exploration_fraction"].allowed() == "a number above 0 to 1"
    assert declared("dqn").hyperparameters["gradient_steps"].allowed() == "a whole number from -1, or a schedule"


def test_action_kinds_are_what_stable_baselines3_supports():
    for algorithm in IN_SB3:
        source = inspect.getsource(sb3_class(algorithm))
        for kind in declared(algorithm).actions:
            assert f"spaces.{kind}" in source


@pytest.mark.parametrize("algorithm", names())
def test_each_says_what_it_is_and_where_its_names_are_from(algorithm):
    one = declared(algorithm)
    assert one.name == algorithm
    assert one.title
    for name, what in one.hyperparameters.items():
        assert what.source, name
        assert what.unit or what.kind != "int", name
        assert what.search is None or isinstance(what.search, Range | Levels)


def test_an_unknown_one_is_refused_with_the_nearest_and_the_way_to_add_one():
    with pytest.raises(ValueError, match=r"`pppo`; did you mean `ppo`\? Valid: a2c, cem_rl, dqn.*algorithms\.register"):
        declared("pppo")


def test_powers():
    assert powers(1, 1).values == (1,)
    assert powers(8, 64).values == (8, 16, 32, 64)
    assert powers(8, 64).ordered


@pytest.mark.parametrize("algorithm", COMPILED)
def test_the_code_behind_is_found(algorithm):
    found = code(algorithm)
    module = importlib.import_module(f"rlhp.agents.{algorithm}")
    assert (found.agent, found.shapes) == (module.agent, module.shapes)
    assert found.learning == getattr(module, "LEARNING", frozenset())
    assert code(algorithm) == found
