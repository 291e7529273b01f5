"""Adam: what `optax.scale_by_adam` computes, and keeps as its state, with a root that can be differentiated at zero.

Where a weight's gradient has always been exactly zero, as with inputs that were never seen, the second moment is zero,
and the derivative of its root is infinite: by a hyperparameter that would be infinity times zero. Here it is zero.

References
----------
Kingma and Ba (2015), Adam: a method for stochastic optimization.
"""

from __future__ import annotations

from typing import TypeVar

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, PyTree

__all__ = ["begin", "root", "step"]

_FIRST, _SECOND, _EPSILON = 0.9, 0.999, 1e-8  # decay of either moment and Adam's guard: Torch's defaults

Parameters = TypeVar("Parameters", bound=PyTree)


def begin(parameters: PyTree) -> optax.ScaleByAdamState:
    """Give the moments before the first step: zeros."""
    state: optax.ScaleByAdamState = optax.scale_by_adam().init(parameters)
    return state


def root(square: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """Give the square root, whose derivative is zero at zero.

    Examples
    --------
    >>> float(jax.grad(root)(0.0)), float(root(jnp.float32(4.0)))
    (0.0, 2.0)
    """
    positive = square > 0
    # Selected before the root as well: infinity times the zero of a selection after it would not be a number.
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, square, 1.0)), square)


def step(
    parameters: Parameters, gradients: Parameters, state: optax.ScaleByAdamState, learning_rate: Float[Array, ""]
) -> tuple[Parameters, optax.ScaleByAdamState]:
    """Take a step down the gradients.

    Parameters
    ----------
    parameters, gradients : pytree of float arrays
        Of the same shapes.
    state : optax.ScaleByAdamState
        Moments and the number of steps taken, from `begin`.
    learning_rate : float
        Length of the step.

    Returns
    -------
    tuple
        Parameters and state after it.

    Examples
    --------
    >>> weights = {"w": jnp.array([1.0, -1.0])}
    >>> moved, state = step(weights, {"w": jnp.array([3.0, 0.5])}, begin(weights), jnp.float32(0.1))
    >>> moved["w"].round(4).tolist(), int(state.count)
    ([0.8999999761581421, -1.100000023841858], 1)
    """
    count = state.count + 1
    first = jax.tree.map(lambda new, old: (1 - _FIRST) * new + _FIRST * old, gradients, state.mu)
    second = jax.tree.map(lambda new, old: (1 - _SECOND) * new**2 + _SECOND * old, gradients, state.nu)
    precision = jnp.result_type(learning_rate)
    lacking_first, lacking_second = (1.0 - jnp.asarray(kept, precision) ** count for kept in (_FIRST, _SECOND))

    def moved(old: Array, mean: Array, square: Array) -> Array:
        direction: Array = (mean / lacking_first) / (root(square / lacking_second) + _EPSILON)
        return old - learning_rate * direction

    return jax.tree.map(moved, parameters, first, second), state._replace(count=count, mu=first, nu=second)
