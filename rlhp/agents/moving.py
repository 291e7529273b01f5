"""Schedules as numbers: one array describes any of them, so runs with different shapes share one program.

An array of `SIZE` numbers holds the kind, start, end, fraction, number of steps, the logarithm of end over start, and
up to `KNOTS` points. `value` computes every kind and selects one: that is cheaper than a branch, and can be vmapped.
"""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from rlhp.agents.agent import Traced
from rlhp.schedules import Constant, Cosine, Exponential, Linear, Piecewise, Schedule, Step, parse

__all__ = ["KNOTS", "SIZE", "encode", "value", "values"]

KNOTS = 12
_KINDS: tuple[type[Schedule], ...] = (Constant, Linear, Exponential, Cosine, Step, Piecewise)
_HEAD = 6
SIZE = _HEAD + 2 * KNOTS


def encode(schedule: Any) -> np.ndarray:
    """Write a schedule, or a number, which is the constant one, as `SIZE` numbers.

    Raises
    ------
    ValueError
        If it is not a schedule, or piecewise with more than `KNOTS` points.

    Examples
    --------
    >>> float(value(encode(Linear(1.0, 0.0)), 0.25))
    0.75
    """
    numbers = np.zeros(SIZE)
    numbers[3:5] = 1.0  # no division by zero in the kinds that are not selected
    if isinstance(schedule, int | float) and math.isinf(schedule):
        numbers[1:3] = schedule  # no limit: the constant schedule of infinity, which is not a Schedule
        return numbers.astype(np.float32)
    schedule = parse(schedule)
    numbers[0] = _KINDS.index(type(schedule))
    if isinstance(schedule, Piecewise):
        if len(schedule.points) > KNOTS:
            raise ValueError(
                f"a piecewise schedule of {len(schedule.points)} points does not fit the compiled engine, which takes "
                f"up to {KNOTS}; give fewer points, or engine='sb3'."
            )
        points = [*schedule.points, *[schedule.points[-1]] * (KNOTS - len(schedule.points))]
        numbers[_HEAD:] = np.asarray(points).T.ravel()
    elif isinstance(schedule, Constant):
        numbers[1:3] = schedule.value
    else:
        numbers[1:4] = schedule.start, schedule.end, schedule.fraction
        if isinstance(schedule, Step):
            numbers[4] = schedule.n_steps
        if isinstance(schedule, Exponential):
            numbers[5] = math.log(schedule.end / schedule.start)
    return numbers.astype(np.float32)


def value(
    numbers: Float[Array | np.ndarray, "*batch numbers"], progress: Float[Array, ""] | float
) -> Float[Array, "*batch"]:
    """Return the value of encoded schedules at `progress` in [0, 1]."""
    numbers = jnp.asarray(numbers)
    kind, start, end, fraction, n_steps, log_ratio = (numbers[..., i] for i in range(_HEAD))
    progress = jnp.clip(progress, 0.0, 1.0)
    done = jnp.clip(progress / fraction, 0.0, 1.0)
    # A drop is due at k * fraction / n_steps; the small term is for products that fall just short of it.
    drops = jnp.clip(jnp.floor(progress * n_steps / fraction + 1e-6), 0.0, n_steps) / n_steps
    weight = (1.0 + jnp.cos(math.pi * done)) / 2.0
    at, height = numbers[..., _HEAD : _HEAD + KNOTS], numbers[..., _HEAD + KNOTS :]
    width = at[..., 1:] - at[..., :-1]
    entered = jnp.clip((progress - at[..., :-1]) / jnp.where(width > 0, width, 1.0), 0.0, 1.0)
    now = jnp.where(kind == 0, start, start * (1.0 - done) + end * done)
    now = jnp.where(kind == 2, start * jnp.exp(log_ratio * done), now)
    now = jnp.where(kind == 3, start * weight + end * (1.0 - weight), now)
    now = jnp.where(kind == 4, start * (1.0 - drops) + end * drops, now)
    rises = jnp.where(width > 0, height[..., 1:] - height[..., :-1], 0.0) * entered
    return jnp.where(kind == 5, height[..., 0] + rises.sum(-1), now)


def values(traced: Traced, progress: Float[Array, ""] | float) -> dict[str, Float[Array, ""]]:
    """Return the value of every traced hyperparameter at `progress`."""
    names = sorted(traced)
    numbers = value(jnp.stack([traced[name] for name in names]), progress)
    return {name: numbers[i] for i, name in enumerate(names)}
