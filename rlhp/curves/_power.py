"""How many seeds a study needs to find the difference it looks for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from rlhp.arguments import random_generator, real, shown, whole
from rlhp.curves._options import Test, ascending, grouping, share
from rlhp.curves._profile import wilson
from rlhp.curves._scores import Scored, score_groups
from rlhp.curves._statistic import STATISTICS, Array, TrimmedMean
from rlhp.objectives import Failures, Scores
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, percent

_SEEDS = (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 70, 100)
# Pilot studies resampled for the uncertainty of the power.
_PILOTS = 200


@dataclass(frozen=True, eq=False)
class Power:
    """How often a study with so many seeds finds a difference; made by `how_many_seeds`.

    Attributes
    ----------
    table : DataFrame, one row per number of seeds
        `n` (seeds a group), `power` (share of studies that find the difference with the right sign), `low`, `high`
        (95 %: what the few runs of the pilot leave open), `wrong` (share that find it with the wrong sign).
    needed : int or None
        The fewest seeds of the table that reach the wanted power; None if none does.
    effect : float
        The difference looked for, in the unit of the score.
    spreads : tuple of float
        Standard deviations of the two groups between runs.
    wanted, alpha : float
    method : str
    scores : Scored
        The pilot's scores.
    draws : array [len(table), 200]
        Power by pilot studies resampled from this one.
    """

    table: pd.DataFrame
    needed: int | None
    effect: float
    spreads: tuple[float, float]
    wanted: float
    alpha: float
    method: str
    scores: Scored
    draws: Array

    def _title(self) -> str:
        need = f"{self.needed} seeds" if self.needed else f"more than {self.table['n'].max()} seeds"
        looked_for = f"a difference of {self.effect:.4g} in {self.scores.what}"
        return f"{need} a group to find {looked_for} in {percent(self.wanted)} of studies"

    def _notes(self) -> list[str]:
        spreads = " and ".join(f"{spread:.4g}" for spread in self.spreads)
        pilot = ", ".join(f"{group.label or 'all runs'}: n = {group.n}" for group in self.scores.groups)
        return [
            f"{self.method}, two-sided at {self.alpha:g}; standard deviation between runs {spreads}",
            f"pilot {pilot}; 95 % interval of the power by resampling it; {self.scores.failures_text}",
        ]

    def __repr__(self) -> str:
        return as_text("Power", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def how_many_seeds(
    runs: Runs,
    objective: str | Scores = "final_return",
    *,
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    effect: float | None = None,
    power: float = 0.8,
    test: Test | Literal["welch"] = Test("welch"),
    seeds: Sequence[int] = _SEEDS,
    failures: Failures = "raise",
    n_studies: int | None = 4000,
) -> Power:
    """How many seeds a study needs to find a difference, judged by a pilot.

    Parameters
    ----------
    runs : Runs
        The pilot, of one environment: two groups by `by`, or one group and an `effect`.
    objective : str or Scores
        As in `rlhp.curves.summarise`.
    by : str or sequence of str, optional
        Hyperparameters or columns of `runs.table` that tell the two groups apart.
    rng : int or numpy.random.Generator
        Seed of the simulated studies.
    effect : float, optional
        The difference looked for, in the unit of the score, above 0 and at least the smallest that would matter; the
        group that is ahead in the pilot is the one that stays ahead. Without, the difference is the one between the
        pilot's two groups: a pilot that looks good by luck then promises too much.
    power : float
        Share of studies that should find it.
    test : Test or "welch"
        What each study will be tested by, two-sided: Welch's t, or with ``Test("welch", statistic="iqm")`` Yuen's. Its
        level is one minus the test's confidence.
    seeds : sequence of int
        Numbers of seeds to try, ascending, at least 2.
    failures : {"raise", "worst", "drop"} or float
        As in `rlhp.curves.summarise`.
    n_studies : int or None
        Simulated studies for each number of seeds. They are drawn from the pilot's runs, shifted apart by `effect`, so
        that skewed and two-humped returns count as they are, and widened by sqrt(n / (n - 1)), so that they have the
        pilot's standard deviations. None asks the theory of Gaussian returns instead, the noncentral t distribution
        with the same standard deviations; it is for the mean.

    Returns
    -------
    Power

    Raises
    ------
    ValueError
        If an option cannot be, there are not one or two groups, or a group has fewer than two runs.

    Notes
    -----
    Five pilot runs know their standard deviation to a factor of about two; the interval shows what that leaves open.

    References
    ----------
    C. Colas, O. Sigaud, P.-Y. Oudeyer (2018), How many random seeds? Statistical power analysis in deep reinforcement
    learning experiments. J. Cohen (1988), Statistical power analysis for the behavioral sciences.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> runs = Runs.from_table([{}] * 5, [-2, -1, 0, 1, 2], seeds=range(5))
    >>> curves.how_many_seeds(runs, effect=1.6, n_studies=None, seeds=range(2, 30), rng=0).needed
    17
    """
    random_generator(rng)
    test = Test.of(test)
    tried = _checked(power, test, seeds, n_studies, effect)
    what = STATISTICS[test.statistic]
    found = score_groups(runs, by=grouping(by), objective=objective, failures=failures)
    ahead, behind, gap = _pilot(found, effect, what)
    generator = np.random.default_rng(rng)
    spreads = float(found.groups[0].values.std(ddof=1)), float(found.groups[-1].values.std(ddof=1))
    centred = (_pool(ahead, what), _pool(behind, what))
    if n_studies is None:
        powers, wrong = _noncentral(tried, gap, spreads, test.level)
    else:
        powers, wrong = _simulated(tried, gap, centred, what, test.level, n_studies, generator)
    draws = _uncertain(tried, gap, centred, effect is None, what, test.level, n_studies is not None, generator)
    low, high = np.nanquantile(draws, [0.025, 0.975], axis=1)
    if n_studies is not None:  # and what the number of simulated studies leaves open
        least, most = wilson(powers, n_studies, 0.95)
        low, high = np.minimum(low, least), np.maximum(high, most)
    table = pd.DataFrame({"n": tried.astype(int), "power": powers, "low": low, "high": high, "wrong": wrong})
    reached = table.loc[table["power"] >= power, "n"]
    said = "noncentral t distribution" if n_studies is None else "simulated studies of the pilot's runs"
    name = "Yuen's t-test" if test.statistic == "iqm" else "Welch's t-test"
    return Power(
        table=table,
        needed=int(reached.iloc[0]) if len(reached) else None,
        effect=gap,
        spreads=spreads,
        wanted=power,
        alpha=test.level,
        method=f"{name}, {said}",
        scores=found,
        draws=draws,
    )


def _pilot(found: Scored, effect: float | None, statistic: TrimmedMean) -> tuple[Array, Array, float]:
    """Return the scores of the group with the higher and of that with the lower ones, and the difference looked for."""
    groups = found.groups
    if len(groups) > 2 or (len(groups) == 1 and effect is None):
        raise ValueError(
            f"the number of groups is {len(groups)}; give `by` so that there are two to tell apart, or one group of "
            f"runs and the `effect` to look for."
        )
    for group in groups:
        if statistic.dof(group.n) < 1 or group.values.std() == 0:
            raise ValueError(
                f"the {group.n} runs of {group.label or 'the pilot'} show no spread between seeds; train more seeds."
            )
    first, second = groups[0].values, groups[-1].values
    apart = float(statistic(first)) - float(statistic(second))
    gap = float(effect) if effect is not None else abs(apart)
    # Skewed scores make it matter who is ahead: the pilot says it, not the order of the names.
    return (first, second, gap) if apart >= 0 else (second, first, gap)


def _pool(scores: Array, statistic: TrimmedMean) -> Array:
    """Centre a sample, and widen it: what is drawn from n runs varies less than they do by sqrt((n - 1) / n)."""
    return (scores - float(statistic(scores))) * math.sqrt(len(scores) / (len(scores) - 1))


def _noncentral(tried: Array, gap: float, spreads: tuple[float, float], alpha: float) -> tuple[Array, Array]:
    """Power of Welch's t-test for Gaussian scores, to the accuracy of its degrees of freedom."""
    squares = [spread**2 / tried for spread in spreads]
    error = np.sqrt(squares[0] + squares[1])
    dof = (squares[0] + squares[1]) ** 2 / ((squares[0] ** 2 + squares[1] ** 2) / (tried - 1))
    critical = stats.t.ppf(1 - alpha / 2, dof)
    # The far tail of SciPy's noncentral t can come out as NaN where it is nil.
    right = np.nan_to_num(stats.nct.sf(critical, dof, gap / error), nan=1.0)
    return np.clip(right, 0, 1), np.clip(np.nan_to_num(stats.nct.cdf(-critical, dof, gap / error)), 0, 1)


