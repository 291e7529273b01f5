"""One number over the scores of many runs, with its interval: IQM, mean, median, optimality gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from rlhp.arguments import choice, real
from rlhp.curves._aggregate import warn_if_few
from rlhp.curves._aligned import Normalise
from rlhp.curves._intervals import Estimated, Interval, check_interval, with_interval
from rlhp.curves._options import check_options, grouping
from rlhp.curves._scores import Scored, ScoreGroup, score_groups
from rlhp.curves._statistic import MEAN, STATISTICS, Array, TrimmedMean
from rlhp.objectives import Failures, Scores
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, keyed, percent, without_width


@dataclass(frozen=True, eq=False)
class ScoreSummary:
    """A statistic over the scores of runs, per group; made by `summarise` and `optimality_gap`.

    Attributes
    ----------
    statistic : str
        ``"IQM"``, ``"mean"``, ``"median"``, or ``"optimality gap below 1"``.
    scores : Scored
        The scores, by group.
    confidence : float
    n_boot : int
    estimates, low, high : arrays [G]
        One a group; the ends NaN where there are too few runs.
    draws : tuple of arrays [n_boot], one a group
        The statistic of whole-run resamples.
    methods : tuple of str
        How the intervals were made.
    shortfalls : tuple of arrays [n], one a group, or None
        Of the optimality gap: by how much each run falls short of the target, which is what its mean is of.
    """

    statistic: str
    scores: Scored
    confidence: float
    n_boot: int
    estimates: Array
    low: Array
    high: Array
    draws: tuple[Array, ...]
    methods: tuple[str, ...]
    shortfalls: tuple[Array, ...] | None = None

    @property
    def groups(self) -> tuple[ScoreGroup, ...]:
        """The scores of each group."""
        return self.scores.groups

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per group: grouping columns, `estimate`, `low`, `high`, `n`, `method`."""
        own = zip(self.estimates, self.low, self.high, (g.n for g in self.groups), self.methods, strict=True)
        frames = [
            keyed(pd.DataFrame([row], columns=["estimate", "low", "high", "n", "method"]), self.scores.by, group.key)
            for group, row in zip(self.groups, own, strict=True)
        ]
        return pd.concat(frames, ignore_index=True)

    def _title(self) -> str:
        return f"{self.statistic} of {self.scores.what} over runs, {self.scores.runs_text}"

    def _notes(self) -> list[str]:
        methods = "; ".join(dict.fromkeys(self.methods))
        values = self.shortfalls or [group.values for group in self.groups]
        strata = [group.strata for group in self.groups]
        where = " in how far they fall short" if self.shortfalls else ""
        ends = zip(values, strata, self.low, self.high, strict=True)
        return [
            f"{percent(self.confidence)} interval: {methods}",
            f"{self.n_boot:,} whole-run bootstrap draws kept; {self.scores.failures_text}",
            *without_width(ends, self.statistic, self.confidence, where),
        ]

    def __repr__(self) -> str:
        return as_text("ScoreSummary", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def summarise(
    runs: Runs,
    objective: str | Scores = "final_return",
    *,
    statistic: Literal["iqm", "mean", "median"] = "iqm",
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    normalise: Normalise | None = None,
    failures: Failures = "raise",
    confidence: float = 0.95,
    n_boot: int = 2000,
    interval: Interval = "auto",
) -> ScoreSummary:
    """One number over runs: the IQM, mean or median of a score, such as the area under the learning curve.

    Parameters
    ----------
    runs : Runs
        One environment per group, or several with `normalise`.
    objective : str or Scores
        What each run is scored by, a name of `rlhp.objectives.names()`; or scores of these runs that
        `rlhp.objectives.score` made, for objectives with options (then `failures` is theirs).
    statistic : {"iqm", "mean", "median"}
        What is computed over the scores.
    by : str or sequence of str, optional
        Hyperparameters or columns of `runs.table` to group by; without, all runs are one group.
    rng : int or numpy.random.Generator
        Seed of the resampling; the same seed gives the same numbers.
    normalise : mapping of env_id to (float, float), optional
        The scores that become 0 and 1 in each environment. Runs of several environments then make one group and are
        resampled among those of their own environment.
    failures : {"raise", "worst", "drop"} or float
        What failed runs count as; see `rlhp.objectives.score`.
    confidence : float
        Of the interval, in (0, 1).
    n_boot : int
        Number of whole-run resamples kept as `draws`.
    interval : str
        As in `rlhp.curves.iqm`.

    Returns
    -------
    ScoreSummary

    Raises
    ------
    ValueError
        If a name or option is unknown, runs failed and `failures` is "raise", or a group mixes environments.

    Warns
    -----
    FewRunsWarning
        If a group has fewer than five runs.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> configs = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(6)]
    >>> runs = Runs.from_table(configs, [1, 2, 3, 4, 5, 60, 7, 8, 9, 10, 11, 12], seeds=[*range(6), *range(6)])
    >>> curves.summarise(runs, "final_return", by="gamma", rng=0).table[["gamma", "estimate", "n"]].to_dict("list")
    {'gamma': [0.9, 0.99], 'estimate': [3.5, 9.5], 'n': [6, 6]}
    """
    what = STATISTICS[choice("statistic", statistic, STATISTICS)]
    check_options(rng, confidence, n_boot)
    found = score_groups(runs, by=grouping(by), objective=objective, failures=failures, normalise=normalise)
    return _summary(found, what, what.name, rng, confidence, n_boot, interval)


def optimality_gap(
    runs: Runs,
    objective: str | Scores = "final_return",
    *,
    target: float = 1.0,
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    normalise: Normalise | None = None,
    failures: Failures = "raise",
    confidence: float = 0.95,
    n_boot: int = 2000,
    interval: Interval = "auto",
) -> ScoreSummary:
    """How far runs fall short of a target on average: ``target - mean(min(score, target))``; lower is better.

    What a run earns beyond the target does not make up for another that misses it. Options are those of `summarise`.

    Parameters
    ----------
    runs : Runs
    objective : str or Scores
        Must be one of which more is better.
    target : float
        The score below which a run falls short; on the scale of `normalise` where it is given, so that by default it
        is the score that becomes 1.
    by, rng, normalise, failures, confidence, n_boot, interval
        As in `summarise`.

    Raises
    ------
    ValueError
        If `target` is not finite, or less is better for the objective.

    References
    ----------
    R. Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> runs = Runs.from_table([{}] * 5, [480, 490, 500, 600, 470], seeds=range(5))
    >>> float(curves.optimality_gap(runs, target=500, rng=0).estimates[0])
    12.0
    """
    target = real("target", target, what="the score to reach, a finite number such as 475")
    check_options(rng, confidence, n_boot)
    scores = score_groups(runs, by=grouping(by), objective=objective, failures=failures, normalise=normalise)
    if not scores.maximise:
        raise ValueError(
            f"less is better for {scores.objective}, so that no run falls short of a target; give `normalise` with the "
            f"better value second, or another objective."
        )
    groups = tuple(
        replace(
            group,
            values=target - np.minimum(group.values, target),
            limits=(max(0.0, target - group.limits[1]), max(0.0, target - group.limits[0])),
        )
        for group in scores.groups
    )
    short = _summary(
        replace(scores, groups=groups), MEAN, f"optimality gap below {target:g}", rng, confidence, n_boot, interval
    )
    return replace(short, scores=scores, shortfalls=tuple(group.values for group in groups))


def _summary(
    scores: Scored,
    statistic: TrimmedMean,
    name: str,
    rng: int | np.random.Generator,
    confidence: float,
    n_boot: int,
    interval: Interval,
) -> ScoreSummary:
    check_interval(interval, statistic)
    for group in scores.groups:
        check_interval(interval, statistic, group.strata)
    warn_if_few([group.n for group in scores.groups], statistic)
    streams = np.random.default_rng(rng).spawn(len(scores.groups))
    results: list[Estimated] = [
        with_interval(
            group.values[:, None],
            statistic,
            method=interval,
            confidence=confidence,
            n_boot=n_boot,
            rng=stream,
            strata=group.strata,
            limits=group.limits,
        )
        for group, stream in zip(scores.groups, streams, strict=True)
    ]
    return ScoreSummary(
        statistic=name,
        scores=scores,
        confidence=confidence,
        n_boot=n_boot,
        estimates=np.array([float(statistic(group.values)) for group in scores.groups]),
        low=np.array([one.low[0] for one in results]),
        high=np.array([one.high[0] for one in results]),
        draws=tuple(one.draws[:, 0] for one in results),
        methods=tuple(one.method for one in results),
    )
