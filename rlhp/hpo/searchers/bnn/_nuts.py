"""The posterior of the network by a Markov chain: the reference, and slow."""

from __future__ import annotations

import functools
import math
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from rlhp.hpo.searchers.bnn._members import Members
from rlhp.hpo.searchers.bnn._network import Layer, Parameters, Scales, function
from rlhp.hpo.searchers.bnn._prior import Prior, prior_at
from rlhp.hpo.searchers.bnn._settling import Data

# Leapfrog steps a draw, as if every tree were six doublings deep: the depth is not known before.
_LEAPFROGS = 63
# Seconds from which the time is said beforehand.
_LONG = 5.0
_PACKAGE = str(Path(__file__).resolve().parents[3])


@dataclass(frozen=True, eq=False)
class Chain(Members):
    """Networks drawn from the posterior by a Markov chain.

    Attributes
    ----------
    parameters : Parameters
        With a leading axis of draws.
    scales : Scales
        Of each draw.
    noise : array [draws]
        Variance of the noise where nobody knew it.
    activation : str

    References
    ----------
    M. Hoffman, A. Gelman (2014), The No-U-Turn sampler. D. Phan, N. Pradhan, M. Jankowiak (2019), Composable effects
    for flexible and accelerated probabilistic programming in NumPyro.
    """

    parameters: Parameters
    scales: Scales
    noise: Array
    activation: str

    @property
    def width(self) -> int:
        """How many features the networks have, with those that were added."""
        return int(self.parameters.counts.shape[1])


def chained(key: Array, data: Data, prior: Prior, widths: tuple[int, ...], activation: str, draws: int) -> Chain:
    """Draw parameters, the prior's scales and the noise from the posterior; within `computing` only.

    With hidden layers, scales and noise are drawn around the prior's as `likely` looks for them; without, and where the
    noise is known, they are what they are. As many draws are thrown away before.
    """
    from numpyro.infer import MCMC, NUTS

    features = data.x.shape[1]
    first = 0.1 * jax.random.normal(jax.random.fold_in(key, 0), (_size(features, widths),), dtype=jnp.float64)
    potential = functools.partial(_potential, data=data, prior=prior, widths=widths, activation=activation)
    _say(potential, first, draws)
    kernel = NUTS(potential_fn=potential, target_accept_prob=0.85, max_tree_depth=8)
    sampler = MCMC(kernel, num_warmup=draws, num_samples=draws, progress_bar=False)
    sampler.run(jax.random.fold_in(key, 1), init_params=first)
    parameters, drawn = jax.vmap(lambda row: _unpacked(row, prior, features, widths))(sampler.get_samples())
    return Chain(parameters, drawn.scales, drawn.noise, activation)


def _size(features: int, widths: tuple[int, ...]) -> int:
    shapes = zip((features, *widths), (*widths, 1), strict=True)
    return features + sum((inner + 1) * outer for inner, outer in shapes) + features + 2


def _unpacked(flat: Array, prior: Prior, features: int, widths: tuple[int, ...]) -> tuple[Parameters, Prior]:
    """Read a vector of standard normals as parameters and a prior."""
    at = 0

    def taken(*shape: int) -> Array:
        nonlocal at
        size = math.prod(shape)
        at += size
        return flat[at - size : at].reshape(shape)

    counts, layers = taken(features), []
    for inner, outer in zip((features, *widths), (*widths, 1), strict=True):
        layers.append(Layer(taken(inner, outer), taken(outer)))
    own = prior_at(taken(features + 2), prior) if widths else prior
    return Parameters(counts, tuple(layers)), own


def _potential(flat: Array, data: Data, prior: Prior, widths: tuple[int, ...], activation: str) -> Array:
    """Return minus the logarithm of the joint density."""
    parameters, own = _unpacked(flat, prior, data.x.shape[1], widths)
    variance = jnp.where(jnp.isnan(data.variance), own.noise, data.variance)
    off = data.y - function(parameters, own.scales, data.x, activation)
    return 0.5 * (jnp.sum(data.real * (off**2 / variance + jnp.log(variance))) + jnp.sum(flat**2))


def _say(potential: Callable[[Array], Array], first: Array, draws: int) -> None:
    """Warn at the user's line how long the chain will take about, where that is long."""
    slope = jax.jit(jax.grad(potential))
    slope(first).block_until_ready()
    begin = time.perf_counter()
    for _ in range(20):
        slope(first).block_until_ready()
    seconds = (time.perf_counter() - begin) / 20 * 2 * draws * _LEAPFROGS
    if seconds < _LONG:
        return
    depth, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame, depth = frame.f_back, depth + 1
    message = f"the chain of {2 * draws} draws will take about {_rounded(seconds)} seconds; fewer `draws` take less."
    warnings.warn(message, UserWarning, stacklevel=depth)


def _rounded(seconds: float) -> str:
    return f"{float(np.format_float_positional(seconds, precision=1, fractional=False)):,.0f}"
