"""Which interval goes with which statistic and how many runs, and how each is made."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from rlhp.arguments import choice
from rlhp.curves._bootstrap import Counts, Strata, drawn_counts, of_counts, percentile_interval
from rlhp.curves._limits import EVERYTHING, Limits, within
from rlhp.curves._statistic import FEWEST_FOR_INTERVAL, Array, TrimmedMean, student_interval

Interval = Literal["auto", "student_t", "percentile", "expanded", "bca", "studentised", "order"]
INTERVALS = ("auto", "student_t", "percentile", "expanded", "bca", "studentised", "order")

# From so many runs on a bootstrap has enough different resamples; chosen by benchmarks/coverage.py.
FEWEST_FOR_BOOTSTRAP = 5
# A resample in which runs happen to agree knows nothing of their spread: its standard error is at least this share of
# that of the runs.
LEAST_ERROR = 0.2
# Gaussian samples behind how far an interval of a few runs reaches.
_SIMULATED = 100_000
# By how much less an interval of order statistics may cover than asked before it is refused.
_SHORT = 0.03


@dataclass(frozen=True, eq=False)
class Estimated:
    """Intervals [T] at each step, the draws [B, T] behind them (for the mean with their errors), and how.

    `cut` tells whether an interval ended at its limits.
    """

    low: Array
    high: Array
    draws: Array
    errors: Array | None
    method: str
    cut: bool = False


def with_interval(
    values: Array,
    statistic: TrimmedMean,
    *,
    method: Interval,
    confidence: float,
    n_boot: int,
    rng: np.random.Generator,
    strata: Strata | None = None,
    limits: Limits = EVERYTHING,
) -> Estimated:
    """Resample whole runs, and give the interval at each step.

    Parameters
    ----------
    values : array [n, T]
        One row a run, one column a step; scores are curves of one step.
    statistic : TrimmedMean
    method : str
        See `rlhp.curves.iqm`.
    confidence : float
    n_boot : int
        Resamples; 0, which gives no draws, where the method needs none (``student_t``, ``order``).
    rng : numpy.random.Generator
    strata : int array [n], optional
        Environment of each run, 0, 1, ...; None if there is one.
    limits : (float, float)
        What the values can be; the interval is cut there.
    """
    n = len(values)
    chosen = _chosen(method, statistic, n, strata)
    counts = drawn_counts(n, n_boot, rng, strata)
    draws: Array = np.empty((0, values.shape[1]))
    errors = None
    if n_boot:
        draws, errors = of_counts(values, statistic, counts, errors=statistic.trim == 0 and strata is None)
    missing = np.full(values.shape[1], np.nan)
    if n < FEWEST_FOR_INTERVAL:
        return Estimated(missing, missing.copy(), draws, errors, f"none, fewer than {FEWEST_FOR_INTERVAL} runs")
    if strata is not None and np.bincount(strata).min() < 2:
        return Estimated(missing, missing.copy(), draws, errors, "none, an environment with one run")
    if chosen == "student_t":
        low, high = student_interval(values, statistic, confidence=confidence, strata=strata)
        trimmed = " by winsorised variance" if statistic.cut(n) else ""
        dof = f"{statistic.dof(n)} df" if strata is None else "Welch-Satterthwaite df"
        said = f"Student-t{trimmed}, {dof}"
    elif chosen == "order":
        low, high, said = _order_interval(values, confidence)
    elif chosen == "studentised":
        if errors is None:
            errors = of_counts(values, statistic, counts, errors=True)[1]
        low, high = _studentised_interval(values, statistic, draws, errors, confidence)
        said = "studentised, whole-run bootstrap"
    elif chosen == "bca":
        low, high = _bca_interval(values, statistic, draws, confidence, strata)
        said = "BCa, whole-run bootstrap"
    elif chosen == "expanded":
        low, high = percentile_interval(draws, n, confidence=1 - 2 * expanded_tail(statistic, n, confidence, strata))
        said = "expanded percentile, whole-run bootstrap"
        if statistic.cut(n) == 1 and strata is None:
            low, high = _further_out(values, statistic, low, high, confidence)
            said += ", moved out"
    else:
        low, high = percentile_interval(draws, n, confidence=confidence)
        said = "percentile, whole-run bootstrap"
    if strata is not None:
        said += ", each environment by itself"
    low, high, cut = within(limits, low, high)
    return Estimated(low, high, draws, errors, said + cut, bool(cut))


def check_interval(interval: Any, statistic: TrimmedMean, strata: Strata | None = None) -> None:
    """Refuse an interval that is unknown, or that this statistic does not have."""
    choice("interval", interval, INTERVALS)
    median = statistic.trim == 0.5
    if interval == "order" and not median:
        raise ValueError(
            f"interval='order' is between order statistics and for the median, not for the {statistic.name}; give "
            f"'auto' or one of {', '.join(INTERVALS[1:-1])}."
        )
    if interval in ("student_t", "studentised") and median:
        raise ValueError(
            f"interval={interval!r} needs a standard error, which the median of few runs has not; give 'order', "
            f"'percentile', 'expanded' or 'bca'."
        )
    if interval in ("studentised", "order") and strata is not None:
        raise ValueError(
            f"interval={interval!r} is for runs of one environment; give 'student_t', 'percentile', 'expanded' or "
            f"'bca'."
        )


def expanded_tail(statistic: TrimmedMean, n: int, confidence: float, strata: Strata | None = None) -> float:
    """Return the share of draws to leave out at either end so that the percentile interval is as wide as a t interval.

    Hesterberg (2015) takes ``Phi(-sqrt(n / (n - 1)) t)`` with the t quantile of n - 1 degrees of freedom: the normal
    quantile that stands in a percentile interval becomes Student's, and the factor undoes that resamples vary less
    than samples. For a trimmed mean of one environment the factor is left out: trimming makes resamples of few runs
    vary about as much more.
    """
    groups = 1 if strata is None else int(strata.max()) + 1
    reach = stats.t.ppf((1 + confidence) / 2, n - groups)
    if groups > 1 or not statistic.cut(n):
        each = n / groups
        reach *= np.sqrt(each / (each - 1))
    return float(stats.norm.cdf(-reach))


def _further_out(
    values: Array, statistic: TrimmedMean, low: Array, high: Array, confidence: float
) -> tuple[Array, Array]:
    """Move either end half the way out to that of Gaussian runs, where that lies further out.

    Resamples stay among the runs. While one run is cut from either end, four to seven runs, that is too near: the range
    of five runs covers a middle with at most 93.75 %.
    """
    centre = statistic(values, axis=0)
    reach = _gaussian_reach(statistic, len(values), confidence) * values.std(axis=0, ddof=1)
    return (low + np.minimum(low, centre - reach)) / 2, (high + np.maximum(high, centre + reach)) / 2


@functools.cache
def _gaussian_reach(statistic: TrimmedMean, n: int, confidence: float) -> float:
    """Return how many of their standard deviations the interval of n Gaussian runs reaches to either side."""
    # An integral, solved by simulation: its seed is no choice of the user's.
    runs = np.random.default_rng(0).standard_normal((_SIMULATED, n))
    return float(np.quantile(np.abs(statistic(runs)) / runs.std(axis=1, ddof=1), confidence))


def _chosen(method: Interval, statistic: TrimmedMean, n: int, strata: Strata | None) -> Interval:
    if method != "auto":
        return method
    if statistic.trim == 0.5:
        return "order" if strata is None else "expanded"
    if statistic.trim == 0:
        return "student_t" if n < FEWEST_FOR_BOOTSTRAP or strata is not None else "studentised"
    return "student_t" if n < FEWEST_FOR_BOOTSTRAP else "expanded"


def _studentised_interval(
    values: Array, statistic: TrimmedMean, draws: Array, errors: Array | None, confidence: float
) -> tuple[Array, Array]:
    """Bootstrap-t: the quantiles of (draw - estimate) / (its standard error) stand where Student's t stands."""
    centre, error = statistic(values, axis=0), statistic.standard_error(values, axis=0)
    least = np.maximum(np.nan_to_num(np.asarray(errors)), LEAST_ERROR * error)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.where(error > 0, (draws - centre) / least, 0.0)
    tail = (1 - confidence) / 2
    lower, upper = np.quantile(ratios, [tail, 1 - tail], axis=0)
    return centre - upper * error, centre - lower * error


