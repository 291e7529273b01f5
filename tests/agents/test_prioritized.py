"""The tree of priorities draws in proportion to them, and forgets what the memory forgot."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chisquare

from rlhp.agents import prioritized

# One program each, and not one for every operation in them.
prioritize = jax.jit(prioritized.prioritize)
draw = jax.jit(prioritized.draw, static_argnums=3)


def filled(priorities) -> prioritized.Tree:
    tree = prioritized.empty(len(priorities))
    priorities = jnp.asarray(priorities, jnp.float32)
    return prioritize(tree, jnp.arange(len(priorities)), priorities, priorities >= 0)


def assert_sums(tree: prioritized.Tree) -> None:
    nodes = np.asarray(tree.nodes, float)
    half = len(nodes) // 2
    inner = np.arange(1, half)
    np.testing.assert_allclose(nodes[inner], nodes[2 * inner] + nodes[2 * inner + 1], rtol=1e-6)


def leaves(tree: prioritized.Tree) -> np.ndarray:
    return np.asarray(tree.nodes[len(tree.nodes) // 2 :])


@pytest.mark.parametrize("n", [1, 2, 5, 8, 13])
def test_there_is_a_leaf_for_every_transition(n):
    tree = filled(np.arange(1.0, n + 1))
    np.testing.assert_allclose(leaves(tree)[:n], np.arange(1.0, n + 1), rtol=1e-5)
    assert_sums(tree)


def test_draws_are_in_proportion_to_priorities():
    priorities = np.array([1.0, 5.0, 0.0, 2.0, 0.5, 8.0, 3.5])
    tree = filled(priorities)
    many = jax.jit(jax.vmap(lambda key: prioritized.draw(key, tree, jnp.arange(8), 8, jnp.float32(0.5))))
    leaf, weight = many(jax.random.split(jax.random.key(0), 2_500))
    seen = np.bincount(np.asarray(leaf).ravel(), minlength=7)
    assert seen[2] <= 1, "nothing but rounding up to the least priority draws what has none"
    drawn = priorities > 0
    assert chisquare(seen[drawn], seen[drawn].sum() * priorities[drawn] / priorities.sum()).pvalue > 1e-3
    raw = (priorities[np.asarray(leaf)] + 1e-6) ** -0.5
    np.testing.assert_allclose(weight, raw / raw.max(1, keepdims=True), rtol=1e-4)


def test_beta_of_zero_weighs_all_alike():
    tree = filled([1.0, 2.0, 3.0])
    _, weight = draw(jax.random.key(0), tree, jnp.arange(4), 4, jnp.float32(0.0))
    np.testing.assert_array_equal(weight, 1.0)


def test_sums_hold_where_a_leaf_is_written_twice():
    tree = filled(np.ones(6))
    tree = prioritize(tree, jnp.array([3, 3, 0, 5]), jnp.array([7.0, 7.0, 2.0, 0.25]), jnp.full(4, True))
    assert_sums(tree)
    np.testing.assert_allclose(leaves(tree)[:6], [2, 1, 1, 7, 1, 0.25], rtol=1e-4)
    assert float(tree.highest) == pytest.approx(7.0, rel=1e-5)


@pytest.mark.parametrize("capacity", [3, 8])
def test_only_what_the_memory_holds_has_a_priority(capacity):
    n_envs, slots = 2, 8
    tree = prioritized.empty(slots * n_envs)
    renew = jax.jit(lambda tree, n: prioritized.renew(tree, n, n_envs, slots, jnp.int32(capacity * n_envs)))
    for n in range(21):
        tree = renew(tree, jnp.int32(n))
        held = [m % slots for m in range(max(0, n + 1 - capacity), n + 1)]
        by_slot = leaves(tree)[: slots * n_envs].reshape(slots, n_envs)
        assert sorted(np.flatnonzero(by_slot.all(1))) == sorted(held)
        assert np.count_nonzero(by_slot) == n_envs * len(held)
        assert_sums(tree)
    leaf, _ = draw(jax.random.key(1), tree, jnp.arange(64), 64, jnp.float32(0.4))
    assert set(np.asarray(leaf)) == set(np.flatnonzero(leaves(tree)))


def test_places_beyond_the_batch_count_for_nothing():
    tree, key, beta = filled([1.0, 5.0, 0.0, 2.0, 0.5, 8.0, 3.5]), jax.random.key(0), jnp.float32(0.7)
    alone, longer = (draw(key, tree, jnp.arange(n), 5, beta) for n in (5, 8))
    jax.tree.map(np.testing.assert_array_equal, alone, jax.tree.map(lambda leaf: leaf[:5], longer))
    priority = jnp.where(jnp.arange(8) < 5, 1.0 + longer[0], 90.0)
    written = prioritize(tree, longer[0], priority, jnp.arange(8) < 5)
    expected = prioritize(tree, alone[0], priority[:5], jnp.full(5, True))
    jax.tree.map(np.testing.assert_array_equal, written, expected)


def test_a_new_transition_has_the_highest_priority_seen():
    tree = prioritized.renew(filled([1.0, 9.0, 2.0]), jnp.int32(3), 1, 4, jnp.int32(4))
    np.testing.assert_allclose(leaves(tree)[:4], [1, 9, 2, 9], rtol=1e-5)
