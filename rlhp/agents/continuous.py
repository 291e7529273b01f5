"""What SAC and TD3 share: twin critics as one stack of weights, steps with actions in [-1, 1], batches with noise.

References
----------
Fujimoto, van Hoof and Meger (2018), Addressing function approximation error in actor-critic methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from rlhp.agents import networks, off_policy, replay
from rlhp.agents.agent import Loops
from rlhp.agents.networks import Twins
from rlhp.envs import Environment
from rlhp.envs.playing import Playing, play

__all__ = ["drawn", "played", "q_values", "twins", "unscaled"]

_BATCH, _NOISE = range(2)  # names of the random streams of a gradient step
_PLAY, _AT_RANDOM = 1, 2  # and of a step, beside the algorithm's own, which is 0


def twins(key: PRNGKeyArray, widths: Sequence[int]) -> Twins:
    """Draw two critics; every array leads with [2], so that one product computes a layer of both."""
    return jax.vmap(lambda key: networks.uniform(key, widths))(jax.random.split(key))


def q_values(
    critics: Twins, observations: Float[Array, "n features"], actions: Float[Array, "n actions"]
) -> Float[Array, "2 n"]:
    """Return what each critic says an action is worth; actions are scaled to [-1, 1]."""
    inputs = jnp.concatenate([observations, actions], -1)
    outputs = jax.vmap(lambda layers: networks.mlp(layers, inputs))(critics)
    return outputs[..., 0]


def unscaled(env: Environment, actions: Float[Array, "*n actions"]) -> Float[Array, "*n actions"]:
    """Bring actions in [-1, 1] to the bounds of the environment."""
    low, high = jnp.asarray(env.action_low, jnp.float32), jnp.asarray(env.action_high, jnp.float32)
    shift, width = (jax.lax.broadcast_to_rank(one, actions.ndim) for one in (low, high - low))
    return shift + 0.5 * (actions + 1.0) * width


def played(
    env: Environment,
    key: PRNGKeyArray,
    n: Int[Array, ""],
    playing: Playing,
    memory: replay.Replay,
    chosen: Float[Array, "n_envs actions"],
    hp: Mapping[str, Array],
    loops: Loops,
) -> tuple[Playing, replay.Replay]:
    """Take step number `n` in every environment and write it into the memory.

    Parameters
    ----------
    env : Environment
    key : PRNGKeyArray
        Of the step.
    n : int
        Steps of each environment that were taken before.
    playing, memory : Playing, Replay
        Before the step.
    chosen : float array, shape [n_envs, n_actions]
        Actions in [-1, 1]; random ones are taken in their place before learning starts.
    hp, loops : mappings
        The values of the hyperparameters at this step.
    """
    slots, n_envs, _ = memory.rows.shape
    at_random = jax.random.uniform(jax.random.fold_in(key, _AT_RANDOM), chosen.shape, minval=-1.0)
    actions = jnp.where(n * n_envs < loops["learning_starts"], at_random, chosen)
    step_key = jax.random.fold_in(key, _PLAY)
    playing, transition = play(env, step_key, playing, unscaled(env, actions), env.context(hp))
    return playing, replay.add(memory, n % slots, transition, actions)


def drawn(
    env: Environment,
    memory: replay.Replay,
    key: PRNGKeyArray,
    n: Int[Array, ""] | int,
    held: Int[Array, ""],
    gamma: Float[Array, ""],
    loops: Loops,
    shapes: Mapping[str, Any],
    *,
    noises: int,
) -> off_policy.Total:
    """Draw a batch, and give the sum over its parts.

    Parameters
    ----------
    env : Environment
    memory : Replay
        To draw from.
    key : PRNGKeyArray
        Of the gradient step.
    n, held : int
        Steps of each environment that were taken, and how many of them are remembered (`replay.held`).
    gamma : float
        Discount of rewards within `n_steps`.
    loops, shapes : mappings
        Whose `batch_size`, `n_steps`, `tile` and `tiled` count.
    noises : int
        Standard normal draws for each action.
    """
    n_envs, n_actions = memory.rows.shape[1], len(env.action_low or ())
    tile, batch_size = shapes["tile"], loops["batch_size"]

    def part(number: Int[Array, ""] | int) -> off_policy.Part:
        lane, share = off_policy.lanes(number, tile, batch_size)
        age, which = replay.draw(jax.random.fold_in(key, _BATCH), lane, held, n_envs)
        batch = replay.gather(env, memory, age, which, now=n, gamma=gamma, n_steps=loops["n_steps"])
        of_noise = jax.random.fold_in(key, _NOISE)
        noise = jax.vmap(lambda i: jax.random.normal(jax.random.fold_in(of_noise, i), (noises, n_actions)), 0, 1)
        return off_policy.Part(batch, noise(lane), share)

    return off_policy.total_of(part, -(-batch_size // tile), shapes["tiled"])
