"""Proximal policy optimisation as stable-baselines3 has it, one run as pure functions.

References
----------
Schulman, Wolski, Dhariwal, Radford and Klimov (2017), Proximal policy optimization algorithms.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from rlhp.agents import actor_critic, descending, distributions, shuffling
from rlhp.agents.actor_critic import LEARNING, Learn, Model
from rlhp.agents.agent import Agent, Loops, State, Tally
from rlhp.agents.descending import Moments
from rlhp.agents.distributions import Distribution
from rlhp.agents.minibatches import Minibatch, Part, gradient
from rlhp.agents.rollouts import Rollout
from rlhp.envs import Environment

__all__ = ["LEARNING", "agent", "learning", "shapes"]

_RULE = descending.adam(epsilon=1e-5)


class Learner(NamedTuple):
    """What an update changes."""

    weights: Float[Array, " weights"]  # the model's, in a row: one pass of the optimizer instead of one a layer
    moments: Moments
    going: Bool[Array, ""]  # False once the policy has moved by more than `target_kl` since the rollout
    tally: Tally


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Give what decides the program of a run, see `actor_critic.shapes`."""
    return actor_critic.shapes(config, env, steps, batch_size=int(config["batch_size"]))


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
    """Give the clipped surrogate loss; told are it and how far the policy has moved, in nats."""
    seen, share = part.seen, part.share
    outputs, value = actor_critic.forward(model, seen.features)
    log_ratio = family.log_prob(outputs, model.log_std, seen.action) - seen.log_prob
    ratio = jnp.exp(log_ratio)
    clipped = jnp.clip(ratio, 1.0 - hp["clip_range"], 1.0 + hp["clip_range"])
    gain = jnp.minimum(part.advantage * ratio, part.advantage * clipped)
    error = jnp.clip(value - seen.value, -hp["clip_range_vf"], hp["clip_range_vf"]) - part.estimate
    entropy = family.entropy(outputs, model.log_std)
    found = jnp.vdot(share, hp["vf_coef"] * error**2 - gain - hp["ent_coef"] * entropy)
    return found, (found, jnp.vdot(share, (ratio - 1.0) - log_ratio))


def learning(family: Distribution, tile: int) -> Learn:
    """Give the function that learns from a rollout: ``learn(state, rollout, key, hyperparameters, loops) -> state``."""

    def learn(state: State, rollout: Rollout, key: PRNGKeyArray, hp: dict[str, Array], loops: Loops) -> State:
        """Pass over the rollout several times, in shuffled minibatches; the last is smaller if they are not even."""
        weights, model_of = ravel_pytree(state.weights.model)
        n = loops["n_steps"] * loops["n_envs"]
        batch_size = min(loops["batch_size"], n) if isinstance(n, int) else jnp.minimum(loops["batch_size"], n)
        n_batches = (n + batch_size - 1) // batch_size

        def update(i: Array, learner: Learner) -> Learner:
            """Take one gradient step on a minibatch, unless the policy has already moved too far."""
            order = shuffling.drawn(jax.random.fold_in(key, i // n_batches))
            first = i % n_batches * batch_size
            size = jnp.minimum(batch_size, n - first)
            minibatch = Minibatch(
                rollout,
                lambda positions: shuffling.places(order, first + positions, n),
                size,
                batch_size,
                (jnp.asarray(loops["normalize_advantage"]) != 0) & (size > 1),
                family.size,
            )
            gradients, (told, kl) = gradient(
                lambda weights, part: loss(family, model_of(weights), part, hp), learner.weights, minibatch, tile
            )
            going = ~(kl > 1.5 * hp["target_kl"])
            new, moments = descending.step(
                learner.weights, gradients, learner.moments, _RULE, hp["learning_rate"], hp["max_grad_norm"], going
            )
            one = going.astype(told.dtype)
            tally = Tally(learner.tally.loss + jnp.where(going, told, 0.0), learner.tally.updates + one)
            return Learner(new, moments, going, tally)

        learner = Learner(weights, state.optimizer, jnp.array(True), state.tally)
        learner = _until_moved_too_far(loops["n_epochs"] * n_batches, update, learner)
        return state._replace(
            weights=state.weights._replace(model=model_of(learner.weights)),
            optimizer=learner.moments,
            tally=learner.tally,
        )

    return learn


def _until_moved_too_far(count: Array | int, update: Any, learner: Learner) -> Learner:
    """Update `count` times, or until it is no longer going."""
    if isinstance(count, int):  # a known number can be differentiated in reverse

        def gated(i: Array, learner: Learner) -> Learner:
            after: Learner = jax.lax.cond(learner.going, lambda one: update(i, one), lambda one: one, learner)
            return after

        learner = jax.lax.fori_loop(0, count, gated, learner)
        return learner
    _, learner = jax.lax.while_loop(
        lambda carry: (carry[0] < count) & carry[1].going,
        lambda carry: (carry[0] + 1, update(*carry)),
        (jnp.zeros_like(count), learner),
    )
    return learner
