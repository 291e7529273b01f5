"""Adam, with a switch: a run whose learning has not begun yet keeps weights and moments as they are.

Runs that begin to learn at different steps share a program, so that a step is taken for all of them. Choosing between
old and new weights afterwards is another pass over all of them; here the switch is in the coefficients and costs none.
What it computes is `optax.scale_by_adam`'s, whose state it keeps.

References
----------
Kingma and Ba (2015), Adam: a method for stochastic optimization.
"""

from __future__ import annotations

from typing import TypeVar

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, PyTree

__all__ = ["begin", "step"]

_FIRST, _SECOND, _EPSILON = 0.9, 0.999, 1e-8  # decay of either moment and Adam's guard: Torch's defaults

Parameters = TypeVar("Parameters", bound=PyTree)


def begin(parameters: PyTree) -> optax.ScaleByAdamState:
    """Give the moments before the first step: zeros."""
    state: optax.ScaleByAdamState = optax.scale_by_adam().init(parameters)
    return state


def step(
    parameters: Parameters,
    gradients: Parameters,
    state: optax.ScaleByAdamState,
    learning_rate: Float[Array, ""],
    on: Bool[Array, ""],
) -> tuple[Parameters, optax.ScaleByAdamState]:
    """Take a step down the gradients where `on`, and else none.

    Parameters
    ----------
    parameters, gradients : pytree of float arrays
        Of the same shapes; the gradients are finite where `on` is false.
    state : optax.ScaleByAdamState
        Moments and the number of steps taken, from `begin`.
    learning_rate : float
        Length of the step.
    on : bool
        Whether it is taken.

    Returns
    -------
    tuple
        Parameters and state after it.

    Examples
    --------
    >>> weights, on = {"w": jnp.array([1.0, -1.0])}, jnp.array(True)
    >>> moved, state = step(weights, {"w": jnp.array([3.0, 0.5])}, begin(weights), jnp.float32(0.1), on)
    >>> moved["w"].round(4).tolist(), int(state.count)
    ([0.8999999761581421, -1.100000023841858], 1)
    """
    count = state.count + on.astype(jnp.int32)
    taken = jnp.maximum(count, 1)  # before the first step there is nothing to correct
    keep_first, keep_second = jnp.where(on, _FIRST, 1.0), jnp.where(on, _SECOND, 1.0)
    add_first, add_second = jnp.where(on, 1 - _FIRST, 0.0), jnp.where(on, 1 - _SECOND, 0.0)
    first = jax.tree.map(lambda new, old: add_first * new + keep_first * old, gradients, state.mu)
    second = jax.tree.map(lambda new, old: add_second * new**2 + keep_second * old, gradients, state.nu)
    lacking_first, lacking_second = 1.0 - jnp.float32(_FIRST) ** taken, 1.0 - jnp.float32(_SECOND) ** taken
    rate = jnp.where(on, learning_rate, 0.0)

    def moved(old: Array, mean: Array, square: Array) -> Array:
        direction: Array = (mean / lacking_first) / (jnp.sqrt(square / lacking_second) + _EPSILON)
        return old - rate * direction

    return jax.tree.map(moved, parameters, first, second), state._replace(count=count, mu=first, nu=second)
