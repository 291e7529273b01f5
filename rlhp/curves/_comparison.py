"""Whether the scores of groups of runs differ: differences with intervals, and p-values under multiplicity control."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from rlhp.arguments import choice, number_array, random_generator
from rlhp.curves._aggregate import warn_if_few
from rlhp.curves._aligned import Normalise
from rlhp.curves._bootstrap import Strata, drawn_counts, of_counts
from rlhp.curves._intervals import LEAST_ERROR
from rlhp.curves._options import CORRECTIONS, Test, TestName, grouping
from rlhp.curves._scores import Scored, pairs, score_groups
from rlhp.curves._statistic import STATISTICS, Array, TrimmedMean
from rlhp.objectives import Failures, Scores
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, percent

_HAIR = 1e-10


@dataclass(frozen=True, eq=False)
class Comparison:
    """Differences between groups of runs; made by `compare`.

    Attributes
    ----------
    table : DataFrame, one row per pair
        `a`, `b` (labels), `difference` (a minus b), `low`, `high` (of that one pair; infinite where permutations are
        too few for the confidence), `p`, `p_adjusted`, `differ` (whether the adjusted p is below 1 - confidence),
        `n_a`, `n_b`.
    scores : Scored
        The scores, by group.
    statistic, method, correction : str
    confidence : float
    draws : tuple of arrays, one a pair
        Studentised differences of the permutations or resamples; empty for Welch's test.
    exact : tuple of bool
        Whether all permutations of a pair were gone through.
    """

    table: pd.DataFrame
    scores: Scored
    statistic: str
    method: str
    correction: str
    confidence: float
    draws: tuple[Array, ...]
    exact: tuple[bool, ...]

    @property
    def method_text(self) -> str:
        """Which test gave the p-values, in words."""
        trimmed = self.statistic != "mean"
        if self.method == "welch":
            test = "Yuen's t-test" if trimmed else "Welch's t-test"
        elif self.method == "permutation":
            how = "all" if all(self.exact) else f"{max(map(len, self.draws)):,}"
            test = f"studentised permutation test ({how} permutations)"
        else:
            test = f"studentised bootstrap ({max(map(len, self.draws)):,} whole-run draws)"
        pairs_of = len(self.table)
        control = "unadjusted" if self.correction == "none" else f"adjusted by {self.correction.capitalize()}"
        return f"{test}, two-sided; p-values of {pairs_of} pair{'s' * (pairs_of > 1)} {control}"

    def _title(self) -> str:
        return f"difference of the {self.statistic} of {self.scores.what}, {self.scores.runs_text}"

    def _notes(self) -> list[str]:
        intervals = f"{percent(self.confidence)} intervals, each of its pair alone"
        return [self.method_text, f"{intervals}; {self.scores.failures_text}"]

    def __repr__(self) -> str:
        return as_text("Comparison", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def compare(
    runs: Runs,
    objective: str | Scores = "final_return",
    *,
    by: str | Sequence[str],
    rng: int | np.random.Generator,
    reference: Any = None,
    normalise: Normalise | None = None,
    failures: Failures = "raise",
    test: Test | TestName = Test(),
) -> Comparison:
    """Whether groups of runs differ in their mean or IQM, and by how much.

    Parameters
    ----------
    runs : Runs
        One environment per group, or several with `normalise`; permutations and resamples stay within environments.
    objective : str or Scores
        As in `rlhp.curves.summarise`.
    by : str or sequence of str
        Hyperparameters or columns of `runs.table` that tell the groups apart.
    rng : int or numpy.random.Generator
        Seed of permutations and resamples.
    reference : value or tuple, optional
        The group that all others are compared with, by its value of `by`; without, all pairs.
    normalise, failures
        As in `rlhp.curves.summarise`.
    test : Test, or "permutation", "welch" or "bootstrap"
        How they are tested: method, statistic, correction for the number of pairs, confidence, number of draws. Groups
        `differ` if the adjusted p is at most one minus the confidence.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If an option is unknown, there are not two groups, a group has one run (in an environment), or the two groups of
        a pair have their runs in the environments in different proportions.

    Warns
    -----
    FewRunsWarning
        If a group has fewer than five runs.

    Notes
    -----
    Studentising makes the permutation test valid for means also where spreads differ, and exact where distributions are
    equal. Five runs against five have 252 permutations, so that p is never below 2 / 252 = 0.008.

    The interval agrees with the test: it leaves out zero only where the unadjusted p is at most the level, and except
    with permutations also wherever p is below that. Permutations are of scores that were not shifted by the
    difference; where it is large and runs are few they say little of the spread, so that the interval is never narrower
    than that of Welch's (Yuen's) test. Where not even the clearest permutation is rare enough (2 / 20 = 0.1 for three
    runs against three) it is without bounds.

    References
    ----------
    B. L. Welch (1947), Biometrika 34, 28-35. K. K. Yuen (1974), Biometrika 61, 165-170. E. Chung and J. P. Romano
    (2013), Exact and asymptotically robust permutation tests, Annals of Statistics 41, 484-507. S. Holm (1979),
    Scandinavian Journal of Statistics 6, 65-70. C. Colas et al. (2019), A hitchhiker's guide to statistical
    comparisons of reinforcement learning algorithms.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> configs = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(5)]
    >>> runs = Runs.from_table(configs, [1, 2, 3, 4, 5, 7, 8, 9, 10, 11], seeds=[*range(5)] * 2)
    >>> curves.compare(runs, by="gamma", rng=0).table[["difference", "p"]].round(4).to_dict("list")
    {'difference': [-6.0], 'p': [0.0079]}
    """
    random_generator(rng)
    test = Test.of(test)
    method, statistic, confidence, n_boot = test.method, test.statistic, test.confidence, test.n_boot
    names, what = grouping(by), STATISTICS[statistic]
    found = score_groups(runs, by=names, objective=objective, failures=failures, normalise=normalise)
    chosen = pairs(found.groups, reference, names)
    for group in found.groups:
        fewest = min(len(values) for values in group.by_environment().values())
        if fewest < 2 or what.dof(group.n) < 1:
            many = f"{fewest} run" + "s" * (fewest > 1) + " in an environment" * (group.strata is not None)
            raise ValueError(f"`{group.label}` has {many}, too few to know their spread; train more seeds.")
    warn_if_few([group.n for group in found.groups], None, stacklevel=3)
    streams = np.random.default_rng(rng).spawn(len(chosen))
    rows, draws, exact = [], [], []
    for (i, j), stream in zip(chosen, streams, strict=True):
        a, b = found.groups[i], found.groups[j]
        values = np.concatenate([a.values, b.values])
        first = np.arange(len(values)) < a.n
        strata = _joint_strata(found, i, j)
        difference, error = (float(part[0]) for part in _difference(values[None], first[None], what, strata))
        if method == "welch":
            null, whole = np.empty(0), False
            p, reach = _welch(a.values, b.values, a.strata, b.strata, what, difference, error, confidence)
        else:
            if method == "permutation":
                null, whole = _permuted(values, first, what, strata, n_boot, stream)
            else:
                null, whole = _bootstrapped(a.values, b.values, a.strata, b.strata, what, n_boot, stream, error), False
            p, reach = _against(null, difference, error, confidence, counted=whole)
            if method == "permutation":
                least = _welch(a.values, b.values, a.strata, b.strata, what, difference, error, confidence)[1]
                reach = max(reach, least)
                if whole and not _rare_enough(first, strata, len(null), confidence):
                    reach = math.inf
        rows.append([a.label, b.label, difference, difference - reach, difference + reach, p, a.n, b.n])
        draws.append(null)
        exact.append(whole)
    table = pd.DataFrame(rows, columns=["a", "b", "difference", "low", "high", "p", "n_a", "n_b"])
    table.insert(6, "p_adjusted", adjusted(table["p"].to_numpy(), test.correction))
    table.insert(7, "differ", table["p_adjusted"] <= 1 - confidence + _HAIR)
    return Comparison(table, found, what.name, method, test.correction, confidence, tuple(draws), tuple(exact))


def adjusted(p: Any, correction: str = "holm") -> NDArray[np.float64]:
    """Adjust p-values for their number: Holm's step-down, Bonferroni, or not at all.

    Examples
    --------
    >>> adjusted([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    choice("correction", correction, CORRECTIONS)
    values: NDArray[np.float64] = number_array("p", p, empty=True)
    if ((values < 0) | (values > 1)).any():
        raise ValueError(f"`p` holds {values[(values < 0) | (values > 1)][0]:g}; p-values lie between 0 and 1.")
    if correction == "none":
        return values.copy()
    if correction == "bonferroni":
        return np.minimum(values * len(values), 1.0)
    order = np.argsort(values)
    steps = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    result = np.empty_like(values)
    result[order] = np.minimum(steps, 1.0)
    return result


def _joint_strata(found: Scored, i: int, j: int) -> Strata:
    """Return the environment of each run of two groups, by one numbering."""
    a, b = found.groups[i], found.groups[j]
    if a.environments != b.environments:
        odd = sorted(set(a.environments) ^ set(b.environments))
        raise ValueError(
            f"{odd[0]} is in only one of `{a.label}` and `{b.label}`; compare on the environments that both have, with "
            f"`runs.select(env_id=...)`."
        )
    codes = [np.zeros(g.n, dtype=np.int64) if g.strata is None else g.strata for g in (a, b)]
    counts = [np.bincount(code) for code in codes]
    if (counts[0] * b.n != counts[1] * a.n).any():
        told = [
            f"`{g.label}` has "
            + ", ".join(f"{n} of {env}" for n, env in zip(count.tolist(), g.environments, strict=True))
            for g, count in zip((a, b), counts, strict=True)
        ]
        raise ValueError(
            f"groups have their runs in the environments in different proportions: {'; '.join(told)}. What the "
            f"environments differ by would count as a difference of the groups; select the same number of seeds in "
            f"each environment, with `runs.select(seed=...)`, and count failed runs instead of dropping them."
        )
    return np.concatenate(codes)


def _difference(values: Array, first: NDArray[np.bool_], statistic: TrimmedMean, strata: Strata) -> tuple[Array, Array]:
    """Return difference and standard error by row of `values` [B, N], where `first` [B, N] marks the first group."""
    rows = len(first)
    parts = []
    for mask in (first, ~first):
        n = int(mask[0].sum())
        chosen = np.broadcast_to(values, first.shape)[mask].reshape(rows, n)
        if strata.max() == 0:
            error = statistic.standard_error(chosen, axis=1)
        else:
            # Whoever is permuted stays in the environment: sorted by it, all rows have the same strata.
            codes = np.broadcast_to(strata, first.shape)[mask].reshape(rows, n)
            order = np.argsort(codes, axis=1, kind="stable")
            chosen = np.take_along_axis(chosen, order, axis=1)
            error = statistic.standard_error(chosen, axis=1, strata=np.sort(codes[0]))
        parts.append((statistic(chosen, axis=1), error))
    (a, error_a), (b, error_b) = parts
    return a - b, np.hypot(error_a, error_b)


def _welch(
    a: Array,
    b: Array,
    strata_a: Strata | None,
    strata_b: Strata | None,
    statistic: TrimmedMean,
    difference: float,
    error: float,
    confidence: float,
) -> tuple[float, float]:
    spread, per_dof = 0.0, 0.0
    for values, strata in ((a, strata_a), (b, strata_b)):
        if strata is None:
            square, dof = float(statistic.standard_error(values)) ** 2, float(statistic.dof(len(values)))
        else:
            square = float(statistic.standard_error(values, strata=strata)) ** 2
            dof = float(statistic.effective_dof(values, strata=strata)) - 2 * statistic.cut(len(values))
            dof = max(dof, 1.0) if math.isfinite(dof) else 1.0
        spread += square
        per_dof += square**2 / dof
    if spread == 0:
        return float(difference == 0), 0.0
    dof = spread**2 / per_dof
    return float(2 * stats.t.sf(abs(difference) / error, dof)), float(stats.t.ppf((1 + confidence) / 2, dof) * error)


def _permuted(
    values: Array,
    first: NDArray[np.bool_],
    statistic: TrimmedMean,
    strata: Strata,
    n_boot: int,
    rng: np.random.Generator,
) -> tuple[Array, bool]:
    """Return the studentised differences when runs change groups within their environment; all if there are few."""
    members = [np.flatnonzero(strata == one) for one in range(strata.max() + 1)]
    taken = [int(first[part].sum()) for part in members]
    whole = math.prod(math.comb(len(part), k) for part, k in zip(members, taken, strict=True)) <= n_boot
    if whole:
        choices = itertools.product(*(itertools.combinations(part, k) for part, k in zip(members, taken, strict=True)))
        listed = np.array([np.concatenate(one) for one in choices], dtype=np.int64)
        masks = np.zeros((len(listed), len(values)), dtype=bool)
        np.put_along_axis(masks, listed, True, axis=1)
    else:
        masks = np.zeros((n_boot, len(values)), dtype=bool)
        for part, k in zip(members, taken, strict=True):
            order = np.argsort(rng.random((n_boot, len(part))), axis=1)
            masks[:, part] = order < k
    difference, error = _difference(values[None], masks, statistic, strata)
    return _ratio(difference, error), whole


def _rare_enough(first: NDArray[np.bool_], strata: Strata, n_permutations: int, confidence: float) -> bool:
    """Whether the largest of all permutations would be significant; equal groups that change places tie with it."""
    ties = 2 if (np.bincount(strata[first]) == np.bincount(strata[~first])).all() else 1
    return ties / n_permutations <= 1 - confidence + _HAIR


def _bootstrapped(
    a: Array,
    b: Array,
    strata_a: Strata | None,
    strata_b: Strata | None,
    statistic: TrimmedMean,
    n_boot: int,
    rng: np.random.Generator,
    error: float,
) -> Array:
    """Return (difference of a resample - difference) / (its standard error)."""
    off: Any = 0.0
    squares: Any = 0.0
    for sign, values, strata in ((1, a, strata_a), (-1, b, strata_b)):
        counts = drawn_counts(len(values), n_boot, rng, strata)
        if strata is None:
            draws, errors = of_counts(values[:, None], statistic, counts, errors=True)
            squares = squares + np.nan_to_num(np.asarray(errors)[:, 0]) ** 2
        else:
            draws = of_counts(values[:, None], statistic, counts)[0]
            order = np.repeat(np.tile(np.arange(len(values)), n_boot), counts.ravel()).reshape(n_boot, -1)
            codes = strata[order]
            by_code = np.take_along_axis(order, np.argsort(codes, axis=1, kind="stable"), axis=1)
            errors = statistic.standard_error(values[by_code], axis=1, strata=np.sort(strata))
            squares = squares + np.nan_to_num(errors) ** 2
        off = off + sign * (draws[:, 0] - float(statistic(values)))
    return _ratio(off, np.maximum(np.sqrt(squares), LEAST_ERROR * error))


def _against(null: Array, difference: float, error: float, confidence: float, *, counted: bool) -> tuple[float, float]:
    """Return the p-value of the difference, and the reach of the interval that agrees with it."""
    seen = abs(float(_ratio(np.array([difference]), np.array([error]))[0]))
    sizes = np.abs(null)
    as_large = int((sizes >= seen * (1 - _HAIR)).sum())
    p = as_large / len(null) if counted else (as_large + 1) / (len(null) + 1)
    # The interval leaves zero out where fewer than this many are as large.
    allowed = (1 - confidence) * (len(null) if counted else len(null) + 1) - (not counted)
    rank = len(sizes) - int(np.floor(allowed + _HAIR)) - 1
    critical = float(np.sort(sizes)[max(rank, 0)])
    return p, critical * error if math.isfinite(critical) else math.inf


def _ratio(difference: Array, error: Array) -> Array:
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = difference / error
    # Without any spread a difference is infinitely many standard errors, and none is none.
    return np.where(error > 0, ratio, np.where(np.abs(difference) > 0, np.copysign(np.inf, difference), 0.0))
