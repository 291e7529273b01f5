"""The gradient of a minibatch of any size, computed in tiles of one size.

A minibatch's size is an argument of the program: its rows are taken a tile at a time, gradients add up, and rows that
the last tile has too many count nothing. What is taken over the whole minibatch, the mean and the deviation of the
advantages, comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PyTree

from rlhp.agents import optimizers, rollouts
from rlhp.agents.rollouts import Columns, Rollout

__all__ = ["Minibatch", "Part", "gradient"]


class Minibatch(NamedTuple):
    """Which transitions to learn from."""

    rollout: Rollout
    place: Callable[[Int[Array, " some"]], Int[Array, " some"]]  # from positions in the minibatch to transitions
    size: Int[Array, ""] | int
    most: Int[Array, ""] | int  # the largest size there is: a known number where derivatives are taken in reverse
    scaling: Bool[Array, ""]  # whether advantages are centred and scaled
    n_numbers: int  # of an action


class Part(NamedTuple):
    """Transitions of a minibatch whose gradient is computed at once."""

    seen: Columns
    estimate: Float[Array, " tile"]  # of the advantage
    advantage: Float[Array, " tile"]  # the same, centred and scaled over the minibatch, if that is on
    share: Float[Array, " tile"]  # of each in the minibatch's means; 0 where the minibatch has none left


def gradient(
    loss: Callable[[PyTree, Part], tuple[Array, tuple[Array, Array]]],
    weights: PyTree,
    minibatch: Minibatch,
    tile: int,
) -> tuple[PyTree, tuple[Array, Array]]:
    """Return the gradient of a minibatch's loss.

    Parameters
    ----------
    loss : callable
        ``loss(weights, part) -> (loss, two numbers to tell)``, each the share of the part in that of the minibatch.
    weights : pytree of float arrays
    minibatch : Minibatch
    tile : int
        Transitions that are computed at once.

    Returns
    -------
    tuple
        The gradient, like the weights, and the two numbers.
    """
    size, offsets = minibatch.size, jnp.arange(tile)
    n_tiles = ((minibatch.most if isinstance(minibatch.most, int) else size) + tile - 1) // tile
    zero = jnp.zeros((), minibatch.rollout.rows.dtype)

    def taken(i: Array | int) -> tuple[Bool[Array, " tile"], Columns, Float[Array, " tile"]]:
        positions = i * tile + offsets
        # Where none is left the last one stands again: it counts nothing, and what is computed of it is as finite.
        numbers = minibatch.place(jnp.minimum(positions, size - 1))
        return positions < size, *rollouts.taken(minibatch.rollout, numbers, minibatch.n_numbers)

    def spread(i: Array, moments: tuple[Array, Array]) -> tuple[Array, Array]:
        """Merge mean and sum of squares about it with those of a tile (Chan, Golub and LeVeque, 1979)."""
        counted, _, advantage = taken(i)
        (mean, squares), before, n = moments, jnp.minimum(i * tile, size), counted.sum()
        own = jnp.where(counted, advantage, 0.0).sum() / jnp.maximum(n, 1)
        within = jnp.where(counted, (advantage - own) ** 2, 0.0).sum()
        weight = n / (before + n)
        return mean + (own - mean) * weight, squares + within + (own - mean) ** 2 * before * weight

    scaling = minibatch.scaling
    n_spread = n_tiles if isinstance(n_tiles, int) else jnp.where(scaling, n_tiles, 0)
    mean, squares = jax.lax.fori_loop(0, n_spread, spread, (zero, zero))
    # Undefined where there is one, as Torch has it.
    deviation = optimizers.root(squares / jnp.asarray(size - 1, zero.dtype))
    centre, divisor = jnp.where(scaling, mean, 0.0), jnp.where(scaling, deviation + 1e-8, 1.0)

    def of_tile(i: Array | int) -> tuple[PyTree, tuple[Array, Array]]:
        counted, seen, estimate = taken(i)
        share = jnp.where(counted, 1.0 / size, 0.0).astype(zero.dtype)
        part = Part(seen, estimate, (estimate - centre) / divisor, share)
        of_part: tuple[PyTree, tuple[Array, Array]] = jax.grad(loss, has_aux=True)(weights, part)
        return of_part

    def add(i: Array, carry: tuple[PyTree, tuple[Array, Array]]) -> tuple[PyTree, tuple[Array, Array]]:
        sums: tuple[PyTree, tuple[Array, Array]] = jax.tree.map(jnp.add, carry, of_tile(i))
        return sums

    # Most minibatches are one tile: a sum that began at zero would pass over all weights once more.
    total: tuple[PyTree, tuple[Array, Array]] = jax.lax.fori_loop(1, n_tiles, add, of_tile(0))
    return total
