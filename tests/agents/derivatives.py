"""Hold derivatives of two updates to central differences: ``python -m tests.agents.derivatives "(algorithm, ...)"``.

Shapes are checked on the way. In 64 bits, on trajectories that were collected once: with actions drawn anew a weight
that moves a little changes what is seen by a leap, and nothing agrees.
"""

from __future__ import annotations

import ast
import sys

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import install_import_hook

with install_import_hook("rlhp.agents", "beartype.beartype"):
    from rlhp.agents import streams
    from rlhp.agents.agent import Now, unrolled
    from rlhp.envs import Environment, make_jax
    from tests.agents.asked import asked

TOTAL, UPDATES, TOLERANCE = 60, 2, 1e-6


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


def check(algorithm: str, env_id: str, config: dict, modes: str) -> None:
    """Compare, and print what was found; stop at the first that differs."""
    env = one_hot() if env_id == "one-hot" else make_jax(env_id)
    _, agent, traced, loops, _ = asked(algorithm, env, config, TOTAL)
    # Encoded numbers are of 32 bits, but the values that they begin with are given anew in 64.
    traced = {name: jnp.asarray(numbers, float) for name, numbers in traced.items()}
    state = agent.init(streams.key(0), traced, loops)._replace(memory=agent.memory())
    seen, playing, collect = [], state, jax.jit(agent.collect)
    for i in range(UPDATES):
        now = Now(jnp.int32(i), jnp.int32(TOTAL))
        playing, one = collect(playing, agent.unseen(), traced, loops, now)
        seen.append(one)
    begin = playing._replace(weights=state.weights, optimizer=state.optimizer) if not state.memory else playing
    known = {name: int(value) for name, value in loops.items()}
    # Not those of the world, which was seen and is constant, and not what has no limit.
    names = [name for name in sorted(traced) if not name.startswith("env.") and np.isfinite(traced[name][1])]
    values = np.array([float(traced[name][1]) for name in names])

    def outcome(values):
        """Give a random projection of the weights after two updates."""
        changed = {name: traced[name].at[1:3].set(value) for name, value in zip(names, values, strict=True)}
        after = unrolled(agent, begin, seen, traced | changed, known, Now(0, TOTAL))
        leaves = [leaf.ravel() for leaf in jax.tree.leaves(agent.parameters(after.weights)) if leaf.dtype != bool]
        weights = jnp.concatenate(leaves)
        assert weights.dtype == jnp.float64
        return (weights * np.random.default_rng(0).normal(size=weights.shape)).sum()

    of, units = jax.jit(outcome), np.eye(len(names))
    forward = jax.jit(lambda values, direction: jax.jvp(outcome, (values,), (direction,))[1])
    found = {"forward": [float(forward(values, unit)) for unit in units]}
    if modes == "both":
        found["reverse"] = jax.jit(jax.grad(outcome))(values)
    moved = []
    for i, name in enumerate(names):
        size = 4e-6 * (abs(values[i]) or 1e-2)
        # Of fourth order, so that what is left is rounding.
        ahead = [float(of(values + k * size * units[i])) - float(of(values - k * size * units[i])) for k in (1, 2)]
        expected = (8.0 * ahead[0] - ahead[1]) / (12.0 * size)
        print(name, values[i], f"{expected:+.12e}", *(f"{mode} {float(s[i]):+.12e}" for mode, s in found.items()))
        for mode, slopes in found.items():
            close = abs(slopes[i] - expected) <= TOLERANCE * max(abs(expected), 1e-2)
            assert close, f"{name}, {mode}: {slopes[i]} and not {expected}"
        moved += [name] if expected else []
    assert {"learning_rate", "gamma"} <= set(moved), moved


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_numpy_rank_promotion", "raise")
    check(*ast.literal_eval(sys.argv[1]))
