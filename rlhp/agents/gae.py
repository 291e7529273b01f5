"""Generalised advantage estimation, with terminations and time limits told apart.

References
----------
Schulman, Moritz, Levine, Jordan and Abbeel (2016), High-dimensional continuous control using generalized advantage
estimation.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

__all__ = ["advantages", "step"]


def advantages(
    reward: Float[Array, "steps envs"],
    value: Float[Array, "steps envs"],
    next_value: Float[Array, "steps envs"],
    terminated: Bool[Array, "steps envs"],
    truncated: Bool[Array, "steps envs"],
    gamma: Float[Array, ""],
    gae_lambda: Float[Array, ""],
) -> Float[Array, "steps envs"]:
    """Weigh the errors of the value function from each step to the end of its episode or of the rollout.

    Parameters
    ----------
    reward : float array, shape [n_steps, n_envs]
        Of each step.
    value, next_value : float arrays, shape [n_steps, n_envs]
        Predicted for the state before the step, and for the one it led to, also where the episode ended with it.
    terminated, truncated : bool arrays, shape [n_steps, n_envs]
        How the episode ended with the step: nothing follows a termination; a time limit hides what would have.
    gamma, gae_lambda : float
        Discount, and the weight of later errors.

    Returns
    -------
    float array, shape [n_steps, n_envs]

    Examples
    --------
    >>> no = jnp.array([[False], [False]])
    >>> advantages(jnp.ones((2, 1)), jnp.zeros((2, 1)), jnp.zeros((2, 1)), no, no, 0.5, 1.0)[:, 0].tolist()
    [1.5, 1.0]
    """
    steps = (reward, value, next_value, terminated, terminated | truncated)

    def back(later: Array, now: tuple[Array, Array, Array, Array, Array]) -> tuple[Array, Array]:
        found = step(later, *now, gamma, gae_lambda)
        return found, found

    return jax.lax.scan(back, jnp.zeros_like(reward[0]), steps, reverse=True, unroll=4)[1]


def step(
    later: Float[Array, " envs"],
    reward: Float[Array, " envs"],
    value: Float[Array, " envs"],
    next_value: Float[Array, " envs"],
    terminated: Bool[Array, " envs"],
    ended: Bool[Array, " envs"],
    gamma: Float[Array, ""],
    gae_lambda: Float[Array, ""],
) -> Float[Array, " envs"]:
    """Give the advantages of a step from those of the step that comes `later`."""
    error = reward + gamma * jnp.where(terminated, 0.0, next_value) - value
    return error + jnp.where(ended, 0.0, gamma * gae_lambda) * later
