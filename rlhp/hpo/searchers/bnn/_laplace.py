"""Laplace's approximation: networks linearised at their most probable parameters, with the curvature there."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.linalg import cho_solve, solve_triangular

from rlhp.hpo.searchers.bnn._ensemble import padded_data
from rlhp.hpo.searchers.bnn._members import LEAST, by_parts, computing
from rlhp.hpo.searchers.bnn._network import Factors, Parameters, Scales, drawn, function, gram, linearised
from rlhp.hpo.searchers.bnn._padding import SIZES, size_of, widened
from rlhp.hpo.searchers.bnn._settling import Data, settled

# Functions drawn of each network.
_DRAWS = 8


@dataclass(frozen=True, eq=False)
class Laplace:
    """Networks whose linearisations are Gaussian processes: generalised Gauss-Newton approximations, mixed evenly.

    The prior of each has its centre where its hidden layers were drawn, so that there is one most probable network near
    by instead of the many that differ in the order and sign of their units.

    Attributes
    ----------
    parameters, anchors : Parameters
        The most probable ones and the prior's centres, with a leading axis of networks.
    scales : Scales
        The same for all.
    data : Data
    activation : str

    References
    ----------
    D. MacKay (1992), A practical Bayesian framework for backpropagation networks. A. Immer, M. Korzepa, M. Bauer
    (2021), Improving predictions of Bayesian neural nets via local linearization. R. Eschenhagen et al. (2021),
    Mixtures of Laplace approximations for improved post-hoc uncertainty in deep learning.
    """

    parameters: Parameters
    anchors: Parameters
    scales: Scales
    data: Data
    activation: str

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, each [k], at features [k, features], without the noise."""
        mean, std = by_parts(self._with(_moments), x, self.width)
        return mean, std

    def slopes(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the gradients of both, each [k, features]."""
        mean, std = by_parts(self._with(_slopes), x, self.width)
        return mean[: x.shape[1]].T, std[: x.shape[1]].T

    @property
    def width(self) -> int:
        """How many features the networks have, with those that were added."""
        return int(self.data.x.shape[1])

    def functions(self, x: np.ndarray) -> np.ndarray:
        """Return what functions of the posterior say at features [k, features], shape [draws, k]."""
        return by_parts(self._with(_functions), x, self.width)[0]

    def given(self, x: np.ndarray, y: np.ndarray) -> Laplace:
        """Return the linearised network that knows scores `y` [k] at features `x` [k, features] as well."""
        real = np.asarray(self.data.real) > 0
        parts = [np.asarray(one)[real] for one in self.data]
        noise = float(np.median(parts[2]))
        more = [widened(x, self.width), y, np.full(len(y), noise)]
        whole = [np.concatenate([a, b]) for a, b in zip(parts[:3], more, strict=True)]
        with computing():
            data = padded_data(whole[0], whole[1], whole[2], size_of(len(whole[1]), SIZES))
        return Laplace(self.parameters, self.anchors, self.scales, data, self.activation)

    def _with(self, program: Any) -> Any:
        return functools.partial(
            program, self.parameters, self.anchors, self.scales, self.data, activation=self.activation
        )


@functools.partial(jax.jit, static_argnames=("networks", "widths", "activation", "steps"))
def most_probable(
    key: Array, scales: Scales, data: Data, *, networks: int, widths: tuple[int, ...], activation: str, steps: int
) -> tuple[Parameters, Parameters]:
    """Draw hidden layers and let each network settle with its prior around them: parameters, anchors."""

    def one(key: Array) -> tuple[Parameters, Parameters]:
        whole = drawn(key, data.x.shape[1], widths)
        layers = (*whole.layers[:-1], jax.tree.map(jnp.zeros_like, whole.layers[-1]))
        anchor = Parameters(jnp.zeros_like(whole.counts), layers)
        return settled(anchor, anchor, scales, data, activation, steps), anchor

    return jax.vmap(one)(jax.random.split(key, networks))


class Linear(NamedTuple):
    """One network, linearised at its most probable parameters."""

    parameters: Parameters
    anchor: Parameters
    scales: Scales
    data: Data
    activation: str

    def at(self, x: Array) -> tuple[Array, Factors]:
        """Return outputs and what the Jacobian is made of, at points."""
        return linearised(self.parameters, self.scales, x, self.activation)

    def along(self, x: Array, direction: Parameters) -> Array:
        """Return the Jacobian at points times a direction, shape [k]."""
        at = functools.partial(function, scales=self.scales, x=x, activation=self.activation)
        along: Array = jax.jvp(at, (self.parameters,), (direction,))[1]
        return along

    def factored(self, there: Factors) -> Array:
        """Return the factor of the covariance of what was observed."""
        mask = self.data.real[:, None] * self.data.real
        factor: Array = jnp.linalg.cholesky(gram(there, there) * mask + jnp.diag(self.data.variance))
        return factor

    def moments(self, x: Array) -> tuple[Array, Array]:
        """Return mean and variance at points."""
        (seen, there), (outputs, here) = self.at(self.data.x), self.at(x)
        back = jax.tree.map(jnp.subtract, self.anchor, self.parameters)
        factor = self.factored(there)
        towards = solve_triangular(factor, (gram(here, there) * self.data.real).T, lower=True)
        left = self.data.real * (self.data.y - seen - self.along(self.data.x, back))
        mean = outputs + self.along(x, back) + towards.T @ solve_triangular(factor, left, lower=True)
        return mean, jnp.maximum(_variances(here) - jnp.sum(towards**2, axis=0), LEAST**2)

    def function(self, x: Array, key: Array) -> Array:
        """Draw a function of the posterior, as a member of an ensemble of this linear model would settle."""
        ours, theirs = jax.random.split(key)
        widths = tuple(layer.offsets.shape[0] for layer in self.parameters.layers[:-1])
        seen, there = self.at(self.data.x)
        start = jax.tree.map(jnp.add, self.anchor, drawn(ours, x.shape[1], widths))
        keys = jax.vmap(lambda row: jax.random.fold_in(theirs, row))(jnp.arange(len(self.data.y)))
        added = jax.vmap(lambda k: jax.random.normal(k, dtype=x.dtype))(keys) * jnp.sqrt(self.data.variance)
        away = jax.tree.map(jnp.subtract, start, self.parameters)
        left = self.data.real * (self.data.y + added - seen - self.along(self.data.x, away))
        at = functools.partial(function, scales=self.scales, x=self.data.x, activation=self.activation)
        weights = self.data.real * cho_solve((self.factored(there), True), left)
        (pull,) = jax.vjp(at, self.parameters)[1](weights)
        outputs = function(self.parameters, self.scales, x, self.activation)
        return outputs + self.along(x, jax.tree.map(jnp.add, away, pull))


def _variances(factors: Factors) -> Array:
    """Return the prior's variance at each point: the diagonal of `gram`."""
    own = [jnp.sum(i**2, axis=1) * jnp.sum(o**2, axis=1) for i, o in zip(factors.inputs, factors.slopes, strict=True)]
    return jnp.sum(factors.counts**2, axis=1) + sum(own)


@functools.partial(jax.jit, static_argnames="activation")
def _moments(
    parameters: Parameters, anchors: Parameters, scales: Scales, data: Data, x: Array, *, activation: str
) -> tuple[Array, Array]:
    means, variances = jax.vmap(lambda p, a: Linear(p, a, scales, data, activation).moments(x))(parameters, anchors)
    return means.mean(axis=0), jnp.sqrt(variances.mean(axis=0) + means.var(axis=0))


@functools.partial(jax.jit, static_argnames="activation")
def _slopes(
    parameters: Parameters, anchors: Parameters, scales: Scales, data: Data, x: Array, *, activation: str
) -> tuple[Array, Array]:
    def total(x: Array, which: int) -> Array:
        return jnp.sum(_moments(parameters, anchors, scales, data, x, activation=activation)[which])

    return jax.grad(total)(x, 0).T, jax.grad(total)(x, 1).T


@functools.partial(jax.jit, static_argnames="activation")
def _functions(
    parameters: Parameters, anchors: Parameters, scales: Scales, data: Data, x: Array, *, activation: str
) -> tuple[Array]:
    """Draw functions, the same ones at every call."""

    def several(p: Parameters, a: Parameters, key: Array) -> Array:
        own = Linear(p, a, scales, data, activation)
        return jax.vmap(lambda k: own.function(x, k))(jax.random.split(key, _DRAWS))

    keys = jax.random.split(jax.random.key(0), len(parameters.counts))
    return (jax.vmap(several)(parameters, anchors, keys).reshape(-1, len(x)),)
