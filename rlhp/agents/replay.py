"""The replay memory: a ring of transitions that is written in place, and n-step returns made while sampling."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Num, PRNGKeyArray, UInt8, UInt32

from rlhp.envs import Environment

__all__ = [
    "Batch",
    "Replay",
    "add",
    "below",
    "cut",
    "draw",
    "empty",
    "fraction",
    "gather",
    "held",
    "outcome",
    "slots",
    "words",
]


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


def slots(env: Environment, *, steps: int, buffer_size: int, n_envs: int) -> int:
    """Return how many steps of each environment the ring of a run has room for.

    It is as long as the run where that is small, so that programs do not differ by `buffer_size`, and is rounded up,
    so that they hardly differ by `steps`.

    Examples
    --------
    >>> from rlhp.envs import make_jax
    >>> [slots(make_jax("CartPole-v1"), steps=n, buffer_size=10_000, n_envs=1) for n in (20_000, 24_000, 10**8)]
    [24576, 24576, 12288]
    """
    needed = -(-steps // n_envs)
    features, in_bytes = _features(env)
    if needed * n_envs * features * (2 if in_bytes else 8) > _SMALL:
        needed = min(needed, max(buffer_size // n_envs, 1))
    size = 1 << max(needed - 1, 1).bit_length()
    return size * 3 // 4 if size * 3 // 4 >= needed else size


def empty(env: Environment, slots: int, n_envs: int) -> Replay:
    """Return an empty memory of `slots` times `n_envs` transitions."""
    features, in_bytes = _features(env)
    columns = _n_actions(env) + 3 + (0 if in_bytes else 2 * features)
    return Replay(
        jnp.zeros((slots, n_envs, columns)),
        jnp.zeros((slots, n_envs, 2 * features if in_bytes else 0), jnp.uint8),
    )


def add(replay: Replay, slot: Int[Array, ""], transition: Any, action: Num[Array, "n_envs actions"]) -> Replay:
    """Write the transitions of one step into `slot`; `action` is what the agent wants to remember of it."""
    n_envs = replay.rows.shape[1]
    seen = [
        transition.observation.reshape(n_envs, -1),
        transition.next_observation.reshape(n_envs, -1),
    ]
    facts = [
        action,
        transition.reward[:, None],
        transition.terminated[:, None],
        transition.truncated[:, None],
    ]
    pixels = replay.pixels
    if pixels.shape[-1]:
        pixels = _written(pixels, slot, jnp.concatenate(seen, 1))
    else:
        facts = [*seen, *facts]
    row = jnp.concatenate([fact.astype(replay.rows.dtype) for fact in facts], 1)
    return Replay(_written(replay.rows, slot, row), pixels)


def _written(ring: Array, slot: Int[Array, ""], row: Array) -> Array:
    return jax.lax.dynamic_update_slice_in_dim(ring, row.astype(ring.dtype)[None], slot, 0)


def outcome(
    env: Environment, replay: Replay, slot: Int[Array, ""]
) -> tuple[Float[Array, " n_envs"], Bool[Array, " n_envs"]]:
    """Return the rewards that stand in `slot`, and whether episodes ended there."""
    first = _reward_column(env)
    facts = jax.lax.dynamic_index_in_dim(replay.rows, slot, keepdims=False)[:, first : first + 3]
    return facts[:, 0], facts[:, 1] + facts[:, 2] > 0


def cut(env: Environment, replay: Replay, slot: Int[Array, ""]) -> Replay:
    """Write down that every episode under way is truncated after the step in `slot`."""
    terminated = _reward_column(env) + 1
    row = jax.lax.dynamic_index_in_dim(replay.rows, slot, keepdims=False)
    row = row.at[:, terminated + 1].set(jnp.where(row[:, terminated] > 0, row[:, terminated + 1], 1.0))
    return replay._replace(rows=_written(replay.rows, slot, row))


def held(now: Int[Array, ""] | int, buffer_size: Int[Array, ""] | int, slots: int, n_envs: int) -> Int[Array, ""]:
    """Return how many steps of each environment a memory of `buffer_size` transitions holds after `now` steps."""
    room = jnp.clip(buffer_size // n_envs, 1, slots)
    return jnp.minimum(now, room)


def draw(
    key: PRNGKeyArray, lane: Int[Array, " batch"], held: Int[Array, ""], n_envs: int
) -> tuple[Int[Array, " batch"], Int[Array, " batch"]]:
    """Draw ages (0: the newest) and environments, uniformly and with replacement from what the memory holds.

    Parameters
    ----------
    key : PRNGKeyArray
        Random stream of the batch.
    lane : int array, shape [batch]
        Places in the batch: what is drawn for a place does not depend on how many there are.
    held : int
        Steps of each environment to draw from.
    n_envs : int
        Environments.
    """
    age, which = words(key, lane)
    return below(age, held), below(which, n_envs) if n_envs > 1 else jnp.zeros_like(lane)


def words(key: PRNGKeyArray, lane: Int[Array, " n"]) -> tuple[UInt32[Array, " n"], UInt32[Array, " n"]]:
    """Return two random words of 32 bits for each place: those of a place do not depend on how many there are."""
    keys = jax.random.key_data(jax.vmap(lambda place: jax.random.fold_in(key, place))(lane))
    return keys[:, 0], keys[:, 1]


def fraction(words: UInt32[Array, "*n"]) -> Float[Array, "*n"]:
    """Bring random words to numbers from 0 to below 1."""
    return (words >> 8).astype(jnp.float32) * 2.0**-24


def below(words: UInt32[Array, "*n"], bound: Int[Array, ""] | int) -> Int[Array, "*n"]:
    """Bring random words to whole numbers from 0 to below `bound`."""
    return jnp.minimum((fraction(words) * jnp.asarray(bound, jnp.float32)).astype(jnp.int32), bound - 1)


def gather(
    env: Environment,
    replay: Replay,
    age: Int[Array, " batch"],
    which: Int[Array, " batch"],
    *,
    now: Int[Array, ""] | int,
    gamma: Float[Array, ""],
    n_steps: Int[Array, ""] | int = 1,
) -> Batch:
    """Gather transitions by age and environment.

    Rewards are summed over up to `n_steps` steps: fewer where the episode ends or the memory does, as
    stable-baselines3's `NStepReplayBuffer` has it.
    """
    slots = replay.rows.shape[0]
    features, in_bytes = _features(env)
    first = 0 if in_bytes else 2 * features
    facts = first + _n_actions(env)

    def at(age: Array) -> Array:
        return (now - 1 - age) % slots

    def going(row: Array) -> Bool[Array, " batch"]:
        return row[:, facts + 1] + row[:, facts + 2] == 0

    def further(step: Array, carry: tuple[Array, ...]) -> tuple[Array, ...]:
        reward, discount, last, _, more = carry
        # It goes on while the episode does and there is a later step in the memory.
        more = more & (age - step >= 0)
        slot = jnp.where(more, at(age - step), last)
        row = replay.rows[slot, which]
        reward = reward + jnp.where(more, discount * row[:, facts], 0.0)
        discount = jnp.where(more, discount * gamma, discount)
        return reward, discount, slot, row, more & going(row)

    start = at(age)
    row = replay.rows[start, which]
    reward = row[:, facts] + 0.0 * gamma  # in gamma's precision
    begin = reward, jnp.zeros_like(reward) + gamma, start, row, going(row)
    reward, discount, last, last_row, _ = jax.lax.fori_loop(1, n_steps, further, begin)
    if in_bytes:
        observation = replay.pixels[start, which, :features].astype(row.dtype)
        next_observation = replay.pixels[last, which, features:].astype(row.dtype)
    else:
        observation, next_observation = row[:, :features], last_row[:, features : 2 * features]
    return Batch(observation, row[:, first:facts], reward, next_observation, discount * (1.0 - last_row[:, facts + 1]))


def _reward_column(env: Environment) -> int:
    features, in_bytes = _features(env)
    return (0 if in_bytes else 2 * features) + _n_actions(env)


def _features(env: Environment) -> tuple[int, bool]:
    return math.prod(env.observation_shape), env.observation_dtype == "uint8"


def _n_actions(env: Environment) -> int:
    return 1 if env.action_low is None else len(env.action_low)
