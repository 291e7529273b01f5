"""Generalised advantage estimation, with terminations and time limits told apart.

Equations have the numbers of `docs/algorithms/ppo.md` and `docs/algorithms/a2c.md`.

References
----------
Schulman, Moritz, Levine, Jordan and Abbeel (2016), High-dimensional continuous control using generalized advantage
estimation.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

__all__ = ["advantage", "advantages"]


def advantage(
    later: Float[Array, " envs"],
    reward: Float[Array, " envs"],
    value: Float[Array, " envs"],
    next_value: Float[Array, " envs"],
    terminated: Bool[Array, " envs"],
    ended: Bool[Array, " envs"],
    gamma: Float[Array, ""] | float,
    gae_lambda: Float[Array, ""] | float,
) -> Float[Array, " envs"]:
    """Return the advantages of one step from those of the step that comes `later`; the rest is as in `advantages`."""
    error = reward + gamma * jnp.where(terminated, 0.0, next_value) - value  # eq. (1)
    return error + jnp.where(ended, 0.0, gamma * gae_lambda) * later  # eq. (2)


def advantages(
    reward: Float[Array, "steps envs"],
    value: Float[Array, "steps envs"],
    next_value: Float[Array, "steps envs"],
    terminated: Bool[Array, "steps envs"],
    ended: Bool[Array, "steps envs"],
    gamma: Float[Array, ""] | float,
    gae_lambda: Float[Array, ""] | float,
) -> Float[Array, "steps envs"]:
    """Return the advantages of all steps of a rollout, from its last step to its first.

    Parameters
    ----------
    reward : float array, shape [n_steps, n_envs]
        Of each step.
    value, next_value : float arrays, shape [n_steps, n_envs]
        Predicted for the state before the step, and for the one it led to, also where the episode ended with it.
    terminated, ended : bool arrays, shape [n_steps, n_envs]
        Whether the episode terminated with the step, so that nothing follows; and whether it ended in any way. A time
        limit ends an episode too, but hides what would have followed.
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
    steps = (reward, value, next_value, terminated, ended)

    def back(later: Array, step: tuple[Array, Array, Array, Array, Array]) -> tuple[Array, Array]:
        now = advantage(later, *step, gamma, gae_lambda)
        return now, now

    return jax.lax.scan(back, jnp.zeros_like(reward[0]), steps, reverse=True, unroll=4)[1]