def _bca_interval(
    values: Array, statistic: TrimmedMean, draws: Array, confidence: float, strata: Strata | None
) -> tuple[Array, Array]:
    """Bias-corrected and accelerated percentiles (Efron 1987); in strata by Davison and Hinkley (1997), eq. 5.34."""
    n = len(values)
    groups = np.zeros(n, dtype=np.int64) if strata is None else strata
    centre = statistic(values, axis=0)
    hair = 1e-9 * np.ptp(values, axis=0)  # draws that equal the estimate, but for rounding
    below = ((draws < centre - hair).mean(axis=0) + (draws <= centre + hair).mean(axis=0)) / 2
    bias = stats.norm.ppf(np.clip(below, 1 / len(draws), 1 - 1 / len(draws)))
    without: Counts = (1 - np.eye(n)).astype(np.int32)
    left_out = of_counts(values, statistic, without)[0]
    cubes, squares = np.zeros(values.shape[1]), np.zeros(values.shape[1])
    for one in range(groups.max() + 1):
        part = left_out[groups == one]
        size = len(part)
        influence = (size - 1) * (part.mean(axis=0) - part)
        cubes += (influence**3).sum(axis=0) / size**3
        squares += (influence**2).sum(axis=0) / size**2
    with np.errstate(invalid="ignore", divide="ignore"):
        acceleration = np.nan_to_num(cubes / (6 * squares**1.5))
    ordered = np.sort(draws, axis=0)
    ends = []
    for quantile in stats.norm.ppf([(1 - confidence) / 2, (1 + confidence) / 2]):
        shifted = bias + quantile
        level = stats.norm.cdf(bias + shifted / (1 - acceleration * shifted))
        ends.append(_quantiles(ordered, level))
    return ends[0], ends[1]


