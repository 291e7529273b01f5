"""Orders that can be asked for place by place: each holds everything once, and none is likelier than another."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from rlhp.agents import shuffling, streams

ORDERS = 24_000


@jax.jit
def everything(seed, n):
    """Give the first 256 places; those from n on are the last one's."""
    return shuffling.places(shuffling.drawn(streams.key(seed)), jnp.minimum(jnp.arange(256), n - 1), n)


@jax.jit
def long(n):
    """Give 131,072 places, which begin again after the first n."""
    return shuffling.places(shuffling.drawn(streams.key(3)), jnp.arange(131_072) % n, n)


def many(n: int, count: int = ORDERS) -> np.ndarray:
    """Give `count` orders of n things, shape [count, n]."""

    @jax.jit
    def orders(seeds):
        return jax.vmap(lambda seed: shuffling.places(shuffling.drawn(streams.key(seed)), jnp.arange(n), n))(seeds)

    return np.asarray(orders(jnp.arange(count)))


def test_every_order_of_any_number_of_things_holds_each_once():
    for n in range(1, 201):
        found = np.asarray(everything(n, jnp.int32(n)))
        np.testing.assert_array_equal(np.sort(found[:n]), np.arange(n), err_msg=str(n))
    assert everything._cache_size() == 1, "how many there are is no shape"


@pytest.mark.parametrize("n", [4_095, 4_096, 4_097, 100_003, 131_072])
def test_so_do_long_ones(n):
    found = np.asarray(long(n))
    np.testing.assert_array_equal(np.sort(found[:n]), np.arange(n))
    np.testing.assert_array_equal(found[n:], found[: 131_072 - n])


def test_a_place_does_not_depend_on_which_others_are_asked_for():
    order, places = shuffling.drawn(streams.key(0)), jax.jit(shuffling.places)
    some = jnp.array([5, 36, 0])
    np.testing.assert_array_equal(places(order, some, 37), places(order, jnp.arange(37), 37)[some])


def test_all_orders_of_four_things_are_as_likely():
    orders = {order: 0 for order in itertools.permutations(range(4))}
    for order in many(4):
        orders[tuple(order.tolist())] += 1
    assert stats.chisquare(list(orders.values())).pvalue > 1e-3


@pytest.mark.parametrize("n", [3, 8, 100])
def test_everything_is_as_likely_at_any_place_and_any_two_beside_each_other(n):
    orders = many(n)
    places = np.stack([np.bincount(orders[:, place], minlength=n) for place in range(n)])
    expected = ORDERS / n
    # Rows and columns are given: (n - 1)^2 degrees of freedom.
    assert stats.chi2((n - 1) ** 2).sf(((places - expected) ** 2 / expected).sum()) > 1e-3
    for first, second in ((0, 1), (0, n - 1), (n // 2, n // 2 + 1)):
        pairs = np.bincount(orders[:, first] * n + orders[:, second], minlength=n * n).reshape(n, n)
        apart = pairs[~np.eye(n, dtype=bool)]
        assert not np.diag(pairs).any()
        assert stats.chisquare(apart).pvalue > 1e-3, (first, second)


@pytest.mark.parametrize("n", [64, 100, 2_048])
def test_neighbours_are_scattered(n):
    # Minibatches are stretches of an order: how far apart two things stand has the distribution of a random order.
    orders = many(n, 2_000)
    at = np.argsort(orders, axis=1)
    for gap in (1, 2, n // 2):
        apart = np.abs(at[:, 0] - at[:, gap])
        # The chance of a distance d between two of n places is 2 (n - d) / (n (n - 1)).
        below = stats.binomtest(int((apart < n // 4).sum()), 2_000, _nearer(n, n // 4)).pvalue
        assert below > 1e-4, gap


def _nearer(n: int, limit: int) -> float:
    distances = np.arange(1, limit)
    return float((2 * (n - distances)).sum() / (n * (n - 1)))


def test_the_same_key_gives_the_same_order_and_another_another():
    one, again, other = (np.asarray(everything(seed, jnp.int32(256))) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, again)
    assert (one == other).mean() < 0.1
