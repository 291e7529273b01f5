"""The replay memory: a ring of transitions that is written in place, and n-step returns made while sampling."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray, UInt8

from rlhp.envs.environment import Environment

__all__ = ["Batch", "Replay", "add", "draw", "empty", "gather", "room"]


_SMALL = 16 * 2**20  # bytes of memory that a run may take whatever its `buffer_size` is


class Replay(NamedTuple):
    """Transitions of one run by time and environment.

    Everything a transition has stands in one row of numbers, since the cost of gathering is in rows, not in columns;
    observations of small whole numbers stand apart, in a byte each.
    """

    rows: Float[Array, "slots n_envs columns"]
    pixels: UInt8[Array, "slots n_envs features2"]


class Batch(NamedTuple):
    """Sampled transitions, their rewards summed over n steps."""

    observation: Float[Array, "batch features"]
    action: Float[Array, "batch actions"]
    reward: Float[Array, " batch"]
    next_observation: Float[Array, "batch features"]
    discount: Float[Array, " batch"]  # gamma to the number of steps summed; 0 where the episode terminated


def room(env: Environment, configs: Sequence[Mapping[str, Any]], steps: int) -> tuple[dict[str, Any], dict[str, int]]:
    """Say what memory the runs of one call need: arguments of an algorithm's `agent`, and uniform hyperparameters.

    The ring is as long as the run where that is small, so that programs do not differ by `buffer_size`; its length is
    rounded up, so that they hardly differ by `steps`.
    """
    n_envs, train_freq = int(configs[0]["n_envs"]), int(configs[0]["train_freq"])
    needed = -(-steps // n_envs)
    needed += min(train_freq, needed)  # a run that is shorter than its first round of steps plays none of them
    features, in_bytes = _features(env)
    if needed * n_envs * features * (2 if in_bytes else 8) > _SMALL:
        needed = min(needed, max(int(config["buffer_size"]) // n_envs for config in configs))
    size = 1 << max(needed - 1, 1).bit_length()
    slots = size * 3 // 4 if size * 3 // 4 >= needed else size
    longest = max(int(config["n_steps"]) for config in configs)
    first = min(int(config["learning_starts"]) for config in configs)
    return {"slots": slots, "multistep": longest > 1}, {"most_steps": longest, "first_learning": first}


def empty(env: Environment, slots: int, n_envs: int) -> Replay:
    """Give an empty memory of `slots` times `n_envs` transitions."""
    features, in_bytes = _features(env)
    columns = _n_actions(env) + 3 + (0 if in_bytes else 2 * features)
    return Replay(
        jnp.zeros((slots, n_envs, columns), jnp.float32),
        jnp.zeros((slots, n_envs, 2 * features if in_bytes else 0), jnp.uint8),
    )


def add(replay: Replay, slot: Int[Array, ""], transition: Any, action: Float[Array, "n_envs actions"]) -> Replay:
    """Write the transitions of one step into `slot`; `action` is what the agent wants to remember of it."""
    n_envs = replay.rows.shape[1]
    seen = [
        transition.observation.reshape(n_envs, -1),
        transition.next_observation.reshape(n_envs, -1),
    ]
    facts = [
        action,
        transition.reward[:, None],
        transition.terminated[:, None].astype(jnp.float32),
        transition.truncated[:, None].astype(jnp.float32),
    ]
    pixels = replay.pixels
    if pixels.shape[-1]:
        pixels = jax.lax.dynamic_update_slice(pixels, jnp.concatenate(seen, 1).astype(jnp.uint8)[None], (slot, 0, 0))
    else:
        facts = [*seen, *facts]
    rows = jax.lax.dynamic_update_slice(replay.rows, jnp.concatenate(facts, 1)[None], (slot, 0, 0))
    return Replay(rows, pixels)


def draw(
    key: PRNGKeyArray, replay: Replay, batch_size: int, now: Int[Array, ""], capacity: Float[Array, ""]
) -> tuple[Int[Array, " batch"], Int[Array, " batch"]]:
    """Draw ages (0: the newest) and environments, uniformly from what a memory of `capacity` transitions holds.

    Parameters
    ----------
    key : PRNGKeyArray
        Random stream.
    replay : Replay
        The memory; it may be larger than the capacity of this run.
    batch_size : int
        Transitions to draw, with replacement.
    now : int
        Steps written so far, over all time.
    capacity : float
        Transitions the run's memory is meant to hold.
    """
    n_envs = replay.rows.shape[1]
    held = jnp.minimum(now.astype(jnp.float32), jnp.maximum(jnp.floor(capacity / n_envs), 1.0))
    uniform = jax.random.uniform(key, (2, batch_size) if n_envs > 1 else (1, batch_size))
    age = jnp.minimum((uniform[0] * held).astype(jnp.int32), held.astype(jnp.int32) - 1)
    if n_envs == 1:
        return age, jnp.zeros(batch_size, jnp.int32)
    return age, jnp.minimum((uniform[1] * n_envs).astype(jnp.int32), n_envs - 1)


def gather(
    env: Environment,
    replay: Replay,
    age: Int[Array, " batch"],
    which: Int[Array, " batch"],
    *,
    now: Int[Array, ""],
    gamma: Float[Array, ""],
    n_steps: Float[Array, ""] | None = None,
    most_steps: Int[Array, ""] | None = None,
) -> Batch:
    """Gather transitions by age and environment.

    With `n_steps`, rewards are summed over up to that many steps: fewer where the episode ends or the memory does, as
    stable-baselines3's `NStepReplayBuffer` has it. `most_steps` bounds `n_steps` over all runs of the call.
    """
    slots = replay.rows.shape[0]
    features, in_bytes = _features(env)
    n_actions = _n_actions(env)
    first = 0 if in_bytes else 2 * features

    def at(age: Array) -> Array:
        return (now - 1 - age) % slots

    start = at(age)
    row = replay.rows[start, which]
    reward, terminated, truncated = row[:, first + n_actions], row[:, first + n_actions + 1], row[:, -1]
    last, last_row, discount = start, row, jnp.full(age.shape, 1.0) * gamma
    if n_steps is not None:

        def further(step: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
            reward, discount, last, going = carry
            # It goes on while the run looks that far, the episode goes on, and there is a later step in the memory.
            going = going & (step < n_steps) & (age - step >= 0)
            slot = jnp.where(going, at(age - step), last)
            # Cut after the gathering: of the whole memory, it would be copied at every update.
            fact = replay.rows[slot, which][:, first + n_actions :]
            reward = reward + jnp.where(going, discount * fact[:, 0], 0.0)
            discount = jnp.where(going, discount * gamma, discount)
            return reward, discount, slot, going & (fact[:, 1] + fact[:, 2] == 0)

        going = terminated + truncated == 0
        reward, discount, last, _ = jax.lax.fori_loop(1, most_steps, further, (reward, discount, last, going))
        last_row = replay.rows[last, which]
        terminated = last_row[:, first + n_actions + 1]
    if in_bytes:
        observation = replay.pixels[start, which, :features].astype(jnp.float32)
        next_observation = replay.pixels[last, which, features:].astype(jnp.float32)
    else:
        observation, next_observation = row[:, :features], last_row[:, features : 2 * features]
    return Batch(
        observation, row[:, first : first + n_actions], reward, next_observation, discount * (1.0 - terminated)
    )


def _features(env: Environment) -> tuple[int, bool]:
    return math.prod(env.observation_shape), env.observation_dtype == "uint8"


def _n_actions(env: Environment) -> int:
    return 1 if env.action_low is None else len(env.action_low)
