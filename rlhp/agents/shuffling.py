"""A random order of 0 to n - 1 of which any place can be asked for alone: nothing is sorted and nothing is kept.

An order is a chain of bijections of the numbers below a power of two: multiply by an odd number and add, both drawn,
then fold the high bits onto the low ones. Numbers of n or more, which the power of two may leave, are sent on along the
chain until they are below n; that keeps it a bijection, and where n is a power of two there are none. How many things
are to be ordered is a number like any other, so that one program serves them all.

References
----------
Black and Rogaway (2002), Ciphers with arbitrary finite domains (walking the cycle).
Mitchell, Stokes, Frank and Holmes (2022), Bandwidth-optimal random shuffling for GPUs.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PRNGKeyArray, UInt

__all__ = ["drawn", "places"]

_ROUNDS = 10  # of four things every order is as likely as any other to within 2/3 in 2^rounds


def drawn(key: PRNGKeyArray) -> UInt[Array, "rounds 2"]:
    """Draw an order: the factors and the terms of its rounds."""
    return jax.random.bits(key, (_ROUNDS, 2), jnp.uint32)


def places(
    order: UInt[Array, "rounds 2"], positions: Int[Array, " some"], n: Int[Array, ""] | int
) -> Int[Array, " some"]:
    """Return what stands at `positions` of an order of 0 to n - 1.

    Parameters
    ----------
    order : array, from `drawn`
    positions : int array
        From 0 to n - 1.
    n : int
        How many there are; not known when the program is compiled.

    Examples
    --------
    >>> found = places(drawn(jax.random.key(0)), jnp.arange(6), 6)
    >>> sorted(found.tolist())
    [0, 1, 2, 3, 4, 5]
    """
    highest = jnp.asarray(n).astype(jnp.uint32) - 1
    bits = jnp.uint32(32) - jax.lax.clz(highest)
    mask = (jnp.uint32(1) << bits) - 1
    fold = jnp.maximum((bits + 1) // 2, 1)

    def once(number: Array) -> Array:
        for factor, term in order:
            number = (number * (factor | np.uint32(1)) + term) & mask
            number = number ^ (number >> fold)
        return number

    def on(number: Array) -> Array:
        return jnp.where(number > highest, once(number), number)

    found = once(positions.astype(jnp.uint32))
    return jax.lax.while_loop(lambda number: (number > highest).any(), on, found).astype(jnp.int32)
