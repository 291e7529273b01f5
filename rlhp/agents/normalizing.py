"""Running normalisation of observations and rewards, as stable-baselines3's `VecNormalize` does it.

Observations are centred and scaled by their running mean and variance, rewards are divided by the running standard
deviation of the discounted return, and both are cut off at ten. The statistics move with every step of the environments
in training and stand still in evaluation. Whether a run normalises at all stands in them, so that a policy that is
taken along needs nothing else.

References
----------
Chan, Golub and LeVeque (1979), Updating formulae and a pairwise algorithm for computing sample variances.
Engstrom et al. (2020), Implementation matters in deep RL.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

__all__ = [
    "Moments",
    "Statistics",
    "View",
    "Waiting",
    "first",
    "observe",
    "reward_scale",
    "rewards",
    "scaled",
    "update",
    "waiting",
]

_LIMIT = 10.0
_EPSILON = 1e-8
_FIRST_WEIGHT = 1e-4  # what a mean of zero and a variance of one weigh before anything was seen


class Moments(NamedTuple):
    """Running mean and variance of what was seen."""

    mean: Float[Array, "*features"]
    variance: Float[Array, "*features"]
    weight: Float[Array, ""]  # number of things seen


class View(NamedTuple):
    """What a policy sees observations through."""

    on: Bool[Array, ""]  # whether anything is normalised
    observation: Moments


class Statistics(NamedTuple):
    """What `VecNormalize` knows."""

    view: View
    discounted: Moments  # of the discounted return so far, the scale of rewards
    running: Float[Array, " envs"]  # that return, of the episode under way in each environment


Waiting = tuple[Moments, Moments]
"""Of observations and of discounted returns: what was seen of a step that is not complete."""


def first(
    observations: Float[Array, "envs features"], on: Int[Array, ""] | int, counted: Bool[Array, " envs"]
) -> Statistics:
    """Begin with what the agent sees at the start in the environments that are `counted`, nothing known of rewards."""
    n_envs, n_features = observations.shape
    view = View(jnp.asarray(on) != 0, update(_fresh((n_features,)), observations, counted))
    return Statistics(view, _fresh(()), jnp.zeros(n_envs))


def _fresh(shape: tuple[int, ...]) -> Moments:
    return Moments(jnp.zeros(shape), jnp.ones(shape), jnp.zeros(()) + _FIRST_WEIGHT)


def update(moments: Moments, batch: Float[Array, "n ..."], counted: Bool[Array, " n"]) -> Moments:
    """Take the rows of a batch that are `counted` into account."""
    return _merged(moments, _of(batch, counted))


def _of(batch: Float[Array, "n ..."], counted: Bool[Array, " n"]) -> Moments:
    n = counted.sum().astype(float)
    rows = counted.reshape(-1, *(1,) * (batch.ndim - 1))
    mean = jnp.where(rows, batch, 0.0).sum(0) / n
    return Moments(mean, jnp.where(rows, jnp.square(batch - mean[None]), 0.0).sum(0) / n, n)


def _merged(old: Moments, new: Moments) -> Moments:
    weight, apart = old.weight + new.weight, new.mean - old.mean
    share = new.weight / weight
    squares = old.variance * old.weight + new.variance * new.weight + jnp.square(apart) * (old.weight * share)
    return Moments(old.mean + apart * share, squares / weight, weight)


def scaled(view: View, observations: Float[Array, "*n features"]) -> Float[Array, "*n features"]:
    """Normalise observations, if that is on; the statistics stay as they are."""
    mean, variance = (jax.lax.broadcast_to_rank(one, observations.ndim) for one in view.observation[:2])
    shown = jnp.clip((observations - mean) / jnp.sqrt(variance + _EPSILON), -_LIMIT, _LIMIT)
    return jnp.where(view.on, shown, observations)


def reward_scale(statistics: Statistics) -> Float[Array, ""]:
    """Return what one unit of reward, as the agent learns from it, is in units of reward."""
    return jnp.where(statistics.view.on, jnp.sqrt(statistics.discounted.variance + _EPSILON), 1.0)


def rewards(
    raw: Float[Array, "*n"], scale: Float[Array, "*n"] | Float[Array, ""], on: Bool[Array, ""]
) -> Float[Array, "*n"]:
    """Return rewards as the agent learns from them: in units of `scale` and cut off, if that is on."""
    return jnp.where(on, jnp.clip(raw / scale, -_LIMIT, _LIMIT), raw)


def waiting(statistics: Statistics) -> Waiting:
    """Return what is seen of a step before its first environment."""
    zero: Waiting = jax.tree.map(jnp.zeros_like, (statistics.view.observation, statistics.discounted))
    return zero


def observe(
    statistics: Statistics,
    step: Waiting,
    following: Float[Array, "envs features"],
    reward: Float[Array, " envs"],
    ended: Bool[Array, " envs"],
    gamma: Float[Array, ""] | float,
    counted: Bool[Array, " envs"],
    complete: Bool[Array, ""] | bool = True,
) -> tuple[Statistics, Waiting]:
    """Take some environments' part of a step into account, if anything is normalised.

    The statistics move when the step is `complete`: all environments of a step are seen through the same ones.

    Parameters
    ----------
    statistics : Statistics
        Before the step, with `running` of these environments.
    step : Waiting
        What was seen of the step before, from `waiting`.
    following : float array, shape [n_envs, n_features]
        What the agent sees next: where an episode ended, the start of the next one.
    reward, ended : arrays, shape [n_envs]
        Reward of the step, and whether the episode ended with it.
    gamma : float
        Discount of the return whose deviation scales the rewards.
    counted : bool array, shape [n_envs]
        Which of the environments there are.
    complete : bool
        Whether these are the last environments of the step.

    Returns
    -------
    tuple of (Statistics, Waiting)
        When the step is complete, `reward_scale` of the statistics is the scale of its rewards.
    """

    def seen(statistics: Statistics, step: Waiting) -> tuple[Statistics, Waiting]:
        view, discounted, running = statistics
        running = running * gamma + reward
        step = update(step[0], following, counted), update(step[1], running, counted)
        new = _merged(view.observation, step[0]), _merged(discounted, step[1])
        old = view.observation, discounted
        new, step = (
            jax.tree.map(lambda a, b: jnp.where(complete, a, b), *pair)
            for pair in ((new, old), (jax.tree.map(jnp.zeros_like, step), step))
        )
        return Statistics(View(view.on, new[0]), new[1], jnp.where(ended, 0.0, running)), step

    after: tuple[Statistics, Waiting] = jax.lax.cond(
        statistics.view.on, seen, lambda statistics, step: (statistics, step), statistics, step
    )
    return after
