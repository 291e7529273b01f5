"""Running normalisation of observations and rewards, as stable-baselines3's `VecNormalize` does it.

Observations are centred and scaled by their running mean and variance, rewards are divided by the running standard
deviation of the discounted return, and both are cut off at ten. The statistics move with every step of the environments
in training and stand still in evaluation.

References
----------
Chan, Golub and LeVeque (1979), Updating formulae and a pairwise algorithm for computing sample variances.
Engstrom et al. (2020), Implementation matters in deep RL.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

__all__ = ["Moments", "Statistics", "first", "observe", "reward_scale", "scaled", "update"]

_LIMIT = 10.0
_EPSILON = 1e-8
_FIRST_WEIGHT = 1e-4  # what a mean of zero and a variance of one weigh before anything was seen


class Moments(NamedTuple):
    """Running mean and variance of what was seen."""

    mean: Float[Array, "*features"]
    variance: Float[Array, "*features"]
    weight: Float[Array, ""]  # number of things seen


class Statistics(NamedTuple):
    """What `VecNormalize` knows."""

    observation: Moments
    discounted: Moments  # of the discounted return so far, the scale of rewards
    running: Float[Array, " envs"]  # that return, of the episode under way in each environment


def first(observations: Float[Array, "envs features"]) -> Statistics:
    """Begin with what the agent sees at the start, and nothing known of rewards."""
    n_envs, n_features = observations.shape
    return Statistics(update(_fresh((n_features,)), observations), _fresh(()), jnp.zeros(n_envs))


def _fresh(shape: tuple[int, ...]) -> Moments:
    return Moments(jnp.zeros(shape), jnp.ones(shape), jnp.float32(_FIRST_WEIGHT) + jnp.zeros(()))


def update(moments: Moments, batch: Float[Array, "n ..."]) -> Moments:
    """Take the rows of a batch into account."""
    n = batch.shape[0]
    mean = batch.mean(0)
    apart = mean - moments.mean
    weight = moments.weight + n
    squares = moments.variance * moments.weight + jnp.square(batch - mean).sum(0)
    squares += jnp.square(apart) * (moments.weight * n / weight)
    return Moments(moments.mean + apart * (n / weight), squares / weight, weight)


def scaled(statistics: Statistics, observations: Float[Array, "*n features"]) -> Float[Array, "*n features"]:
    """Normalise observations; the statistics stay as they are."""
    mean, variance, _ = statistics.observation
    return jnp.clip((observations - mean) / jnp.sqrt(variance + _EPSILON), -_LIMIT, _LIMIT)


def reward_scale(statistics: Statistics) -> Float[Array, ""]:
    """Give what one unit of a normalised reward is in units of reward."""
    return jnp.sqrt(statistics.discounted.variance + _EPSILON)


def observe(
    statistics: Statistics,
    following: Float[Array, "envs features"],
    reward: Float[Array, " envs"],
    ended: Bool[Array, " envs"],
    gamma: Float[Array, ""],
) -> tuple[Statistics, Float[Array, " envs"]]:
    """Take a step of all environments into account, and normalise its rewards.

    Parameters
    ----------
    statistics : Statistics
        Before the step.
    following : float array, shape [n_envs, n_features]
        What the agent sees next: where an episode ended, the start of the next one.
    reward, ended : arrays, shape [n_envs]
        Reward of the step, and whether the episode ended with it.
    gamma : float
        Discount of the return whose deviation scales the rewards.

    Returns
    -------
    tuple of (Statistics, float array of shape [n_envs])
        The new statistics and the rewards by them.
    """
    running = statistics.running * gamma + reward
    seen = Statistics(update(statistics.observation, following), update(statistics.discounted, running), running)
    reward = jnp.clip(reward / reward_scale(seen), -_LIMIT, _LIMIT)
    return seen._replace(running=jnp.where(ended, 0.0, running)), reward
