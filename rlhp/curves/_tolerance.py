"""Tolerance bands: where most single runs end up, not where their average lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import integrate, optimize, stats

from rlhp.arguments import choice
from rlhp.curves import _options as options
from rlhp.curves._aligned import Aligned, CurveFailures, aligned
from rlhp.curves._limits import within
from rlhp.curves._options import Grid, as_grid, grouping
from rlhp.curves._statistic import Array
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, fate, keyed, percent

METHODS = ("auto", "nonparametric", "normal")


@dataclass(frozen=True, eq=False)
class ToleranceGroup:
    """The tolerance band of one group: n runs, T steps.

    Attributes
    ----------
    key, label, run_ids
        As in `CurveGroup`.
    steps : int array [T]
    curves : array [n, T]
        The raw curves.
    low, high : arrays [T]
        The band, at each step by itself.
    achieved_at : array [T]
        Probability with which it holds the share asked for, at each step.
    method : str
    """

    key: tuple[Any, ...]
    label: str
    run_ids: tuple[str, ...]
    steps: NDArray[np.int64]
    curves: Array
    low: Array
    high: Array
    achieved_at: Array
    method: str

    @property
    def achieved(self) -> float:
        """The least of these probabilities."""
        return float(self.achieved_at.min())


@dataclass(frozen=True, eq=False)
class Tolerance:
    """Where a share of all runs lies, per group; made by `tolerance_band`.

    Attributes
    ----------
    groups : tuple of ToleranceGroup
    value : str
    by : tuple of str
    share : float
        Share of all runs that the band is to hold at a step.
    confidence : float
        Probability with which it is to hold them.
    failures : str or float
    n_unfinished : int
    """

    groups: tuple[ToleranceGroup, ...]
    value: str
    by: tuple[str, ...]
    share: float
    confidence: float
    failures: str | float
    n_unfinished: int

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per group and step: grouping columns, `step`, `low`, `high`, `achieved`, `n`, `method`."""
        frames = []
        for group in self.groups:
            columns = {"step": group.steps, "low": group.low, "high": group.high, "achieved": group.achieved_at}
            own = pd.DataFrame({**columns, "n": len(group.run_ids), "method": group.method})
            frames.append(keyed(own, self.by, group.key))
        return pd.concat(frames, ignore_index=True)

    def _title(self) -> str:
        return f"where {percent(self.share)} of all runs lie at a step, {self.value}"

    def _notes(self) -> list[str]:
        said = "; ".join(dict.fromkeys(group.method for group in self.groups))
        return [
            f"with {percent(self.confidence)} confidence at each step by itself: {said}",
            f"failures={self.failures!r}: {fate(self.failures, self.n_unfinished)}",
        ]

    def __repr__(self) -> str:
        last = self.table.groupby([*self.table.columns[: len(self.by)]] or (lambda _: 0), dropna=False, sort=False)
        return as_text("Tolerance", self._title(), self._notes(), last.tail(1))

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def tolerance_band(
    runs: Runs,
    *,
    by: str | Sequence[str] | None = None,
    share: float = 0.9,
    confidence: float = 0.95,
    method: Literal["auto", "nonparametric", "normal"] = "auto",
    value: str = "return_mean",
    failures: CurveFailures = "raise",
    grid: Grid | ArrayLike | None = None,
) -> Tolerance:
    """Where a share of all runs lies, of which these are a sample: what the next user's single run may do.

    A confidence interval shrinks with every seed; a tolerance band settles at the spread that single runs have.

    Parameters
    ----------
    runs : Runs
        One environment per group.
    by : str or sequence of str, optional
        Hyperparameters or columns of `runs.table` to group by.
    share : float
        Of all runs, how many the band is to hold at a step, in (0, 1).
    confidence : float
        Probability with which it does, in (0, 1).
    method : {"auto", "nonparametric", "normal"}
        "nonparametric": between order statistics, right for any continuous distribution. Where the range of the runs is
        too little (90 % of all runs with 95 % confidence take 46), the range is given with the confidence it has.
        "normal": mean and standard deviation, right for Gaussian returns only; where all runs are equal there is no
        spread to go by, and the band has the confidence of their range. "auto": the first where there are runs enough,
        else the second.
    value, failures, grid
        As in `rlhp.curves.iqm`.

    Returns
    -------
    Tolerance

    Raises
    ------
    ValueError
        If an option cannot be, or a group has fewer than three runs.

    References
    ----------
    S. S. Wilks (1941), Annals of Mathematical Statistics 12, 91-96. A. Wald and J. Wolfowitz (1946), Annals of
    Mathematical Statistics 17, 208-215. S. C. Y. Chan et al. (2020), Measuring the reliability of reinforcement
    learning algorithms.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> runs = Runs.from_table([{}] * 10, range(10), seeds=range(10))
    >>> curves.tolerance_band(runs, share=0.95).table[["low", "high"]].round(2).to_dict("list")
    {'low': [-5.77], 'high': [14.77]}
    """
    for name, number in (("share", share), ("confidence", confidence)):
        options.share(name, number, usual="0.9")
    choice("method", method, METHODS)
    names = grouping(by)
    groups, _ = aligned(runs, by=names, value=value, failures=failures, grid=as_grid(grid))
    few = [one for one in groups if len(one.run_ids) < 3]
    if few:
        raise ValueError(
            f"{few[0].label or 'there'} has {len(few[0].run_ids)} runs; a tolerance band needs at least three, "
            f"and more to be of use."
        )
    return Tolerance(
        groups=tuple(_group(one, share, confidence, method) for one in groups),
        value=value,
        by=names,
        share=share,
        confidence=confidence,
        failures=failures if isinstance(failures, str) else float(failures),
        n_unfinished=sum(one.n_unfinished for one in groups),
    )


