"""The choice of the best configuration: which may be best, how much its score flatters, and what test seeds say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp.arguments import choice
from rlhp.curves._bootstrap import chunks, resampled
from rlhp.curves._intervals import with_interval
from rlhp.curves._options import check_options, grouping
from rlhp.curves._scores import Scored, ScoreGroup, score_groups
from rlhp.curves._statistic import STATISTICS, Array, TrimmedMean
from rlhp.frames import HP
from rlhp.objectives import Failures, Scores, score
from rlhp.runs import Runs, need_runs
from rlhp.showing import as_html, as_text, keyed, percent

_SPLITS = 500
_SIMULATED = 1000


@dataclass(frozen=True, eq=False)
class Selection:
    """What the choice of the best of many configurations is worth; made by `selection`.

    Attributes
    ----------
    table : DataFrame, one row per configuration, the best first
        Grouping columns, `estimate`, `chosen` (share of resampled studies in which it comes out best), `may_be_best`,
        `n`, and with test runs `test`, `n_test`.
    by_seeds : DataFrame, one row per number of tuning seeds
        `n_tuning`, `tuned` (score of the chosen configuration on the seeds that chose it), `test` (its score on the
        other seeds), `curse` (how much better the first looks), `curse_low`, `curse_high` (the middle 95 % of the
        splits). Means over random splits of the seeds.
    optimism : float
        By how much the winner's estimate is too good, by the bootstrap; in the unit of the score.
    corrected : float
        The winner's estimate, less that.
    test : tuple of float or None
        Estimate, low and high of the winner on the test runs.
    draws : array [n_boot, configurations]
        Estimates in whole-run resamples, columns in the order of `scores.groups`.
    scores : Scored
    statistic : str
    confidence : float
    n_boot : int
    """

    table: pd.DataFrame
    by_seeds: pd.DataFrame
    optimism: float
    corrected: float
    test: tuple[float, float, float] | None
    draws: Array
    scores: Scored
    statistic: str
    confidence: float
    n_boot: int

    @property
    def may_be_best(self) -> pd.DataFrame:
        """The rows of configurations that may be best."""
        return self.table[self.table["may_be_best"]]

    def _title(self) -> str:
        count = int(self.table["may_be_best"].sum())
        return f"{count} of {len(self.table)} configurations may be best in {self.scores.what}, {self.scores.runs_text}"

    def _notes(self) -> list[str]:
        better = "higher" if self.scores.maximise else "lower"
        notes = [
            f"{self.statistic} over seeds, {better} is better; the set holds the best with {percent(self.confidence)} "
            f"(Gupta's rule, studentised); {self.n_boot:,} whole-run draws kept",
            f"the winner's estimate {self.table['estimate'].iloc[0]:.4g} is too good by about {self.optimism:.3g} "
            f"(bootstrap), so {self.corrected:.4g}",
            self.scores.failures_text,
        ]
        if self.test is not None:
            value, low, high = self.test
            notes.insert(2, f"on test seeds {value:.4g} ({percent(self.confidence)} interval {low:.4g} to {high:.4g})")
        return notes

    def __repr__(self) -> str:
        return as_text("Selection", self._title(), self._notes(), self.table.head(10))

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def selection(
    runs: Runs,
    objective: str | Scores = "final_return",
    *,
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    test_runs: Runs | None = None,
    statistic: Literal["mean", "iqm", "median"] = "mean",
    failures: Failures = "raise",
    confidence: float = 0.95,
    n_boot: int = 2000,
) -> Selection:
    """Judge the choice of the best of many configurations on a few seeds.

    Parameters
    ----------
    runs : Runs
        Several configurations, each with seeds; of one environment.
    objective : str or Scores
        As in `rlhp.curves.summarise`.
    by : str or sequence of str, optional
        What tells configurations apart; by default all hyperparameters that differ.
    rng : int or numpy.random.Generator
        Seed of resamples and splits.
    test_runs : Runs, optional
        Runs of the winner (and others) with seeds that took no part in the choice, scored by the same objective.
    statistic : {"mean", "iqm", "median"}
        How the seeds of a configuration are put together.
    failures : {"raise", "worst", "drop"} or float
        As in `rlhp.curves.summarise`.
    confidence : float
        With which `may_be_best` holds the configuration that is truly best.
    n_boot : int
        Whole-run resamples kept as `draws`.

    Returns
    -------
    Selection

    Raises
    ------
    ValueError
        If there are fewer than two configurations, one has a single run, or test runs share a seed with the runs.

    Notes
    -----
    The best of many estimates is partly lucky (the winner's curse). Three views of it: `optimism` compares, in
    resampled studies, the winner's estimate with what that configuration has here; it tends to be too small, because
    the estimates here are lucky already. `by_seeds` splits the seeds: some choose, the others judge. And `test_runs`,
    which is what a claim should rest on.

    A configuration may be best unless another beats it by more than luck allows: the largest studentised advantage of
    another over it, compared with its simulated distribution for Gaussian runs of the spreads seen. If the truly best
    one stood behind by luck only, it stays in the set with probability `confidence`.

    References
    ----------
    S. S. Gupta (1965), On some multiple decision rules, Technometrics 7, 225-245. J. C. Hsu (1981), Annals of
    Statistics 9, 1026-1034. T. Eimer, M. Lindauer, R. Raileanu (2023), Hyperparameters in reinforcement learning and
    how to tune them. G. C. Cawley and N. L. C. Talbot (2010), JMLR 11, 2079-2107.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> configs = [{"gamma": gamma} for gamma in (0.9, 0.95, 0.99) for _ in range(5)]
    >>> runs = Runs.from_table(configs, [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 7, 8, 9, 11, 12], seeds=[*range(5)] * 3)
    >>> curves.selection(runs, rng=0).table[["gamma", "estimate", "may_be_best"]].to_dict("list")
    {'gamma': [0.99, 0.95, 0.9], 'estimate': [9.4, 9.0, 3.0], 'may_be_best': [True, True, False]}
    """
    what = STATISTICS[choice("statistic", statistic, STATISTICS)]
    check_options(rng, confidence, n_boot)
    need_runs(runs)
    if test_runs is not None:
        need_runs(test_runs, "test_runs")
    names = grouping(by) if by is not None else _differing(runs)
    found = score_groups(runs, by=names, objective=objective, failures=failures)
    groups = found.groups
    if len(groups) < 2:
        raise ValueError(
            f"there is {len(groups)} configuration, so nothing to choose from; give runs of several, or `by`."
        )
    single = [group for group in groups if group.n < 2]
    if single:
        raise ValueError(
            f"`{single[0].label}` has one run, of which nothing can be resampled; train more seeds, or leave it out "
            f"with `runs.select`."
        )
    sign = 1.0 if found.maximise else -1.0
    drawing, splitting, simulating, testing = np.random.default_rng(rng).spawn(4)
    estimates = np.array([float(what(group.values)) for group in groups])
    draws = np.column_stack([resampled(g.values[:, None], what, n_boot=n_boot, rng=drawing) for g in groups])
    best = sign * draws == (sign * draws).max(axis=1, keepdims=True)
    chosen = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    winners = (sign * draws).argmax(axis=1)
    optimism = float(sign * (draws[np.arange(n_boot), winners] - estimates[winners]).mean())
    own = pd.DataFrame(
        {
            "estimate": estimates,
            "chosen": chosen,
            "may_be_best": _may_be_best(groups, sign * estimates, what, sign, confidence, simulating),
            "n": [group.n for group in groups],
        }
    )
    order = np.argsort(-sign * estimates, kind="stable")
    winner = groups[order[0]]
    test = None
    if test_runs is not None:
        own, test = _tested(own, found, winner, runs, test_runs, what, confidence, n_boot, testing)
    rows = [keyed(own.iloc[[at]].reset_index(drop=True), names, groups[at].key) for at in order]
    return Selection(
        table=pd.concat(rows, ignore_index=True),
        by_seeds=_by_seeds(groups, what, sign, splitting),
        optimism=optimism,
        corrected=float(estimates[order[0]] - sign * optimism),
        test=test,
        draws=draws,
        scores=found,
        statistic=what.name,
        confidence=confidence,
        n_boot=n_boot,
    )


def _differing(runs: Runs) -> tuple[str, ...]:
    """Name what differs between configurations: hyperparameters, else the algorithm or the number of steps."""
    differ = tuple(name for name in runs.factors if runs.column(name).nunique(dropna=False) > 1)
    return differ or tuple(name for name in ("steps",) if runs.table[name].nunique() > 1)


def _may_be_best(
    groups: Sequence[ScoreGroup],
    estimates: Array,
    statistic: TrimmedMean,
    sign: float,
    confidence: float,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Keep every configuration that no other beats by more than luck allows (larger estimates are better)."""
    squares, dof = np.array([_square(group.values, statistic) for group in groups]).T
    off = rng.standard_normal((_SIMULATED, len(groups))) * np.sqrt(squares)
    seen = squares * rng.chisquare(dof, (_SIMULATED, len(groups))) / dof
    kept = np.empty(len(groups), dtype=bool)
    for at in range(len(groups)):
        advantage = _ratio(estimates - estimates[at], squares + squares[at])
        if advantage.max() <= 0:
            kept[at] = True
            continue
        luck = _ratio(off - off[:, [at]], seen + seen[:, [at]]).max(axis=1)
        kept[at] = advantage.max() <= np.quantile(luck, confidence)
    return kept


def _square(values: Array, statistic: TrimmedMean) -> tuple[float, float]:
    """Return the squared standard error and its degrees of freedom.

    That of the median is that of the mean of Gaussian runs, times pi / 2: all runs are in it, not the two kept.
    """
    if statistic.dof(len(values)) < 1 or statistic.trim == 0.5:
        return float(values.var(ddof=1) / len(values)) * np.pi / 2, len(values) - 1.0
    return float(statistic.standard_error(values)) ** 2, float(statistic.dof(len(values)))


def _ratio(difference: Array, square: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = difference / np.sqrt(square)
    return np.where(square > 0, ratio, np.where(difference > 0, np.inf, 0.0))


def _by_seeds(
    groups: Sequence[ScoreGroup], statistic: TrimmedMean, sign: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Let some of the seeds choose and the others judge, in random splits."""
    fewest = min(group.n for group in groups)
    rows = []
    orders = [np.argsort(rng.random((_SPLITS, group.n)), axis=1) for group in groups]
    for n_tuning in range(1, fewest):
        tuned = np.empty((_SPLITS, len(groups)))
        others = np.empty((_SPLITS, len(groups)))
        for at, (group, order) in enumerate(zip(groups, orders, strict=True)):
            for part in chunks(_SPLITS, group.n):
                values = group.values[order[part]]
                tuned[part, at] = statistic(values[:, :n_tuning], axis=1)
                others[part, at] = statistic(values[:, n_tuning:], axis=1)
        winners = (sign * tuned).argmax(axis=1)
        split = np.arange(_SPLITS)
        first, second = tuned[split, winners], others[split, winners]
        curse = sign * (first - second)
        low, high = np.quantile(curse, [0.025, 0.975])
        rows.append([n_tuning, first.mean(), second.mean(), curse.mean(), low, high])
    return pd.DataFrame(rows, columns=["n_tuning", "tuned", "test", "curse", "curse_low", "curse_high"])


def _tested(
    own: pd.DataFrame,
    found: Scored,
    winner: ScoreGroup,
    runs: Runs,
    test_runs: Runs,
    statistic: TrimmedMean,
    confidence: float,
    n_boot: int,
    rng: np.random.Generator,
) -> tuple[pd.DataFrame, tuple[float, float, float]]:
    """Score the configurations on seeds that took no part in the choice."""
    shared = sorted(set(runs.table["seed"]) & set(test_runs.table["seed"]))
    if shared:
        raise ValueError(
            f"`test_runs` and `runs` share {len(shared)} seeds, first {shared[0]}; a test takes seeds that had no part "
            f"in the choice."
        )
    missing = [name for name in found.by if name not in test_runs.table and f"{HP}{name}" not in test_runs.table]
    if missing:
        raise ValueError(f"`test_runs` does not say `{missing[0]}`, which tells the configurations apart.")
    options: Any = {"threshold": found.threshold, "last": found.last}
    rescored = score(test_runs, found.objective, failures=found.failures, **options)
    judged = score_groups(test_runs, by=found.by, objective=rescored, failures="raise")
    by_key = {group.key: group for group in judged.groups}
    if winner.key not in by_key:
        raise ValueError(f"`test_runs` has no run of the configuration chosen, {winner.label}; train it on test seeds.")
    held = [by_key.get(group.key) for group in found.groups]
    own = own.assign(
        test=[np.nan if group is None else float(statistic(group.values)) for group in held],
        n_test=[0 if group is None else group.n for group in held],
    )
    tested = by_key[winner.key]
    values = tested.values
    interval = with_interval(
        values[:, None],
        statistic,
        method="auto",
        confidence=confidence,
        n_boot=n_boot,
        rng=rng,
        limits=tested.limits,
    )
    test: Any = (float(statistic(values)), float(interval.low[0]), float(interval.high[0]))
    return own, test
