"""Random keys whose numbers are made without a loop: JAX's own Threefry, unrolled.

On a CPU JAX computes Threefry in a small loop, which keeps programs short but costs more than the numbers themselves
where only a few are drawn at a time, as in every step of an environment. These keys give the same numbers bit for bit
(a test holds them to `jax.random.key`), from straight code that the compiler can merge with what uses them.

References
----------
Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.extend.random
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

__all__ = ["from_words", "key", "words"]

_ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
_PARITY = np.uint32(0x1BD11BDA)


def key(seed: int | Array) -> PRNGKeyArray:
    """Return the key of a seed, as `jax.random.key` does.

    Examples
    --------
    >>> bool(jax.random.uniform(key(3)) == jax.random.uniform(jax.random.key(3)))
    True
    """
    return jax.random.key(jnp.asarray(seed), impl=_IMPLEMENTATION)


def words(seed: int) -> np.ndarray:
    """Return a seed of up to 64 bits as the two words of its key, shape [2], uint32."""
    return np.array([seed >> 32 & 0xFFFFFFFF, seed & 0xFFFFFFFF], np.uint32)


def from_words(words: Array) -> PRNGKeyArray:
    """Return the key of two words: ``from_words(words(seed))`` is ``key(seed)``."""
    made: PRNGKeyArray = jax.random.wrap_key_data(words, impl=_IMPLEMENTATION)
    return made


def _threefry(key: Any, high: Array, low: Array) -> tuple[Array, Array]:
    """Encrypt a counter of two words by a key of two words, in twenty rounds."""
    words = (key[0], key[1], key[0] ^ key[1] ^ _PARITY)
    high, low = high + words[0], low + words[1]
    for group in range(5):
        for bits in _ROTATIONS[group % 2]:
            high = high + low
            low = (low << np.uint32(bits)) | (low >> np.uint32(32 - bits))
            low = high ^ low
        high = high + words[(group + 1) % 3]
        low = low + words[(group + 2) % 3] + np.uint32(group + 1)
    return high, low


def _counters(shape: tuple[int, ...]) -> tuple[Array, Array]:
    low = jax.lax.iota(np.uint32, math.prod(shape)).reshape(shape)
    return jnp.zeros_like(low), low


def _seed(seed: Array) -> Array:
    high = jax.lax.shift_right_logical(seed, np.array(32, seed.dtype)) if seed.dtype.itemsize > 4 else seed * 0
    return jnp.stack([high.astype(np.uint32), seed.astype(np.uint32)])


def _split(key: Array, shape: tuple[int, ...]) -> Array:
    return jnp.stack(_threefry(key, *_counters(shape)), axis=-1)


def _random_bits(key: Array, bit_width: int, shape: tuple[int, ...]) -> Array:
    high, low = _threefry(key, *_counters(shape))
    if bit_width == 64:
        return (high.astype(np.uint64) << np.uint64(32)) | low.astype(np.uint64)
    bits = high ^ low
    return bits if bit_width == 32 else bits.astype({8: np.uint8, 16: np.uint16}[bit_width])


def _fold_in(key: Array, data: Any) -> Array:
    zero = jnp.zeros((), np.uint32)
    return jnp.stack(_threefry(key, zero, jnp.asarray(data).astype(np.uint32)))


_IMPLEMENTATION = jax.extend.random.define_prng_impl(
    key_shape=(2,),
    seed=_seed,
    split=_split,
    random_bits=_random_bits,
    fold_in=_fold_in,
    name="rlhp_threefry",
    tag="rlhp",
)
