"""Proximal policy optimisation as stable-baselines3 has it, one run as pure functions.

References
----------
Schulman, Wolski, Dhariwal, Radford and Klimov (2017), Proximal policy optimization algorithms.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from rlhp.agents import actor_critic, distributions, networks
from rlhp.agents.actor_critic import Batch, Learn, Model, State
from rlhp.agents.agent import Agent, Uniform, static, traced, uniform
from rlhp.agents.distributions import Distribution
from rlhp.envs.environment import Environment
from rlhp.schedules import Schedule

__all__ = ["Hyperparameters", "agent", "described", "iteration_steps", "learning"]

_SB3 = "stable-baselines3 PPO"
_ADAM = optax.scale_by_adam(eps=1e-5)


@dataclass(frozen=True)
class Hyperparameters:
    """Proximal policy optimisation's hyperparameters, with stable-baselines3's names and defaults."""

    learning_rate: float | Schedule = traced(3e-4, source=_SB3)
    gamma: float | Schedule = traced(0.99, unit="per step", source=_SB3)
    gae_lambda: float | Schedule = traced(0.95, unit="per step", source=_SB3)
    clip_range: float | Schedule = traced(0.2, unit="change of an action's chance, as a ratio", source=_SB3)
    clip_range_vf: float | Schedule = traced(math.inf, unit="normalised reward; infinity: no limit", source=_SB3)
    ent_coef: float | Schedule = traced(0.0, unit="loss per nat", source=_SB3)
    vf_coef: float | Schedule = traced(0.5, unit="loss per squared error", source=_SB3)
    max_grad_norm: float | Schedule = traced(0.5, unit="global L2 norm", source=_SB3)
    target_kl: float = traced(math.inf, unit="nats; infinity: no limit", source=_SB3)
    n_epochs: int = uniform(10, unit="passes over a rollout", source=_SB3)
    n_steps: int = static(2048, unit="environment steps per environment", source=_SB3)
    batch_size: int = static(64, unit="transitions", source=_SB3)
    n_envs: int = static(1, unit="parallel environments", source=_SB3)
    net_arch: tuple[int, ...] = static((64, 64), unit="units per hidden layer", source=_SB3)
    normalize: bool = static(False, source="stable-baselines3 VecNormalize")
    normalize_advantage: bool = static(True, source=_SB3)


class Learner(NamedTuple):
    """What an update changes."""

    weights: Float[Array, " weights"]  # the model's, in a row: one pass of the optimizer instead of one a layer
    optimizer: Any
    going: Bool[Array, ""]  # False once the policy has moved by more than `target_kl` since the rollout
    loss: Float[Array, ""]
    updates: Float[Array, ""]


def described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a configuration in stable-baselines3's names to the fields of `Hyperparameters`."""
    config = dict(config)
    for limit in ("clip_range_vf", "target_kl"):
        if config.get(limit) is None:
            config[limit] = math.inf
    return config


def iteration_steps(config: Mapping[str, Any]) -> int:
    """Environment steps of a rollout."""
    return int(config["n_steps"] * config["n_envs"])


def agent(env: Environment, settings: Mapping[str, Any], *, n_episodes: int = 10) -> Agent:
    """Make the agent of an environment.

    Parameters
    ----------
    env : Environment
        Where it acts.
    settings : mapping
        The static fields of `Hyperparameters`.
    n_episodes : int
        Episodes of an evaluation.
    """
    family = distributions.of(env)
    learn = learning(family, settings)
    return actor_critic.agent(env, family, settings, _ADAM.init, learn, n_episodes=n_episodes)


def learning(family: Distribution, settings: Mapping[str, Any]) -> Learn:
    """Give the function that learns from a rollout: ``learn(state, batch, key, hyperparameters, uniform) -> state``."""
    n = iteration_steps(settings)
    batch_size = min(int(settings["batch_size"]), n)
    n_batches, rest = divmod(n, batch_size)

    def loss_of(model: Model, batch: Batch, hp: dict[str, Array]) -> tuple[Array, Array]:
        outputs, value = actor_critic.forward(model, batch.observation)
        log_ratio = family.log_prob(outputs, model.log_std, batch.action) - batch.log_prob
        ratio = jnp.exp(log_ratio)
        advantage = batch.advantage
        if settings["normalize_advantage"] and len(advantage) > 1:
            advantage = (advantage - advantage.mean()) / (advantage.std(ddof=1) + 1e-8)
        clipped = jnp.clip(ratio, 1.0 - hp["clip_range"], 1.0 + hp["clip_range"])
        policy_loss = -jnp.minimum(advantage * ratio, advantage * clipped).mean()
        error = jnp.clip(value - batch.value, -hp["clip_range_vf"], hp["clip_range_vf"]) - batch.advantage
        entropy = family.entropy(outputs, model.log_std).mean()
        loss = policy_loss + hp["vf_coef"] * (error**2).mean() - hp["ent_coef"] * entropy
        return loss, ((ratio - 1.0) - log_ratio).mean()

    def learn(state: State, batch: Batch, key: PRNGKeyArray, hp: dict[str, Array], uniform: Uniform) -> State:
        """Pass over the rollout several times."""
        weights, model_of = ravel_pytree(state.model)

        def update(learner: Learner, batch: Batch) -> Learner:
            """Take one gradient step on a minibatch, unless the policy has already moved too far."""
            (loss, kl), gradients = jax.value_and_grad(
                lambda weights: loss_of(model_of(weights), batch, hp), has_aux=True
            )(learner.weights)
            gradients = networks.clip_by_global_norm(gradients, hp["max_grad_norm"])
            direction, optimizer = _ADAM.update(gradients, learner.optimizer)
            going = learner.going & ~(kl > 1.5 * hp["target_kl"])
            new = Learner(
                learner.weights - hp["learning_rate"] * direction,
                optimizer,
                going,
                learner.loss + loss,
                learner.updates + 1.0,
            )
            kept: Learner = jax.tree.map(lambda a, b: jnp.where(going, a, b), new, learner._replace(going=going))
            return kept

        def epoch(i: Array, learner: Learner) -> Learner:
            """Pass once, in shuffled minibatches; the last one is smaller where they do not come out even."""
            if n_batches == 1 and not rest:
                return update(learner, batch)
            order = jax.random.permutation(jax.random.fold_in(key, i), n)
            shuffled = jax.tree.map(lambda field: field[order], batch)
            whole = jax.tree.map(
                lambda field: field[: n - rest].reshape(n_batches, batch_size, *field.shape[1:]), shuffled
            )
            learner, _ = jax.lax.scan(lambda learner, part: (update(learner, part), None), learner, whole)
            return update(learner, jax.tree.map(lambda field: field[n - rest :], shuffled)) if rest else learner

        learner = Learner(weights, state.optimizer, jnp.array(True), state.loss, state.updates)
        learner = jax.lax.fori_loop(0, uniform["n_epochs"], epoch, learner)
        return state._replace(
            model=model_of(learner.weights), optimizer=learner.optimizer, loss=learner.loss, updates=learner.updates
        )

    return learn
