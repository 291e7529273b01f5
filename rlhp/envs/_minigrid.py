"""MiniGrid's smallest rooms for the compiled engine: a few hundred states each, so a step is two look-ups in a table.

The rules are those of Farama's minigrid: its seven actions, its view (walls and shut doors hide what is behind them,
and the agent sees what it carries), its rewards and limits. XLand-MiniGrid has six actions in another order, sees
through walls and computes a view at every step. The tables are filled when an environment is first asked for.

References
----------
Chevalier-Boisvert, M., et al. (2023). Minigrid & Miniworld: Modular & customizable reinforcement learning environments.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PRNGKeyArray, UInt8
from numpy.typing import NDArray

from rlhp.envs._environment import Environment

__all__ = ["door_key_5x5", "empty_5x5"]

_SIZE, _VIEW, _GOAL = 5, 7, (3, 3)
_LEFT, _RIGHT, _FORWARD, _PICKUP, _DROP, _TOGGLE, _DONE = range(7)
_AHEAD = ((1, 0), (0, 1), (-1, 0), (0, -1))  # facing right, down, left, up
_OPEN, _CLOSED, _LOCKED = range(3)
# Farama's numbers for what stands in a square: object, colour, state.
_EMPTY, _WALL, _KEY, _GOAL_TILE = (1, 0, 0), (2, 5, 0), (5, 4, 0), (8, 1, 0)
_POCKET = (-1, -1)  # where a carried key is


class _World(NamedTuple):
    """All that can differ between two states of a room."""

    x: int
    y: int
    facing: int
    key: tuple[int, int] | None = None
    door: tuple[int, int] | None = None  # its row in the wall at column 2, and whether it is open, closed or locked


class _Place(NamedTuple):
    number: Int[Array, ""]  # of the world, in the tables
    time: Int[Array, ""]


def empty_5x5() -> Environment:
    """Cross an empty room to the green square: observation [7, 7, 3], seven actions, at most 100 steps."""
    return _environment("MiniGrid-Empty-5x5-v0", [_World(1, 1, 0)], see_through=True, limit=4 * _SIZE**2)


def door_key_5x5() -> Environment:
    """Fetch the key, open the door, reach the green square: observation [7, 7, 3], seven actions, at most 250 steps."""
    return _environment("MiniGrid-DoorKey-5x5-v0", _locked_in(), see_through=False, limit=10 * _SIZE**2)


def _locked_in() -> list[_World]:
    """List DoorKey's 48 starts, all equally likely: agent and key to the left of a locked door."""
    rows = range(1, _SIZE - 1)
    return [
        _World(1, y, facing, (1, key), (door, _LOCKED))
        for door in rows[:-1]
        for y in rows
        for key in rows
        for facing in range(4)
        if key != y
    ]


def _environment(env_id: str, starts: list[_World], *, see_through: bool, limit: int) -> Environment:
    worlds, following = _explored(starts)
    views = _views(worlds, see_through=see_through)
    at_goal = np.array([(world.x, world.y) == _GOAL for world in worlds])

    def reset(key: PRNGKeyArray, context: Any) -> tuple[_Place, UInt8[Array, "7 7 3"]]:
        del context
        number = jnp.zeros((), jnp.int32)  # the starts are the first worlds
        if len(starts) > 1:  # a single number, where `randint` would draw two
            number = (jax.random.uniform(key) * len(starts)).astype(jnp.int32)
        return _Place(number, jnp.zeros((), jnp.int32)), jnp.asarray(views)[number]

    def step(key: PRNGKeyArray, state: _Place, action: Int[Array, ""]) -> tuple[_Place, Any, Any, Any, Any]:
        del key  # nothing is left to chance
        number = jnp.asarray(following)[state.number, action].astype(jnp.int32)
        after = _Place(number, state.time + 1)
        reached = jnp.asarray(at_goal)[number]
        reward = jnp.where(reached, 1.0 - 0.9 * after.time / limit, 0.0)
        return after, jnp.asarray(views)[number], reward, reached, after.time >= limit

    return Environment(env_id, (_VIEW, _VIEW, 3), "uint8", reset, step, limit, n_actions=7)


