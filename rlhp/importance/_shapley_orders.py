"""Shapley values by sampling: the players come in, one after the other, in many random orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlhp.importance._study import Array


@dataclass(frozen=True, eq=False)
class Walks:
    """Random orders of k players, W of them, and the V different coalitions that they pass through.

    Attributes
    ----------
    orders : int array [W, k]
        Row w + W/2 is the reverse of row w.
    free : bool array [V, k]
        Who takes part in each coalition; the first row is nobody, the last one everybody.
    passed : int array [W, k + 1]
        Rows of `free` that each order passes through, from nobody to everybody.
    """

    orders: NDArray[np.int64]
    free: NDArray[np.bool_]
    passed: NDArray[np.int64]


def walks(k: int, n: int, rng: np.random.Generator) -> Walks:
    """Draw n orders of k players and add the reverse of each: what comes early in one comes late in the other."""
    drawn = rng.permuted(np.tile(np.arange(k), (n, 1)), axis=1)
    orders = np.vstack([drawn, drawn[:, ::-1]])
    members = np.zeros((len(orders), k + 1, k), dtype=bool)
    for step in range(k):
        members[:, step + 1] = members[:, step]
        members[np.arange(len(orders)), step + 1, orders[:, step]] = True
    # Rows sort as numbers do, so that nobody comes first and everybody last.
    free, place = np.unique(members.reshape(-1, k), axis=0, return_inverse=True)
    return Walks(orders, free, place.reshape(len(orders), k + 1))


def most_of_parts(worth: Array, free: NDArray[np.bool_]) -> Array:
    """Let a coalition be worth at least what each part of it that was looked at is.

    Parameters
    ----------
    worth : array [V]
    free : bool array [V, k]

    Returns
    -------
    array [V]
    """
    best = np.empty(len(worth))
    for row, members in enumerate(free):
        part = ~(free & ~members).any(axis=1)
        best[row] = worth[part].max()
    return best


def shares_by_walk(worth: Array, walked: Walks) -> tuple[Array, float]:
    """Return what each player adds when its turn comes, as a share of the worth of all.

    Parameters
    ----------
    worth : array [V]
        Of the coalitions in `walked.free`.

    Returns
    -------
    shares : array [W / 2, k]
        The mean of an order and its reverse; each row adds up to 1. All 0 where there is nothing to share.
    whole : float
        Worth of everybody less that of nobody.
    """
    along = worth[walked.passed]
    gains = np.empty(walked.orders.shape)
    np.put_along_axis(gains, walked.orders, np.diff(along, axis=1), axis=1)
    half = len(gains) // 2
    pairs = (gains[:half] + gains[half:]) / 2
    whole = float(worth[-1] - worth[0])
    return (pairs / whole if whole > 0 else np.zeros_like(pairs)), whole


def resampled_means(shares: Array, n: int, rng: np.random.Generator) -> list[Array]:
    """Average the shares over n resamples of the walks."""
    times = rng.multinomial(len(shares), np.full(len(shares), 1 / len(shares)), size=n)
    return list(times @ shares / len(shares))
