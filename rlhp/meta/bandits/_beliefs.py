"""Every belief about a Bernoulli bandit: what each arm has shown, whichever arm it was, layer by layer of pulls.

An arm that was pulled m times and won s of them is the number ``m (m + 1) / 2 + s``; an untouched one is 0. A belief is
a multiset of such numbers, so that k! orders of the arms are one belief: this is what makes 50 arms tractable.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from rlhp.arguments import whole

__all__ = ["Beliefs", "Layer", "arm_number", "beliefs", "counts_of", "n_beliefs", "pulls_of"]

LIMIT = 10_000_000


@dataclass(frozen=True, eq=False)
class Layer:
    """All beliefs after one number of pulls.

    Attributes
    ----------
    arms : uint16 array [beliefs, columns]
        The numbers of the arms, the highest first; as many columns as could have been pulled, and an untouched one
        where there is one left.
    untouched : int array [beliefs]
        Arms that were never pulled, all of them.
    keys : uint64 array [beliefs], ascending
        What the beliefs are found by; see `Beliefs.find`.
    order : int array [beliefs]
        The row of each key.
    """

    arms: np.ndarray
    untouched: np.ndarray
    keys: np.ndarray
    order: np.ndarray

    def find(self, keys: np.ndarray) -> np.ndarray:
        """Return the rows that have these keys; all of them must be there."""
        return np.asarray(self.order[np.searchsorted(self.keys, keys)])


@dataclass(frozen=True, eq=False)
class Beliefs:
    """The beliefs of `k` arms before each of `n` pulls.

    A belief's key is the sum, modulo 2^64, of a random number for each of its arms: whatever order they have, and
    changed by one pull with one addition. That no two beliefs share a key is checked when a layer is made.
    """

    k: int
    n: int
    layers: tuple[Layer, ...]
    words: np.ndarray

    def keys(self, arms: np.ndarray) -> np.ndarray:
        """Return the keys of beliefs, from the numbers of their arms [..., any number of arms]."""
        return np.asarray(self.words[arms].sum(axis=-1, dtype=np.uint64))


def arm_number(successes: np.ndarray, failures: np.ndarray) -> np.ndarray:
    """Return the numbers of arms.

    Examples
    --------
    >>> arm_number(np.array([0, 0, 1, 2]), np.array([0, 1, 0, 1])).tolist()
    [0, 1, 2, 8]
    """
    pulls = successes + failures
    return np.asarray(pulls * (pulls + 1) // 2 + successes)


def pulls_of(arms: np.ndarray) -> np.ndarray:
    """Return how often arms were pulled, from their numbers.

    Examples
    --------
    >>> pulls_of(np.array([0, 1, 2, 8])).tolist()
    [0, 1, 1, 3]
    """
    return np.asarray((np.sqrt(8 * arms + 1).astype(np.int64) - 1) // 2)


def counts_of(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the successes and the failures of each number, of arms with fewer than `n` pulls."""
    pulls = np.repeat(np.arange(n), np.arange(1, n + 1))
    successes = np.arange(len(pulls)) - pulls * (pulls + 1) // 2
    return successes, pulls - successes


def n_beliefs(k: int, n: int) -> int:
    """Count the beliefs that an agent can have before one of `n` pulls of `k` arms, without making them.

    Parameters
    ----------
    k, n : int
        Arms and pulls.

    Returns
    -------
    int

    Notes
    -----
    After t pulls: the multisets of at most k pairs (successes, failures) other than (0, 0) whose entries add up to t.

    Examples
    --------
    >>> n_beliefs(2, 3)  # none pulled; one pull: 2; two pulls: 3 of one arm, and 3 of two
    9
    """
    k, n = whole("k", k, at_least=1, hint="Arms."), whole("n", n, at_least=1, hint="Pulls.")
    return sum(_layer_sizes(k, n))


@functools.lru_cache(maxsize=64)
def _layer_sizes(k: int, n: int) -> tuple[int, ...]:
    """Return how many beliefs there are after 0, ..., n - 1 pulls."""
    ways = [[1] + [0] * (n - 1)] + [[0] * n for _ in range(min(k, n - 1))]  # [touched arms][pulls]
    for m in range(1, n):  # m + 1 kinds of arm have m pulls; take j of them, a kind as often as one likes
        grown = [row[:] for row in ways]
        for touched, row in enumerate(ways):
            for pulls, count in enumerate(row):
                for j in range(1, min(len(ways) - 1 - touched, (n - 1 - pulls) // m) + 1) if count else ():
                    grown[touched + j][pulls + j * m] += count * math.comb(m + j, j)
        ways = grown
    return tuple(sum(column) for column in zip(*ways, strict=True))


@functools.lru_cache(maxsize=1)
def beliefs(k: int, n: int) -> Beliefs:
    """Make all beliefs; the last ones are kept, since optimum and policies go over the same.

    Raises
    ------
    ValueError
        If there are more than 10 million.
    """
    size = n_beliefs(k, n)
    if size > LIMIT:
        raise ValueError(
            f"{k} arms and {n} pulls have {size:,} beliefs, more than {LIMIT:,}; `play` estimates what cannot be exact."
        )
    # Any fixed numbers do: they only name beliefs, and two equal names are noticed below.
    words = np.random.default_rng(20).integers(1, 2**64, n * (n + 1) // 2, dtype=np.uint64)
    words[0] = 0  # untouched arms have no part in a key
    arms, untouched = np.zeros((1, 1), np.uint16), np.array([k])
    layers = []
    for pulled in range(n):
        if pulled:
            arms, untouched = _grown(arms, untouched, k, pulled)
        keys = words[arms].sum(axis=1, dtype=np.uint64)
        order = np.argsort(keys)
        keys = keys[order]
        if len(keys) != _layer_sizes(k, n)[pulled] or (keys[1:] == keys[:-1]).any():
            raise RuntimeError(f"two beliefs of {k} arms after {pulled} pulls have one key; please report it.")
        layers.append(Layer(arms, untouched, keys, order))
    return Beliefs(k, n, tuple(layers), words)


def _grown(arms: np.ndarray, untouched: np.ndarray, k: int, pulled: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the next layer, each belief once.

    Each belief is made from one other: its highest arm has one win less, or, where it has no win, one failure less.
    So a pull makes a belief of this layer only if its arm is the highest afterwards, and a loss only of an arm without
    a win. Nothing has to be made twice and thrown away.
    """
    successes, _ = counts_of(pulled + 1)
    made, left = [], []
    columns = arms.shape[1]
    for column in range(columns):
        arm = arms[:, column].astype(np.int64)
        first = np.ones(len(arms), bool) if column == 0 else arms[:, column] != arms[:, column - 1]
        lost = arm + pulls_of(arm) + 1  # the number of the same successes with one more pull
        for new, allowed in ((lost + 1, first), (lost, first & (successes[arm] == 0))):
            rows = np.flatnonzero(allowed & (new >= arms[:, 0]))
            row = np.empty((len(rows), min(k, pulled + 1)), np.uint16)
            row[:, 0] = new[rows]
            row[:, 1:columns] = np.delete(arms[rows], column, axis=1)
            row[:, columns:] = 0
            made.append(row)
            left.append(untouched[rows] - (arm[rows] == 0))
    return np.concatenate(made), np.concatenate(left)
