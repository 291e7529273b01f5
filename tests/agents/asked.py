"""From what a run is asked for to its agent and what that is called with."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import jax.numpy as jnp

from rlhp.agents import moving
from rlhp.agents.agent import Agent
from rlhp.algorithms import declared
from rlhp.envs import Environment

# What is compared in these tests does not depend on how well a program was optimised, and most of them run it once.
QUICK = {"xla_backend_optimization_level": 0}


class Asked(NamedTuple):
    """A run's agent, the values it is called with, and what decided its program."""

    env: Environment
    agent: Agent
    traced: dict[str, Any]
    loops: dict[str, Any]
    shapes: dict[str, Any]


def asked(algorithm: str, env: Environment, config: dict[str, Any], steps: int, **options: Any) -> Asked:
    """Give what a request for a run of `steps` environment steps comes to."""
    what = declared(algorithm)
    ours = {name: one for name, one in what.hyperparameters.items() if "jax" in one.engines}
    full = what.described({name: one.default for name, one in ours.items()} | config)
    worlds = {f"env.{name}": one.default for name, one in env.parameters.items()} | full
    traced, loops = {}, {}
    for name, value in worlds.items():
        mark = ours[name].mark if name in ours else "loop" if isinstance(value, bool | int) else "traced"
        if name.startswith("env."):
            mark = "traced"
        if mark == "traced":
            traced[name] = jnp.asarray(moving.encode(value))
        elif mark == "loop":
            loops[name] = jnp.int32(value)
    module = importlib.import_module(what.agent.partition(":")[0])
    shapes = module.shapes(full, env, steps)
    return Asked(env, module.agent(env, shapes, **options), traced, loops, shapes)
