"""Gittins indices of arms that win with an unknown probability: what a known arm must offer to be as good.

Both kinds are found by calibration: for a grid of known probabilities, whether pulling the unknown arm once more is
worth it; the index lies where that turns from yes to no.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from rlhp.arguments import real, whole
from rlhp.meta.bandits._beliefs import arm_number
from rlhp.meta.bandits._policies import _ByIndex
from rlhp.options import options

__all__ = ["FiniteHorizonGittins", "Gittins", "gittins_index"]

KNOWN = np.linspace(0.0, 1.0, 513)[:, None]  # probabilities of the known arm
# An arm that was pulled that often more than any in the table counts as known. For a discount of .9999, whose horizon
# is longer, indices of well-known arms are therefore a little low.
BEYOND = 1_000


@options
@dataclass(frozen=True)
class Gittins(_ByIndex):
    """The arm with the highest Gittins index: optimal where rewards are discounted and the trial never ends.

    On a trial of `n` pulls the discount is a parameter to tune: about ``1 - 1 / n`` is a first guess.

    Parameters
    ----------
    discount : float
        In (0, 1).

    References
    ----------
    J. C. Gittins (1979), Bandit processes and dynamic allocation indices.
    """

    discount: float = 0.99

    def __post_init__(self) -> None:
        real("discount", self.discount, above=0, below=1)

    def index(self, successes: np.ndarray, failures: np.ndarray, step: int, n: int) -> np.ndarray:
        """Return the indices."""
        return np.asarray(_discounted(self.discount, n)[arm_number(np.asarray(successes), np.asarray(failures))])


@options
@dataclass(frozen=True)
class FiniteHorizonGittins(_ByIndex):
    """The arm with the highest index for the pulls that are left; not optimal, but within a thousandth of it.

    References
    ----------
    J. Niño-Mora (2011), Computing a classic index for finite-horizon bandits.
    """

    def index(self, successes: np.ndarray, failures: np.ndarray, step: int, n: int) -> np.ndarray:
        """Return the indices."""
        arms = arm_number(np.asarray(successes), np.asarray(failures))
        table = _finite(n)[n - step - 1]
        return np.asarray(table[np.minimum(arms, len(table) - 1)])


def gittins_index(successes: int, failures: int, *, discount: float) -> float:
    """Return the Gittins index of an arm with a uniform prior.

    Parameters
    ----------
    successes, failures : int
        What it has shown, from 0.
    discount : float
        In (0, 1).

    Returns
    -------
    float
        The winning probability of a known arm that is as good as this one.

    Examples
    --------
    >>> f"{gittins_index(0, 0, discount=0.9):.4f}"
    '0.7029'
    """
    successes, failures = (
        whole(name, value, at_least=0, at_most=1_000)
        for name, value in (("successes", successes), ("failures", failures))
    )
    discount = real("discount", discount, above=0, below=1)
    table = _discounted(discount, successes + failures + 1)
    return float(table[int(arm_number(np.array(successes), np.array(failures)))])


@functools.lru_cache(maxsize=16)
def _discounted(discount: float, n: int) -> np.ndarray:
    """Return the indices of all arms with fewer than `n` pulls, in the order of their numbers."""
    beyond = n + BEYOND
    stop = KNOWN / (1.0 - discount)
    value = np.maximum(stop, _means(beyond) / (1.0 - discount))
    found = []
    for pulls in range(beyond - 1, -1, -1):
        mean = _means(pulls)
        on = mean * (1.0 + discount * value[:, 1:]) + (1.0 - mean) * discount * value[:, :-1]
        if pulls < n:
            found.append(_root(on - stop))
        value = np.maximum(stop, on)
    return np.concatenate(found[::-1])


@functools.lru_cache(maxsize=4)
def _finite(n: int) -> list[np.ndarray]:
    """Return the indices with 1, ..., n pulls left, each of all arms that can have come there.

    What pulling an arm is worth beyond the known one: ``D_1 = p - q`` and, with r pulls left,
    ``D_r = p - q + p max(0, D_{r-1}(won)) + (1 - p) max(0, D_{r-1}(lost))``; the index is the q at which it is 0.
    """
    pulls = np.repeat(np.arange(n), np.arange(1, n + 1))
    arms = np.arange(len(pulls))
    mean = (arms - pulls * (pulls + 1) // 2 + 1.0) / (pulls + 2.0)
    known = KNOWN if n <= 200 else KNOWN[::4]
    worth = np.zeros((len(known), len(arms) + n + 1))
    tables = []
    for left in range(1, n + 1):
        size = (n - left + 1) * (n - left + 2) // 2  # of arms with at most n - left pulls
        own, p = arms[:size], mean[:size]
        lost = own + pulls[:size] + 1
        worth = p - known + p * np.maximum(worth[:, lost + 1], 0.0) + (1.0 - p) * np.maximum(worth[:, lost], 0.0)
        tables.append(_root(worth))
    return tables


def _means(pulls: int) -> np.ndarray:
    """Return the posterior means of arms with so many pulls, by their wins from 0 on."""
    return np.arange(1, pulls + 2) / (pulls + 2.0)


def _root(gain: np.ndarray) -> np.ndarray:
    """Return where each column, which falls with the known probability, crosses 0; linear between two of the grid."""
    grid = np.linspace(0.0, 1.0, len(gain))
    at = np.minimum((gain > 0).sum(axis=0), len(grid) - 1)
    rows = np.arange(gain.shape[1])
    above, below = gain[np.maximum(at - 1, 0), rows], gain[at, rows]
    step = np.where(above > below, above / np.where(above > below, above - below, 1.0), 0.0)
    return np.asarray(np.clip(grid[np.maximum(at - 1, 0)] + step * (grid[1] - grid[0]), 0.0, 1.0))
