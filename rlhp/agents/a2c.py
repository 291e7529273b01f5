"""Advantage actor-critic as stable-baselines3 has it, one run as pure functions.

References
----------
Mnih et al. (2016), Asynchronous methods for deep reinforcement learning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import optax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, PRNGKeyArray

from rlhp.agents import actor_critic, distributions, networks
from rlhp.agents.actor_critic import Batch, Learn, Model, State
from rlhp.agents.agent import Agent, Uniform, static, traced
from rlhp.agents.distributions import Distribution
from rlhp.envs.environment import Environment
from rlhp.schedules import Schedule

__all__ = ["Hyperparameters", "agent", "described", "iteration_steps", "learning"]

_SB3 = "stable-baselines3 A2C"


@dataclass(frozen=True)
class Hyperparameters:
    """Advantage actor-critic's hyperparameters, with stable-baselines3's names and defaults."""

    learning_rate: float | Schedule = traced(7e-4, source=_SB3)
    gamma: float | Schedule = traced(0.99, unit="per step", source=_SB3)
    gae_lambda: float | Schedule = traced(1.0, unit="per step", source=_SB3)
    ent_coef: float | Schedule = traced(0.0, unit="loss per nat", source=_SB3)
    vf_coef: float | Schedule = traced(0.5, unit="loss per squared error", source=_SB3)
    max_grad_norm: float | Schedule = traced(0.5, unit="global L2 norm", source=_SB3)
    rms_prop_eps: float = traced(1e-5, unit="root mean square of a gradient", source=_SB3)
    n_steps: int = static(5, unit="environment steps per environment", source=_SB3)
    n_envs: int = static(1, unit="parallel environments", source=_SB3)
    net_arch: tuple[int, ...] = static((64, 64), unit="units per hidden layer", source=_SB3)
    normalize: bool = static(False, source="stable-baselines3 VecNormalize")
    normalize_advantage: bool = static(False, source=_SB3)
    use_rms_prop: bool = static(True, source=_SB3)


def described(config: Mapping[str, Any]) -> dict[str, Any]:
    """Bring a configuration in stable-baselines3's names to the fields of `Hyperparameters`."""
    return dict(config)


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
    learn, optimizer = learning(family, settings), _optimizer(settings["use_rms_prop"], 0.0)
    return actor_critic.agent(env, family, settings, optimizer.init, learn, n_episodes=n_episodes)


def _optimizer(use_rms_prop: bool, epsilon: Any) -> optax.GradientTransformation:
    return (
        optax.scale_by_rms(decay=0.99, eps=epsilon, eps_in_sqrt=False)
        if use_rms_prop
        else optax.scale_by_adam(eps=1e-5)
    )


def learning(family: Distribution, settings: Mapping[str, Any]) -> Learn:
    """Give the function that learns from a rollout: ``learn(state, batch, key, hyperparameters, uniform) -> state``."""

    def loss_of(model: Model, batch: Batch, hp: dict[str, Array]) -> tuple[Array, Array]:
        outputs, value = actor_critic.forward(model, batch.observation)
        advantage = batch.advantage
        if settings["normalize_advantage"]:
            advantage = (advantage - advantage.mean()) / (advantage.std(ddof=1) + 1e-8)
        policy_loss = -(advantage * family.log_prob(outputs, model.log_std, batch.action)).mean()
        value_loss = ((batch.value + batch.advantage - value) ** 2).mean()
        entropy = family.entropy(outputs, model.log_std).mean()
        # Told of is the value loss, as stable-baselines3 does for A2C.
        return policy_loss + hp["vf_coef"] * value_loss - hp["ent_coef"] * entropy, value_loss

    def learn(state: State, batch: Batch, key: PRNGKeyArray, hp: dict[str, Array], uniform: Uniform) -> State:
        """Take one gradient step on the rollout."""
        weights, model_of = ravel_pytree(state.model)
        (_, loss), gradients = jax.value_and_grad(lambda weights: loss_of(model_of(weights), batch, hp), has_aux=True)(
            weights
        )
        gradients = networks.clip_by_global_norm(gradients, hp["max_grad_norm"])
        direction, after = _optimizer(settings["use_rms_prop"], hp["rms_prop_eps"]).update(gradients, state.optimizer)
        model = model_of(weights - hp["learning_rate"] * direction)
        return state._replace(model=model, optimizer=after, loss=state.loss + loss, updates=state.updates + 1.0)

    return learn
