"""What PPO and A2C share: two networks, the rollout they learn from, and greedy evaluation.

References
----------
Mnih et al. (2016), Asynchronous methods for deep reinforcement learning.
Huang et al. (2022), The 37 implementation details of proximal policy optimization.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from rlhp.agents import gae, moving, networks, normalizing
from rlhp.agents.agent import Agent, Clock, Traced, Uniform
from rlhp.agents.distributions import Distribution, LogStd
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Layers
from rlhp.agents.normalizing import Statistics
from rlhp.envs.environment import Environment
from rlhp.envs.playing import Playing, account, opened, play, start

__all__ = ["Batch", "Learn", "Model", "State", "agent", "forward", "initial"]

_INIT, _ENVIRONMENT, _STEPS, _LEARNING = range(4)  # names of the random streams of a run
_NOISE, _PLAY = range(2)  # and of a step


Learn = Callable[["State", "Batch", PRNGKeyArray, dict[str, Array], Uniform], "State"]


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
    loss: Float[Array, ""]  # summed since the metrics began
    updates: Float[Array, ""]  # since the metrics began


class Batch(NamedTuple):
    """Transitions to learn from; every field leads with [n]."""

    observation: Float[Array, "n features"]
    action: Array
    value: Float[Array, " n"]  # as predicted when the transition was made
    log_prob: Float[Array, " n"]
    advantage: Float[Array, " n"]


def initial(key: PRNGKeyArray, n_features: int, net_arch: Sequence[int], family: Distribution) -> Model:
    """Draw orthogonal weights with stable-baselines3's gains: a policy that begins close to indifferent."""
    widths, gains = [n_features, *net_arch], [math.sqrt(2.0)] * len(net_arch)
    policy = networks.orthogonal(jax.random.fold_in(key, 0), [*widths, family.n_outputs], [*gains, 0.01])
    value = networks.orthogonal(jax.random.fold_in(key, 1), [*widths, 1], [*gains, 1.0])
    hidden = jax.tree.map(lambda p, v: jnp.stack([p, v]), policy[:-1], value[:-1])
    return Model(hidden, policy[-1], (value[-1][0][:, 0], value[-1][1][0]), family.log_std())


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


