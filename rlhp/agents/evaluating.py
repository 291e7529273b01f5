"""Greedy evaluation: episodes side by side, each to its end, in one compiled loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Num, PRNGKeyArray

from rlhp.envs import Environment

__all__ = ["evaluate"]

_ENTROPY_EVERY = 10  # as the other engine: policy entropy over the start states and every tenth state after them

Act = Callable[[Array, PRNGKeyArray], tuple[Array, Array]]


def evaluate(
    env: Environment,
    key: PRNGKeyArray,
    n_episodes: int,
    act: Act,
    value: Callable[[Array], Float[Array, " n"]],
    gamma: Float[Array, ""],
    context: Any,
) -> dict[str, Num[Array, ""]]:
    """Play `n_episodes` greedy episodes.

    Parameters
    ----------
    env : Environment
        Where to play.
    key : PRNGKeyArray
        Of the start states and of the environment.
    n_episodes : int
        How many, side by side.
    act : callable
        ``act(observations [n, ...], key) -> (actions [n, ...], entropies [n])``; entropies in nats, of the exploring
        policy.
    value : callable
        ``value(observations [n, ...]) -> [n]``: the discounted return the agent predicts, in units of reward.
    gamma : float
        Discount of the realised return that `value` is held against.
    context : mapping
        The world to play in, from `Environment.context`.

    Returns
    -------
    dict of scalars
        `return_mean`, `return_std` (undiscounted, population), `n_episodes`, `length_mean` (steps), `entropy`,
        `value_error`: as `rlhp.trainers.sb3._evaluation` defines them.
    """
    reset_key, step_key, act_key = jax.random.split(key, 3)
    state, start = jax.vmap(env.reset, in_axes=(0, None))(jax.random.split(reset_key, n_episodes), context)
    zeros = jnp.zeros(n_episodes)

    def body(carry: Any) -> Any:
        t, state, observation, active, cut, total, discounted, weight, length, entropy, seen = carry
        actions, entropies = act(observation, jax.random.fold_in(act_key, t))
        counted = active & (t % _ENTROPY_EVERY == 0)
        keys = jax.random.split(jax.random.fold_in(step_key, t), n_episodes)
        after, following, reward, terminated, truncated = jax.vmap(env.step)(keys, state, actions)

        def keep(new: Array, old: Array) -> Array:
            return jnp.where(active.reshape(active.shape + (1,) * (new.ndim - 1)), new, old)

        earned = jnp.where(active, reward, 0.0)
        return (
            t + 1,
            jax.tree.map(keep, after, state),
            keep(following, observation),
            active & ~(terminated | truncated),
            jnp.where(active, truncated & ~terminated, cut),
            total + earned,
            discounted + weight * earned,
            jnp.where(active, weight * gamma, weight),
            length + active,
            entropy + jnp.where(counted, entropies, 0.0),
            seen + counted,
        )

    def going(carry: Any) -> Array:
        t, _, _, active, *_ = carry
        more: Array = active.any() & (t < env.time_limit)
        return more

    alive = jnp.full(n_episodes, True)
    begin = (jnp.int32(0), state, start, alive, ~alive, zeros, zeros, zeros + 1.0, zeros, zeros, zeros)
    _, _, final, _, cut, total, discounted, weight, length, entropy, seen = jax.lax.while_loop(going, body, begin)
    # An episode cut by the time limit is completed with the value predicted for its last state.
    discounted = discounted + jnp.where(cut, weight * value(final), 0.0)
    return {
        "return_mean": total.mean(),
        "return_std": total.std(),
        "n_episodes": jnp.int32(n_episodes),
        "length_mean": length.mean(),
        "entropy": entropy.sum() / seen.sum(),
        "value_error": jnp.abs(value(start) - discounted).mean(),
    }
