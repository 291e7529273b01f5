"""How reliable training is: dispersion and risk, across time within a run and across runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rlhp.arguments import real
from rlhp.curves._aggregate import warn_if_few
from rlhp.curves._aligned import Aligned, CurveFailures, aligned
from rlhp.curves._bootstrap import chunks
from rlhp.curves._intervals import with_interval
from rlhp.curves._options import Grid, as_grid, check_options, grouping
from rlhp.curves._statistic import FEWEST_FOR_INTERVAL, MEAN, Array
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, fate, keyed, percent

# What each metric is, and whether less of it is better.
METRICS = {
    "iqr_time": "IQR of the changes from one evaluation to the next, within a run",
    "mad_time": "MAD of the changes from one evaluation to the next, within a run",
    "cvar_change": "mean of the worst changes from one evaluation to the next (short-term risk)",
    "cvar_drawdown": "mean of the largest falls below the best so far (long-term risk)",
    "max_drawdown": "largest fall below the best so far",
    "iqr_runs": "IQR across runs, averaged over evaluations",
    "mad_runs": "MAD across runs, averaged over evaluations",
    "cvar_runs": "mean final value of the worst runs (risk across runs)",
}
_HIGHER_IS_BETTER = ("cvar_change", "cvar_runs")


@dataclass(frozen=True, eq=False)
class Reliability:
    """Dispersion and risk of training per group; made by `reliability`.

    Attributes
    ----------
    table : DataFrame, one row per group and metric
        Grouping columns, `metric`, `axis` ("time" or "runs"), `kind` ("dispersion" or "risk"), `better` ("lower" or
        "higher"), `estimate`, `low`, `high`, `n`, `method`.
    groups : tuple of Aligned
        The raw curves.
    per_run : DataFrame, one row per run
        Grouping columns, `run_id` and the metrics across time of that run.
    draws : dict of str to array [G, n_boot]
        Each metric in whole-run resamples.
    value : str
        Column of `evals`.
    by : tuple of str
    tail : float
        Share of the worst that risk looks at.
    confidence : float
    n_boot : int
    failures : str or float
    """

    table: pd.DataFrame
    groups: tuple[Aligned, ...]
    per_run: pd.DataFrame
    draws: dict[str, Array]
    value: str
    by: tuple[str, ...]
    tail: float
    confidence: float
    n_boot: int
    failures: str | float

    @cached_property
    def _counts(self) -> str:
        counts = sorted({len(one.run_ids) for one in self.groups})
        return f"n = {counts[0]:,}" + (f" to {counts[-1]:,}" if len(counts) > 1 else "") + " runs a group"

    def _title(self) -> str:
        return f"dispersion and risk of {self.value}, {self._counts}"

    def _notes(self) -> list[str]:
        return [
            f"risk looks at the worst {percent(self.tail)}; metrics across time are averaged over runs",
            f"{percent(self.confidence)} intervals: see the column `method`; {self.n_boot:,} whole-run draws kept",
            f"failures={self.failures!r}: {fate(self.failures, sum(one.n_unfinished for one in self.groups))}",
        ]

    def __repr__(self) -> str:
        return as_text("Reliability", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def reliability(
    runs: Runs,
    *,
    by: str | Sequence[str] | None = None,
    rng: int | np.random.Generator,
    value: str = "return_mean",
    tail: float = 0.1,
    confidence: float = 0.95,
    n_boot: int = 2000,
    failures: CurveFailures = "raise",
    grid: Grid | ArrayLike | None = None,
) -> Reliability:
    """How steady training is within a run, and how alike runs are: IQR, MAD, drawdown and CVaR.

    Parameters
    ----------
    runs : Runs
        One environment per group; more is better of `value`.
    by : str or sequence of str, optional
        Hyperparameters or columns of `runs.table` to group by.
    rng : int or numpy.random.Generator
        Seed of the resampling.
    value : str
        Column of `runs.evals`.
    tail : float
        The share of the worst whose mean is the risk (CVaR), in (0, 1]; at least one value counts.
    confidence, n_boot, failures, grid
        As in `rlhp.curves.iqm`.

    Returns
    -------
    Reliability

    Raises
    ------
    ValueError
        If an option cannot be, or runs have fewer than three evaluations.

    Warns
    -----
    FewRunsWarning
        If a group has fewer than five runs.

    Notes
    -----
    Across time a curve is first made flat by taking the changes from one evaluation to the next, so that learning does
    not count as dispersion. Intervals of metrics across runs are percentiles of the whole-run bootstrap, and of few
    runs they are too low and too narrow, as resamples are less spread than samples: read them from ten runs on.

    References
    ----------
    S. C. Y. Chan et al. (2020), Measuring the reliability of reinforcement learning algorithms, ICLR.

    Examples
    --------
    >>> from rlhp import Runs, curves, datasets
    >>> steady = curves.reliability(datasets.load("learning_rate_cartpole"), by="learning_rate", rng=0)
    >>> steady.table.loc[steady.table["metric"] == "max_drawdown", "estimate"].round().tolist()
    [75.0, 234.0, 198.0, 137.0, 252.0]
    """
    names = grouping(by)
    check_options(rng, confidence, n_boot)
    real("tail", tail, above=0, at_most=1, what="the share of the worst that risk looks at, in (0, 1]")
    groups, _ = aligned(runs, by=names, value=value, failures=failures, grid=as_grid(grid))
    short = [group for group in groups if len(group.steps) < 3]
    if short:
        raise ValueError(
            f"{short[0].label or 'these runs'} have {len(short[0].steps)} common evaluations; changes over time need "
            f"at least three."
        )
    warn_if_few([len(group.run_ids) for group in groups], None, stacklevel=3)
    streams = np.random.default_rng(rng).spawn(len(groups))
    frames, singles = [], []
    draws: dict[str, list[Array]] = {name: [] for name in METRICS}
    for group, stream in zip(groups, streams, strict=True):
        rows = []
        time = _across_time(group.curves, tail)
        n = len(group.run_ids)
        estimated = with_interval(
            np.column_stack(list(time.values())),
            MEAN,
            method="auto",
            confidence=confidence,
            n_boot=n_boot,
            rng=stream,
        )
        for at, (name, each) in enumerate(time.items()):
            rows.append([*_about(name), float(each.mean()), estimated.low[at], estimated.high[at], n, estimated.method])
            draws[name].append(estimated.draws[:, at])
        chosen = stream.integers(0, n, (n_boot, n))
        for name, metric in _across_runs(tail).items():
            resamples = _resampled(group.curves, metric, chosen)
            ends = np.quantile(resamples, [(1 - confidence) / 2, (1 + confidence) / 2])
            enough = n >= FEWEST_FOR_INTERVAL
            low, high = ends if enough else (np.nan, np.nan)
            method = "percentile, whole-run bootstrap" if enough else estimated.method
            rows.append([*_about(name), float(metric(group.curves[None])[0]), low, high, n, method])
            draws[name].append(resamples)
        columns = ["metric", "axis", "kind", "better", "estimate", "low", "high", "n", "method"]
        frames.append(keyed(pd.DataFrame(rows, columns=columns), names, group.key))
        singles.append(keyed(pd.DataFrame({"run_id": group.run_ids, **time}), names, group.key))
    return Reliability(
        table=pd.concat(frames, ignore_index=True),
        groups=tuple(groups),
        per_run=pd.concat(singles, ignore_index=True),
        draws={name: np.stack(parts) for name, parts in draws.items()},
        value=value,
        by=names,
        tail=tail,
        confidence=confidence,
        n_boot=n_boot,
        failures=failures if isinstance(failures, str) else float(failures),
    )


def _about(name: str) -> list[str]:
    axis = "runs" if name.endswith("_runs") else "time"
    kind = "dispersion" if name.startswith(("iqr", "mad")) else "risk"
    return [name, axis, kind, "higher" if name in _HIGHER_IS_BETTER else "lower"]


def _across_time(curves: Array, tail: float) -> dict[str, Array]:
    """Return each metric within a run, one value a run."""
    changes = np.diff(curves, axis=1)
    fall = np.maximum.accumulate(curves, axis=1) - curves
    return {
        "iqr_time": _iqr(changes),
        "mad_time": _mad(changes),
        "cvar_change": _worst(changes, tail),
        "cvar_drawdown": -_worst(-fall, tail),
        "max_drawdown": fall.max(axis=1),
    }


def _across_runs(tail: float) -> dict[str, Callable[[Array], Array]]:
    """Return each metric across runs, as a function of resamples [B, n, T]."""
    return {
        "iqr_runs": lambda curves: _iqr(np.moveaxis(curves, 1, -1)).mean(axis=-1),
        "mad_runs": lambda curves: _mad(np.moveaxis(curves, 1, -1)).mean(axis=-1),
        "cvar_runs": lambda curves: _worst(curves[..., -1], tail),
    }


def _resampled(curves: Array, metric: Callable[[Array], Array], chosen: NDArray[np.int64]) -> Array:
    parts = [metric(curves[chosen[part]]) for part in chunks(len(chosen), curves.size)]
    return np.concatenate(parts)


def _iqr(values: Array) -> Array:
    low, high = np.quantile(values, [0.25, 0.75], axis=-1)
    return np.asarray(high - low)


def _mad(values: Array) -> Array:
    """Median absolute deviation from the median, without the factor that would make it a standard deviation."""
    centre = np.median(values, axis=-1, keepdims=True)
    return np.asarray(np.median(np.abs(values - centre), axis=-1))


def _worst(values: Array, tail: float) -> Array:
    """Mean of the lowest share `tail` of the values (CVaR), of at least one."""
    count = max(1, int(tail * values.shape[-1] + 1e-9))
    return np.asarray(np.sort(values, axis=-1)[..., :count].mean(axis=-1))
