"""TD3, the deterministic policy gradient with twin critics and a delayed actor, as stable-baselines3 has it.

References
----------
Fujimoto, van Hoof and Meger (2018), Addressing function approximation error in actor-critic methods.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from rlhp.agents import critics, descending, moving, networks, off_policy, replay
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Layers
from rlhp.envs import Environment

__all__ = ["LEARNING", "Optimizer", "Weights", "agent", "improve", "policy", "shapes"]

LEARNING = off_policy.LEARNING
_INIT = 0  # name of a random stream, beside those of `off_policy`


class Weights(NamedTuple):
    """What is learned."""

    actor: Layers
    actor_target: Layers
    critics: Layers
    critics_target: Layers


class Optimizer(NamedTuple):
    """Adam's moments."""

    actor: descending.Moments
    critics: descending.Moments


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Give the static settings that decide the program of a run."""
    return off_policy.shapes(config, env, steps, (400, 300))


def policy(actor: Layers, observations: Float[Array, "n features"]) -> Float[Array, "n actions"]:
    """Give the greedy actions, in [-1, 1]."""
    return jnp.tanh(networks.mlp(actor, observations))


def improve(
    weights: Weights,
    optimizer: Optimizer,
    total: off_policy.Total,
    hp: Mapping[str, Array],
    loops: Loops,
    within: Array | int = 0,
) -> tuple[Weights, Optimizer, Float[Array, ""]]:
    """Take one gradient step on a batch.

    Parameters
    ----------
    weights, optimizer : Weights, Optimizer
        Before the step.
    total : callable
        The sum over the parts of the batch; actions in [-1, 1], noise [1, tile, actions] for the smoothing of the
        target policy.
    hp : mapping
        The values of the traced hyperparameters.
    loops : mapping
        With every `policy_delay`-th step that was ever taken, the actor and the targets move.
    within : int
        Not needed.

    Returns
    -------
    tuple of (Weights, Optimizer, float)
        After the step, and the critics' loss.
    """
    del within
    clip = hp["target_noise_clip"]

    def of_critics(part: off_policy.Part) -> tuple[Array, Layers]:
        batch = part.batch
        smoothing = jnp.clip(hp["target_policy_noise"] * part.noise[0], -clip, clip)
        actions = jnp.clip(policy(weights.actor_target, batch.next_observation) + smoothing, -1.0, 1.0)
        following = critics.q_values(weights.critics_target, batch.next_observation, actions).min(0)
        target = batch.reward + batch.discount * following

        def loss(layers: Layers) -> Array:
            errors = critics.q_values(layers, batch.observation, batch.action) - target
            return (part.share * errors**2).sum()

        return jax.value_and_grad(loss)(weights.critics)

    loss, gradients = total(of_critics)
    online, of_the_critics = descending.step(
        weights.critics, gradients, optimizer.critics, off_policy.ADAM, hp["learning_rate"]
    )
    first = jax.tree.map(lambda leaf: leaf[0], online)

    def of_actor(part: off_policy.Part) -> Layers:
        seen = part.batch.observation

        def loss(actor: Layers) -> Array:
            return -networks.mlp(first, jnp.concatenate([seen, policy(actor, seen)], -1))[:, 0] @ part.share

        gradients: Layers = jax.grad(loss)(weights.actor)
        return gradients

    def delayed(actor: Layers, moments: Any, actor_target: Layers, critics_target: Layers) -> tuple[Any, ...]:
        actor, moments = descending.step(actor, total(of_actor), moments, off_policy.ADAM, hp["learning_rate"])
        followed = critics.follow(actor_target, actor, hp["tau"]), critics.follow(critics_target, online, hp["tau"])
        return actor, moments, *followed

    actor, of_the_actor, actor_target, critics_target = jax.lax.cond(
        of_the_critics.count % loops["policy_delay"] == 0,
        delayed,
        lambda *kept: kept,
        *(weights.actor, optimizer.actor, weights.actor_target, weights.critics_target),
    )
    return Weights(actor, actor_target, online, critics_target), Optimizer(of_the_actor, of_the_critics), loss


def agent(env: Environment, shapes: Mapping[str, Any], *, n_episodes: int = 10) -> Agent:
    """Make the agent of an environment with continuous actions.

    Parameters
    ----------
    env : Environment
        Where it acts.
    shapes : mapping
        The static settings, from `shapes`.
    n_episodes : int
        Episodes of an evaluation.
    """
    n_envs = shapes["n_envs"]
    n_actions, n_dims = len(env.action_low or ()), len(env.observation_shape)
    features, hidden = math.prod(env.observation_shape), shapes["net_arch"]

    def init(key: PRNGKeyArray, traced: Traced, loops: Loops) -> State:
        of_actor, of_critics = jax.random.split(jax.random.fold_in(key, _INIT))
        actor = networks.uniform(of_actor, [features, *hidden, n_actions])
        online = critics.twins(of_critics, [features + n_actions, *hidden, 1])
        # The state is donated: no array may stand in it twice.
        actor_target, critics_target = jax.tree.map(jnp.copy, (actor, online))
        weights = Weights(actor, actor_target, online, critics_target)
        optimizer = Optimizer(descending.begin(actor), descending.begin(online))
        playing = off_policy.begin(env, key, traced, n_envs)
        return State(key, weights, optimizer, (), playing, Tally(jnp.zeros(()), jnp.zeros(())))

    def explore(weights: Weights, observations: Array, key: PRNGKeyArray, hp: Mapping[str, Array]) -> Array:
        noise = jax.random.normal(key, (n_envs, n_actions))
        return jnp.clip(policy(weights.actor, observations) + hp["action_noise_std"] * noise, -1.0, 1.0)

    def collect(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> tuple[State, Any]:
        return off_policy.collect(env, explore, state, seen, traced, loops, now)

    def update(state: State, seen: Any, traced: Traced, loops: Loops, now: Now) -> State:
        of_batch = {name: shapes[name] for name in ("tile", "tiled")}
        return off_policy.update(env, improve, state, traced, loops, now, noises=1, **of_batch)

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        hp = moving.values(traced, progress)
        noise = hp["action_noise_std"]
        entropy = n_actions * jnp.log(jnp.where(noise > 0, noise, jnp.nan) * math.sqrt(2.0 * math.pi * math.e))

        def act_and_entropy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
            return act(weights.actor, observations), jnp.full(n_episodes, entropy)

        def value(observations: Array) -> Array:
            seen = networks.flat(observations, n_dims)
            return critics.q_values(weights.critics, seen, policy(weights.actor, seen)).min(0)

        return evaluate(env, key, n_episodes, act_and_entropy, value, hp["gamma"], env.context(hp))

    def act(actor: Layers, observations: Array) -> Array:
        return critics.unscaled(env, policy(actor, networks.flat(observations, n_dims)))

    return Agent(
        init=init,
        memory=lambda: replay.empty(env, shapes["slots"], n_envs),
        unseen=lambda: (),
        collect=collect,
        update=update,
        evaluate=evaluation,
        parameters=lambda weights: weights.actor,
        act=act,
    )
