"""Small runs of the agents with a replay memory, and batches of our choice for their gradient steps."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from rlhp.agents import moving, off_policy, streams
from rlhp.agents.agent import Agent, Clock, State, segment
from rlhp.agents.replay import Batch
from rlhp.algorithms import declared
from rlhp.envs import make_jax
from rlhp.worlds import known_as
from tests.agents.asked import QUICK

TOTAL = 100  # environment steps that schedules measure progress by
SLOTS = 64
ENV_IDS = {"dqn": "CartPole-v1", "sac": "Pendulum-v1", "td3": "Pendulum-v1"}
SHAPES: dict[str, Any] = {"net_arch": (8,), "n_envs": 1, "slots": SLOTS, "tile": 8, "tiled": False}
SWITCHES = {"double_q": False, "dueling": False, "prioritized_replay": False}


def described(algorithm: str, **changes: Any) -> dict[str, Any]:
    """Give all hyperparameters as the compiled agent takes them."""
    known = declared(algorithm)
    defaults = {name: one.default for name, one in known.hyperparameters.items()}
    worlds = {known_as(name): one.default for name, one in make_jax(ENV_IDS[algorithm]).parameters.items()}
    return known.described(defaults | worlds | {"batch_size": 8, "learning_starts": 0, "train_freq": 1} | changes)


def inputs(algorithm: str, **changes: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give traced and loop hyperparameters that train after every step from the first on."""
    known, full = declared(algorithm).hyperparameters, described(algorithm, **changes)
    marks = {name: known[name].mark if name in known else "traced" for name in full} | {"learn_ent_coef": "loop"}
    return (
        {name: jnp.asarray(moving.encode(value)) for name, value in full.items() if marks[name] == "traced"},
        {name: jnp.int32(value) for name, value in full.items() if marks[name] == "loop"},
    )


def made(algorithm: str, **shapes: Any) -> Agent:
    """Make an agent, with changes to the static settings."""
    module = importlib.import_module(f"rlhp.agents.{algorithm}")
    switches = SWITCHES if algorithm == "dqn" else {}
    return module.agent(make_jax(ENV_IDS[algorithm]), SHAPES | switches | shapes, n_episodes=2)


@functools.cache
def compiled(algorithm: str, **shapes: Any) -> tuple[Callable[..., State], Callable[..., Any]]:
    """Give its compiled start, memory included, and its compiled segment."""
    # How it learns does not decide how it starts.
    start = {name: value for name, value in shapes.items() if name not in off_policy.LEARNING or name == "slots"}
    train = functools.partial(segment, made(algorithm, **shapes))
    return _start(algorithm, **start), jax.jit(train, compiler_options=QUICK)


@functools.cache
def _start(algorithm: str, **shapes: Any) -> Callable[..., State]:
    agent = made(algorithm, **shapes)

    def begin(seed: Any, traced: Any, loops: Any) -> State:
        return agent.init(streams.key(seed), traced, loops)._replace(memory=agent.memory())

    return jax.jit(begin, compiler_options=QUICK)


def clock(first: int, count: int) -> Clock:
    return Clock(*(jnp.int32(number) for number in (first, count, TOTAL)))


def trained(algorithm: str, count: int, shapes: tuple[tuple[str, Any], ...] = (), **changes: Any) -> Any:
    """Train for `count` iterations and give the state and the metrics."""
    begin, train = compiled(algorithm, **dict(shapes))
    traced, loops = inputs(algorithm, **changes)
    return train(begin(0, traced, loops), traced, loops, clock(0, count))


def whole(batch: Batch, noise: Any = None) -> off_policy.Total:
    """Give the sum over a batch that is one part."""
    share = jnp.full(len(batch.reward), 1.0 / len(batch.reward))
    part = off_policy.Part(jax.tree.map(jnp.asarray, batch), noise, share)
    return off_policy.total_of(lambda number: part, 1, False)
