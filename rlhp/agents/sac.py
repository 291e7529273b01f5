"""Soft actor-critic as stable-baselines3 has it, one run as pure functions.

References
----------
Haarnoja et al. (2018), Soft actor-critic algorithms and applications.
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

__all__ = ["Hyperparameters", "Learner", "agent", "described", "improve", "iteration_steps", "sample"]

_SB3 = "stable-baselines3 SAC"
_INIT = 0  # name of a random stream, beside those of `off_policy`
_ADAM = optax.scale_by_adam(eps=1e-8)


@dataclass(frozen=True)
class Hyperparameters:
    """Soft actor-critic's hyperparameters, with stable-baselines3's names and defaults where it has them."""

    learning_rate: float | Schedule = traced(3e-4, source=_SB3)
    gamma: float | Schedule = traced(0.99, unit="per step", source=_SB3)
    tau: float | Schedule = traced(0.005, unit="weight of the online networks", source=_SB3)
    ent_coef: float | Schedule = traced(1.0, unit="reward per nat; where it is learned, unused", source=_SB3)
    target_entropy: float = traced(math.inf, unit="nats; infinite: minus the number of actions", source=_SB3)
    target_update_interval: int | Schedule = traced(1, unit="gradient steps", source=_SB3)
    action_noise_std: float | Schedule = traced(0.0, unit="of actions scaled to [-1, 1]", source=_SB3)
    learning_starts: int = traced(100, unit="environment steps", source=_SB3)
    buffer_size: int = traced(1_000_000, unit="transitions", source=_SB3)
    n_steps: int = traced(1, unit="environment steps", source=_SB3)
    train_freq: int = uniform(1, unit="environment steps", source=_SB3)
    gradient_steps: int = uniform(1, unit="updates; -1: one for each environment step", source=_SB3)
    batch_size: int = static(256, unit="transitions", source=_SB3)
    n_envs: int = static(1, unit="parallel environments", source=_SB3)
    net_arch: tuple[int, ...] = static((256, 256), unit="units per hidden layer", source=_SB3)
    learn_ent_coef: bool = static(True, source=_SB3)


class Learner(NamedTuple):
    """What a gradient step changes."""

    actor: Layers
    critics: Layers
    targets: Layers
    log_ent_coef: Float[Array, ""]
    actor_optimizer: Any  # of the actor and the entropy coefficient
    critics_optimizer: Any
    loss: Float[Array, ""]  # of the critics, summed since the metrics began
    updates: Float[Array, ""]  # since the metrics began


def described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a configuration in stable-baselines3's names to the fields of `Hyperparameters`."""
    config = dict(config)
    config["learn_ent_coef"] = config.get("ent_coef", "auto") == "auto"
    if config["learn_ent_coef"]:
        config["ent_coef"] = 1.0
    if config.get("target_entropy", "auto") == "auto":
        config["target_entropy"] = math.inf
    if config.get("action_noise_std") is None:
        config["action_noise_std"] = 0.0
    return config


def iteration_steps(config: Mapping[str, Any]) -> int:
    """Environment steps between two rounds of updates."""
    return int(config["train_freq"] * config["n_envs"])


def sample(
    actor: Layers, observations: Float[Array, "n features"], noise: Float[Array, "n actions"]
) -> tuple[Float[Array, "n actions"], Float[Array, " n"]]:
    """Give the actions in [-1, 1] that standard normal `noise` leads to, and the log density of each.

    Haarnoja et al. (2018), appendix C: a Gaussian squashed by tanh.
    """
    mean, log_std = jnp.split(networks.relu_mlp(actor, observations), 2, -1)
    log_std = jnp.clip(log_std, -20.0, 2.0)
    actions = jnp.tanh(mean + jnp.exp(log_std) * noise)
    gaussian = -0.5 * noise**2 - log_std - 0.5 * math.log(2.0 * math.pi)
    return actions, (gaussian - jnp.log(1.0 - actions**2 + 1e-6)).sum(-1)