def _simulated(
    tried: Array,
    gap: float,
    centred: tuple[Array, Array],
    statistic: TrimmedMean,
    alpha: float,
    n_studies: int,
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    right, wrong = np.empty(len(tried)), np.empty(len(tried))
    for at, n in enumerate(tried.astype(int)):
        a, b = (pool[rng.integers(0, len(pool), (n_studies, n))] for pool in centred)
        difference = gap + statistic(a, axis=1) - statistic(b, axis=1)
        squares = [statistic.standard_error(part, axis=1) ** 2 for part in (a, b)]
        total, dof = squares[0] + squares[1], float(statistic.dof(n))
        with np.errstate(invalid="ignore", divide="ignore"):
            welch = np.nan_to_num(total**2 / ((squares[0] ** 2 + squares[1] ** 2) / dof), nan=dof)
            significant = np.abs(difference) > stats.t.ppf(1 - alpha / 2, welch) * np.sqrt(total)
        right[at] = (significant & (difference > 0)).mean()
        wrong[at] = (significant & (difference < 0)).mean()
    return right, wrong


def _uncertain(
    tried: Array,
    gap: float,
    centred: tuple[Array, Array],
    moves: bool,
    statistic: TrimmedMean,
    alpha: float,
    simulated: bool,
    rng: np.random.Generator,
) -> Array:
    """Return the power by pilots that might as well have come out: resampled, with their own spread (and effect)."""
    result = np.full((len(tried), _PILOTS), np.nan)
    for at in range(_PILOTS):
        pilot = [pool[rng.integers(0, len(pool), len(pool))] for pool in centred]
        if min(float(np.ptp(part)) for part in pilot) == 0:
            continue
        apart = gap + float(statistic(pilot[0])) - float(statistic(pilot[1])) if moves else gap
        if apart < 0:  # in this pilot the other group is ahead
            pilot.reverse()
        if simulated:
            pools = (_pool(pilot[0], statistic), _pool(pilot[1], statistic))
            result[:, at] = _simulated(tried, abs(apart), pools, statistic, alpha, _PILOTS, rng)[0]
        else:
            spreads = (float(pilot[0].std(ddof=1)), float(pilot[1].std(ddof=1)))
            result[:, at] = _noncentral(tried, abs(apart), spreads, alpha)[0]
    return result


# More are no study of seeds, and no memory holds their simulations.
_MOST_SEEDS = 10_000


def _checked(power: Any, test: Test, seeds: Any, n_studies: Any, effect: Any) -> Array:
    share("power", power, usual="0.8", what="a share")
    if test.method != "welch":
        raise ValueError(
            f"`test` is by {test.method!r}, of which the power is not known here; give test='welch', or "
            f"`curves.Test('welch', ...)`."
        )
    if n_studies is None and test.statistic == "iqm":
        raise ValueError("`n_studies` is None, which is the theory of the mean; for the IQM give how many to simulate.")
    if effect is not None:
        real(
            "effect",
            effect,
            above=0,
            what="a finite difference above 0 in the unit of the score (which group is ahead the pilot says), or leave "
            "it out for the one between the pilot's two groups",
        )
    if n_studies is not None:
        whole("n_studies", n_studies, at_least=100, at_most=10**8)
    what = f"whole numbers of at least 2 that ascend (and at most {_MOST_SEEDS:,})"
    tried = ascending("seeds", seeds, what=what)
    if (tried < 2).any() or (tried > _MOST_SEEDS).any() or (tried != np.floor(tried)).any():
        raise ValueError(f"`seeds` is {shown(seeds)}; give {what}.")
    return tried
