"""The network of the surrogate: its function, its prior, and the Gram matrices of its Jacobian, a layer at a time.

All parameters are standard normal a priori: what is usually the prior's scale stands in the function. So a prior of
another scale is another function of the same parameters, and the penalty of a fit is the plain sum of squares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.scipy.special import erf

# Of the activation, at a standard normal input: what makes a unit's output have variance 1.
_ROOT2 = 2.0**0.5
ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "sin": lambda a: _ROOT2 * jnp.sin(a + jnp.pi / 4),
    "erf": lambda a: erf(a) * (jnp.pi / (2 * jnp.arcsin(2.0 / 3.0))) ** 0.5,
    "tanh": lambda a: jnp.tanh(a) / 0.6279,
    "relu": lambda a: _ROOT2 * jax.nn.relu(a),
}
"""What a unit does to its input, by name."""


class Scales(NamedTuple):
    """What decides the prior over functions, besides the shape of the network.

    Attributes
    ----------
    frequency : array [features]
        Standard deviation of the weights into the first layer, along each feature of [-1, 1].
    spread : array []
        Standard deviation of the logarithm of how much a feature counts.
    height : array []
        Standard deviation of the function.
    """

    frequency: Array
    spread: Array
    height: Array


class Layer(NamedTuple):
    """Weights [in, out] and offsets [out] of a layer."""

    weights: Array
    offsets: Array


class Parameters(NamedTuple):
    """All parameters of a network: how much each feature counts (a logarithm) [features], and its layers."""

    counts: Array
    layers: tuple[Layer, ...]


def drawn(key: Array, features: int, widths: tuple[int, ...]) -> Parameters:
    """Draw parameters from the prior."""
    own, *keys = jax.random.split(key, len(widths) + 2)
    shapes = list(zip((features, *widths), (*widths, 1), strict=True))
    layers = []
    for one, (inner, outer) in zip(keys, shapes, strict=True):
        both = jax.random.normal(one, (inner + 1, outer), dtype=jnp.float64)
        layers.append(Layer(both[:-1], both[-1]))
    return Parameters(jax.random.normal(own, (features,), dtype=jnp.float64), tuple(layers))


def entering(parameters: Parameters, scales: Scales, x: Array) -> Array:
    """Scale points [n, features] of the unit cube by how much each feature counts."""
    return (2.0 * x - 1.0) * scales.frequency * jnp.exp(scales.spread * parameters.counts)


class Factors(NamedTuple):
    """What the Jacobian at n points is made of.

    A layer's weights see what enters it, and the output sees the layer through the slopes at its units: the Jacobian of
    its weights at a point is the outer product of the two.

    Attributes
    ----------
    counts : array [n, features]
        Jacobian of how much the features count.
    inputs : tuple of arrays [n, in + 1]
        What enters each layer, its offset's constant last.
    slopes : tuple of arrays [n, out]
        Derivative of the output in what enters each layer's units.
    """

    counts: Array
    inputs: tuple[Array, ...]
    slopes: tuple[Array, ...]


def function(parameters: Parameters, scales: Scales, x: Array, activation: str) -> Array:
    """Return the network's outputs at points [n, features] of the unit cube, shape [n]."""
    return _forward(parameters, scales, x, activation, None)[0]


def entering_last(parameters: Parameters, scales: Scales, x: Array, activation: str) -> Array:
    """Return what enters the last layer, shape [n, in + 1]: the Jacobian of its weights, and of its offset."""
    return _forward(parameters, scales, x, activation, None)[1][-1]


def linearised(parameters: Parameters, scales: Scales, x: Array, activation: str) -> tuple[Array, Factors]:
    """Return the outputs [n] at points [n, features], and what the Jacobian there is made of."""
    probes = tuple(jnp.zeros((len(x), len(layer.offsets)), x.dtype) for layer in parameters.layers)

    def total(probes: tuple[Array, ...]) -> tuple[Array, tuple[Array, tuple[Array, ...]]]:
        outputs, inputs = _forward(parameters, scales, x, activation, probes)
        return outputs.sum(), (outputs, inputs)

    slopes, (outputs, inputs) = jax.grad(total, has_aux=True)(probes)
    entered = entering(parameters, scales, x)
    counts = scales.spread * entered * (slopes[0] @ parameters.layers[0].weights.T)
    return outputs, Factors(counts, inputs, slopes)


def gram(a: Factors, b: Factors) -> Array:
    """Return the products of the Jacobians' rows at n and m points, shape [n, m]: the kernel of the linear model."""
    whole = a.counts @ b.counts.T
    for a_in, a_out, b_in, b_out in zip(a.inputs, a.slopes, b.inputs, b.slopes, strict=True):
        whole = whole + (a_in @ b_in.T) * (a_out @ b_out.T)
    return whole


def _forward(
    parameters: Parameters, scales: Scales, x: Array, activation: str, probes: tuple[Array, ...] | None
) -> tuple[Array, tuple[Array, ...]]:
    """Return the outputs, and what enters each layer with the constant of its offset; probes are added to its units."""
    act, inputs = ACTIVATIONS[activation], []
    u = entering(parameters, scales, x)
    for k, layer in enumerate(parameters.layers):
        last = k == len(parameters.layers) - 1
        scale = scales.height if last else 1.0
        constant = jnp.full((len(x), 1), scale * (_OFFSET if last else _SHIFT[activation]), x.dtype)
        entered = jnp.concatenate([scale * u, constant], axis=1)
        inputs.append(entered)
        a = entered @ jnp.concatenate([layer.weights, layer.offsets[None]])
        a = a if probes is None else a + probes[k]
        u = a if last else act(a) / a.shape[1] ** 0.5
    return u[:, 0], tuple(inputs)


# Standard deviation of the function's offset, in parts of its height: scores are centred before a fit.
_OFFSET = 0.5
# And of the offsets of units: a sine's should reach around the circle.
_SHIFT = {"sin": 3.0, "erf": 1.0, "tanh": 1.0, "relu": 1.0}
