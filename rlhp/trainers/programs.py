"""Compiled programs: an algorithm's three functions, vmapped over runs and spread over the devices.

A program is found again by what decides it: algorithm, environment, static hyperparameters, the size of the replay
memory. Everything else is an argument, so a second sweep, a released slider or a longer run compiles nothing.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AxisType, NamedSharding, PartitionSpec

from rlhp.agents import streams
from rlhp.agents.agent import Agent, Clock
from rlhp.envs.registry import make_jax
from rlhp.trainers.devices import devices
from rlhp.trainers.memory import give_back

__all__ = ["Program", "Recipe", "agent_of", "module_of", "program"]

_EVALUATION = 1_000  # the random stream of evaluations; the algorithms count theirs from 0
_KEPT = 16  # programs to keep in memory, tens of megabytes each: a sweep over everything static has hundreds


@dataclass(frozen=True)
class Recipe:
    """What decides a program; equal recipes share one."""

    algorithm: str
    env_id: str
    settings: tuple[tuple[str, Any], ...]
    room: tuple[tuple[str, Any], ...]
    n_episodes: int
    n_devices: int = 1


@dataclass(frozen=True)
class Program:
    """An algorithm over many runs; the leading axis of every batched argument is the run, divided over the devices.

    Parameters
    ----------
    init : callable
        ``init(words [runs, 2], traced, uniform) -> state``.
    segment : callable
        ``segment(state, traced, uniform, clock) -> (state, metrics)``; the state handed in is used up. Metrics have
        `healthy` besides: whether everything the policy needs is finite.
    evaluate : callable
        ``evaluate(state, traced, progress, number) -> dict`` of arrays [runs].
    parameters : callable
        ``parameters(state)``: what the policies need, leading with [runs].
    place : callable
        ``place(batched, shared)`` puts arguments on the devices: the first divided by run, the second copied to all.
    ready : set of int
        Numbers of runs that all of it was compiled for.
    """

    init: Callable[..., Any]
    segment: Callable[..., tuple[Any, dict[str, jax.Array]]]
    evaluate: Callable[..., dict[str, jax.Array]]
    parameters: Callable[[Any], Any]
    place: Callable[[Any, Any], tuple[Any, Any]]
    ready: set[int] = field(default_factory=set, compare=False)


def _narrow(number: float) -> np.generic:
    """Give a number as the programs take it: half as wide as Python's."""
    return np.float32(number) if isinstance(number, float) else np.int32(number)


def module_of(algorithm: str) -> Any:
    """Give the module of an algorithm in `rlhp.agents`."""
    return importlib.import_module(f"rlhp.agents.{algorithm}")


def agent_of(recipe: Recipe) -> Agent:
    """Make the agent of a recipe, for one run."""
    env = make_jax(recipe.env_id)
    made: Agent = module_of(recipe.algorithm).agent(
        env, dict(recipe.settings), **dict(recipe.room), n_episodes=recipe.n_episodes
    )
    return made


def program(recipe: Recipe) -> Program:
    """Give the program of a recipe; compiled when it is first called with so many runs.

    The programs used last stay in memory.
    """
    before = _program.cache_info()
    found = _program(recipe)
    if before.currsize == _KEPT and _program.cache_info().misses > before.misses:
        give_back()  # what the one that had to go has left
    return found


@functools.lru_cache(maxsize=_KEPT)
def _program(recipe: Recipe) -> Program:
    agent = agent_of(recipe)
    mesh = jax.make_mesh(
        (recipe.n_devices,), ("runs",), devices=devices()[: recipe.n_devices], axis_types=(AxisType.Auto,)
    )
    runs, everywhere = PartitionSpec("runs"), PartitionSpec()

    def init(words: Any, traced: Any, uniform: Any) -> Any:
        return agent.init(streams.from_words(words), traced, uniform)

    def segment(state: Any, traced: Any, uniform: Any, clock: Clock) -> tuple[Any, dict[str, jax.Array]]:
        state, metrics = agent.segment(state, traced, uniform, clock)
        finite = [jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(agent.parameters(state))]
        return state, {**metrics, "healthy": jnp.stack(finite).all()}

    def evaluate(state: Any, traced: Any, progress: Any, number: Any) -> dict[str, jax.Array]:
        key = jax.random.fold_in(jax.random.fold_in(state.key, _EVALUATION), number)
        return agent.evaluate(state, traced, progress, key)

    def spread(function: Callable[..., Any], batched: int, shared: int, **options: Any) -> Callable[..., Any]:
        """Vmap over runs and divide them over the devices; the first `batched` arguments lead with the run."""
        many = jax.vmap(function, in_axes=(0,) * batched + (None,) * shared)
        parts = (runs,) * batched + (everywhere,) * shared
        divided = jax.shard_map(many, mesh=mesh, in_specs=parts, out_specs=runs, check_vma=False)
        return jax.jit(divided, **options)

    def place(batched: Any, shared: Any) -> tuple[Any, Any]:
        return (
            jax.device_put(batched, NamedSharding(mesh, runs)),
            jax.device_put(jax.tree.map(_narrow, shared), NamedSharding(mesh, everywhere)),
        )

    return Program(
        spread(init, 2, 1),
        spread(segment, 2, 2, donate_argnums=0),
        spread(evaluate, 2, 2),
        agent.parameters,
        place,
    )
