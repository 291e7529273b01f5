"""What a run explorer shows: runs that pass the filters, in groups, with one curve and its interval a group."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp.curves import (
    EVERYTHING,
    RETURNS,
    STATISTICS,
    Array,
    CurveGroup,
    CurveSummary,
    limits_of,
    number_label,
    value_label,
    with_interval,
)
from rlhp.runs import Runs
from rlhp.widgets.runs._curves import RunCurves, Together

__all__ = ["FEW", "SCORES", "Column", "Held", "Mask", "View", "described", "summary"]

FEW = 8  # levels up to which each is a group and has a button
# What a configuration came to, the mean over its seeds: columns to choose by. No hyperparameter has such a name.
SCORES = {"final return": "final_return", "return over training": "auc"}
_BINS = 4
_N_BOOT = 600
# From so many runs on Student's t says what the bootstrap says, in no time.
_MANY = 40
_NOT_VALUES = ("run_id", "step", "n_episodes")

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Column:
    """A column of the runs in which they differ.

    Attributes
    ----------
    name : str
        Bare, without ``hp.``.
    cells : array [n]
        Its values, None where a hyperparameter is inactive.
    levels : tuple
        The different values in ascending order, None last.
    few : int
        Up to so many numbers each has a button; more are cut into ranges.
    """

    name: str
    cells: NDArray[Any]
    levels: tuple[Any, ...]
    few: int = FEW

    @property
    def ranges(self) -> bool:
        """Whether it holds so many numbers that it is cut into ranges."""
        return len(self.levels) > self.few and all(_is_number(level) or level is None for level in self.levels)

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest number; of scores, which have many digits, round numbers just outside."""
        known = [float(level) for level in self.levels if level is not None]
        low, high = known[0], known[-1]
        if self.name not in SCORES:
            return low, high
        step = 10.0 ** math.floor(math.log10((high - low) / 100))
        return round(math.floor(low / step) * step, 9), round(math.ceil(high / step) * step, 9)

    @cached_property
    def _codes(self) -> NDArray[np.int64]:
        place = {level: code for code, level in enumerate(self.levels)}
        return np.array([place[cell] for cell in self.cells], dtype=np.int64)

    @cached_property
    def numbers(self) -> Array:
        """Its values as numbers, NaN where it is inactive."""
        return np.array([cell if _is_number(cell) else np.nan for cell in self.cells], dtype=np.float64)

    def masks(self) -> list[tuple[str, Mask]]:
        """Return its groups: levels, ranges that hold about as many runs each, or the most frequent levels."""
        if not self.ranges:
            counts = np.bincount(self._codes, minlength=len(self.levels))
            kept = sorted(np.argsort(-counts, kind="stable")[:FEW])
            return [(value_label(self.levels[code]), self._codes == code) for code in kept]
        numbers = self.numbers
        known = np.unique(numbers[~np.isnan(numbers)])
        found = []
        for part in np.array_split(known, min(_BINS, len(known))):
            ends = dict.fromkeys(value_label(float(end)) for end in (part[0], part[-1]))
            found.append((" to ".join(ends), (numbers >= part[0]) & (numbers <= part[-1])))
        inactive = np.isnan(numbers)
        return [*found, ("inactive", inactive)] if inactive.any() else found

    def among(self, levels: Sequence[Any]) -> Mask:
        """Return which runs have one of some levels."""
        return np.isin(self._codes, [self.levels.index(level) for level in levels])

    def between(self, low: float, high: float) -> Mask:
        """Return which runs have a number in a range, ends included; those where it is inactive have none."""
        numbers = self.numbers
        return np.asarray((numbers >= low) & (numbers <= high))


@dataclass(frozen=True)
class View:
    """What to show of runs.

    Parameters
    ----------
    env_id, value, statistic : str
    by : str
        Column to group by; empty for one group.
    first : float
        Share of training that is shown, in (0, 1].
    """

    env_id: str
    value: str = "return_mean"
    statistic: str = "iqm"
    by: str = ""
    first: float = 1.0


