"""Performance profiles: which share of the runs does better than each score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from rlhp.curves._aligned import Normalise
from rlhp.curves._bootstrap import drawn_counts
from rlhp.curves._options import ascending, check_options, grouping
from rlhp.curves._scores import Scored, ScoreGroup, score_groups
from rlhp.curves._statistic import Array
from rlhp.objectives import Failures, Scores
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, keyed, percent

_MOST_THRESHOLDS = 200


@dataclass(frozen=True, eq=False)
class PerformanceProfile:
    """The share of runs that do better than each threshold, per group; made by `performance_profile`.

    Attributes
    ----------
    scores : Scored
        The scores, by group.
    thresholds : array [T]
        Scores, ascending.
    shares, low, high, band_low, band_high : arrays [G, T]
        Share of runs that do strictly better, its interval at each threshold, and the band over all of them.
    draws : array [G, n_boot, T]
        Shares of whole-run resamples, each environment by itself.
    confidence : float
    n_boot : int
    """

    scores: Scored
    thresholds: Array
    shares: Array
    low: Array
    high: Array
    band_low: Array
    band_high: Array
    draws: Array
    confidence: float
    n_boot: int

    @property
    def groups(self) -> tuple[ScoreGroup, ...]:
        """The scores of each group."""
        return self.scores.groups

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per group and threshold: grouping columns, `threshold`, `share`, interval, band, `n`."""
        frames = []
        for at, group in enumerate(self.groups):
            columns = {"threshold": self.thresholds, "share": self.shares[at], "low": self.low[at]}
            columns |= {"high": self.high[at], "band_low": self.band_low[at], "band_high": self.band_high[at]}
            frames.append(keyed(pd.DataFrame({**columns, "n": group.n}), self.scores.by, group.key))
        return pd.concat(frames, ignore_index=True)

    @property
    def method_text(self) -> str:
        """How interval and band were made, in words."""
        level = percent(self.confidence)
        return f"{level} interval at each threshold: Wilson score; {level} band over all: Kolmogorov-Smirnov"

    def _title(self) -> str:
        return f"share of runs with a better {self.scores.what}, {self.scores.runs_text}"

    def _notes(self) -> list[str]:
        return [self.method_text, f"{self.n_boot:,} whole-run bootstrap draws kept; {self.scores.failures_text}"]

    def __repr__(self) -> str:
        return as_text("PerformanceProfile", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def performance_profile(
    runs: Runs,
    objective: str | Scores = "final_return",
    *,
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    thresholds: ArrayLike | None = None,
    normalise: Normalise | None = None,
    failures: Failures = "raise",
    confidence: float = 0.95,
    n_boot: int = 2000,
) -> PerformanceProfile:
    """Which share of the runs does strictly better than each score: the whole distribution, not one number of it.

    Parameters
    ----------
    runs : Runs
        One environment per group, or several with `normalise`; every environment then counts equally.
    objective : str or Scores
        As in `rlhp.curves.summarise`. Where less is better, better means less.
    by : str or sequence of str, optional
        Hyperparameters or columns of `runs.table` to group by.
    rng : int or numpy.random.Generator
        Seed of the resampling.
    thresholds : sequence of float, optional
        Ascending scores; by default up to 200 from the worst to the best score there is.
    normalise, failures, confidence, n_boot
        As in `rlhp.curves.summarise`.

    Returns
    -------
    PerformanceProfile

    Raises
    ------
    ValueError
        If an option is unknown, thresholds do not ascend, or runs failed and `failures` is "raise".

    Notes
    -----
    A share of n runs is a binomial share: the Wilson interval covers it well where the percentile bootstrap of five
    runs has no width at all (all runs alike). The band is exact for one environment (the Kolmogorov-Smirnov
    statistic of n runs) and cautious for several, whose shares vary less because each environment has its runs.

    References
    ----------
    R. Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice. E. Dolan and J. More
    (2002), Benchmarking optimization software with performance profiles. E. B. Wilson (1927), JASA 22, 209-212.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> runs = Runs.from_table([{}] * 5, [1, 2, 3, 4, 5], seeds=range(5))
    >>> curves.performance_profile(runs, thresholds=[0, 2.5, 5], rng=0).table["share"].round(3).tolist()
    [1.0, 0.6, 0.0]
    """
    check_options(rng, confidence, n_boot)
    found = score_groups(runs, by=grouping(by), objective=objective, failures=failures, normalise=normalise)
    at = _thresholds(thresholds, found)
    streams = np.random.default_rng(rng).spawn(len(found.groups))
    parts = [
        _profile(group, at, found.maximise, n_boot, confidence, stream)
        for group, stream in zip(found.groups, streams, strict=True)
    ]
    shares, low, high, band_low, band_high, draws = (np.stack(column) for column in zip(*parts, strict=True))
    return PerformanceProfile(found, at, shares, low, high, band_low, band_high, draws, confidence, n_boot)


def _thresholds(wanted: ArrayLike | None, found: Scored) -> Array:
    if wanted is None:
        seen = np.unique(np.concatenate([group.values for group in found.groups]))
        return seen if len(seen) <= _MOST_THRESHOLDS else np.linspace(seen[0], seen[-1], _MOST_THRESHOLDS)
    return ascending("thresholds", wanted, what="finite scores that ascend")


def _profile(
    group: ScoreGroup, thresholds: Array, maximise: bool, n_boot: int, confidence: float, rng: np.random.Generator
) -> tuple[Array, ...]:
    values = group.values[:, None]
    better = (values > thresholds) if maximise else (values < thresholds)
    weights = _weights(group)
    shares = weights @ better
    counts = drawn_counts(group.n, n_boot, rng, group.strata)
    draws = (counts * weights) @ better.astype(np.float64)
    # Runs that count unequally (environments with few of them) are worth fewer equal ones.
    size = 1 / (weights**2).sum()
    low, high = wilson(shares, size, confidence)
    # The hair is for rounding: five runs of weight 1/5 add up to 4.999... equal ones.
    reach = stats.kstwo.ppf(confidence, max(1, int(size * (1 + 1e-9))))
    return shares, low, high, np.maximum(shares - reach, 0.0), np.minimum(shares + reach, 1.0), draws


def _weights(group: ScoreGroup) -> NDArray[np.float64]:
    """Return every environment the same weight, and in it every run."""
    if group.strata is None:
        return np.full(group.n, 1 / group.n)
    sizes = np.bincount(group.strata)
    return np.asarray(1 / (len(sizes) * sizes[group.strata]))


def wilson(share: Array, n: float, confidence: float) -> tuple[Array, Array]:
    """Wilson's score interval of a share of `n` trials."""
    z = stats.norm.ppf((1 + confidence) / 2)
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.maximum(centre - reach, 0.0), np.minimum(centre + reach, 1.0)
