"""One step down a gradient, by Adam or by RMSprop: the same mathematics, told apart by coefficients.

RMSprop is Adam without memory of the gradient's mean and without correction for the start, so that runs with either
share a program. Gradients are clipped to a global norm on the way: weights and moments are passed over once.

References
----------
Kingma and Ba (2015), Adam: a method for stochastic optimization.
Tieleman and Hinton (2012), Lecture 6.5: RMSprop.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

__all__ = ["Moments", "Rule", "adam", "begin", "chosen", "rms_prop", "root", "step"]

Weights = TypeVar("Weights", bound=PyTree)


class Moments(NamedTuple):
    """What the optimiser remembers."""

    first: PyTree
    second: PyTree
    count: Int[Array, ""]  # type: ignore[assignment]  # steps taken; tuples have a method of that name, which is not meant


class Rule(NamedTuple):
    """How a gradient becomes a direction."""

    keep_first: Float[Array, ""] | float  # share of the mean of gradients that is kept
    keep_second: Float[Array, ""] | float  # and of the mean of their squares
    corrected: Bool[Array, ""] | bool  # whether both are corrected for having begun at zero
    epsilon: Float[Array, ""] | float  # added to the root of the mean square


def adam(epsilon: Float[Array, ""] | float) -> Rule:
    """Return the rule of Adam, with Torch's decays."""
    return Rule(0.9, 0.999, True, epsilon)


def rms_prop(epsilon: Float[Array, ""] | float) -> Rule:
    """Return the rule of RMSprop, with the decay that stable-baselines3 has for A2C."""
    return Rule(0.0, 0.99, False, epsilon)


def chosen(switch: Int[Array, ""] | int, one: Rule, other: Rule) -> Rule:
    """Return the one rule where `switch`, and else the other."""
    return Rule(*(jnp.where(jnp.asarray(switch) != 0, a, b) for a, b in zip(one, other, strict=True)))


def begin(weights: PyTree) -> Moments:
    """Return the moments before the first step: zeros."""
    zeros = jax.tree.map(jnp.zeros_like, weights)
    return Moments(zeros, zeros, jnp.zeros((), jnp.int32))


def step(
    weights: Weights,
    gradients: Weights,
    moments: Moments,
    rule: Rule,
    learning_rate: Float[Array, ""] | float,
    max_norm: Float[Array, ""] | float | None = None,
    on: Bool[Array, ""] | bool = True,
) -> tuple[Weights, Moments]:
    """Take a step down the gradients where `on`, and else none.

    Parameters
    ----------
    weights, gradients : pytrees of float arrays
        Of the same shapes.
    moments : Moments
        From `begin` or the step before.
    rule : Rule
        Of Adam or RMSprop.
    learning_rate : float
        Length of the step.
    max_norm : float, optional
        Gradients are scaled down to this global L2 norm, as `torch.nn.utils.clip_grad_norm_` does.
    on : bool
        Whether the step is taken.

    Examples
    --------
    >>> weights, rate = jnp.array([1.0, -1.0]), jnp.float32(0.1)
    >>> moved, after = step(weights, jnp.array([3.0, 0.5]), begin(weights), adam(1e-5), rate)
    >>> [round(float(weight), 3) for weight in moved], int(after.count)
    ([0.9, -1.1], 1)
    """
    taken = moments.count + jnp.asarray(on).astype(jnp.int32)
    power = jnp.maximum(taken, 1).astype(jnp.result_type(float))
    lacking_first = jnp.where(rule.corrected, 1.0 - jnp.asarray(rule.keep_first, power.dtype) ** power, 1.0)
    lacking_second = jnp.where(rule.corrected, 1.0 - jnp.asarray(rule.keep_second, power.dtype) ** power, 1.0)

    if max_norm is not None:
        squares = jnp.stack([jnp.vdot(leaf, leaf) for leaf in jax.tree.leaves(gradients)]).sum()
        scale = jnp.minimum(1.0, max_norm / (root(squares) + 1e-6))

    def moved(old: Array, gradient: Array, first: Array, second: Array) -> tuple[Array, Array, Array]:
        gradient = gradient if max_norm is None else gradient * scale
        mean = (1.0 - rule.keep_first) * gradient + rule.keep_first * first
        square = (1.0 - rule.keep_second) * gradient**2 + rule.keep_second * second
        new = old - learning_rate * ((mean / lacking_first) / (root(square / lacking_second) + rule.epsilon))
        return jnp.where(on, new, old), jnp.where(on, mean, first), jnp.where(on, square, second)

    after = jax.tree.map(moved, weights, gradients, moments.first, moments.second)
    new, first, second = jax.tree.transpose(jax.tree.structure(weights), jax.tree.structure((0, 0, 0)), after)
    return new, Moments(first, second, taken)


def root(square: Float[Array, "*n"]) -> Float[Array, "*n"]:
    """Return the square root, whose derivative at zero is taken to be zero: a weight that nothing reaches stays put."""
    some = square != 0
    return jnp.where(some, jnp.sqrt(jnp.where(some, square, 1.0)), 0.0)
