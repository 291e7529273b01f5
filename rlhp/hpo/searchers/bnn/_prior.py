"""The prior that the scores speak for: how fast the function changes along each feature, how high it is, how noisy.

With all layers but the last as they were drawn, a network is linear in its parameters, and what the scores say of the
prior is known exactly. It is averaged over a few draws, which is how the infinitely wide network is approached.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.linalg import solve_triangular
from scipy.optimize import minimize

from rlhp.hpo.searchers.bnn._network import Parameters, Scales, drawn, entering_last
from rlhp.hpo.searchers.bnn._settling import Data

# Logarithms: a function of d features changes over a third of the root of d of their range, give or take a factor.
_FREQUENCY, _HEIGHT, _NOISE = 2.2, (0.0, 0.4), (np.log(0.15), 1.0)
_APART = 0.8
_NETWORKS, _ITERATIONS = 4, 30
# How much a feature counts differs between members still: this is the standard deviation of its logarithm.
SPREAD = 0.2


class Prior(NamedTuple):
    """What decides the prior over functions, and the variance of the noise where nobody knows it."""

    scales: Scales
    noise: Array


def usual(features: int, width: int) -> Prior:
    """Return what holds before any score is known, for a width with features added; within `computing` only."""
    frequency = jnp.full(width, _FREQUENCY / max(features, 1) ** 0.5)
    scales = Scales(frequency, jnp.asarray(SPREAD), jnp.asarray(np.exp(_HEIGHT[0])))
    return Prior(scales, jnp.asarray(np.exp(2 * _NOISE[0])))


def likely(key: Array, data: Data, before: Prior, widths: tuple[int, ...], activation: str) -> Prior:
    """Return the prior of the largest marginal likelihood, times how likely it was before; within `computing` only."""
    features = data.x.shape[1]
    networks = _networks(key, features, widths)
    against = functools.partial(_against, before=before, networks=networks, data=data, activation=activation)

    def both(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = against(jnp.asarray(point))
        return float(value), np.asarray(slope)

    begin = np.zeros(features + 2)
    ended = minimize(both, begin, jac=True, method="L-BFGS-B", bounds=[(-3.0, 3.0)] * len(begin), options=_LIMITS)
    return prior_at(jnp.asarray(ended.x), before)


_LIMITS = {"maxiter": _ITERATIONS, "maxfun": _ITERATIONS + 10, "ftol": 1e-6}


def prior_at(point: Array, before: Prior) -> Prior:
    """Read standard normals, shape [features + 2], as a prior around another."""
    scales = Scales(
        before.scales.frequency * jnp.exp(_APART * point[:-2]),
        before.scales.spread,
        before.scales.height * jnp.exp(_HEIGHT[1] * point[-2]),
    )
    return Prior(scales, before.noise * jnp.exp(2 * _NOISE[1] * point[-1]))


@functools.partial(jax.jit, static_argnames="activation")
def _against(point: Array, before: Prior, networks: Parameters, data: Data, *, activation: str) -> tuple[Array, Array]:
    """Return minus the logarithm of the evidence times the prior's prior, and its gradient."""
    mask = data.real[:, None] * data.real

    def covariance(point: Array, network: Parameters) -> Array:
        prior = prior_at(point, before)
        variance = jnp.where(jnp.isnan(data.variance), prior.noise, data.variance)
        entering = entering_last(network, prior.scales, data.x, activation)
        return (entering @ entering.T) * mask + jnp.diag(variance * data.real + 1.0 - data.real)

    def evidence(network: Parameters) -> tuple[Array, Array]:
        whole, back = jax.vjp(lambda p: covariance(p, network), point)
        factor = jnp.linalg.cholesky(whole)
        root = solve_triangular(factor, jnp.eye(len(whole), dtype=whole.dtype), lower=True)
        inverse = root.T @ root
        weights = inverse @ data.y
        value = 0.5 * data.y @ weights + jnp.sum(jnp.log(jnp.diag(factor)))
        # d value / d covariance; to derive the factor would cost several times as much.
        return value, back(0.5 * (inverse - jnp.outer(weights, weights)))[0]

    still = networks._replace(counts=jnp.zeros_like(networks.counts))
    values, slopes = jax.vmap(evidence)(still)
    return values.mean() + 0.5 * jnp.sum(point**2), slopes.mean(axis=0) + point


@functools.partial(jax.jit, static_argnames=("features", "widths"))
def _networks(key: Array, features: int, widths: tuple[int, ...]) -> Parameters:
    return jax.vmap(lambda one: drawn(one, features, widths))(jax.random.split(key, _NETWORKS))
