"""The anchored ensemble: every network is drawn from the prior and stays near its draw, as far as the scores let it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from rlhp.hpo.searchers.bnn._members import Members, computing
from rlhp.hpo.searchers.bnn._network import Layer, Parameters, Scales, drawn
from rlhp.hpo.searchers.bnn._padding import SIZES, padded, size_of, widened
from rlhp.hpo.searchers.bnn._settling import Data, settled, with_noise

# Steps after a lie: the networks are nearly there.
_AGAIN = 3


@dataclass(frozen=True, eq=False)
class Ensemble(Members):
    """Networks that were fitted to scores with noise added, each near its own draw from the prior.

    For a model that is linear in its parameters they are draws from the posterior.

    Attributes
    ----------
    parameters, anchors : Parameters
        With a leading axis of m members.
    scales : Scales
        The same for all, with the same leading axis.
    data : Data
        What was observed.
    added : array [m, n]
        Noise that each member's scores have on top, in units of its standard deviation.
    activation : str

    References
    ----------
    T. Pearce, F. Leibfried, A. Brintrup (2020), Uncertainty in neural networks: approximately Bayesian ensembling.
    J. Bardsley, A. Solonen, H. Haario, M. Laine (2014), Randomize-then-optimize (the noise that is added as well).
    """

    parameters: Parameters
    anchors: Parameters
    scales: Scales
    data: Data
    added: Array
    activation: str

    @property
    def width(self) -> int:
        """How many features the networks have, with those that were added."""
        return int(self.data.x.shape[1])

    def given(self, x: np.ndarray, y: np.ndarray) -> Ensemble:
        """Return the ensemble that knows scores `y` [k] at features `x` [k, features] as well."""
        real = np.asarray(self.data.real) > 0
        parts = [np.asarray(one)[real] for one in self.data]
        noise = float(np.median(parts[2]))
        more = [widened(x, self.width), y, np.full(len(y), noise), np.ones(len(y))]
        whole = [np.concatenate([a, b]) for a, b in zip(parts, more, strict=True)]
        size = size_of(len(whole[1]), SIZES)
        with computing():
            data = padded_data(whole[0], whole[1], whole[2], size)
            added = np.zeros((len(self.added), size))
            added[:, : real.sum()] = np.asarray(self.added)[:, real]
            moved = _again(
                self.parameters, self.anchors, self.scales, data, jnp.asarray(added), activation=self.activation
            )
            jax.block_until_ready(moved)
        return Ensemble(moved, self.anchors, self.scales, data, jnp.asarray(added), self.activation)


def padded_data(x: np.ndarray, y: np.ndarray, variance: np.ndarray, size: int) -> Data:
    """Pad observations to a size; within `computing` only."""
    rows = padded(x, size), padded(y, size), padded(variance, size, 1.0), padded(np.ones(len(y)), size)
    return Data(*map(jnp.asarray, rows))


@functools.partial(jax.jit, static_argnames=("members", "widths", "activation", "steps"))
def ensembled(
    key: Array,
    scales: Scales,
    noise: Array,
    data: Data,
    *,
    members: int,
    widths: tuple[int, ...],
    activation: str,
    steps: int,
) -> tuple[Parameters, Parameters, Scales, Array, Data]:
    """Draw anchors in pairs of opposite functions and let every member settle; the fields of `Ensemble`, but one."""
    known = with_noise(data, noise)
    half = -(-members // 2)
    ours, theirs = jax.random.split(key)
    one = jax.vmap(lambda k: drawn(k, data.x.shape[1], widths))(jax.random.split(ours, half))
    top = one.layers[-1]
    other = one._replace(layers=(*one.layers[:-1], Layer(-top.weights, -top.offsets)))
    anchors = jax.tree.map(lambda a, b: jnp.concatenate([a, b])[:members], one, other)
    # A row's noise is drawn from the row's number: how far the observations are padded must change nothing.
    keys = jax.vmap(lambda row: jax.random.fold_in(theirs, row))(jnp.arange(len(data.y)))
    added = jax.vmap(lambda k: jax.random.normal(k, (half,), dtype=data.y.dtype))(keys).T
    added = jnp.concatenate([added, -added])[:members]
    everywhere = jax.tree.map(lambda a: jnp.broadcast_to(a, (members, *jnp.shape(a))), scales)
    parameters = _settle(anchors, anchors, everywhere, known, added, activation, steps)
    return parameters, anchors, everywhere, added, known


def _settle(
    start: Parameters, anchors: Parameters, scales: Scales, data: Data, added: Array, activation: str, steps: int
) -> Parameters:
    def member(start: Parameters, anchor: Parameters, scales: Scales, added: Array) -> Parameters:
        wished = data._replace(y=data.y + added * jnp.sqrt(data.variance))
        return settled(start, anchor, scales, wished, activation, steps)

    return jax.vmap(member)(start, anchors, scales, added)


@functools.partial(jax.jit, static_argnames="activation")
def _again(
    start: Parameters, anchors: Parameters, scales: Scales, data: Data, added: Array, *, activation: str
) -> Parameters:
    return _settle(start, anchors, scales, data, added, activation, _AGAIN)
