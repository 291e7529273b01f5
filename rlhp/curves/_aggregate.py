"""Many runs become one curve with its uncertainty: IQM, mean or median over runs at every evaluation."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from numpy.typing import ArrayLike

from rlhp.curves._aligned import Aligned, CurveFailures, Normalise, aligned
from rlhp.curves._band import simultaneous_band
from rlhp.curves._curve_summary import CurveGroup, CurveSummary
from rlhp.curves._intervals import Interval, check_interval, with_interval
from rlhp.curves._limits import within
from rlhp.curves._options import Grid, as_grid, check_options, grouping
from rlhp.curves._statistic import FEWEST_FOR_INTERVAL, IQM, MEAN, MEDIAN, TrimmedMean
from rlhp.runs import Runs

_FEW = 5
_EXPECTED: ContextVar[bool] = ContextVar("few runs are expected", default=False)


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
    failures: CurveFailures = "raise",
    grid: Grid | ArrayLike | None = None,
    normalise: Normalise | None = None,
) -> CurveSummary:
    """Interquartile mean over runs, along the learning curve and at its end.

    The IQM is the mean of the middle half of the runs, ``scipy.stats.trim_mean(values, 0.25)`` at each step: steadier
    than the mean when a run fails to learn, and more telling than the median.

    Parameters
    ----------
    runs : Runs
        One environment per group, because returns of different environments are not on one scale; with `normalise`
        a group may have several.
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
    interval : {"auto", "student_t", "percentile", "expanded", "bca", "studentised", "order"}
        The interval at each step by itself; "auto" is what covered best in ``python benchmarks/coverage.py``.

        - "student_t": by the winsorised variance (Tukey and McLaughlin 1963). "auto" for the IQM and the mean below
          five runs, and for the mean over several environments (Welch-Satterthwaite).
        - "expanded": percentiles of the whole-run bootstrap, as far out as Student's t reaches (Hesterberg 2015).
          "auto" for the IQM from five runs on. Resamples stay among the runs, so that up to seven runs either end
          moves half the way out to that of Gaussian runs with their standard deviation, where that lies further out.
        - "studentised": bootstrap-t. "auto" for the mean from five runs on.
        - "order": between order statistics (Hettmansperger and Sheather 1986). "auto" for the median.
        - "percentile", "bca": the usual ones; they cover less than they say below about twenty runs.
    failures : {"raise", "worst", "drop", "truncate"} or float
        What runs that are diverged, failed or stopped count as. "raise" refuses; "worst" keeps the evaluations they
        have and gives the missing ones the worst value seen among all runs compared; a number gives them that number,
        in the unit of `value` also where `normalise` is given, and must not beat the best return seen; "drop" leaves
        the runs out; "truncate" ends the curve where the first run of its group ends (for runs still training).
    grid : sequence of int or Grid, optional
        Environment steps at which to compare; they must lie where all runs of a group were evaluated. A `Grid` also
        says what a run gives between two evaluations.
    normalise : mapping of env_id to (float, float), optional
        The values that become 0 and 1 in each environment. Runs of several environments then make one group: the
        statistic is over all of them, and resampling is stratified, among the runs of each environment.

    Returns
    -------
    CurveSummary
        `.table` along the curve, `.final` at its end, `.groups` with raw curves and draws.

    Raises
    ------
    ValueError
        If an option or name is unknown, runs did not finish and `failures` is "raise", a number for failures would
        win, a group mixes environments, or no step is covered by all runs of a group.

    Warns
    -----
    FewRunsWarning
        If a group has fewer than five runs. With one or two the interval is missing (NaN).

    Notes
    -----
    ``python benchmarks/coverage.py`` simulates how often the intervals and bands cover; its table stands in
    benchmarks/coverage.md. The IQM of a few runs is a trimmed mean with the cut that whole runs allow (none from three
    runs). No interval can cover more often than the runs differ: where nine of ten runs end at the highest return there
    is, five runs are often all alike.

    References
    ----------
    R. Agarwal et al. (2021), Deep reinforcement learning at the edge of the statistical precipice. J. W. Tukey and
    D. H. McLaughlin (1963), Sankhya A 25, 331-352. T. C. Hesterberg (2015), What teachers should know about the
    bootstrap, The American Statistician 69, 371-386. T. P. Hettmansperger and S. J. Sheather (1986), Statistics &
    Probability Letters 4, 75-79. C. Colas et al. (2018), How many random seeds?

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> configs = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(6)]
    >>> runs = Runs.from_table(configs, [1, 2, 3, 4, 5, 60, 7, 8, 9, 10, 11, 12], seeds=[*range(6), *range(6)])
    >>> curves.iqm(runs, by="gamma", rng=0).final[["gamma", "estimate", "n"]].to_dict("list")
    {'gamma': [0.9, 0.99], 'estimate': [3.5, 9.5], 'n': [6, 6]}
    """
    return _summarise(IQM, runs, by, rng, value, confidence, n_boot, interval, failures, grid, normalise)


def mean(
    runs: Runs,
    *,
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    value: str = "return_mean",
    confidence: float = 0.95,
    n_boot: int = 2000,
    interval: Interval = "auto",
    failures: CurveFailures = "raise",
    grid: Grid | ArrayLike | None = None,
    normalise: Normalise | None = None,
) -> CurveSummary:
    """Mean over runs, along the learning curve and at its end; all options are those of `iqm`.

    One run that fails to learn, or that is lucky, moves the mean. Below five runs the interval is the usual Student-t,
    from five on the studentised bootstrap, which follows the skewness of returns.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> runs = Runs.from_table([{}] * 5, [1, 2, 3, 4, 5], seeds=range(5))
    >>> curves.mean(runs, rng=0, interval="student_t").final[["estimate", "low", "high"]].round(2).to_dict("list")
    {'estimate': [3.0], 'low': [1.04], 'high': [4.96]}
    """
    return _summarise(MEAN, runs, by, rng, value, confidence, n_boot, interval, failures, grid, normalise)


def median(
    runs: Runs,
    *,
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    value: str = "return_mean",
    confidence: float = 0.95,
    n_boot: int = 2000,
    interval: Interval = "auto",
    failures: CurveFailures = "raise",
    grid: Grid | ArrayLike | None = None,
    normalise: Normalise | None = None,
) -> CurveSummary:
    """Median over runs, along the learning curve and at its end; all options are those of `iqm`.

    Its interval lies between order statistics and covers whatever the distribution of the returns. Five runs are the
    fewest: their range covers the median with 93.75 %, that of four with 87.5 % only.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> runs = Runs.from_table([{}] * 6, [1, 2, 3, 4, 50, 60], seeds=range(6))
    >>> curves.median(runs, rng=0).final[["estimate", "low", "high"]].round(2).to_dict("list")
    {'estimate': [3.5], 'low': [1.36], 'high': [56.43]}
    """
    return _summarise(MEDIAN, runs, by, rng, value, confidence, n_boot, interval, failures, grid, normalise)


def _summarise(
    statistic: TrimmedMean,
    runs: Runs,
    by: str | Sequence[str] | None,
    rng: int | np.random.Generator,
    value: str,
    confidence: float,
    n_boot: int,
    interval: Interval,
    failures: CurveFailures,
    grid: Grid | ArrayLike | None,
    normalise: Normalise | None,
) -> CurveSummary:
    names = grouping(by)
    check_options(rng, confidence, n_boot)
    check_interval(interval, statistic)
    where = as_grid(grid)
    groups, stand_in = aligned(runs, by=names, value=value, failures=failures, grid=where, normalise=normalise)
    for one in groups:
        check_interval(interval, statistic, one.strata)
    warn_if_few([len(one.run_ids) for one in groups], statistic)
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
        align=where.align,
        groups=tuple(
            _group(one, statistic, confidence, n_boot, interval, stream)
            for one, stream in zip(groups, streams, strict=True)
        ),
    )


def _group(
    group: Aligned,
    statistic: TrimmedMean,
    confidence: float,
    n_boot: int,
    interval: Interval,
    rng: np.random.Generator,
) -> CurveGroup:
    estimated = with_interval(
        group.curves,
        statistic,
        method=interval,
        confidence=confidence,
        n_boot=n_boot,
        rng=rng,
        strata=group.strata,
        limits=group.limits,
    )
    low, high = estimated.low, estimated.high
    band_low, band_high = simultaneous_band(
        group.curves,
        estimated.draws,
        statistic,
        confidence=confidence,
        rng=rng,
        errors=estimated.errors,
        strata=group.strata,
    )
    band_low, band_high, cut = within(group.limits, band_low, band_high)
    return CurveGroup(
        key=group.key,
        label=group.label,
        run_ids=group.run_ids,
        steps=group.steps,
        curves=group.curves,
        observed=group.observed,
        estimate=statistic(group.curves, axis=0),
        low=low,
        high=high,
        # What holds the whole curve holds each step of it: where the interval is wider, the band is as wide.
        band_low=np.fmin(band_low, low),
        band_high=np.fmax(band_high, high),
        draws=estimated.draws,
        method=estimated.method,
        n_unfinished=group.n_unfinished,
        n_configs=group.n_configs,
        common_grid=group.common_grid,
        environments=group.environments,
        strata=group.strata,
        cut_at=group.limits if cut or estimated.cut else None,
    )


@contextmanager
def few_runs_expected() -> Iterator[None]:
    """Leave the warning of few runs out: who calls says their number. Of this thread only, as `warnings` is not."""
    before = _EXPECTED.set(True)
    try:
        yield
    finally:
        _EXPECTED.reset(before)


def warn_if_few(sizes: Sequence[int], statistic: TrimmedMean | None, *, stacklevel: int = 4) -> None:
    """Warn where groups have fewer than five runs."""
    few = [n for n in sizes if n < _FEW]
    if not few or _EXPECTED.get():
        return
    fewest = min(few)
    where = f"{len(few)} of {len(sizes)} groups have" if len(sizes) > 1 else "there are"
    missing = f"; below {FEWEST_FOR_INTERVAL} the interval is missing" if fewest < FEWEST_FOR_INTERVAL else ""
    pair = statistic is IQM and any(statistic.dof(n) == 1 and statistic.cut(n) for n in few)
    wide = "; the IQM of four runs rests on two of them, its interval is very wide" if pair else ""
    warnings.warn(
        f"{where} fewer than {_FEW} runs (fewest: {fewest}){missing}{wide}. What so few seeds show may be luck: train "
        f"more seeds before concluding.",
        FewRunsWarning,
        stacklevel=stacklevel,
    )
