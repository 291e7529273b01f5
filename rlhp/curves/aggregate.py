"""Many runs become one curve with its uncertainty: the IQM (or the mean) over runs at every evaluation."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from rlhp.curves.align import Align, Aligned, Failures, aligned
from rlhp.curves.band import simultaneous_band
from rlhp.curves.bootstrap import FEWEST_FOR_PERCENTILE, percentile_interval, resampled
from rlhp.curves.statistic import FEWEST_FOR_INTERVAL, IQM, MEAN, TrimmedMean, student_interval
from rlhp.curves.summary import CurveGroup, CurveSummary
from rlhp.errors import unknown_name
from rlhp.runs import Runs

Interval = Literal["auto", "student_t", "percentile"]
_INTERVALS = ("auto", "student_t", "percentile")
_FEW = 5


class FewRunsWarning(UserWarning):
    """An interval was made of so few runs (below five) that it says little."""


def iqm(
    runs: Runs,
    *,
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    value: str = "return_mean",
    confidence: float = 0.95,
    n_boot: int = 2000,
    interval: Interval = "auto",
    failures: Failures = "raise",
    grid: ArrayLike | None = None,
    align: Align = "previous",
) -> CurveSummary:
    """Interquartile mean over runs, along the learning curve and at its end.

    The IQM is the mean of the middle half of the runs, ``scipy.stats.trim_mean(values, 0.25)`` at each step: steadier
    than the mean when a run fails to learn, and more telling than the median.

    Parameters
    ----------
    runs : Runs
        One environment per group: returns of different environments are not on one scale.
    by : str or sequence of str, optional
        Hyperparameters or columns of `runs.table` to group by; without, all runs are one group.
    rng : int or numpy.random.Generator
        Seed of the resampling; the same seed gives the same numbers.
    value : str
        Column of `runs.evals`. By default `return_mean`, the undiscounted return.
    confidence : float
        Of interval and band, in (0, 1).
    n_boot : int
        Number of whole-run resamples kept as `draws`.
    interval : {"auto", "student_t", "percentile"}
        The interval at each step by itself. "auto" is Student-t by the winsorised variance below ten runs (Tukey and
        McLaughlin 1963), the percentile interval of the whole-run bootstrap from ten runs on.
    failures : {"raise", "worst", "drop", "truncate"} or float
        What runs that are diverged, failed or stopped count as. "raise" refuses; "worst" keeps the evaluations they
        have and gives the missing ones the worst value seen among all runs compared; a number gives them that number;
        "drop" leaves the runs out; "truncate" ends the curve where the first run of its group ends (for runs that are
        still training).
    grid : sequence of int, optional
        Environment steps at which to compare; they must lie where all runs of a group were evaluated.
    align : {"previous", "linear"}
        Where runs of a group were evaluated at different steps: each gives its latest evaluation so far, or a straight
        line between evaluations. The grid is then the steps of the run with the fewest evaluations, at most 200, within
        the range that all runs cover. Nothing is extrapolated.

    Returns
    -------
    CurveSummary
        `.table` along the curve, `.final` at its end, `.groups` with raw curves and draws.

    Raises
    ------
    ValueError
        If an option or name is unknown, runs did not finish and `failures` is "raise", a group mixes environments, or
        no step is covered by all runs of a group.

    Warns
    -----
    FewRunsWarning
        If a group has fewer than five runs. With one or two the interval is missing (NaN).

    Notes
    -----
    The IQM of a few runs is a trimmed mean with the cut that whole runs allow (none from three runs), which for skewed
    returns differs a little from the IQM of infinitely many: expect intervals of a few runs to cover somewhat less than
    they say.

    References
    ----------
    R. Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice. J. W. Tukey and
    D. H. McLaughlin (1963), Sankhya A 25, 331-352. C. Colas et al. (2018), How many random seeds?

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> configs = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(6)]
    >>> runs = Runs.from_table(configs, [1, 2, 3, 4, 5, 60, 7, 8, 9, 10, 11, 12], seeds=[*range(6), *range(6)])
    >>> curves.iqm(runs, by="gamma", rng=0).final[["gamma", "estimate", "n"]].to_dict("list")
    {'gamma': [0.9, 0.99], 'estimate': [3.5, 9.5], 'n': [6, 6]}
    """
    return _summarise(IQM, runs, by, rng, value, confidence, n_boot, interval, failures, grid, align)


def mean(
    runs: Runs,
    *,
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    value: str = "return_mean",
    confidence: float = 0.95,
    n_boot: int = 2000,
    interval: Interval = "auto",
    failures: Failures = "raise",
    grid: ArrayLike | None = None,
    align: Align = "previous",
) -> CurveSummary:
    """Mean over runs, along the learning curve and at its end; all options are those of `iqm`.

    One run that fails to learn, or that is lucky, moves the mean; below ten runs the interval is the usual Student-t.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> runs = Runs.from_table([{}] * 5, [1, 2, 3, 4, 5], seeds=range(5))
    >>> curves.mean(runs, rng=0).final[["estimate", "low", "high"]].round(2).to_dict("list")
    {'estimate': [3.0], 'low': [1.04], 'high': [4.96]}
    """
    return _summarise(MEAN, runs, by, rng, value, confidence, n_boot, interval, failures, grid, align)


def _summarise(
    statistic: TrimmedMean,
    runs: Runs,
    by: str | Sequence[str] | None,
    rng: int | np.random.Generator,
    value: str,
    confidence: float,
    n_boot: int,
    interval: Interval,
    failures: Failures,
    grid: ArrayLike | None,
    align: Align,
) -> CurveSummary:
    names = tuple(dict.fromkeys([by] if isinstance(by, str) else by or ()))
    _check(rng, confidence, n_boot, interval)
    groups, stand_in = aligned(runs, by=names, value=value, failures=failures, grid=grid, align=align)
    _warn_if_few(groups, statistic)
    # One stream a group: how one group turns out does not depend on the sizes of those before it.
    streams = np.random.default_rng(rng).spawn(len(groups))
    return CurveSummary(
        statistic=statistic.name,
        value=value,
        by=names,
        confidence=confidence,
        n_boot=n_boot,
        failures=failures if isinstance(failures, str) else float(failures),
        stand_in=stand_in,
        align=align,
        groups=tuple(
            _group(one, statistic, confidence, n_boot, interval, stream)
            for one, stream in zip(groups, streams, strict=True)
        ),
    )


def _group(
    one: Aligned,
    statistic: TrimmedMean,
    confidence: float,
    n_boot: int,
    interval: Interval,
    rng: np.random.Generator,
) -> CurveGroup:
    n = len(one.run_ids)
    draws = resampled(one.curves, statistic, n_boot=n_boot, rng=rng)
    if n < FEWEST_FOR_INTERVAL:
        method = f"none, fewer than {FEWEST_FOR_INTERVAL} runs"
        low, high = percentile_interval(draws, n, confidence=confidence)
    elif interval == "student_t" or (interval == "auto" and n < FEWEST_FOR_PERCENTILE):
        trimmed = " by winsorised variance" if statistic.cut(n) else ""
        method = f"Student-t{trimmed}, {statistic.dof(n)} df"
        low, high = student_interval(one.curves, statistic, confidence=confidence)
    else:
        method = "percentile, whole-run bootstrap"
        low, high = percentile_interval(draws, n, confidence=confidence)
    band_low, band_high = simultaneous_band(one.curves, draws, statistic, confidence=confidence, rng=rng)
    return CurveGroup(
        key=one.key,
        label=one.label,
        run_ids=one.run_ids,
        steps=one.steps,
        curves=one.curves,
        observed=one.observed,
        estimate=statistic(one.curves, axis=0),
        low=low,
        high=high,
        # What holds the whole curve holds each step of it: where the interval is wider, the band is as wide.
        band_low=np.minimum(band_low, low),
        band_high=np.maximum(band_high, high),
        draws=draws,
        method=method,
        n_unfinished=one.n_unfinished,
        n_configs=one.n_configs,
        common_grid=one.common_grid,
    )


def _check(rng: Any, confidence: Any, n_boot: Any, interval: Any) -> None:
    if rng is None or isinstance(rng, bool) or not isinstance(rng, int | np.integer | np.random.Generator):
        raise ValueError(f"`rng` is {rng!r}; give a seed such as rng=0, or a numpy.random.Generator.")
    if not 0 < confidence < 1:
        percent = ", not per cent" if confidence >= 1 else ""
        raise ValueError(f"`confidence` is {confidence}; give a number between 0 and 1{percent}, such as 0.95.")
    least = math.ceil(round(2 / (1 - confidence), 6))
    if isinstance(n_boot, bool) or not isinstance(n_boot, int | np.integer) or n_boot < least:
        raise ValueError(
            f"`n_boot` is {n_boot!r}; give a whole number of at least {least}: with fewer draws none lies outside an "
            f"interval of {100 * confidence:g} %."
        )
    if interval not in _INTERVALS:
        raise ValueError(unknown_name("interval", interval, _INTERVALS))


def _warn_if_few(groups: list[Aligned], statistic: TrimmedMean) -> None:
    few = [one for one in groups if len(one.run_ids) < _FEW]
    if not few:
        return
    fewest = min(len(one.run_ids) for one in few)
    where = f"{len(few)} of {len(groups)} groups have" if len(groups) > 1 else "there are"
    missing = f"; below {FEWEST_FOR_INTERVAL} the interval is missing" if fewest < FEWEST_FOR_INTERVAL else ""
    pair = any(statistic.dof(len(one.run_ids)) == 1 and statistic.cut(len(one.run_ids)) for one in few)
    wide = f"; the {statistic.name} of four runs rests on two of them, its interval is very wide" if pair else ""
    warnings.warn(
        f"{where} fewer than {_FEW} runs (fewest: {fewest}){missing}{wide}. What so few seeds show may be luck: train "
        f"more seeds before concluding.",
        FewRunsWarning,
        stacklevel=4,
    )
