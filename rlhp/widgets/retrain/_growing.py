"""Learning curves while they grow: what can already be aggregated, and what is still on its way."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rlhp import curves
from rlhp.curves import CurveSummary, few_runs_expected, number_label
from rlhp.frames import BROKEN
from rlhp.runs import Runs, concat
from rlhp.widgets.background._training import seeds

__all__ = ["Frame", "Growing", "GrowingGroups", "growing", "joined", "verdict"]

_N_BOOT = 500  # enough for an interval that is drawn; a study of the runs takes more
_N_BOOT_GROWING = 200  # while more points are about to come


class Frame:
    """The axes of curves that grow: as wide as training from the start, and as high as was needed so far.

    Parameters
    ----------
    right : float
        Where training ends.

    Examples
    --------
    >>> frame = Frame(20_000)
    >>> frame.around(9.0, 31.0), frame.around(10.0, 12.0), frame.around(8.0, 55.0), frame.around(-180.0, 30.0)
    ((0.0, 50.0), (0.0, 50.0), (0.0, 100.0), (-200.0, 100.0))
    """

    def __init__(self, right: float) -> None:
        self.right = right
        self._bottom = self._top = 0.0

    def around(self, low: float, high: float) -> tuple[float, float]:
        """Return the lowest and highest value to show; they move apart in big steps and never together."""
        self._bottom = -max(-self._bottom, _round_up(-low))
        self._top = max(self._top, _round_up(high))
        return self._bottom + 0.0, self._top if self._top > self._bottom else self._bottom + 1.0


def _round_up(value: float) -> float:
    """Return 1, 2 or 5 times a power of ten, at least `value`; 0 where that is enough."""
    if not value > 0 or not math.isfinite(value):
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= value * (1 - 1e-9))


@dataclass(frozen=True)
class Growing:
    """Learning curves of runs of which some may still train.

    Parameters
    ----------
    summary : CurveSummary or None
        Per configuration the runs that ended or, while none has finished, all that have begun, up to where the slowest
        is. None while nothing has been evaluated.
    rest : Runs or None
        Runs that have begun but are not in the summary.
    n_runs : int
        How many runs there are in all.
    """

    summary: CurveSummary | None
    rest: Runs | None
    n_runs: int

    def draw(
        self,
        ax: Any,
        *,
        title: str | None = None,
        labels: Sequence[str] | None = None,
        looks: Sequence[int] | None = None,
        frame: Frame | None = None,
        seeds: bool = True,
    ) -> None:
        """Draw the aggregate, every seed faint behind it (which takes long), and the runs on their way dotted."""
        from rlhp import plots

        if self.summary is None:
            raise ValueError("there is nothing to draw yet; ask `summary` first.")
        ylim = frame.around(*self._span()) if frame is not None else None
        until = frame.right if frame is not None else None
        plots.curves(self.summary, ax=ax, title=title, labels=labels, looks=looks, ylim=ylim, until=until, seeds=seeds)
        if self.rest is None:
            return
        (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
        for _, one in self.rest.evals.groupby("run_id"):
            ax.plot(one["step"], one["return_mean"], color="0.5", linewidth=0.9, linestyle=":", zorder=1.5)
            bottom, top = min(bottom, one["return_mean"].min()), max(top, one["return_mean"].max())
        ax.set(xlim=(left, right), ylim=(bottom, top))

    def _span(self) -> tuple[float, float]:
        """Return the lowest and highest value of any run."""
        groups = self.summary.groups if self.summary is not None else ()
        seen = [group.curves[group.observed] for group in groups]
        if self.rest is not None:
            seen.append(self.rest.evals["return_mean"].to_numpy())
        values = np.concatenate([one[np.isfinite(one)] for one in seen])
        return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)

    def sentence(self, labels: Sequence[str] | None = None, *, over: bool = False) -> str:
        """Return what the curves show at their end, one sentence a configuration; `over` if nothing trains any more."""
        if self.summary is None:
            return "Nothing has been evaluated yet."
        names = [group.label for group in self.summary.groups] if labels is None else list(labels)
        rows = zip(names, self.summary.final.itertuples(), strict=True)
        said = " ".join(self._one(name, row) for name, row in rows)
        n_rest = len(self.rest) if self.rest is not None else 0
        if not n_rest:
            return said
        stopped = f"{'was' if n_rest == 1 else 'were'} stopped before that"
        return f"{said} {n_rest} more {stopped if over else 'on their way'}."

    def _one(self, label: str, row: Any) -> str:
        name = f"{label[:1].upper()}{label[1:]}: after" if label else "After"
        percent = f"{100 * self.summary.confidence:g}" if self.summary is not None else ""
        span = f"{number_label(row.low)} to {number_label(row.high)}"
        interval = "too few seeds for an interval" if math.isnan(row.low) else f"{percent} % interval {span}"
        return (
            f"{name} {row.step:,} steps the IQM return of {seeds(row.n)} is {number_label(row.estimate)} ({interval})."
        )


def growing(runs: Runs, *, by: str | None = None, rng: int = 0, n_boot: int = _N_BOOT) -> Growing:
    """Aggregate what can be compared now.

    Parameters
    ----------
    runs : Runs
        Those that still train have the status `stopped`.
    by : str, optional
        Hyperparameter that tells configurations apart.
    rng : int
        Seed of the bootstrap.
    n_boot : int
        Its draws.
    """
    evaluated = runs.table.index.isin(runs.evals.loc[np.isfinite(runs.evals["return_mean"]), "run_id"])
    begun = runs.select(runs.table.index[evaluated | (runs.table["status"] != "stopped")])
    if not evaluated.any():
        return Growing(None, None, len(runs))
    if not begun.table["status"].isin(["finished", "stopped"]).any():
        # All of them broke, so that no curve says how far a worst return should go: each is seen as far as it came.
        begun = _so_far(runs.select(runs.table.index[evaluated]), ("stopped", *BROKEN))
    chosen, rest = [], []
    groups = begun.column(by).fillna("") if by else pd.Series(0, index=begun.table.index)
    for _, table in begun.table.groupby(groups, sort=False):
        # What broke tells nothing of how far the others are: it counts, but it does not end the curve.
        finished = (table["status"] == "finished").any()
        over = table.index[table["status"] != "stopped"] if finished else table.index
        chosen.append(_so_far(begun.select(over), ("stopped",)))
        if finished:
            rest.append(begun.select(table.index.difference(over)))
    with few_runs_expected():  # the number of seeds stands in the text and on the figure
        # A run that broke counts as the worst seen: a crash must not look like learning.
        summary = curves.iqm(concat(chosen), by=by, rng=rng, n_boot=n_boot, failures="worst")
    left = [one for one in rest if len(one)]
    return Growing(summary, concat(left) if left else None, len(runs))


class GrowingGroups:
    """Aggregates configurations of which one or more still grow; what has come to its end is aggregated once.

    Parameters
    ----------
    by : str
        Hyperparameter that tells them apart.
    """

    def __init__(self, by: str) -> None:
        self._by = by
        self._kept: dict[tuple[str, ...], Growing] = {}

    def of(self, parts: Sequence[Runs]) -> Growing:
        """Aggregate the runs of several configurations, in their order."""
        if any((~runs.table["status"].isin(["finished", "stopped"])).any() for runs in parts):
            return growing(concat(parts), by=self._by)  # what stands in for a broken run depends on all of them
        ones = [one for one in (self._one(runs) for runs in parts) if one.summary is not None]
        n_runs = sum(len(runs) for runs in parts)
        summaries = [one.summary for one in ones if one.summary is not None]
        if not summaries:
            return Growing(None, None, n_runs)
        return joined(ones, n_runs)

    def _one(self, runs: Runs) -> Growing:
        if (runs.table["status"] == "stopped").any():
            return growing(runs, by=self._by, n_boot=_N_BOOT_GROWING)
        key = tuple(runs.table.index)
        if key not in self._kept:
            self._kept[key] = growing(runs, by=self._by)
        return self._kept[key]


def joined(ones: Sequence[Growing], n_runs: int) -> Growing:
    """Lay curves that were aggregated by themselves over each other, in their order; each has a summary."""
    summaries = [one.summary for one in ones if one.summary is not None]
    rests = [one.rest for one in ones if one.rest is not None]
    stand_ins = [one.stand_in for one in summaries if one.stand_in is not None]
    whole = dataclasses.replace(
        summaries[0],
        groups=tuple(group for summary in summaries for group in summary.groups),
        n_boot=min(one.n_boot for one in summaries),
        stand_in=min(stand_ins, default=None),
    )
    return Growing(whole, concat(rests) if rests else None, n_runs)


def verdict(now: Growing, labels: Sequence[str], each: str, *, steps: int) -> str:
    """Return whether the intervals at the end tell the configurations apart; nothing of a single one.

    Where they were not all trained to the end there is no verdict: what trained longer is ahead for that alone.

    Parameters
    ----------
    now : Growing
        With a summary.
    labels : sequence of str
        What its groups are called.
    each : str
        How many seeds of what: ``"16 seeds a schedule"``.
    steps : int
        Environment steps of a whole training.
    """
    if now.summary is None or len(labels) < 2:
        return ""
    lasts = [int(one.steps[-1]) for one in now.summary.groups]
    if len(set(lasts)) > 1:
        where = ", ".join(f"{label} at {last:,}" for label, last in zip(labels, lasts, strict=True))
        return f"No verdict: the curves end at different steps ({where}), so that their ends cannot be compared."
    if lasts[0] < steps:
        return f"No verdict: training ended after {lasts[0]:,} of {steps:,} steps."
    ends = [(float(one.estimate[-1]), float(one.low[-1]), float(one.high[-1])) for one in now.summary.groups]
    if any(math.isnan(low) for _, low, _ in ends):
        return f"{each} are too few for an interval: nothing can be concluded."
    best = max(range(len(ends)), key=lambda i: ends[i][0])
    same = [labels[i] for i, (_, _, high) in enumerate(ends) if i != best and high >= ends[best][1]]
    if not same and len(ends) == 2:
        return f"The intervals do not overlap: {labels[best]} ends higher."
    if not same:
        return f"{labels[best]} ends highest, and its interval overlaps no other."
    if len(ends) == 2:
        return f"The intervals overlap: {each} do not tell the two apart."
    others = " and ".join(same)
    return f"{labels[best]} ends highest, but its interval overlaps that of {others}: {each} do not rank them."


def _so_far(runs: Runs, statuses: tuple[str, ...]) -> Runs:
    """Take runs of some statuses as they are: the curve of all of them goes as far as the slowest."""
    table = runs.table.assign(status=runs.table["status"].where(~runs.table["status"].isin(statuses), "finished"))
    return Runs(table, runs.evals[np.isfinite(runs.evals["return_mean"])], runs.history)
