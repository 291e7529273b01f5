"""A tree of sums over the replay memory's priorities: drawing in proportion to them takes the logarithm of its size.

References
----------
Schaul et al. (2016), Prioritized experience replay, section 3.3 (proportional variant).
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

__all__ = ["Tree", "draw", "empty", "prioritize", "renew"]

_LEAST = 1e-6  # a transition without any error can still be drawn


class Tree(NamedTuple):
    """Sums of priorities; node 1 is the root, the children of node i are 2i and 2i + 1, the second half are leaves."""

    nodes: Float[Array, " nodes"]
    highest: Float[Array, ""]  # the highest priority seen: what a new transition gets, so that it is drawn soon


def empty(n_leaves: int) -> Tree:
    """Return a tree of zeros with room for `n_leaves` priorities."""
    return Tree(jnp.zeros(2 << max(n_leaves - 1, 1).bit_length()), jnp.ones(()))


def _write(nodes: Array, leaf: Array, priority: Array) -> Array:
    """Set leaves, then their parents level by level; the same leaf twice gets one of the two."""
    half = nodes.shape[0] // 2
    node = half + leaf
    nodes = nodes.at[node].set(priority)

    def level(_: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        nodes, node = carry
        node = node // 2
        return nodes.at[node].set(nodes[2 * node] + nodes[2 * node + 1]), node

    written: Array
    written, _ = jax.lax.fori_loop(0, half.bit_length() - 1, level, (nodes, node))
    return written


def renew(tree: Tree, n: Array, n_envs: int, slots: int, buffer_size: Array | int) -> Tree:
    """Give the transitions of step `n` the highest priority, and none to those that left a memory of `buffer_size`."""
    within = jnp.arange(n_envs)
    left = (n - jnp.clip(buffer_size // n_envs, 1, slots)) % slots
    leaves = jnp.concatenate([left * n_envs + within, (n % slots) * n_envs + within])
    priorities = jnp.concatenate([jnp.zeros(n_envs), jnp.full(n_envs, tree.highest)])
    # Where the memory is as large as the ring, both are the same leaf, and it is the new transition's.
    priorities = jnp.where((left == n % slots) & (jnp.arange(2 * n_envs) < n_envs), tree.highest, priorities)
    return tree._replace(nodes=_write(tree.nodes, leaves, priorities))


def draw(
    key: PRNGKeyArray,
    tree: Tree,
    lane: Int[Array, " batch"],
    batch_size: Int[Array, ""] | int,
    beta: Float[Array, ""],
) -> tuple[Int[Array, " batch"], Float[Array, " batch"]]:
    """Draw leaves in proportion to their priority, one from each of `batch_size` equal shares of the total.

    Parameters
    ----------
    key : PRNGKeyArray
        Random stream of the batch.
    tree : Tree
        The priorities.
    lane : int array, shape [batch]
        Places in the batch; those from `batch_size` on draw something that does not count.
    batch_size : int
        Transitions to draw.
    beta : float
        How much importance weights make up for the priorities, from 0 (not at all) to 1.

    Returns
    -------
    leaf, weight : arrays
        Where the priorities stand, and importance weights, the largest of the batch 1.
    """
    nodes, half = tree.nodes, tree.nodes.shape[0] // 2
    within = jax.vmap(lambda place: jax.random.uniform(jax.random.fold_in(key, place), dtype=nodes.dtype))(lane)
    shares = (jnp.minimum(lane, batch_size - 1) + within) / batch_size

    def level(_: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        node, mass = carry
        left = nodes[2 * node]
        # Rounding must not lead into a subtree that holds nothing.
        right = (mass >= left) & (nodes[2 * node + 1] > 0)
        return 2 * node + right, jnp.where(right, mass - left, jnp.minimum(mass, left))

    begin = (jnp.ones_like(lane), shares * nodes[1])
    node, _ = jax.lax.fori_loop(0, half.bit_length() - 1, level, begin)
    weight = jnp.maximum(nodes[node], _LEAST) ** -beta
    return node - half, weight / jnp.where(lane < batch_size, weight, 0.0).max()


def prioritize(tree: Tree, leaf: Int[Array, " batch"], priority: Float[Array, " batch"], counted: Array) -> Tree:
    """Set the priorities of what was drawn, where it `counted`; the first always does."""
    priority = jnp.where(counted, priority, priority[0]) + _LEAST
    nodes = _write(tree.nodes, jnp.where(counted, leaf, leaf[0]), priority)
    return Tree(nodes, jnp.maximum(tree.highest, priority.max()))
