"""MinAtar's Breakout and Asterix for the compiled engine: the package's rules, without a gather, scatter or loop.

As in the package, the action of the step before is repeated with probability 0.1, and Asterix grows harder with time.
Written anew because gymnax's Asterix loses entities when it finds no free row, never repeats an action, and walks
through everything one by one, which costs much where thousands of games run side by side.

References
----------
Young, K., & Tian, T. (2019). MinAtar: An Atari-inspired testbed for thorough and reproducible reinforcement learning
experiments. arXiv:1903.03176.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int, PRNGKeyArray, UInt8

from rlhp.envs._environment import Environment

__all__ = ["asterix_v1", "breakout_v1"]

_STICKY = 0.1
_LIMIT = 1000  # gymnax's; the package knows none
_RAMP_INTERVAL, _SPAWN, _MOVE = 100, 10, 5


def breakout_v1() -> Environment:
    """Keep a ball up and break bricks: observation [10, 10, 4] of paddle, ball, trail and bricks; stay, left, right."""
    return Environment("MinAtar/Breakout-v1", (10, 10, 4), "uint8", _serve, _bounce, _LIMIT, n_actions=3)


def asterix_v1() -> Environment:
    """Take gold, avoid enemies: observation [10, 10, 4] of player, enemy, trail, gold; stay, left, up, right, down."""
    return Environment("MinAtar/Asterix-v1", (10, 10, 4), "uint8", _arrive, _walk, _LIMIT, n_actions=5)


class _Breakout(NamedTuple):
    x: Array  # of the ball
    y: Array
    dx: Array  # -1 or 1
    dy: Array
    last_x: Array
    last_y: Array
    paddle: Array
    bricks: Bool[Array, "3 10"]  # in rows 1 to 3
    strike: Array  # the ball is inside bricks since it broke one
    last_action: Array
    time: Array


def _serve(key: PRNGKeyArray, context: Any) -> tuple[_Breakout, Array]:
    del context
    from_right = jax.random.bernoulli(key)
    x = jnp.where(from_right, 9, 0)
    whole = jnp.zeros((), jnp.int32)
    state = _Breakout(
        x=x,
        y=whole + 3,
        dx=jnp.where(from_right, -1, 1),
        dy=whole + 1,
        last_x=x,
        last_y=whole + 3,
        paddle=whole + 4,
        bricks=jnp.ones((3, 10), bool),
        strike=jnp.zeros((), bool),
        last_action=whole,
        time=whole,
    )
    return state, _see_breakout(state)


def _bounce(key: PRNGKeyArray, state: _Breakout, action: Array) -> tuple[_Breakout, Any, Any, Any, Any]:
    action = jnp.where(jax.random.uniform(key) < _STICKY, state.last_action, action)
    paddle = jnp.clip(state.paddle + (action == 2) - (action == 1), 0, 9)
    # Side walls and ceiling.
    x, y = state.x + state.dx, state.y + state.dy
    dx = jnp.where((x < 0) | (x > 9), -state.dx, state.dx)
    x = jnp.clip(x, 0, 9)
    ceiling = y < 0
    y = jnp.maximum(y, 0)
    # Bricks: the first that the ball enters breaks and throws it back.
    at_ball = _at(y, x)[1:4]
    inside = ~ceiling & (state.bricks & at_ball).any()
    breaks = inside & ~state.strike
    bricks = state.bricks & ~(at_ball & breaks)
    # The paddle's row: returned by where the paddle is hit, or lost.
    low = ~ceiling & ~inside & (y == 9)
    bricks = bricks | (low & ~bricks.any())
    straight = low & (state.x == paddle)
    corner = low & ~straight & (x == paddle)
    moved = _Breakout(
        x=x,
        y=jnp.where(breaks | straight | corner, state.y, y),
        dx=jnp.where(corner, -dx, dx),
        dy=jnp.where(ceiling | breaks | straight | corner, -state.dy, state.dy),
        last_x=state.x,
        last_y=state.y,
        paddle=paddle,
        bricks=bricks,
        strike=inside,
        last_action=action,
        time=state.time + 1,
    )
    lost = low & ~straight & ~corner
    return moved, _see_breakout(moved), breaks.astype(jnp.float32), lost, moved.time >= _LIMIT


def _see_breakout(state: _Breakout) -> UInt8[Array, "10 10 4"]:
    bricks = jnp.pad(state.bricks, ((1, 6), (0, 0)))
    ball, trail = _at(state.y, state.x), _at(state.last_y, state.last_x)
    return jnp.stack([_at(9, state.paddle), ball, trail, bricks], axis=-1).astype(jnp.uint8)


class _Asterix(NamedTuple):
    x: Array  # of the player
    y: Array
    entity: Int[Array, " 8"]  # the column of what walks in rows 1 to 8
    walks: Bool[Array, " 8"]  # whether anything does
    right: Bool[Array, " 8"]  # whether it walks to the right
    gold: Bool[Array, " 8"]  # gold, or an enemy
    spawn_speed: Array
    spawn_timer: Array
    move_speed: Array
    move_timer: Array
    ramp_timer: Array
    ramp_index: Array
    last_action: Array
    time: Array


def _arrive(key: PRNGKeyArray, context: Any) -> tuple[_Asterix, Array]:
    del key, context  # every episode starts alike
    whole, nothing = jnp.zeros((), jnp.int32), jnp.zeros(8, bool)
    state = _Asterix(
        x=whole + 5,
        y=whole + 5,
        entity=jnp.zeros(8, jnp.int32),
        walks=nothing,
        right=nothing,
        gold=nothing,
        spawn_speed=whole + _SPAWN,
        spawn_timer=whole + _SPAWN,
        move_speed=whole + _MOVE,
        move_timer=whole + _MOVE,
        ramp_timer=whole + _RAMP_INTERVAL,
        ramp_index=whole,
        last_action=whole,
        time=whole,
    )
    return state, _see_asterix(state)


def _walk(key: PRNGKeyArray, state: _Asterix, action: Array) -> tuple[_Asterix, Any, Any, Any, Any]:
    sticky, side, kind, place = jax.random.uniform(key, (4,))
    action = jnp.where(sticky < _STICKY, state.last_action, action)
    # Every few steps something appears at either end of a free row.
    due = state.spawn_timer == 0
    free = ~state.walks
    rank = jnp.sum(jnp.tril(jnp.ones((8, 8), bool), -1) & free, axis=1)
    here = due & free & (rank == (place * free.sum()).astype(jnp.int32))
    walks = state.walks | here
    right = jnp.where(here, side < 1 / 2, state.right)
    gold = jnp.where(here, kind < 1 / 3, state.gold)
    entity = jnp.where(here, jnp.where(side < 1 / 2, 0, 9), state.entity)
    # The player steps, then everything else, and each may bring them together.
    x = jnp.clip(state.x + (action == 3) - (action == 1), 0, 9)
    y = jnp.clip(state.y + (action == 4) - (action == 2), 1, 8)
    in_row = jnp.arange(1, 9) == y
    met = walks & in_row & (entity == x)
    walks = walks & ~(met & gold)
    moves = state.move_timer == 0
    entity = entity + jnp.where(moves & walks, jnp.where(right, 1, -1), 0)
    walks = walks & (entity >= 0) & (entity <= 9)
    met_again = moves & walks & in_row & (entity == x)
    walks = walks & ~(met_again & gold)
    reward = jnp.sum(met & gold) + jnp.sum(met_again & gold)
    caught = ((met | met_again) & ~gold).any()
    # The longer it lasts the faster it gets.
    ramps = (state.spawn_speed > 1) | (state.move_speed > 1)
    harder = ramps & (state.ramp_timer < 0)
    faster = harder & (state.move_speed > 1) & (state.ramp_index % 2 == 1)
    moved = _Asterix(
        x=x,
        y=y,
        entity=entity,
        walks=walks,
        right=right,
        gold=gold,
        spawn_speed=state.spawn_speed - (harder & (state.spawn_speed > 1)),
        spawn_timer=jnp.where(due, state.spawn_speed, state.spawn_timer) - 1,
        move_speed=state.move_speed - faster,
        move_timer=jnp.where(moves, state.move_speed, state.move_timer) - 1,
        ramp_timer=jnp.where(harder, _RAMP_INTERVAL, state.ramp_timer - ramps),
        ramp_index=state.ramp_index + harder,
        last_action=action,
        time=state.time + 1,
    )
    return moved, _see_asterix(moved), reward.astype(jnp.float32), caught, moved.time >= _LIMIT


def _see_asterix(state: _Asterix) -> UInt8[Array, "10 10 4"]:
    def by_row(entities: Array) -> Array:  # [8] -> [10, 1], to be held against the columns
        return jnp.pad(entities, 1)[:, None]

    columns, walks, gold = jnp.arange(10), by_row(state.walks), by_row(state.gold)
    here = walks & (by_row(state.entity) == columns)
    trail = walks & (by_row(state.entity - jnp.where(state.right, 1, -1)) == columns)
    shown = _at(state.y, state.x), here & ~gold, trail, here & gold
    # One bit a channel and then apart again: XLA takes three times as long to stack the masks.
    bits = jnp.zeros((10, 10), jnp.uint8)
    for channel, mask in enumerate(shown):
        bits |= mask.astype(jnp.uint8) << channel
    return (bits[..., None] >> jnp.arange(4, dtype=jnp.uint8)) & 1


def _at(y: Any, x: Array) -> Bool[Array, "10 10"]:
    """Mark one square."""
    marked: Bool[Array, "10 10"] = (jnp.arange(10)[:, None] == y) & (jnp.arange(10) == x)
    return marked
