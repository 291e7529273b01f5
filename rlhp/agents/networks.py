"""Multilayer perceptrons as lists of (weights, biases), initialised as Torch and stable-baselines3 do."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

__all__ = ["Layers", "Stack", "Twins", "flat", "follow", "mlp", "orthogonal", "uniform"]

Layers = list[tuple[Float[Array, "_ _"], Float[Array, " _"]]]
"""Weights [n_in, n_out] and biases [n_out] of each layer."""
Twins = list[tuple[Float[Array, "2 _ _"], Float[Array, "2 _"]]]
"""The same of two networks of one shape: every array leads with [2]."""
Stack = list[tuple[Float[Array, "_ _ _"], Float[Array, "_ _"]]]
"""The same of n networks of one shape: every array leads with [n]."""
Networks = TypeVar("Networks", bound=PyTree)


def uniform(key: PRNGKeyArray, widths: Sequence[int]) -> Layers:
    """Draw Torch's default for linear layers: weights and biases uniform within one over the root of the inputs.

    References
    ----------
    `torch.nn.Linear`; LeCun et al. (1998), Efficient BackProp.
    """
    layers = []
    for number, (n_in, n_out) in enumerate(itertools.pairwise(widths)):
        weights, biases = jax.random.split(jax.random.fold_in(key, number))
        limit = 1.0 / math.sqrt(n_in)
        layers.append(
            (
                jax.random.uniform(weights, (n_in, n_out), minval=-limit, maxval=limit),
                jax.random.uniform(biases, (n_out,), minval=-limit, maxval=limit),
            )
        )
    return layers


def orthogonal(key: PRNGKeyArray, widths: Sequence[int], gains: Sequence[float]) -> Layers:
    """Draw orthogonal weights of the given gain a layer, and zero biases: the start of PPO and A2C.

    References
    ----------
    Saxe, McClelland and Ganguli (2014), Exact solutions to the nonlinear dynamics of learning.
    """
    layers = []
    for number, (n_in, n_out, gain) in enumerate(zip(widths[:-1], widths[1:], gains, strict=True)):
        tall = (max(n_in, n_out), min(n_in, n_out))
        columns = _orthonormal(jax.random.normal(jax.random.fold_in(key, number), tall))
        layers.append((gain * (columns if n_in >= n_out else columns.T), jnp.zeros(n_out)))
    return layers


def _orthonormal(columns: Float[Array, "n m"]) -> Float[Array, "n m"]:
    """Make columns orthonormal by Gram and Schmidt: Q of the QR decomposition whose R has a positive diagonal.

    Not `jnp.linalg.qr`: on a CPU with several devices its batched LAPACK call waits, in the threads of a pool, for
    tasks of that pool, and with as many devices as threads it can wait for ever.
    """
    wanted = columns.T  # a row each: what is next to each other in memory is also read so, eight times as fast

    def row(j: Array, done: Array) -> Array:
        column = wanted[j]
        for _ in range(2):  # the second pass takes away what rounding left
            column = column - (done @ column) @ done
        return done.at[j].set(column / jnp.linalg.norm(column))

    rows: Array = jax.lax.fori_loop(0, len(wanted), row, jnp.zeros_like(wanted))
    return rows.T


def mlp(
    layers: Layers, inputs: Float[Array, "*n n_in"], activation: Callable[[Array], Array] = jax.nn.relu
) -> Float[Array, "*n out"]:
    """Apply the layers, with `activation` between them.

    A row stands for each input: with a row for each unit the product forward is up to fourteen times slower on a CPU
    where inputs are few.
    """
    *hidden, (weights, biases) = layers
    for inner, shift in hidden:
        inputs = activation(inputs @ inner + jax.lax.broadcast_to_rank(shift, inputs.ndim))
    # The gradient of a narrow layer is a product that is up to fifteen times faster with the narrow side first. The
    # barrier keeps XLA from turning it around.
    last: Array = jax.lax.optimization_barrier(weights.T)
    return inputs @ last.T + jax.lax.broadcast_to_rank(biases, inputs.ndim)


def flat(observations: Array, n_dims: int) -> Float[Array, "*n features"]:
    """Flatten the last `n_dims` axes to real features: what an MLP sees of an image."""
    kept = observations.shape[: observations.ndim - n_dims]
    features: Array = observations.reshape(*kept, -1).astype(float)
    return features


def follow(target: Networks, online: Networks, tau: Float[Array, ""]) -> Networks:
    """Move target networks by `tau` towards the online ones: Polyak averaging.

    References
    ----------
    Polyak and Juditsky (1992), Acceleration of stochastic approximation by averaging; Lillicrap et al. (2016),
    Continuous control with deep reinforcement learning.
    """
    moved: Networks = jax.tree.map(lambda old, new: (1.0 - tau) * old + tau * new, target, online)
    return moved
