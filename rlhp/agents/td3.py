"""TD3, the deterministic policy gradient with twin critics and a delayed actor, as stable-baselines3 has it.

References
----------
Fujimoto, van Hoof and Meger (2018), Addressing function approximation error in actor-critic methods.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, PRNGKeyArray

from rlhp.agents import critics, moving, networks, off_policy
from rlhp.agents.agent import Agent, Traced, Uniform, static, traced, uniform
from rlhp.agents.evaluating import evaluate
from rlhp.agents.networks import Layers
from rlhp.agents.replay import Batch
from rlhp.envs.environment import Environment
from rlhp.schedules import Schedule

__all__ = ["Hyperparameters", "Learner", "agent", "described", "improve", "iteration_steps"]

_SB3 = "stable-baselines3 TD3"
_INIT = 0  # name of a random stream, beside those of `off_policy`
_ADAM = optax.scale_by_adam(eps=1e-8)


@dataclass(frozen=True)
class Hyperparameters:
    """TD3's hyperparameters, with stable-baselines3's names and defaults where it has them."""

    learning_rate: float | Schedule = traced(1e-3, source=_SB3)
    gamma: float | Schedule = traced(0.99, unit="per step", source=_SB3)
    tau: float | Schedule = traced(0.005, unit="weight of the online networks", source=_SB3)
    target_policy_noise: float | Schedule = traced(0.2, unit="of actions scaled to [-1, 1]", source=_SB3)
    target_noise_clip: float | Schedule = traced(0.5, unit="of actions scaled to [-1, 1]", source=_SB3)
    action_noise_std: float | Schedule = traced(0.0, unit="of actions scaled to [-1, 1]", source=_SB3)
    learning_starts: int = traced(100, unit="environment steps", source=_SB3)
    buffer_size: int = traced(1_000_000, unit="transitions", source=_SB3)
    n_steps: int = traced(1, unit="environment steps", source=_SB3)
    train_freq: int = uniform(1, unit="environment steps", source=_SB3)
    gradient_steps: int = uniform(1, unit="updates; -1: one for each environment step", source=_SB3)
    policy_delay: int = uniform(2, unit="gradient steps", source=_SB3)
    batch_size: int = static(256, unit="transitions", source=_SB3)
    n_envs: int = static(1, unit="parallel environments", source=_SB3)
    net_arch: tuple[int, ...] = static((400, 300), unit="units per hidden layer", source=_SB3)


class Learner(NamedTuple):
    """What a gradient step changes."""

    actor: Layers
    actor_target: Layers
    critics: Layers
    critics_target: Layers
    actor_optimizer: Any
    critics_optimizer: Any
    loss: Float[Array, ""]  # of the critics, summed since the metrics began
    updates: Float[Array, ""]  # since the metrics began


def described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a configuration in stable-baselines3's names to the fields of `Hyperparameters`."""
    config = dict(config)
    if config.get("action_noise_std") is None:
        config["action_noise_std"] = 0.0
    return config


def iteration_steps(config: Mapping[str, Any]) -> int:
    """Environment steps between two rounds of updates."""
    return int(config["train_freq"] * config["n_envs"])


def policy(actor: Layers, observations: Float[Array, "n features"]) -> Float[Array, "n actions"]:
    """Give the greedy actions, in [-1, 1]."""
    return jnp.tanh(networks.relu_mlp(actor, observations))


def improve(
    learner: Learner, batch: Batch, noise: Float[Array, "batch actions"], hp: Mapping[str, Array], delayed: Array
) -> Learner:
    """Take one gradient step on a batch.

    Parameters
    ----------
    learner : Learner
        Before the step.
    batch : Batch
        Transitions; actions in [-1, 1].
    noise : array, shape [batch, actions]
        Standard normal, for the smoothing of the target policy.
    hp : mapping
        The values of the traced hyperparameters.
    delayed : bool
        Whether the actor and the targets are due. The same for all runs of a call, so that the work is saved where not.
    """
    clip = hp["target_noise_clip"]
    smoothing = jnp.clip(hp["target_policy_noise"] * noise, -clip, clip)
    next_actions = jnp.clip(policy(learner.actor_target, batch.next_observation) + smoothing, -1.0, 1.0)
    following = critics.q_values(learner.critics_target, batch.next_observation, next_actions).min(0)
    target = batch.reward + batch.discount * following

    def critics_loss(layers: Layers) -> Array:
        errors = critics.q_values(layers, batch.observation, batch.action) - target
        return (errors**2).mean(-1).sum()

    loss, gradients = jax.value_and_grad(critics_loss)(learner.critics)
    direction, critics_optimizer = _ADAM.update(gradients, learner.critics_optimizer)
    online = critics.descend(learner.critics, direction, hp["learning_rate"])
    learner = learner._replace(
        critics=online,
        critics_optimizer=critics_optimizer,
        loss=learner.loss + loss,
        updates=learner.updates + 1.0,
    )

    def follow_critics(learner: Learner) -> Learner:
        first = jax.tree.map(lambda leaf: leaf[0], learner.critics)

        def actor_loss(actor: Layers) -> Array:
            inputs = jnp.concatenate([batch.observation, policy(actor, batch.observation)], -1)
            return -networks.relu_mlp(first, inputs).mean()

        direction, optimizer = _ADAM.update(jax.grad(actor_loss)(learner.actor), learner.actor_optimizer)
        actor = critics.descend(learner.actor, direction, hp["learning_rate"])
        return learner._replace(
            actor=actor,
            actor_optimizer=optimizer,
            actor_target=critics.follow(learner.actor_target, actor, hp["tau"]),
            critics_target=critics.follow(learner.critics_target, learner.critics, hp["tau"]),
        )

    improved: Learner = jax.lax.cond(delayed, follow_critics, lambda kept: kept, learner)
    return improved


