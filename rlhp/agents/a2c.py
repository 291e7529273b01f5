"""Advantage actor-critic as stable-baselines3 has it, one run as pure functions.

References
----------
Mnih et al. (2016), Asynchronous methods for deep reinforcement learning.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, PRNGKeyArray

from rlhp.agents import actor_critic, descending, distributions
from rlhp.agents.actor_critic import LEARNING, Learn, Model
from rlhp.agents.agent import Agent, Loops, State, Tally
from rlhp.agents.distributions import Distribution
from rlhp.agents.minibatches import Minibatch, Part, gradient
from rlhp.agents.rollouts import Rollout
from rlhp.envs import Environment

__all__ = ["LEARNING", "agent", "learning", "shapes"]


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Give what decides the program of a run, see `actor_critic.shapes`."""
    return actor_critic.shapes(config, env, steps, batch_size=int(config["n_steps"] * config["n_envs"]))


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
    learn = learning(distributions.of(env), int(shapes["tile"]))
    return actor_critic.agent(env, shapes, learn, n_episodes=n_episodes)


def loss(family: Distribution, model: Model, part: Part, hp: Mapping[str, Array]) -> tuple[Array, tuple[Array, Array]]:
    """Give the loss of policy, value and entropy; told is the value's, as stable-baselines3 does for A2C."""
    seen, share = part.seen, part.share
    outputs, value = actor_critic.forward(model, seen.features)
    gain = part.advantage * family.log_prob(outputs, model.log_std, seen.action)
    value_loss = jnp.vdot(share, (seen.value + part.estimate - value) ** 2)
    entropy = jnp.vdot(share, family.entropy(outputs, model.log_std))
    found = hp["vf_coef"] * value_loss - jnp.vdot(share, gain) - hp["ent_coef"] * entropy
    return found, (value_loss, jnp.zeros_like(found))


def learning(family: Distribution, tile: int) -> Learn:
    """Give the function that learns from a rollout: ``learn(state, rollout, key, hyperparameters, loops) -> state``."""

    def learn(state: State, rollout: Rollout, key: PRNGKeyArray, hp: dict[str, Array], loops: Loops) -> State:
        """Take one gradient step on the rollout."""
        del key
        weights, model_of = ravel_pytree(state.weights.model)
        scaling = jnp.asarray(loops["normalize_advantage"]) != 0
        size = loops["n_steps"] * loops["n_envs"]
        minibatch = Minibatch(rollout, lambda positions: positions, size, size, scaling, family.size)
        gradients, (told, _) = gradient(
            lambda weights, part: loss(family, model_of(weights), part, hp), weights, minibatch, tile
        )
        rms_prop, adam = descending.rms_prop(hp["rms_prop_eps"]), descending.adam(epsilon=1e-5)
        rule = descending.chosen(loops["use_rms_prop"], rms_prop, adam)
        new, moments = descending.step(
            weights, gradients, state.optimizer, rule, hp["learning_rate"], hp["max_grad_norm"]
        )
        return state._replace(
            weights=state.weights._replace(model=model_of(new)),
            optimizer=moments,
            tally=Tally(state.tally.loss + told, state.tally.updates + 1.0),
        )

    return learn
