"""SVPG, Stein variational policy gradient: A2C agents that share gradients and push each other apart.

The agents' policies are the particles; each has its own critic, environments and statistics. Whose policy a run is: the
best agent's, by the mean return of the last iterations in which it ended episodes.

Equations have the numbers of `docs/algorithms/svpg.md`.

References
----------
Liu, Ramachandran, Liu and Peng (2017), Stein variational policy gradient.
Liu and Wang (2016), Stein variational gradient descent: a general purpose Bayesian inference algorithm.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, Key, PRNGKeyArray

from rlhp.agents import a2c, actor_critic, distributions, moving, optimizers, rollouts, teams
from rlhp.agents.actor_critic import Model
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.normalizing import Statistics, View
from rlhp.agents.rollouts import Rollout
from rlhp.agents.teams import Recent
from rlhp.envs import Environment
from rlhp.envs.playing import Playing

__all__ = ["LEARNING", "Weights", "agent", "bandwidth", "shapes", "squared_distances", "stein"]

LEARNING = actor_critic.LEARNING
_AGENTS = 4  # name of the random stream that the agents but the first have theirs from; actor_critic counts from 0
_LEAST_ROWS = 1024  # of a rollout that there is room for: most are one program


class Weights(NamedTuple):
    """What is learned and estimated, a stack of agents."""

    models: Model
    statistics: Statistics
    recent: Recent


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Return what decides the program of a run, see `actor_critic.shapes`."""
    n_actors, length = int(config["n_actors"]), int(config["n_steps"] * config["n_envs"])
    # Each agent has a rollout of its own: there is room for as much as there is of it, and not for the longest.
    rows = 1 << (max(length, _LEAST_ROWS) - 1).bit_length()
    shared = actor_critic.shapes(config, env, steps, batch_size=length)
    return {**shared, "rows": rows, "n_actors": n_actors}


def squared_distances(particles: Float[Array, "n weights"]) -> Float[Array, "n n"]:
    """Return how far particles are apart, squared; zero from itself, exactly."""
    apart: Array = jax.lax.map(lambda one: ((particles - one[None]) ** 2).sum(-1), particles)
    return apart


def bandwidth(squared: Float[Array, "n n"]) -> Float[Array, ""]:
    """Return the kernel's bandwidth: the median of the squared distances of pairs, over log(n + 1).

    One where there is no pair, or all particles are the same.

    Examples
    --------
    >>> round(float(bandwidth(jnp.array([[0.0, 4.0], [4.0, 0.0]]))), 3)  # 4 / log(3)
    3.641
    """
    n = len(squared)
    if n == 1:
        return jnp.ones(())
    median = jnp.median(squared[jnp.triu_indices(n, 1)])
    return jnp.where(median > 0, median / math.log(n + 1), 1.0)  # eq. (3)


def stein(particles: Float[Array, "n weights"], scores: Float[Array, "n weights"]) -> Float[Array, "n weights"]:
    """Return the direction in which each particle moves: mean_j [k(t_j, t_i) score_j + grad_{t_j} k(t_j, t_i)].

    Parameters
    ----------
    particles : float array, shape [n, n_weights]
    scores : float array, shape [n, n_weights]
        The gradient of the logarithm of the density that they are to spread over, at each.

    Examples
    --------
    >>> stein(jnp.array([[1.0, 2.0]]), jnp.array([[0.5, -1.0]])).tolist()  # alone: its own score
    [[0.5, -1.0]]
    """
    squared = squared_distances(particles)
    width = bandwidth(squared)
    kernel = jnp.exp(-squared / width)  # eq. (2)
    # grad_{t_j} k(t_j, t_i) = -2 (t_j - t_i) k / h
    pushed = 2.0 / width * (kernel.sum(0)[:, None] * particles - kernel.T @ particles)
    return (kernel.T @ scores + pushed) / len(particles)  # eq. (1)


def policy_weights(model: Model) -> Float[Array, " weights"]:
    """Return which of a model's weights, in one row, are the policy's: 1, or 0 for those of the values."""
    ones, zeros = (jax.tree.map(make, model) for make in (jnp.ones_like, jnp.zeros_like))
    hidden = jax.tree.map(lambda leaf: leaf.at[0].set(1.0), zeros.hidden)
    row: Array = ravel_pytree(Model(hidden, ones.policy, zeros.value, ones.log_std))[0]
    return row


