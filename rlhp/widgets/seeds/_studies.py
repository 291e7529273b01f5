"""Studies with a few seeds, drawn again and again from runs that were measured: how often the wrong one wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rlhp.curves import STATISTICS, Array, TrimmedMean, wilson

__all__ = ["Odds", "Pair", "DrawnStudy", "odds"]

_STUDIES = 4000
# Measured sets of runs that might as well have come out, and studies drawn from each of them.
_SETS, _STUDIES_EACH = 200, 60
_HAIR = 1e-9


@dataclass(frozen=True, eq=False)
class Pair:
    """Two configurations with all scores that were measured of them.

    Parameters
    ----------
    labels : (str, str)
    values : (array [n], array [m])
        One score a run, more is better.
    statistic : {"iqm", "mean", "median"}
        What a study compares.
    """

    labels: tuple[str, str]
    values: tuple[Array, Array]
    statistic: str

    @property
    def of(self) -> TrimmedMean:
        """The statistic, as a function."""
        return STATISTICS[self.statistic]

    @property
    def estimates(self) -> tuple[float, float]:
        """The statistic over all measured runs."""
        first, second = (float(self.of(values)) for values in self.values)
        return first, second

    @property
    def better(self) -> int | None:
        """Which of the two is better over all measured runs; None if neither is."""
        return _winner(*self.estimates)


@dataclass(frozen=True, eq=False)
class DrawnStudy:
    """One study: the scores that were drawn, what they come to, and who wins (None for neither)."""

    values: tuple[Array, Array]
    estimates: tuple[float, float]
    winner: int | None


@dataclass(frozen=True, eq=False)
class Odds:
    """How studies end, by their number of seeds.

    Attributes
    ----------
    n : int array [K]
        Seeds of each configuration, 1, 2, ...
    wrong, tie : arrays [K]
        Share of studies in which the worse configuration comes out ahead, and in which neither does.
    low, high : arrays [K]
        95 % interval of `wrong`: what the few measured runs leave open, and the number of studies.
    studies : int
        How many were drawn.
    """

    n: np.ndarray
    wrong: Array
    tie: Array
    low: Array
    high: Array
    studies: int

    def at(self, n: int) -> dict[str, float]:
        """Return what is known for studies with `n` seeds each."""
        return {name: float(getattr(self, name)[n - 1]) for name in ("wrong", "tie", "low", "high")}


def draw(pair: Pair, n: int, rng: np.random.Generator) -> DrawnStudy:
    """Draw `n` seeds of each configuration, with replacement, as if the measured runs were all there are."""
    first, second = (values[rng.integers(len(values), size=n)] for values in pair.values)
    estimates = float(pair.of(first)), float(pair.of(second))
    return DrawnStudy((first, second), estimates, _winner(*estimates))


def odds(pair: Pair, most: int, *, rng: int | np.random.Generator) -> Odds:
    """Draw thousands of studies with 1 to `most` seeds of each configuration.

    The interval is of what other measured runs might have said: whole sets of them are resampled, and studies drawn
    from each set. Studies with fewer seeds are the beginnings of those with more, so that the shares hardly jump.

    Parameters
    ----------
    pair : Pair
        One of the two must be better.
    most : int
    rng : int or numpy.random.Generator

    Raises
    ------
    ValueError
        If neither configuration is better over all measured runs.

    Examples
    --------
    >>> apart = Pair(("a", "b"), (np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.0, 4.0])), "mean")
    >>> found = odds(apart, 8, rng=0)
    >>> bool(found.wrong[0] > found.wrong[7] > 0)
    True
    """
    better = pair.better
    if better is None:
        raise ValueError(f"{pair.labels[0]} and {pair.labels[1]} do equally well over all measured runs.")
    generator = np.random.default_rng(rng)
    good, bad = pair.values[better], pair.values[1 - better]
    numbers = np.arange(1, most + 1)
    ends = _ends(_drawn(good[None], _STUDIES, most, generator), _drawn(bad[None], _STUDIES, most, generator), pair.of)
    wrong, tie = (np.stack([end[kind].mean() for end in ends]) for kind in ("wrong", "tie"))
    good_sets, bad_sets = (
        _drawn(values[generator.integers(len(values), size=(_SETS, len(values)))], _STUDIES_EACH, most, generator)
        for values in (good, bad)
    )
    shares = [end["wrong"].reshape(_SETS, _STUDIES_EACH).mean(axis=1) for end in _ends(good_sets, bad_sets, pair.of)]
    low, high = np.quantile(np.stack(shares), [0.025, 0.975], axis=1)
    least, greatest = wilson(wrong, _STUDIES, 0.95)
    return Odds(numbers, wrong, tie, np.minimum(low, least), np.maximum(high, greatest), _STUDIES)


def _drawn(sets: Array, studies: int, n: int, rng: np.random.Generator) -> Array:
    """Draw `studies` times `n` scores from each of the sets [S, m]: array [S * studies, n]."""
    at = rng.integers(sets.shape[1], size=(len(sets), studies * n))
    return np.take_along_axis(sets, at, axis=1).reshape(len(sets) * studies, n)


def _ends(good: Array, bad: Array, statistic: TrimmedMean) -> Sequence[dict[str, np.ndarray]]:
    """Return how each study ends that takes the first 1, 2, ... seeds."""
    ends = []
    for n in range(1, good.shape[1] + 1):
        first, second = statistic(good[:, :n], axis=1), statistic(bad[:, :n], axis=1)
        hair = _HAIR * np.maximum(np.abs(first), np.abs(second))
        ends.append({"wrong": second - first > hair, "tie": np.abs(second - first) <= hair})
    return ends


def _winner(first: float, second: float) -> int | None:
    if abs(first - second) <= _HAIR * max(abs(first), abs(second)):
        return None
    return 0 if first > second else 1