def agent(env: Environment, settings: Mapping[str, Any], *, slots: int, multistep: bool, n_episodes: int = 10) -> Agent:
    """Make the agent of an environment with continuous actions.

    Parameters
    ----------
    env : Environment
        Where it acts.
    settings : mapping
        The static fields of `Hyperparameters`.
    slots : int
        Steps the replay memory has room for; a run's `buffer_size` may be smaller.
    multistep : bool
        Whether any run of the program has `n_steps` above 1.
    n_episodes : int
        Episodes of an evaluation.

    Notes
    -----
    Every `policy_delay`-th gradient step is counted from the beginning of the run, not from the first one taken, so
    that runs with different `learning_starts` share one loop and each is what it is alone.
    """
    batch_size, n_envs = int(settings["batch_size"]), int(settings["n_envs"])
    n_actions, n_dims = len(env.action_low or ()), len(env.observation_shape)
    features, hidden = math.prod(env.observation_shape), settings["net_arch"]

    def init(key: PRNGKeyArray, traced: Traced, uniform: Uniform) -> off_policy.State:
        of_actor, of_critics = jax.random.split(jax.random.fold_in(key, _INIT))
        actor = networks.uniform(of_actor, [features, *hidden, n_actions])
        online = critics.twins(of_critics, [features + n_actions, *hidden, 1])
        # The state is donated: no array may stand in it twice.
        actor_target, critics_target = jax.tree.map(jnp.copy, (actor, online))
        optimizers = _ADAM.init(actor), _ADAM.init(online)
        learner = Learner(actor, actor_target, online, critics_target, *optimizers, jnp.zeros(()), jnp.zeros(()))
        return off_policy.begin(env, key, learner, slots, n_envs)

    def explore(learner: Learner, observations: Array, key: PRNGKeyArray, hp: Mapping[str, Array]) -> Array:
        noise = jax.random.normal(key, (n_envs, n_actions))
        return jnp.clip(policy(learner.actor, observations) + hp["action_noise_std"] * noise, -1.0, 1.0)

    def step(
        learner: Learner,
        batch: Batch,
        noise: Array,
        hp: Mapping[str, Array],
        uniform: Uniform,
        count: off_policy.Count,
    ) -> Learner:
        return improve(learner, batch, noise[0], hp, (count.ever + 1) % uniform["policy_delay"] == 0)

    def greedy(actor: Layers, observations: Array) -> Array:
        return policy(actor, networks.flat(observations, n_dims))

    def evaluation(state: off_policy.State, traced: Traced, progress: Array, key: PRNGKeyArray) -> dict[str, Array]:
        learner = state.learner
        hp = moving.values(traced, progress)
        noise = hp["action_noise_std"]
        entropy = n_actions * jnp.log(jnp.where(noise > 0, noise, jnp.nan) * math.sqrt(2.0 * math.pi * math.e))

        def act_and_entropy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
            return act(learner.actor, observations), jnp.full(n_episodes, entropy)

        def value(observations: Array) -> Array:
            seen = networks.flat(observations, n_dims)
            return critics.q_values(learner.critics, seen, policy(learner.actor, seen)).min(0)

        return evaluate(env, key, n_episodes, act_and_entropy, value, hp["gamma"])

    def act(actor: Layers, observations: Array) -> Array:
        return critics.unscaled(env, greedy(actor, observations))

    run = off_policy.segment(env, explore, step, noises=1, batch_size=batch_size, slots=slots, multistep=multistep)
    return Agent(init, run, evaluation, lambda state: state.learner.actor, act)