def agent(env: Environment, shapes: Mapping[str, Any], *, n_episodes: int = 10) -> Agent:
    """Make the agent of an environment.

    Parameters
    ----------
    env : Environment
        Where it acts.
    shapes : mapping
        From `shapes`.
    n_episodes : int
        Episodes of an evaluation.
    """
    family, n = distributions.of(env), int(shapes["n_actors"])
    envs = int(shapes["envs"])

    def keys(key: PRNGKeyArray) -> Key[Array, " n"]:
        """Return a random stream for each agent; the first has the run's own."""
        others = jax.random.fold_in(key, _AGENTS)
        return jnp.stack([key, *(jax.random.fold_in(others, i) for i in range(1, n))])

    def init(key: PRNGKeyArray, traced: Traced, loops: Loops) -> State:
        def begun(key: PRNGKeyArray) -> State:
            return actor_critic.begin(env, family, shapes, key, traced, loops)

        states: State = jax.lax.map(begun, keys(key))
        weights = Weights(states.weights.model, states.weights.statistics, teams.nothing(n))
        zero = jnp.zeros(())
        playing = _joined(states.playing)._replace(returns=zero, n_episodes=jnp.int32(0))
        return State(key, weights, states.optimizer, (), playing, Tally(jnp.zeros(()), jnp.zeros(())))

    def unseen() -> Rollout:
        one = rollouts.room(env, math.prod(env.observation_shape), family.size, shapes["rows"], envs)
        each: Rollout = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (n, *leaf.shape)), one)
        return each

    def collect(state: State, seen: Rollout, traced: Traced, loops: Loops, now: Now) -> tuple[State, Rollout]:
        """Let one agent after the other play a rollout, and estimate its advantages."""
        hp, reward_gamma = at_the_end(traced, loops, now), moving.value(traced["gamma"], 0.0)
        models, statistics, recent = state.weights

        def played(account: tuple[Array, Array], mine: tuple[Any, ...]) -> tuple[tuple[Array, Array], tuple[Any, ...]]:
            key, weights, playing, rollout = mine
            playing = playing._replace(returns=account[0], n_episodes=account[1])
            one = State(key, actor_critic.Weights(*weights), (), (), playing, state.tally)
            one, rollout = actor_critic.played(env, family, one, rollout, hp, reward_gamma, loops, now)
            rollout = rollouts.estimated(
                rollout,
                loops["n_steps"],
                loops["n_envs"],
                one.weights.statistics.view.on,
                hp["gamma"],
                hp["gae_lambda"],
            )
            after = one.playing.returns, one.playing.n_episodes
            return after, (one.weights.statistics, one.playing, rollout, *after)

        before = state.playing.returns, state.playing.n_episodes
        each = keys(state.key), (models, statistics), _parted(state.playing, n), seen
        after, (statistics, playing, rollout, returns, ended) = jax.lax.scan(played, before, each)
        earned, n_ended = (jnp.diff(sums, prepend=first) for sums, first in zip((returns, ended), before, strict=True))
        recent = teams.noted(recent, n_ended > 0, earned / jnp.maximum(n_ended, 1))
        playing = _joined(playing)._replace(returns=after[0], n_episodes=after[1])
        return state._replace(playing=playing, weights=Weights(models, statistics, recent)), rollout

    def update(state: State, rollout: Rollout, traced: Traced, loops: Loops, now: Now) -> State:
        """Take a gradient step of each agent: its critic's own, and for its policy what all agents say."""
        hp, tile = at_the_end(traced, loops, now), int(shapes["tile"])
        models, statistics, recent = state.weights
        of_policy = policy_weights(teams.member(models, 0))
        model_of = ravel_pytree(teams.member(models, 0))[1]

        def slope(mine: tuple[Any, ...]) -> tuple[Array, Array, Array]:
            *weights, rollout = mine
            one = state._replace(weights=actor_critic.Weights(*weights))
            rollout = actor_critic.estimated(family, one, rollout, hp, loops)
            gradients, value_loss = a2c.slope(family, tile, weights[0], rollout, hp, loops)
            return ravel_pytree(weights[0])[0], gradients, value_loss

        particles, gradients, losses = jax.lax.map(slope, (models, statistics, rollout))
        # Losses are gone down: the score of a policy is minus its gradient over the temperature.
        scores = -gradients * of_policy[None] / hp["temperature"]  # eq. (4)
        directions = jnp.where(of_policy[None] > 0, -stein(particles * of_policy[None], scores), gradients)

        def stepped(mine: tuple[Array, Array, optimizers.Moments]) -> tuple[Model, optimizers.Moments]:
            weights, moments = a2c.stepped(*mine, hp, loops)  # eq. (5)
            return model_of(weights), moments

        models, moments = jax.lax.map(stepped, (particles, directions, state.optimizer))
        return state._replace(
            weights=Weights(models, statistics, recent),
            optimizer=moments,
            tally=Tally(state.tally.loss + losses.sum(), state.tally.updates + n),
        )

    def at_the_end(traced: Traced, loops: Loops, now: Now) -> dict[str, Array]:
        """Return the hyperparameters as they stand when all rollouts are complete."""
        steps = jnp.asarray((now.iteration + 1) * loops["n_steps"] * loops["n_envs"] * n, float)
        return moving.values(traced, steps / now.total_steps)

    def best(weights: Weights) -> actor_critic.Weights:
        number = jnp.argmax(teams.recent_mean(weights.recent))
        return actor_critic.Weights(*teams.member((weights.models, weights.statistics), number))

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        return actor_critic.evaluated(env, family, best(weights), moving.values(traced, progress), key, n_episodes)

    def parameters(weights: Weights) -> tuple[Model, View]:
        return actor_critic.parameters(best(weights))

    def act(parameters: tuple[Model, View], observations: Array) -> Array:
        return actor_critic.act(env, family, parameters, observations)

    return Agent(
        init=init,
        memory=lambda: (),
        unseen=unseen,
        collect=collect,
        update=update,
        evaluate=evaluation,
        parameters=parameters,
        act=act,
    )


def _joined(playing: Playing) -> Playing:
    """Put the environments of all agents into one row; the account is left as it is."""
    states, observation, running = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), playing[:3])
    return Playing(states, observation, running, playing.returns, playing.n_episodes)


def _parted(playing: Playing, n: int) -> Playing:
    """Take the environments of n agents apart again; each has the account of all."""
    states, observation, running = jax.tree.map(lambda leaf: leaf.reshape(n, -1, *leaf.shape[1:]), playing[:3])
    account = (jnp.broadcast_to(one, n) for one in playing[3:])
    return Playing(states, observation, running, *account)
