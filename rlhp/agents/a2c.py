"""Advantage actor-critic as stable-baselines3 has it, one run as pure functions.

Equations have the numbers of `docs/algorithms/a2c.md`.

References
----------
Mnih et al. (2016), Asynchronous methods for deep reinforcement learning.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PRNGKeyArray

from rlhp.agents import actor_critic, distributions, moving, optimizers, rollouts
from rlhp.agents.actor_critic import LEARNING, Model, Weights
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.distributions import Distribution
from rlhp.agents.minibatches import Minibatch, Part, gradient
from rlhp.agents.normalizing import View
from rlhp.agents.rollouts import Rollout
from rlhp.envs import Environment

__all__ = ["LEARNING", "agent", "learn", "shapes", "slope", "stepped"]


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Return what decides the program of a run, see `actor_critic.shapes`."""
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
    family = distributions.of(env)

    def init(key: PRNGKeyArray, traced: Traced, loops: Loops) -> State:
        return actor_critic.begin(env, family, shapes, key, traced, loops)

    def unseen() -> Rollout:
        return rollouts.room(env, math.prod(env.observation_shape), family.size, shapes["rows"], shapes["envs"])

    def collect(state: State, rollout: Rollout, traced: Traced, loops: Loops, now: Now) -> tuple[State, Rollout]:
        """Play a rollout, and estimate the advantages of what was done from what was predicted while playing."""
        hp, reward_gamma = actor_critic.at_the_end(traced, loops, now), moving.value(traced["gamma"], 0.0)
        state, rollout = actor_critic.played(env, family, state, rollout, hp, reward_gamma, loops, now)
        return state, rollouts.estimated(  # eq. (1), (2)
            rollout,
            loops["n_steps"],
            loops["n_envs"],
            state.weights.statistics.view.on,
            hp["gamma"],
            hp["gae_lambda"],
        )

    def update(state: State, rollout: Rollout, traced: Traced, loops: Loops, now: Now) -> State:
        hp = actor_critic.at_the_end(traced, loops, now)
        rollout = actor_critic.estimated(family, state, rollout, hp, loops)
        return learn(family, int(shapes["tile"]), state, rollout, hp, loops)

    def evaluation(
        weights: Weights, traced: Traced, loops: Loops, progress: Array, key: PRNGKeyArray
    ) -> dict[str, Array]:
        return actor_critic.evaluated(env, family, weights, moving.values(traced, progress), key, n_episodes)

    def act(parameters: tuple[Model, View], observations: Array) -> Array:
        return actor_critic.act(env, family, parameters, observations)

    return Agent(
        init=init,
        memory=lambda: (),
        unseen=unseen,
        collect=collect,
        update=update,
        evaluate=evaluation,
        parameters=actor_critic.parameters,
        act=act,
    )


def learn(
    family: Distribution, tile: int, state: State, rollout: Rollout, hp: Mapping[str, Array], loops: Loops
) -> State:
    """Take one gradient step on the rollout."""
    weights, model_of = ravel_pytree(state.weights.model)
    gradients, value_loss = slope(family, tile, state.weights.model, rollout, hp, loops)
    new, moments = stepped(weights, gradients, state.optimizer, hp, loops)
    return state._replace(
        weights=state.weights._replace(model=model_of(new)),
        optimizer=moments,
        tally=Tally(state.tally.loss + value_loss, state.tally.updates + 1.0),
    )


def slope(
    family: Distribution, tile: int, model: Model, rollout: Rollout, hp: Mapping[str, Array], loops: Loops
) -> tuple[Float[Array, " weights"], Float[Array, ""]]:
    """Return the gradient of the rollout's loss by all weights of a model, in one row, and the loss of its values."""
    weights, model_of = ravel_pytree(model)
    scaling = jnp.asarray(loops["normalize_advantage"]) != 0
    size = loops["n_steps"] * loops["n_envs"]
    minibatch = Minibatch(rollout, lambda positions: positions, size, size, scaling, family.size)
    gradients, (value_loss, _) = gradient(
        lambda weights, part: loss(family, model_of(weights), part, hp), weights, minibatch, tile
    )
    return gradients, value_loss


def stepped(
    weights: Float[Array, " weights"],
    gradients: Float[Array, " weights"],
    moments: optimizers.Moments,
    hp: Mapping[str, Array],
    loops: Loops,
) -> tuple[Float[Array, " weights"], optimizers.Moments]:
    """Take a step down the gradients, by RMSprop or Adam."""
    rms_prop, adam = optimizers.rms_prop(hp["rms_prop_eps"]), optimizers.adam(epsilon=1e-5)
    rule = optimizers.chosen(loops["use_rms_prop"], rms_prop, adam)
    return optimizers.step(weights, gradients, moments, rule, hp["learning_rate"], hp["max_grad_norm"])  # eq. (4)


def loss(family: Distribution, model: Model, part: Part, hp: Mapping[str, Array]) -> tuple[Array, tuple[Array, Array]]:
    """Return the loss of policy, value and entropy; told is the value's, as stable-baselines3 does for A2C."""
    seen, share = part.seen, part.share
    outputs, value = actor_critic.forward(model, seen.features)
    gain = part.advantage * family.log_prob(outputs, model.log_std, seen.action)
    value_loss = jnp.vdot(share, (seen.value + part.estimate - value) ** 2)
    entropy = jnp.vdot(share, family.entropy(outputs, model.log_std))
    total = hp["vf_coef"] * value_loss - jnp.vdot(share, gain) - hp["ent_coef"] * entropy  # eq. (3)
    return total, (value_loss, jnp.zeros_like(total))
