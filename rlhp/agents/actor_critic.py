"""What PPO and A2C share: two networks, the rollout they learn from, and greedy evaluation.

References
----------
Mnih et al. (2016), Asynchronous methods for deep reinforcement learning.
Huang et al. (2022), The 37 implementation details of proximal policy optimization.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from rlhp.agents import gae, networks, normalizing
from rlhp.agents.distributions import Distribution, LogStd
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Layers
from rlhp.agents.normalizing import Statistics
from rlhp.envs.environment import Environment
from rlhp.envs.playing import Playing, play, start

__all__ = [
    "Batch",
    "Model",
    "State",
    "act",
    "collect_batch",
    "evaluation",
    "initial",
    "normalized",
    "parameters",
    "policy_outputs",
    "values",
]

_INIT, _ENVIRONMENT, _STEPS = range(3)  # names of the random streams of a run; the algorithm's own follow
_NOISE, _PLAY = range(2)


class Model(NamedTuple):
    """A policy and a value function that share nothing."""

    policy: Layers
    value: Layers
    log_std: LogStd


class State(NamedTuple):
    """A run between two iterations."""

    key: PRNGKeyArray
    model: Model
    optimizer: Any
    playing: Playing
    statistics: Statistics | None
    loss: Float[Array, ""]  # summed since the segment began
    updates: Float[Array, ""]  # since the segment began


class Batch(NamedTuple):
    """Transitions to learn from; every field leads with [n]."""

    observation: Float[Array, "n features"]
    action: Array
    value: Float[Array, " n"]  # as predicted when the transition was made
    log_prob: Float[Array, " n"]
    advantage: Float[Array, " n"]


def initial(
    env: Environment, family: Distribution, key: PRNGKeyArray, net_arch: Sequence[int], n_envs: int, normalize: bool
) -> tuple[Model, Playing, Statistics | None]:
    """Draw networks as stable-baselines3 does, and start the environments."""
    init = jax.random.fold_in(key, _INIT)
    widths = [math.prod(env.observation_shape), *net_arch]
    gains = [math.sqrt(2.0)] * len(net_arch)
    policy = networks.orthogonal(jax.random.fold_in(init, 0), [*widths, family.n_outputs], [*gains, 0.01])
    value = networks.orthogonal(jax.random.fold_in(init, 1), [*widths, 1], [*gains, 1.0])
    playing = start(env, jax.random.fold_in(key, _ENVIRONMENT), n_envs)
    statistics = None
    if normalize:
        statistics = normalizing.empty(widths[0], n_envs)
        seen = normalizing.update(
            statistics.observation, networks.flat(playing.observation, len(env.observation_shape))
        )
        statistics = statistics._replace(observation=seen)
    return Model(policy, value, family.log_std()), playing, statistics


def policy_outputs(model: Model, features: Float[Array, "*n features"]) -> Float[Array, "*n outputs"]:
    """Give what chooses the member of the policy's family of distributions."""
    return networks.mlp(model.policy, features, jnp.tanh)


def values(model: Model, features: Float[Array, "*n features"]) -> Float[Array, "*n"]:
    """Discounted return predicted for each state, in units of the (normalised) reward."""
    return networks.mlp(model.value, features, jnp.tanh)[..., 0]


def normalized(env: Environment, statistics: Statistics | None, observations: Array) -> Float[Array, "*n features"]:
    """Make features of observations: flat, and normalised where the run does so."""
    features = networks.flat(observations, len(env.observation_shape))
    return features if statistics is None else normalizing.scaled(statistics, features)


def collect_batch(
    env: Environment,
    family: Distribution,
    state: State,
    first: Array,
    n_steps: int,
    gamma: Float[Array, ""],
    gae_lambda: Float[Array, ""],
    reward_gamma: Float[Array, ""],
) -> tuple[State, Batch]:
    """Play `n_steps` steps in every environment and estimate the advantages.

    Parameters
    ----------
    env, family
        Where, and by what kind of policy.
    state : State
        The run.
    first : int array, shape []
        Number of the first step: with the run's key it names the chance in it.
    n_steps : int
        Length of the rollout.
    gamma, gae_lambda : float
        Of the advantages.
    reward_gamma : float
        Discount of the return that scales rewards; stable-baselines3 holds it at its first value.

    Returns
    -------
    tuple of (State, Batch)
        A batch of n_steps * n_envs transitions, step by step.
    """
    model, n_envs = state.model, state.playing.running.shape[0]
    steps = jax.random.fold_in(state.key, _STEPS)
    noises = family.noise(jax.random.fold_in(jax.random.fold_in(steps, first), _NOISE), (n_steps, n_envs))

    def step(carry: tuple[Playing, Statistics | None], now: tuple[Array, Array]) -> tuple[Any, Any]:
        (playing, statistics), (n, noise) = carry, now
        features = normalized(env, statistics, playing.observation)
        action = family.sample(policy_outputs(model, features), model.log_std, noise)
        key = jax.random.fold_in(jax.random.fold_in(steps, n), _PLAY)
        playing, seen = play(env, key, playing, family.playable(action))
        reward = seen.reward
        if statistics is not None:
            following = networks.flat(playing.observation, len(env.observation_shape))
            ended = seen.terminated | seen.truncated
            statistics, reward = normalizing.observe(statistics, following, reward, ended, reward_gamma)
        reached = normalized(env, statistics, seen.next_observation)
        return (playing, statistics), (features, action, reward, reached, seen.terminated, seen.truncated)

    (playing, statistics), rollout = jax.lax.scan(
        step, (state.playing, state.statistics), (first + jnp.arange(n_steps), noises)
    )
    features, action, reward, reached, terminated, truncated = rollout
    value, next_value = values(model, features), values(model, reached)
    advantage = gae.advantages(reward, value, next_value, terminated, truncated, gamma, gae_lambda)
    log_prob = family.log_prob(policy_outputs(model, features), model.log_std, action)
    batch = Batch(features, action, value, log_prob, advantage)
    batch = jax.tree.map(lambda field: field.reshape(n_steps * n_envs, *field.shape[2:]), batch)
    return state._replace(playing=playing, statistics=statistics), batch


def evaluation(
    env: Environment, family: Distribution, state: State, n_episodes: int, gamma: Float[Array, ""], key: PRNGKeyArray
) -> dict[str, Array]:
    """Play greedily, with the statistics as they stand; values are brought back to units of reward."""
    scale = 1.0 if state.statistics is None else normalizing.reward_scale(state.statistics)

    def greedy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
        outputs = policy_outputs(state.model, normalized(env, state.statistics, observations))
        return family.playable(family.mode(outputs)), family.entropy(outputs, state.model.log_std)

    def predicted(observations: Array) -> Array:
        return values(state.model, normalized(env, state.statistics, observations)) * scale

    return evaluate(env, key, n_episodes, greedy, predicted, gamma)


def parameters(state: State) -> tuple[Model, Statistics | None]:
    """Give what `act` needs of a run."""
    return state.model, state.statistics


def act(
    env: Environment, family: Distribution, parameters: tuple[Model, Statistics | None], observations: Array
) -> Array:
    """Give the likeliest actions, as the environment takes them."""
    model, statistics = parameters
    return family.playable(family.mode(policy_outputs(model, normalized(env, statistics, observations))))
