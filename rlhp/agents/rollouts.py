"""What PPO and A2C saw: a row of numbers for each transition, and the last observations of episodes that were cut.

How many steps and environments there are is an argument of the program: room is made once for the longest rollout, and
a rollout takes the first rows of it, row ``t * n_envs + e`` for step `t` of environment `e`. After the last step
stands what follows it, one row for each environment. Environments are played in groups of `LANES`; a group may write
rows beyond the environments there are, which the first group of the next step takes for its own. Before the first are
`LANES` that nobody reads, for what is written on the way back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from rlhp.agents import gae, normalizing
from rlhp.envs import Environment

__all__ = [
    "LANES",
    "Columns",
    "Rollout",
    "bootstrapped",
    "columns_of",
    "ended",
    "estimated",
    "estimated_anew",
    "room",
    "rows_of",
    "taken",
    "written",
]

LANES = 8
"""Environments that are played side by side."""


class Columns(NamedTuple):
    """The numbers of a transition."""

    features: Float[Array, "n features"]  # of the observation, as the networks see it
    action: Float[Array, "n size"]
    value: Float[Array, " n"]  # as predicted when the transition was made
    log_prob: Float[Array, " n"]
    reward: Float[Array, " n"]  # as the environment gave it
    end: Float[Array, " n"]  # 0: the episode goes on; -1: terminated; k: cut, at row k - 1 of `ends`
    scale: Float[Array, " n"]  # of the rewards of the step before


_SCALARS = len(Columns._fields) - 2


class Rollout(NamedTuple):
    """Room for a rollout, and what is in it."""

    rows: Float[Array, "rows columns"]  # `Columns`, side by side
    advantage: Float[Array, " rows"]
    ends: Float[Array, "ends features"]  # of the last observations of episodes that were cut
    bootstrap: Float[Array, " ends"]  # their values
    n_ends: Int[Array, ""]  # how many of them are used


def room(env: Environment, n_features: int, size: int, rows: int, envs: int) -> Rollout:
    """Make room for `rows` transitions of up to `envs` environments whose actions are of `size` numbers."""
    # An environment cuts no more than one episode in `time_limit` steps, and each takes a group of rows.
    cuts = rows // env.time_limit + envs + 1
    return Rollout(
        jnp.zeros((LANES + rows + envs, n_features + size + _SCALARS)),
        jnp.zeros(LANES + rows),
        jnp.zeros((LANES * cuts, n_features)),
        jnp.zeros(LANES * cuts),
        jnp.zeros((), jnp.int32),
    )


def rows_of(columns: Columns) -> Float[Array, "n columns"]:
    """Put the numbers of transitions side by side."""
    features, action, *scalars = columns
    return jnp.concatenate([features, action, jnp.stack(scalars, 1)], 1)


def columns_of(rows: Float[Array, "n columns"], size: int) -> Columns:
    """Take rows apart again; actions are of `size` numbers."""
    n_features = rows.shape[1] - size - _SCALARS
    scalars = (rows[:, n_features + size + i] for i in range(_SCALARS))
    return Columns(rows[:, :n_features], rows[:, n_features : n_features + size], *scalars)


def written(rollout: Rollout, rows: Float[Array, "n columns"], first: Int[Array, ""] | int) -> Rollout:
    """Write transitions, from number `first` on."""
    return rollout._replace(rows=jax.lax.dynamic_update_slice_in_dim(rollout.rows, rows, LANES + first, 0))


def taken(rollout: Rollout, numbers: Int[Array, " n"], size: int) -> tuple[Columns, Float[Array, " n"]]:
    """Return transitions by their numbers, and their advantages; actions are of `size` numbers."""
    return columns_of(rollout.rows[LANES + numbers], size), rollout.advantage[LANES + numbers]


def ended(rollout: Rollout, features: Float[Array, "n features"], kept: Bool[Array, ""]) -> Rollout:
    """Write the observations that a group of environments reached, and keep them if any of them was cut there."""
    ends = jax.lax.dynamic_update_slice_in_dim(rollout.ends, features, rollout.n_ends, 0)
    return rollout._replace(ends=ends, n_ends=rollout.n_ends + len(features) * kept.astype(jnp.int32))


def bootstrapped(
    rollout: Rollout,
    first: Int[Array, ""],
    last: Int[Array, ""],
    shown: Callable[[Array], Array],
    predicted: Callable[[Array], Array],
) -> Rollout:
    """Predict the values of kept observations from number `first` to before `last`, as they are `shown` by now."""

    def group(g: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        ends, bootstrap = carry
        features = shown(jax.lax.dynamic_slice_in_dim(ends, g * LANES, LANES))
        ends = jax.lax.dynamic_update_slice_in_dim(ends, features, g * LANES, 0)
        return ends, jax.lax.dynamic_update_slice(bootstrap, predicted(features), (g * LANES,))

    before = rollout.ends, rollout.bootstrap
    ends, bootstrap = jax.lax.fori_loop(first // LANES, last // LANES, group, before)
    return rollout._replace(ends=ends, bootstrap=bootstrap)


def estimated(
    rollout: Rollout,
    n_steps: Int[Array, ""] | int,
    n_envs: Int[Array, ""] | int,
    on: Bool[Array, ""],
    gamma: Float[Array, ""] | float,
    gae_lambda: Float[Array, ""] | float,
) -> Rollout:
    """Write down the advantages, from the last step to the first.

    Parameters
    ----------
    rollout : Rollout
    n_steps, n_envs : int
        Its length.
    on : bool
        Whether rewards are normalised.
    gamma, gae_lambda : float
        As in `gae`.
    """
    first, rows = rollout.rows.shape[1] - _SCALARS, rollout.rows
    n_groups = (n_envs + LANES - 1) // LANES
    envs = rows.shape[0] - rollout.advantage.shape[0]

    def scalars(row: Array) -> tuple[Array, ...]:
        return tuple(jax.lax.dynamic_slice_in_dim(rows, row, LANES)[:, first:].T)

    def back(i: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        advantage, later = carry
        # Groups are counted from the last environment down, so that the lanes that there are no environments for stand
        # in rows of the step before, which are written after this one.
        lane = n_envs - (i % n_groups + 1) * LANES
        row = LANES + (n_steps - 1 - i // n_groups) * n_envs + lane
        value, _, reward, end, _ = scalars(row)
        next_value, _, _, _, scale = scalars(row + n_envs)
        reached = jnp.where(end > 0, rollout.bootstrap[jnp.maximum(end.astype(jnp.int32) - 1, 0)], next_value)
        reward = normalizing.rewards(reward, scale, on)
        after = jax.lax.dynamic_slice(later, (LANES + lane,), (LANES,))
        now = gae.advantage(after, reward, value, reached, end < 0, end != 0, gamma, gae_lambda)
        advantage = jax.lax.dynamic_update_slice(advantage, now, (row,))
        return advantage, jax.lax.dynamic_update_slice(later, now, (LANES + lane,))

    begin = rollout.advantage, jnp.zeros(LANES + envs)
    return rollout._replace(advantage=jax.lax.fori_loop(0, n_steps * n_groups, back, begin)[0])


def estimated_anew(
    rollout: Rollout,
    predicted: Callable[[Float[Array, "n features"], Float[Array, "n size"]], tuple[Array, Array]],
    size: int,
    n_steps: int,
    n_envs: int,
    on: Bool[Array, ""],
    gamma: Float[Array, ""] | float,
    gae_lambda: Float[Array, ""] | float,
) -> Rollout:
    """Predict values and chances again and estimate the advantages from them, so that derivatives pass through.

    Parameters
    ----------
    rollout : Rollout
        Of which only what was seen is used: observations, actions, rewards and ends.
    predicted : callable
        ``predicted(features [n, ...], actions [n, size]) -> (values [n], log-probabilities [n])``.
    size : int
        Numbers of an action.
    n_steps, n_envs : int
        Its length.
    on, gamma, gae_lambda
        As in `estimated`.
    """
    last = LANES + n_steps * n_envs
    columns = columns_of(rollout.rows[LANES : last + n_envs], size)
    value, log_prob = predicted(columns.features, columns.action)
    bootstrap = predicted(rollout.ends, jnp.zeros((len(rollout.ends), size)))[0]

    def table(column: Array) -> Array:
        return column.reshape(n_steps + 1, n_envs)

    end, values = table(columns.end)[:-1], table(value)
    reached = bootstrap[jnp.maximum(end.astype(jnp.int32) - 1, 0)]
    advantages = gae.advantages(
        normalizing.rewards(table(columns.reward)[:-1], table(columns.scale)[1:], on),
        values[:-1],
        jnp.where(end > 0, reached, values[1:]),
        end < 0,
        end != 0,
        gamma,
        gae_lambda,
    )
    rows = rows_of(columns._replace(value=value, log_prob=log_prob))
    return rollout._replace(
        rows=rollout.rows.at[LANES : last + n_envs].set(rows),
        advantage=rollout.advantage.at[LANES:last].set(advantages.ravel()),
    )