def agent(
    env: Environment,
    family: Distribution,
    settings: Mapping[str, Any],
    start_optimizer: Callable[[Array], PyTree],
    learn: Learn,
    *,
    n_episodes: int,
) -> Agent:
    """Make the agent that learns from one rollout after the other.

    Parameters
    ----------
    env, family
        Where it acts, and the family of its policies.
    settings : mapping
        `n_envs`, `n_steps`, `net_arch` and `normalize`.
    start_optimizer : callable
        ``start_optimizer(weights [n_weights]) -> state of the optimizer``.
    learn : callable
        ``learn(state, batch, key, hyperparameters, uniform) -> state``: what the algorithm does with a rollout.
    n_episodes : int
        Episodes of an evaluation.
    """
    n_steps, n_envs, n_dims = int(settings["n_steps"]), int(settings["n_envs"]), len(env.observation_shape)
    # On a CPU one run after the other, so that what an update touches stays in a core's cache.
    learn_in_turn = jax.custom_batching.sequential_vmap(learn) if jax.default_backend() == "cpu" else learn

    def features_of(statistics: Statistics | None, observations: Array) -> Float[Array, "n features"]:
        features = networks.flat(observations, n_dims)
        return features if statistics is None else normalizing.scaled(statistics, features)

    def init(key: PRNGKeyArray, traced: Traced, uniform: Uniform) -> State:
        drawing = jax.random.fold_in(key, _INIT)
        model = initial(drawing, math.prod(env.observation_shape), settings["net_arch"], family)
        playing, statistics = start(env, jax.random.fold_in(key, _ENVIRONMENT), n_envs), None
        if settings["normalize"]:
            statistics = normalizing.first(networks.flat(playing.observation, n_dims))
        optimizer = start_optimizer(ravel_pytree(model)[0])
        return State(key, model, optimizer, playing, statistics, jnp.zeros(()), jnp.zeros(()))

    def rollout(
        state: State, first: Array, gamma: Array, gae_lambda: Array, reward_gamma: Array
    ) -> tuple[State, Batch]:
        """Play from step number `first` (of each environment) and estimate the advantages."""
        model, steps = state.model, jax.random.fold_in(state.key, _STEPS)
        noises = family.noise(jax.random.fold_in(jax.random.fold_in(steps, first), _NOISE), n_steps, n_envs)

        def step(carry: tuple[Playing, Statistics | None], now: tuple[Array, Array]) -> tuple[Any, Any]:
            (playing, statistics), (n, noise) = carry, now
            features = features_of(statistics, playing.observation)
            action = family.sample(forward(model, features)[0], model.log_std, noise)
            key = jax.random.fold_in(jax.random.fold_in(steps, n), _PLAY)
            playing, seen = play(env, key, playing, family.playable(action))
            reward, ended = seen.reward, seen.terminated | seen.truncated
            if statistics is not None:
                following = networks.flat(playing.observation, n_dims)
                statistics, reward = normalizing.observe(statistics, following, reward, ended, reward_gamma)
            reached = features_of(statistics, seen.next_observation)
            return (playing, statistics), (features, action, reached, reward, seen.terminated, seen.truncated)

        (playing, statistics), seen = jax.lax.scan(
            step, (state.playing, state.statistics), (first + jnp.arange(n_steps), noises)
        )
        features, action, reached = (field.reshape(-1, *field.shape[2:]) for field in seen[:3])
        reward, terminated, truncated = seen[3:]
        outputs, value = forward(model, features)
        next_value = forward(model, reached)[1].reshape(reward.shape)
        advantage = gae.advantages(
            reward, value.reshape(reward.shape), next_value, terminated, truncated, gamma, gae_lambda
        )
        log_prob = family.log_prob(outputs, model.log_std, action)
        batch = Batch(features, action, value, log_prob, advantage.ravel())
        return state._replace(playing=playing, statistics=statistics), batch

    def segment(state: State, traced: Traced, uniform: Uniform, clock: Clock) -> tuple[State, dict[str, Array]]:
        total = clock.total_steps.astype(jnp.float32)
        reward_gamma = moving.value(traced["gamma"], jnp.zeros(()))  # stable-baselines3 holds it at its first value

        def iteration(i: Array, state: State) -> State:
            first = (clock.first + i) * n_steps
            hp = moving.values(traced, ((first + n_steps) * n_envs).astype(jnp.float32) / total)
            state, batch = rollout(state, first, hp["gamma"], hp["gae_lambda"], reward_gamma)
            key = jax.random.fold_in(jax.random.fold_in(state.key, _LEARNING), first)
            learned: State = learn_in_turn(state, batch, key, hp, uniform)
            return learned

        state = state._replace(
            playing=opened(state.playing, clock.fresh),
            loss=jnp.where(clock.fresh, 0.0, state.loss),
            updates=jnp.where(clock.fresh, 0.0, state.updates),
        )
        state = jax.lax.fori_loop(0, clock.count, iteration, state)
        mean, n_episodes = account(state.playing)
        metrics = {
            "loss": state.loss / state.updates,
            "updates": state.updates,
            "train_return_mean": mean,
            "n_episodes": n_episodes,
        }
        return state, metrics

    def evaluation(state: State, traced: Traced, progress: Array, key: PRNGKeyArray) -> dict[str, Array]:
        """Play greedily, with the statistics as they stand; values are brought back to units of reward."""
        scale = 1.0 if state.statistics is None else normalizing.reward_scale(state.statistics)

        def greedy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
            outputs, _ = forward(state.model, features_of(state.statistics, observations))
            return family.playable(family.mode(outputs)), family.entropy(outputs, state.model.log_std)

        def predicted(observations: Array) -> Array:
            return forward(state.model, features_of(state.statistics, observations))[1] * scale

        return evaluate(env, key, n_episodes, greedy, predicted, moving.value(traced["gamma"], progress))

    def parameters(state: State) -> tuple[Model, Statistics | None]:
        return state.model, state.statistics

    def act(parameters: tuple[Model, Statistics | None], observations: Array) -> Array:
        model, statistics = parameters
        return family.playable(family.mode(forward(model, features_of(statistics, observations))[0]))

    return Agent(init, segment, evaluation, parameters, act)