def _explored(starts: list[_World]) -> tuple[list[_World], NDArray[np.int16]]:
    """List the worlds that can be reached, starts first, and for each the number [n, 7] of what every action makes."""
    number, following = {world: n for n, world in enumerate(starts)}, []
    worlds = list(starts)
    for world in worlds:  # grows while it is read
        after = [_acted(world, action) for action in range(7)]
        for new in after:
            if new not in number:
                number[new] = len(worlds)
                worlds.append(new)
        following.append([number[new] for new in after])
    return worlds, np.array(following, np.int16)


def _acted(world: _World, action: int) -> _World:
    """Return the world after an action."""
    if action in (_LEFT, _RIGHT):
        return world._replace(facing=(world.facing + (1 if action == _RIGHT else -1)) % 4)
    ahead = world.x + _AHEAD[world.facing][0], world.y + _AHEAD[world.facing][1]
    seen = _tile(world, *ahead)
    if action == _FORWARD and seen in (_EMPTY, _GOAL_TILE, _door(_OPEN)):
        return world._replace(x=ahead[0], y=ahead[1])
    if action == _PICKUP and seen == _KEY:
        return world._replace(key=_POCKET)
    if action == _DROP and seen == _EMPTY and world.key == _POCKET:
        return world._replace(key=ahead)
    if action == _TOGGLE and world.door is not None and seen[0] == _door(_OPEN)[0]:
        row, status = world.door
        if status == _LOCKED:
            status = _OPEN if world.key == _POCKET else _LOCKED
        else:
            status = _OPEN + _CLOSED - status
        return world._replace(door=(row, status))
    return world


def _tile(world: _World, x: int, y: int) -> tuple[int, int, int]:
    """Return what stands in a square, apart from the agent; all is wall beyond the room."""
    if world.door is not None and (x, y) == (2, world.door[0]):
        return _door(world.door[1])
    if not (0 < x < _SIZE - 1 and 0 < y < _SIZE - 1) or (world.door is not None and x == 2):
        return _WALL
    if (x, y) == world.key:
        return _KEY
    return _GOAL_TILE if (x, y) == _GOAL else _EMPTY


def _door(status: int) -> tuple[int, int, int]:
    return 4, 4, status


def _views(worlds: list[_World], *, see_through: bool) -> NDArray[np.uint8]:
    """Return what the agent sees in each world: [n, 7, 7, 3], itself at [3, 6], looking towards [3, 0]."""
    tiles = np.empty((len(worlds), _VIEW, _VIEW, 3), np.uint8)
    for n, world in enumerate(worlds):
        dx, dy = _AHEAD[world.facing]
        for across in range(_VIEW):
            for down in range(_VIEW):
                ahead, right = _VIEW - 1 - down, across - _VIEW // 2
                tiles[n, across, down] = _tile(
                    world, world.x + ahead * dx - right * dy, world.y + ahead * dy + right * dx
                )
    if not see_through:
        tiles[~_visible(tiles)] = 0
    carries = np.array([world.key == _POCKET for world in worlds])
    tiles[:, _VIEW // 2, _VIEW - 1] = np.where(carries[:, None], _KEY, _EMPTY)
    return tiles


def _visible(tiles: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Spread light from the agent as Farama's `Grid.process_vis` does, in all views [n, 7, 7] at once."""
    clear = ~((tiles == _WALL).all(-1) | (tiles == _door(_CLOSED)).all(-1) | (tiles == _door(_LOCKED)).all(-1))
    lit = np.zeros(tiles.shape[:3], bool)
    lit[:, _VIEW // 2, _VIEW - 1] = True
    for row in reversed(range(_VIEW)):
        for columns, step in ((range(_VIEW - 1), 1), (range(_VIEW - 1, 0, -1), -1)):
            for column in columns:
                passes = lit[:, column, row] & clear[:, column, row]
                lit[:, column + step, row] |= passes
                if row > 0:
                    lit[:, column + step, row - 1] |= passes
                    lit[:, column, row - 1] |= passes
    return lit
