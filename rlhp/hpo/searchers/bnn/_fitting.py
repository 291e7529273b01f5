"""From observations to a surrogate: the prior that they speak for, then one of three posteriors."""

from __future__ import annotations

from typing import Protocol

import jax
import numpy as np
from jax import Array

from rlhp.hpo.searchers.bnn._ensemble import Ensemble, ensembled, padded_data
from rlhp.hpo.searchers.bnn._laplace import Laplace, most_probable
from rlhp.hpo.searchers.bnn._members import computing, key_from
from rlhp.hpo.searchers.bnn._nuts import Chain, chained
from rlhp.hpo.searchers.bnn._padding import SIZES, WIDTHS, size_of, widened
from rlhp.hpo.searchers.bnn._prior import Prior, likely, usual
from rlhp.hpo.searchers.bnn._settling import Data, with_noise

# A score without noise would ask the networks to agree to the last digit.
_LEAST_NOISE = 0.01
_STEPS = 6
# Networks of Laplace's approximation, and their steps: they begin further away.
_NETWORKS, _FURTHER = 4, 12


class Options(Protocol):
    """What a fit is told; `rlhp.hpo.Bnn` has it."""

    @property
    def fit(self) -> str:
        """One of "ensemble", "laplace", "nuts"."""
        ...

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        ...

    @property
    def activation(self) -> str:
        """What they do."""
        ...

    @property
    def members(self) -> int | None:
        """Of the ensemble, or of the chain; None for 24 and 256."""
        ...


def fitted(
    options: Options, x: np.ndarray, y: np.ndarray, noise: np.ndarray, rng: np.random.Generator
) -> Ensemble | Laplace | Chain:
    """Fit a network to standardised scores; see `rlhp.hpo.Bnn.fitted`."""
    with computing():
        variance = np.maximum(noise, _LEAST_NOISE) ** 2
        width = size_of(x.shape[1], WIDTHS)
        data = padded_data(widened(x, width), y, variance, size_of(len(y), SIZES))
        before = usual(x.shape[1], width)
        first, second = jax.random.split(key_from(rng))
        if options.fit == "nuts":
            return chained(second, data, before, options.widths, options.activation, options.members or 256)
        prior = likely(first, data, before, options.widths, options.activation)
        if options.fit == "laplace":
            return approximated(second, data, prior, options.widths, options.activation)
        return anchored(second, data, prior, options.widths, options.activation, options.members or 24)


def anchored(key: Array, data: Data, prior: Prior, widths: tuple[int, ...], activation: str, members: int) -> Ensemble:
    """Fit the ensemble under a prior; within `computing` only."""
    parameters, anchors, scales, added, known = ensembled(
        key, prior.scales, prior.noise, data, members=members, widths=widths, activation=activation, steps=_STEPS
    )
    # What is still computed when `computing` ends has all threads again.
    jax.block_until_ready(parameters)
    return Ensemble(parameters, anchors, scales, known, added, activation)


def approximated(key: Array, data: Data, prior: Prior, widths: tuple[int, ...], activation: str) -> Laplace:
    """Fit Laplace's approximation under a prior; within `computing` only."""
    known = with_noise(data, prior.noise)
    parameters, anchors = most_probable(
        key, prior.scales, known, networks=_NETWORKS, widths=widths, activation=activation, steps=_FURTHER
    )
    jax.block_until_ready(parameters)
    return Laplace(parameters, anchors, prior.scales, known, activation)
