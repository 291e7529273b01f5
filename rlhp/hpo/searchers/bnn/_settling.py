"""The most probable parameters of a network, by Gauss-Newton steps in the space of the observations."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.linalg import cho_factor, cho_solve

from rlhp.hpo.searchers.bnn._network import Parameters, Scales, function, gram, linearised

_LENGTHS = (1.0, 0.5, 0.2, 0.05, 0.0)


class Data(NamedTuple):
    """Observations, padded to a size that programs are kept for.

    Attributes
    ----------
    x : array [n, features]
        In the unit cube.
    y : array [n]
        Standardised.
    variance : array [n]
        Of the noise of each.
    real : array [n]
        1 for an observation, 0 for padding.
    """

    x: Array
    y: Array
    variance: Array
    real: Array


def with_noise(data: Data, noise: Array) -> Data:
    """Fill in the variance where nobody knows it (NaN)."""
    return data._replace(variance=jnp.where(jnp.isnan(data.variance), noise, data.variance))


def settled(
    start: Parameters, anchor: Parameters, scales: Scales, data: Data, activation: str, steps: int
) -> Parameters:
    """Minimise the squared errors, in units of the noise, plus the squared distance to the anchor.

    A step solves the problem of the linearised network exactly. There are fewer observations than parameters, so it is
    solved where the observations are: ``anchor + J' (J J' + R)^-1 (y - f + J (p - anchor))``. It is shortened where
    that is better, so the loss never grows.
    """

    def loss(parameters: Parameters) -> Array:
        off = data.real * (data.y - function(parameters, scales, data.x, activation))
        moved = jax.tree.map(lambda a, b: jnp.sum((a - b) ** 2), parameters, anchor)
        return jnp.sum(off**2 / data.variance) + sum(jax.tree.leaves(moved))

    def step(_: int, parameters: Parameters) -> Parameters:
        outputs, factors = linearised(parameters, scales, data.x, activation)
        moved = jax.tree.map(jnp.subtract, parameters, anchor)
        at = functools.partial(function, scales=scales, x=data.x, activation=activation)
        _, along = jax.jvp(at, (parameters,), (moved,))
        kernel = gram(factors, factors) * data.real[:, None] * data.real
        weights = cho_solve(
            cho_factor(kernel + jnp.diag(data.variance), lower=True), data.real * (data.y - outputs + along)
        )
        back: Callable[[Array], tuple[Parameters]] = jax.vjp(at, parameters)[1]
        goal = jax.tree.map(jnp.add, anchor, back(weights * data.real)[0])
        way = jax.tree.map(jnp.subtract, goal, parameters)

        def part(length: Array) -> Parameters:
            moved: Parameters = jax.tree.map(lambda p, w: p + length * w, parameters, way)
            return moved

        lengths = jnp.asarray(_LENGTHS, data.y.dtype)
        return part(lengths[jnp.argmin(jax.lax.map(lambda length: loss(part(length)), lengths))])

    found: Parameters = jax.lax.fori_loop(0, steps, step, start)
    return found