class Held:
    """Runs held ready: every view of them is a matter of picking rows of arrays.

    Parameters
    ----------
    name : str
    runs : Runs
    """

    def __init__(self, name: str, runs: Runs) -> None:
        if not len(runs.evals):
            raise ValueError(f"{name or 'these runs'} have no evaluation, so that there is no curve to show.")
        self.name, self.runs = name, runs
        self._curves: dict[tuple[str, str], RunCurves] = {}

    @cached_property
    def columns(self) -> dict[str, Column]:
        """The columns in which runs differ: hyperparameters, what is known of every run, and the scores."""
        found = {}
        taken = self.runs.hyperparameters
        others = [f"table.{one}" if one in taken else one for one in ("engine", "steps", "status", "seed")]
        for name in [*self.runs.factors, *others]:
            cells = np.array([_plain(cell) for cell in self.runs.column(name).tolist()], dtype=object)
            levels = tuple(sorted(set(cells), key=_order))
            if len(levels) > 1:
                found[name] = Column(name, cells, levels)
        return found | self._scores()

    def _scores(self) -> dict[str, Column]:
        """Return what each run's configuration came to in its environment, where that can be said and differs."""
        from rlhp.objectives import score  # only here: it takes a while

        found, owner = {}, self.runs.config_id
        for name, objective in SCORES.items():
            try:
                values = score(self.runs, objective, failures="worst", per="config").values
            except ValueError:  # nothing finished in some environment, so that there is no worst
                continue
            cells = owner.map(values).to_numpy(np.float64).astype(object)
            levels = tuple(np.unique(cells.astype(np.float64)).tolist())
            if len(levels) > 1:
                found[name] = Column(name, cells, levels, few=1)
        return found

    def n_configs(self, mask: Mask) -> int:
        """Count the configurations of some runs."""
        return len(np.unique(self._configs[mask]))

    @cached_property
    def environments(self) -> tuple[str, ...]:
        """The environments, in alphabetical order."""
        return tuple(sorted(map(str, self.runs.table["env_id"].unique())))

    @cached_property
    def values(self) -> tuple[str, ...]:
        """The columns of evaluations that hold something."""
        return tuple(
            str(name)
            for name in self.runs.evals.columns
            if name not in _NOT_VALUES and np.isfinite(self.runs.evals[name].to_numpy(np.float64)).any()
        )

    @cached_property
    def _configs(self) -> NDArray[np.int64]:
        return pd.factorize(self.runs.config_id)[0].astype(np.int64)

    def curves(self, env_id: str, value: str) -> RunCurves:
        """Return the curves of one value in one environment, kept from when they were asked for first."""
        key = (env_id, value)
        if key not in self._curves:
            self._curves[key] = RunCurves(self.runs, env_id, value)
        return self._curves[key]

    def passing(self, filters: Mapping[str, Any]) -> Mask:
        """Return which runs pass all filters: levels (a tuple) or a range (a pair in a list) by column."""
        passed = np.ones(len(self.runs), dtype=bool)
        for name, wanted in filters.items():
            column = self.columns[name]
            passed &= column.between(*wanted) if isinstance(wanted, list) else column.among(wanted)
        return passed

    def groups(self, view: View, passed: Mask) -> list[CurveGroup]:
        """Aggregate the runs that pass, by group; groups of which none has a curve are left out.

        Each group goes as far as the runs in it: a short run cuts its own group and no other one.
        """
        return [group for group, _ in self.parts(view, passed)]

    def parts(self, view: View, passed: Mask) -> list[tuple[CurveGroup, Together]]:
        """Return the groups with what became of their runs on the way."""
        held = self.curves(view.env_id, view.value)
        until = view.first * self._horizon(view.env_id) * (1 + 1e-9)
        masks = self.columns[view.by].masks() if view.by else [("", np.ones(len(self.runs), dtype=bool))]
        found = []
        for label, mask in masks:
            one = held.together(mask & passed)
            upto = 0 if one is None else int(np.searchsorted(one.steps, until, side="right"))
            if one is not None and upto:
                group = self._group(
                    view, label, one.rows, one.steps[:upto], one.curves[:, :upto], one.observed[:, :upto]
                )
                found.append((group, one))
        return found

    def _horizon(self, env_id: str) -> int:
        table = self.runs.table[self.runs.table["env_id"] == env_id]
        seen = self.runs.evals.loc[self.runs.evals["run_id"].isin(table.index), "step"]
        return max(int(table["steps"].max()), int(seen.max()) if len(seen) else 0)

    def _group(
        self, view: View, label: str, where: NDArray[np.int64], steps: Any, curves: Array, observed: Mask
    ) -> CurveGroup:
        statistic, n = STATISTICS[view.statistic], len(curves)
        # Where the interval needs no draws, none are made: of hundreds of runs they take longer than the picture.
        method: Any = "order" if statistic.trim == 0.5 else "student_t" if n > _MANY else "auto"
        n_boot = _N_BOOT if method == "auto" else 0
        limits = limits_of((view.env_id,), curves) if view.value in RETURNS else EVERYTHING
        made = with_interval(
            curves,
            statistic,
            method=method,
            confidence=0.95,
            n_boot=n_boot,
            rng=np.random.default_rng(0),
            limits=limits,
        )
        table = self.runs.table
        return CurveGroup(
            key=(label,),
            label=label,
            run_ids=tuple(table.index[where]),
            steps=steps,
            curves=curves,
            observed=observed,
            estimate=statistic(curves, axis=0),
            low=made.low,
            high=made.high,
            band_low=made.low,
            band_high=made.high,
            draws=made.draws,
            method=made.method.partition(f", {statistic.dof(n)} df")[0],  # else each group's is told by itself
            n_unfinished=int((table["status"].iloc[where] != "finished").sum()),
            n_configs=len(np.unique(self._configs[where])),
            common_grid=True,
            environments=(view.env_id,),
            cut_at=limits if made.cut else None,
        )


def summary(groups: Sequence[CurveGroup], view: View) -> CurveSummary:
    """Put groups together as a plot takes them."""
    failures = "worst" if view.value in RETURNS else "drop"
    return CurveSummary(
        statistic=STATISTICS[view.statistic].name,
        value=view.value,
        by=(view.by,) if view.by else (),
        confidence=0.95,
        n_boot=_N_BOOT,
        failures=failures,
        stand_in=min((float(g.curves[~g.observed].min()) for g in groups if not g.observed.all()), default=None),
        align="previous",
        groups=tuple(groups),
    )


def described(filters: Mapping[str, Any]) -> str:
    """Return filters in words."""
    said = []
    for name, wanted in filters.items():
        if isinstance(wanted, list):
            said.append(f"{name} from {number_label(wanted[0], 4)} to {number_label(wanted[1], 4)}")
        else:
            said.append(f"{name} " + " or ".join(value_label(level) for level in wanted))
    return "; ".join(said)


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _plain(cell: Any) -> Any:
    cell = cell.item() if isinstance(cell, np.generic) else cell
    return None if cell is pd.NA or (isinstance(cell, float) and np.isnan(cell)) else cell


def _order(cell: Any) -> tuple[int, float, str]:
    """Numbers first, by size; then texts; what is inactive last."""
    if cell is None:
        return 2, 0.0, ""
    return (1, 0.0, cell) if isinstance(cell, str) else (0, float(cell), "")
