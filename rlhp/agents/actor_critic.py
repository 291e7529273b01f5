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
    "forward",
    "initial",
    "normalized",
    "parameters",
]

_INIT, _ENVIRONMENT, _STEPS = range(3)  # names of the random streams of a run; the algorithm's own follow
_NOISE, _PLAY = range(2)


class Model(NamedTuple):
    """A policy and a value network that share nothing, and whose hidden layers are computed in one go."""

    hidden: Layers  # of the policy and of the value network: weights [2, n_in, n_out], biases [2, n_out]
    policy: tuple[Float[Array, "n_in outputs"], Float[Array, " outputs"]]
    value: tuple[Float[Array, " n_in"], Float[Array, ""]]
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
    hidden = jax.tree.map(lambda p, v: jnp.stack([p, v]), policy[:-1], value[:-1])
    model = Model(hidden, policy[-1], (value[-1][0][:, 0], value[-1][1][0]), family.log_std())
    return model, playing, statistics


def forward(model: Model, features: Float[Array, "n features"]) -> tuple[Float[Array, "outputs n"], Float[Array, " n"]]:
    """Apply both networks.

    Layers hold a row for each unit and not for each state: products of these shapes are a fifth faster on a CPU.

    Returns
    -------
    tuple of float arrays, shapes [n_outputs, n] and [n]
        What chooses the policy's distributions, and the values: the discounted returns predicted, in units of the
        (normalised) reward.
    """
    (weights, biases), *later = model.hidden
    units = jnp.tanh(jnp.einsum("tij,ni->tjn", weights, features) + biases[..., None])
    for weights, biases in later:
        units = jnp.tanh(jnp.einsum("tij,tin->tjn", weights, units) + biases[..., None])
    outputs = jnp.einsum("ij,in->jn", model.policy[0], units[0]) + model.policy[1][:, None]
    return outputs, jnp.einsum("i,in->n", model.value[0], units[1]) + model.value[1]


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
    noises = family.noise(jax.random.fold_in(jax.random.fold_in(steps, first), _NOISE), n_steps, n_envs)

    def step(carry: tuple[Playing, Statistics | None], now: tuple[Array, Array]) -> tuple[Any, Any]:
        (playing, statistics), (n, noise) = carry, now
        features = normalized(env, statistics, playing.observation)
        action = family.sample(forward(model, features)[0], model.log_std, noise)
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
    features, action, reached = (
        field.reshape(n_steps * n_envs, *field.shape[2:]) for field in (features, action, reached)
    )
    outputs, value = forward(model, features)
    _, next_value = forward(model, reached)
    advantage = gae.advantages(
        reward, value.reshape(reward.shape), next_value.reshape(reward.shape), terminated, truncated, gamma, gae_lambda
    )
    log_prob = family.log_prob(outputs, model.log_std, action)
    batch = Batch(features, action, value, log_prob, advantage.ravel())
    return state._replace(playing=playing, statistics=statistics), batch


def evaluation(
    env: Environment, family: Distribution, state: State, n_episodes: int, gamma: Float[Array, ""], key: PRNGKeyArray
) -> dict[str, Array]:
    """Play greedily, with the statistics as they stand; values are brought back to units of reward."""
    scale = 1.0 if state.statistics is None else normalizing.reward_scale(state.statistics)

    def greedy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
        outputs, _ = forward(state.model, normalized(env, state.statistics, observations))
        return family.playable(family.mode(outputs)), family.entropy(outputs, state.model.log_std)

    def predicted(observations: Array) -> Array:
        return forward(state.model, normalized(env, state.statistics, observations))[1] * scale

    return evaluate(env, key, n_episodes, greedy, predicted, gamma)


def parameters(state: State) -> tuple[Model, Statistics | None]:
    """Give what `act` needs of a run."""
    return state.model, state.statistics


def act(
    env: Environment, family: Distribution, parameters: tuple[Model, Statistics | None], observations: Array
) -> Array:
    """Give the likeliest actions, as the environment takes them."""
    model, statistics = parameters
    return family.playable(family.mode(forward(model, normalized(env, statistics, observations))[0]))