def _group(group: Aligned, share: float, confidence: float, method: str) -> ToleranceGroup:
    n = len(group.run_ids)
    # Leaving out k runs at either end holds the share with P(Bin(n, share) <= n - 2 (k + 1)).
    left_out = np.arange((n - 1) // 2)
    holds = stats.binom.cdf(n - 2 * (left_out + 1), n, share)
    achieved = np.empty(len(group.steps))
    if method == "nonparametric" or (method == "auto" and holds[0] >= confidence):
        k = int(np.flatnonzero(holds >= confidence)[-1]) if holds[0] >= confidence else 0
        ordered = np.sort(group.curves, axis=0)
        low, high, achieved[:] = ordered[k], ordered[n - 1 - k], holds[k]
        short = "" if holds[k] >= confidence else f", too few: {percent(round(float(holds[k]), 4))} confidence"
        promise = f"order statistics {k + 1} and {n - k} of {n} runs{short}"
    else:
        reach = normal_factor(n, share, confidence) * group.curves.std(axis=0, ddof=1)
        centre = group.curves.mean(axis=0)
        # Equal runs have no spread, but the next run need not be equal: they promise what their range promises.
        flat = np.ptp(group.curves, axis=0) == 0
        low, high, achieved[:] = centre - reach, centre + reach, np.where(flat, holds[0], confidence)
        promise = f"normal, mean of {n} runs and {normal_factor(n, share, confidence):.3f} standard deviations"
        if flat.any():
            where = "all runs are equal" if flat.all() else f"all runs are equal at {flat.sum()} of {len(flat)} steps"
            promise += f"; {where}, without spread: {percent(round(float(holds[0]), 4))} confidence by order statistics"
    low, high, cut = within(group.limits, low, high)
    return ToleranceGroup(
        group.key, group.label, group.run_ids, group.steps, group.curves, low, high, achieved, promise + cut
    )


def normal_factor(n: int, share: float, confidence: float) -> float:
    """Return the exact two-sided factor k of a normal tolerance interval, mean +- k standard deviations of n values.

    With probability `confidence` the interval holds at least `share` of the distribution: the mean is off by
    z / sqrt(n) standard deviations, so that a half-width r(z) is needed, and k s must reach it.

    Examples
    --------
    >>> round(normal_factor(10, 0.95, 0.95), 3)
    3.393
    """
    dof = n - 1

    def needed(off: float) -> float:
        def short(reach: float) -> float:
            return float(stats.norm.cdf(off + reach) - stats.norm.cdf(off - reach)) - share

        return float(optimize.brentq(short, 0.0, abs(off) + 40.0))

    at = np.linspace(0.0, 8.0, 201)
    reaches = np.array([needed(z / np.sqrt(n)) for z in at])
    density = 2 * stats.norm.pdf(at)

    def held(k: float) -> float:
        return float(integrate.simpson(density * stats.chi2.sf(dof * (reaches / k) ** 2, dof), x=at)) - confidence

    return float(optimize.brentq(held, 1e-3, 1e4))
