"""What a declaration decides of the program that trains a run."""

from __future__ import annotations

import dataclasses
import sys
from types import ModuleType

import pytest

from rlhp.algorithms import declared, register
from rlhp.trainers import RunRequest
from rlhp.trainers.compiled._recipes import prepared


def of(algorithm, **config):
    return prepared(RunRequest(algorithm, "CartPole-v1", 0, 1_000, config, 500, 5, "jax"))


def test_a_switch_that_the_engine_lacks_changes_nothing_where_it_is_off():
    plain, off = of("dqn"), of("dqn", normalize=False)
    assert off.recipe == plain.recipe
    assert off.loops == plain.loops
    assert off.traced.keys() == plain.traced.keys()


@pytest.mark.parametrize("algorithm", ["a2c", "dqn", "ppo"])
def test_marks_decide_what_is_an_argument(algorithm):
    found, one = of(algorithm), declared(algorithm)
    for name, what in one.hyperparameters.items():
        assert (name in found.traced) <= (what.mark == "traced"), name
        assert (name in found.loops) == (what.mark == "loop" and "jax" in what.engines), name


def test_an_algorithm_that_is_registered_anew_is_another_program():
    from rlhp.agents import a2c

    def again(env, shapes, *, n_episodes=10):
        return a2c.agent(env, shapes, n_episodes=n_episodes)

    again.__module__ = a2c.__name__
    before = of("a2c").recipe
    register(dataclasses.replace(declared("a2c"), title="the same code"), replace=True)
    assert of("a2c").recipe == before
    register(dataclasses.replace(declared("a2c"), agent=again), replace=True)
    assert of("a2c").recipe != before
    assert of("a2c").recipe.evaluated() != before.evaluated()


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (lambda config, env, steps: {"width": [32]}, r"`shapes` of mine gives \[32\] for `width`, .* give numbers"),
        (lambda config, env, steps: {"width": config["width"]}, "`shapes` of mine raises KeyError: 'width'"),
        (lambda config, env, steps: 5, r"`shapes` of mine raises TypeError: `shapes\(...\)` is 5; give a mapping"),
    ],
)
def test_shapes_that_cannot_be_are_refused(shapes, message, monkeypatch):
    own(monkeypatch, agent=lambda env, shapes, *, n_episodes: None, shapes=shapes)
    with pytest.raises(ValueError, match=message):
        of("mine")


def test_an_agent_must_be_one(monkeypatch):
    own(monkeypatch, agent=lambda env, shapes, *, n_episodes: 5, shapes=lambda config, env, steps: {})
    with pytest.raises(TypeError, match=r"`agent\(...\)` is 5; give `Agent`"):
        of("mine").recipe.agent()


def own(monkeypatch, **functions):
    """Register an algorithm with these functions."""
    module = ModuleType("of_mine")
    for name, function in functions.items():
        function.__module__ = module.__name__
        setattr(module, name, function)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    register(dataclasses.replace(declared("a2c"), name="mine", agent=module.agent))
