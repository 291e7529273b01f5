"""Keys without loops give JAX's own numbers, bit for bit."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.agents import streams

SEEDS = np.array([0, 1, 7, 2**31 - 1], np.int32)
DRAWS = {
    "uniform": lambda key: jax.random.uniform(key, (3, 5)),
    "normal": lambda key: jax.random.normal(key, (7,)),
    "randint": lambda key: jax.random.randint(key, (9,), -3, 1000),
    "bits": lambda key: jax.random.bits(key, (5,), np.uint16),
    "permutation": lambda key: jax.random.permutation(key, 11),
    "split": lambda key: jax.random.key_data(jax.random.split(key, (2, 3))),
    "fold_in": lambda key: jax.random.key_data(jax.random.fold_in(key, 12345)),
}


@pytest.mark.parametrize("name", DRAWS)
def test_the_numbers_are_those_of_jax(name):
    draw = DRAWS[name]
    ours = jax.jit(jax.vmap(lambda seed: draw(streams.key(seed))))(SEEDS)
    theirs = jax.vmap(lambda seed: draw(jax.random.key(seed)))(SEEDS)
    np.testing.assert_array_equal(ours, theirs)


def test_one_key_alone_is_the_same_as_among_many():
    among = jax.vmap(lambda seed: jax.random.uniform(streams.key(seed), (4,)))(SEEDS)
    np.testing.assert_array_equal(jax.random.uniform(streams.key(7), (4,)), among[2])


@pytest.mark.parametrize("seed", [0, 3, 2**32 - 1, 2**40 + 5])
def test_words_are_the_key_of_a_seed_of_64_bits(seed):
    with jax.enable_x64(True):
        theirs = np.asarray(jax.random.key_data(jax.random.key(np.uint64(seed))))
    np.testing.assert_array_equal(streams.words(seed), theirs)
    np.testing.assert_array_equal(jax.random.key_data(streams.from_words(jnp.asarray(streams.words(seed)))), theirs)