def _order_interval(values: Array, confidence: float) -> tuple[Array, Array, str]:
    """Interval of the median between order statistics, interpolated between two of them.

    ``[x_(d), x_(n+1-d)]`` covers with probability ``1 - 2 P(Bin(n, 1/2) < d)`` whatever the distribution;
    Hettmansperger and Sheather (1986) interpolate between d and d + 1.
    """
    n = len(values)
    ordered = np.sort(values, axis=0)
    covers = 1 - 2 * stats.binom.cdf(np.arange(n // 2), n, 0.5)  # by d = 1, 2, ...
    if covers[0] < confidence - _SHORT:
        missing = np.full(values.shape[1], np.nan)
        return missing, missing.copy(), f"none, the range of {n} runs covers the median with {100 * covers[0]:.3g} %"
    enough = np.flatnonzero(covers >= confidence)
    if not len(enough):
        return ordered[0], ordered[-1], f"range of the runs, covers {100 * covers[0]:.4g} %"
    last = int(enough[-1])
    share = 0.0
    if last + 1 < len(covers) and covers[last] > covers[last + 1]:
        excess = (covers[last] - confidence) / (covers[last] - covers[last + 1])
        rank = last + 1
        share = (n - rank) * excess / (rank + (n - 2 * rank) * excess)
    inner = min(last + 1, (n - 1) // 2)
    low = (1 - share) * ordered[last] + share * ordered[inner]
    high = (1 - share) * ordered[n - 1 - last] + share * ordered[n - 1 - inner]
    return low, high, "order statistics (Hettmansperger-Sheather)"


def _quantiles(ordered: Array, levels: NDArray[np.float64]) -> Array:
    """Take from each column of `ordered` [B, T] the quantile at its own level [T], interpolated."""
    place = np.clip(levels, 0, 1) * (len(ordered) - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, len(ordered) - 1)
    columns = np.arange(ordered.shape[1])
    low, high = ordered[below, columns], ordered[above, columns]
    return np.asarray(low + (place - below) * (high - low))
