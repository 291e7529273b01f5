"""Derivatives of what training comes to, by every traced hyperparameter, and the numbers to hold them to.

In 64 bits, on trajectories that were collected once: with actions drawn anew a weight that moves a little changes what
is seen by a leap, and nothing agrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from rlhp.agents import streams
from rlhp.agents.agent import Now, unrolled
from rlhp.envs import Environment, make_jax
from tests.agents.asked import QUICK, asked

TOTAL, UPDATES = 60, 2


def one_hot() -> Environment:
    """Walk along five places, of which one is never reached: its weights have a gradient of exactly zero."""

    def seen(place):
        return (place == jnp.arange(5)).astype(jnp.float32)

    def reset(key, context):
        return (jnp.int32(1), jnp.int32(0)), seen(1)

    def step(key, state, action):
        place, time = jnp.clip(state[0] + 2 * action - 1, 0, 3), state[1] + 1
        return (place, time), seen(place), (place == 3) - 0.1, place == 3, time >= 4

    return Environment("OneHot-v0", (5,), "float32", reset, step, 4, n_actions=2)


@dataclass(frozen=True)
class Slopes:
    """Derivatives of a random projection of the weights after two updates, by name of a hyperparameter [n]."""

    names: list[str]
    values: np.ndarray
    forward: np.ndarray
    reverse: np.ndarray
    differences: np.ndarray


def slopes(algorithm: str, env_id: str, config: dict[str, Any]) -> Slopes:
    """Differentiate in both modes and by central differences of fourth order, whose only error is rounding."""
    with jax.enable_x64(True):
        return _slopes(algorithm, one_hot() if env_id == "one-hot" else make_jax(env_id), config)


def _slopes(algorithm: str, env: Environment, config: dict[str, Any]) -> Slopes:
    _, agent, traced, loops, _ = asked(algorithm, env, config, TOTAL)
    # Encoded numbers are of 32 bits, but the values that they begin with are given anew in 64.
    traced = {name: jnp.asarray(numbers, float) for name, numbers in traced.items()}

    def collect(playing, i):
        return agent.collect(playing, agent.unseen(), traced, loops, Now(i, jnp.int32(TOTAL)))

    def played():
        """Give a state before it has learned, and what it sees in each iteration: one program."""
        state = agent.init(streams.key(0), traced, loops)._replace(memory=agent.memory())
        playing, seen = jax.lax.scan(collect, state, jnp.arange(UPDATES, dtype=jnp.int32))
        return playing._replace(weights=state.weights, optimizer=state.optimizer) if not state.memory else playing, seen

    begin, seen = jax.jit(played, compiler_options=QUICK)()
    known = {name: int(value) for name, value in loops.items()}
    # Not those of the world, which was seen and is constant, and not what has no limit.
    names = [name for name in sorted(traced) if not name.startswith("env.") and np.isfinite(traced[name][1])]
    values = np.array([float(traced[name][1]) for name in names])

    def outcome(values):
        changed = {name: traced[name].at[1:3].set(value) for name, value in zip(names, values, strict=True)}

        def update(state, iteration):
            number, collected = iteration
            return unrolled(agent, state, [collected], traced | changed, known, Now(number, TOTAL)), None

        after, _ = jax.lax.scan(update, begin, (jnp.arange(UPDATES, dtype=jnp.int32), seen))
        leaves = [leaf.ravel() for leaf in jax.tree.leaves(agent.parameters(after.weights)) if leaf.dtype != bool]
        weights = jnp.concatenate(leaves)
        assert weights.dtype == jnp.float64
        return (weights * np.random.default_rng(0).normal(size=weights.shape)).sum()

    units = np.eye(len(names))

    def everything(values):
        """Give the outcome and its derivatives in both modes: one program, traced and compiled once."""
        found, push = jax.linearize(outcome, values)
        return found, jax.vmap(push)(units), jax.linear_transpose(push, values)(jnp.ones(()))[0]

    of = jax.jit(everything, compiler_options=QUICK)
    _, forward, reverse = of(values)
    sizes = 4e-6 * np.where(values == 0, 1e-2, np.abs(values))
    differences = []
    for unit, size in zip(units, sizes, strict=True):
        ahead = [float(of(values + k * size * unit)[0]) - float(of(values - k * size * unit)[0]) for k in (1, 2)]
        differences.append((8.0 * ahead[0] - ahead[1]) / (12.0 * size))
    return Slopes(names, values, np.asarray(forward), np.asarray(reverse), np.array(differences))