def improve(
    learner: Learner,
    batch: Batch,
    noise: Float[Array, "2 batch actions"],
    hp: Mapping[str, Array],
    within: Array,
    *,
    learn_ent_coef: bool,
) -> Learner:
    """Take one gradient step on a batch, in stable-baselines3's order.

    Parameters
    ----------
    learner : Learner
        Before the step.
    batch : Batch
        Transitions; actions in [-1, 1].
    noise : array, shape [2, batch, actions]
        Standard normal, for the actions in the observations and in those that followed.
    hp : mapping
        The values of the traced hyperparameters.
    within : int
        Gradient steps taken before it in the same iteration; `target_update_interval` counts these.
    learn_ent_coef : bool
        Whether the entropy coefficient is learned.
    """
    n, n_actions = batch.action.shape
    # The actor's gradient is taken in two parts, so that it acts once for the entropy and for the critics' opinion.
    (actions, log_prob), actor_gradient = jax.vjp(
        lambda actor: sample(actor, batch.observation, noise[0]), learner.actor
    )
    ent_coef = jnp.exp(learner.log_ent_coef) if learn_ent_coef else hp["ent_coef"]

    next_actions, next_log_prob = sample(learner.actor, batch.next_observation, noise[1])
    following = critics.q_values(learner.targets, batch.next_observation, next_actions).min(0)
    target = batch.reward + batch.discount * (following - ent_coef * next_log_prob)

    def critics_loss(layers: Layers) -> Array:
        return 0.5 * ((critics.q_values(layers, batch.observation, batch.action) - target) ** 2).sum() / n

    loss, gradients = jax.value_and_grad(critics_loss)(learner.critics)
    direction, critics_optimizer = _ADAM.update(gradients, learner.critics_optimizer)
    online = critics.descend(learner.critics, direction, hp["learning_rate"])

    # The critics' own gradient is not needed here, only that of their smaller value with respect to the actions.
    by_action = jax.grad(lambda actions: critics.q_values(online, batch.observation, actions).min(0).sum())(actions)
    (gradients,) = actor_gradient((-by_action / n, jnp.full(n, 1.0 / n) * ent_coef))
    target_entropy = jnp.where(jnp.isinf(hp["target_entropy"]), -float(n_actions), hp["target_entropy"])
    both = learner.actor, learner.log_ent_coef
    surplus = -(log_prob + target_entropy).mean() if learn_ent_coef else jnp.zeros(())
    direction, actor_optimizer = _ADAM.update((gradients, surplus), learner.actor_optimizer)
    actor, log_ent_coef = critics.descend(both, direction, hp["learning_rate"])

    tau = jnp.where(within % jnp.round(hp["target_update_interval"]) == 0, hp["tau"], 0.0)
    targets = critics.follow(learner.targets, online, tau)
    return Learner(
        actor,
        online,
        targets,
        log_ent_coef,
        actor_optimizer,
        critics_optimizer,
        learner.loss + loss,
        learner.updates + 1.0,
    )


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
    """
    batch_size, n_envs = int(settings["batch_size"]), int(settings["n_envs"])
    n_actions, n_dims = len(env.action_low or ()), len(env.observation_shape)
    features, hidden = math.prod(env.observation_shape), settings["net_arch"]

    def init(key: PRNGKeyArray, traced: Traced, uniform: Uniform) -> off_policy.State:
        of_actor, of_critics = jax.random.split(jax.random.fold_in(key, _INIT))
        actor = networks.uniform(of_actor, [features, *hidden, 2 * n_actions])
        online = critics.twins(of_critics, [features + n_actions, *hidden, 1])
        copied = jax.tree.map(jnp.copy, online)  # the state is donated: no array may stand in it twice
        log_ent_coef = jnp.zeros(())
        optimizers = _ADAM.init((actor, log_ent_coef)), _ADAM.init(online)
        learner = Learner(actor, online, copied, log_ent_coef, *optimizers, jnp.zeros(()), jnp.zeros(()))
        return off_policy.begin(env, key, learner, slots, n_envs)

    def explore(learner: Learner, observations: Array, key: PRNGKeyArray, hp: Mapping[str, Array]) -> Array:
        noise = jax.random.normal(key, (2, n_envs, n_actions))
        actions, _ = sample(learner.actor, observations, noise[0])
        return jnp.clip(actions + hp["action_noise_std"] * noise[1], -1.0, 1.0)

    def step(
        learner: Learner,
        batch: Batch,
        noise: Array,
        hp: Mapping[str, Array],
        uniform: Uniform,
        count: off_policy.Count,
    ) -> Learner:
        return improve(learner, batch, noise, hp, count.within, learn_ent_coef=settings["learn_ent_coef"])

    def greedy(actor: Layers, observations: Array) -> Array:
        mean = networks.relu_mlp(actor, networks.flat(observations, n_dims))[..., :n_actions]
        return jnp.tanh(mean)

    def evaluation(state: off_policy.State, traced: Traced, progress: Array, key: PRNGKeyArray) -> dict[str, Array]:
        learner = state.learner
        gamma = moving.value(traced["gamma"], progress)

        def act_and_entropy(observations: Array, key: PRNGKeyArray) -> tuple[Array, Array]:
            noise = jax.random.normal(key, (n_episodes, n_actions))
            _, log_prob = sample(learner.actor, networks.flat(observations, n_dims), noise)
            return critics.unscaled(env, greedy(learner.actor, observations)), -log_prob

        def value(observations: Array) -> Array:
            seen = networks.flat(observations, n_dims)
            return critics.q_values(learner.critics, seen, greedy(learner.actor, observations)).min(0)

        return evaluate(env, key, n_episodes, act_and_entropy, value, gamma)

    def act(actor: Layers, observations: Array) -> Array:
        return critics.unscaled(env, greedy(actor, observations))

    run = off_policy.segment(env, explore, step, noises=2, batch_size=batch_size, slots=slots, multistep=multistep)
    return Agent(init, run, evaluation, lambda state: state.learner.actor, act)
