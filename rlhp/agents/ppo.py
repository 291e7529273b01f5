"""Proximal policy optimisation as stable-baselines3 has it, one run as pure functions.

Equations have the numbers of `docs/algorithms/ppo.md`.

References
----------
Schulman, Wolski, Dhariwal, Radford and Klimov (2017), Proximal policy optimization algorithms.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from rlhp.agents import actor_critic, distributions, moving, optimizers, rollouts, shuffling
from rlhp.agents.actor_critic import LEARNING, Model, Weights
from rlhp.agents.agent import Agent, Loops, Now, State, Tally, Traced
from rlhp.agents.distributions import Distribution
from rlhp.agents.minibatches import Minibatch, Part, gradient
from rlhp.agents.normalizing import View
from rlhp.agents.optimizers import Moments
from rlhp.agents.rollouts import Rollout
from rlhp.envs import Environment

__all__ = ["LEARNING", "agent", "learn", "shapes"]

_RULE = optimizers.adam(epsilon=1e-5)


class Learner(NamedTuple):
    """What a gradient step changes."""

    weights: Float[Array, " weights"]  # the model's, in a row: one pass of the optimizer instead of one a layer
    moments: Moments
    going: Bool[Array, ""]  # False once the policy has moved by more than `target_kl` since the rollout
    tally: Tally


def shapes(config: Mapping[str, Any], env: Environment, steps: int) -> dict[str, Hashable]:
    """Return what decides the program of a run, see `actor_critic.shapes`."""
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
        key = actor_critic.updating_key(state.key, now)
        return learn(family, int(shapes["tile"]), state, rollout, key, hp, loops)

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
    family: Distribution,
    tile: int,
    state: State,
    rollout: Rollout,
    key: PRNGKeyArray,
    hp: Mapping[str, Array],
    loops: Loops,
) -> State:
    """Pass over the rollout several times, in shuffled minibatches; the last is smaller if they are not even."""
    weights, model_of = ravel_pytree(state.weights.model)
    n = loops["n_steps"] * loops["n_envs"]
    batch_size = min(loops["batch_size"], n) if isinstance(n, int) else jnp.minimum(loops["batch_size"], n)
    n_batches = (n + batch_size - 1) // batch_size

    def gradient_step(i: Array | int, learner: Learner) -> Learner:
        """Learn from minibatch `i`, counted through all passes, unless the policy has already moved too far."""
        order = shuffling.drawn(jax.random.fold_in(key, i // n_batches))  # another one in each pass
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
        gradients, (value, kl) = gradient(
            lambda weights, part: loss(family, model_of(weights), part, hp), learner.weights, minibatch, tile
        )
        going = ~(kl > 1.5 * hp["target_kl"])
        new, moments = optimizers.step(
            learner.weights, gradients, learner.moments, _RULE, hp["learning_rate"], hp["max_grad_norm"], going
        )
        counted = going.astype(value.dtype)
        tally = Tally(learner.tally.loss + jnp.where(going, value, 0.0), learner.tally.updates + counted)
        return Learner(new, moments, going, tally)

    learner = Learner(weights, state.optimizer, jnp.array(True), state.tally)
    learner = _until_moved_too_far(loops["n_epochs"] * n_batches, gradient_step, learner)
    return state._replace(
        weights=state.weights._replace(model=model_of(learner.weights)),
        optimizer=learner.moments,
        tally=learner.tally,
    )


def loss(family: Distribution, model: Model, part: Part, hp: Mapping[str, Array]) -> tuple[Array, tuple[Array, Array]]:
    """Return the clipped surrogate loss; told are it and how far the policy has moved, in nats."""
    seen, share = part.seen, part.share
    outputs, value = actor_critic.forward(model, seen.features)
    log_ratio = family.log_prob(outputs, model.log_std, seen.action) - seen.log_prob
    ratio = jnp.exp(log_ratio)
    clipped = jnp.clip(ratio, 1.0 - hp["clip_range"], 1.0 + hp["clip_range"])
    gain = jnp.minimum(part.advantage * ratio, part.advantage * clipped)
    # The estimated return is the old value and the estimate: of both errors the old value is taken off.
    error = jnp.clip(value - seen.value, -hp["clip_range_vf"], hp["clip_range_vf"]) - part.estimate
    entropy = family.entropy(outputs, model.log_std)
    total = jnp.vdot(share, hp["vf_coef"] * error**2 - gain - hp["ent_coef"] * entropy)  # eq. (3)
    return total, (total, jnp.vdot(share, (ratio - 1.0) - log_ratio))  # eq. (4)


def _until_moved_too_far(
    count: Int[Array, ""] | int, gradient_step: Callable[[Array | int, Learner], Learner], learner: Learner
) -> Learner:
    """Take `count` gradient steps, or fewer if the policy has moved too far."""
    if isinstance(count, int):  # a known number can be differentiated in reverse

        def gated(i: Array, learner: Learner) -> Learner:
            after: Learner = jax.lax.cond(
                learner.going, lambda kept: gradient_step(i, kept), lambda kept: kept, learner
            )
            return after

        learner = jax.lax.fori_loop(0, count, gated, learner)
        return learner
    _, learner = jax.lax.while_loop(
        lambda carry: (carry[0] < count) & carry[1].going,
        lambda carry: (carry[0] + 1, gradient_step(*carry)),
        (jnp.zeros_like(count), learner),
    )
    return learner
