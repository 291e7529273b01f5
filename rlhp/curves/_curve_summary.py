"""What an aggregate over runs returns: the curve, what is known of it, and everything it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp.curves._limits import Limits
from rlhp.curves._limits import said as limits_said
from rlhp.curves._statistic import Array
from rlhp.showing import as_html, as_text, without_width

# Names of the columns that `table` makes itself; a hyperparameter of such a name keeps its prefix.
_OWN = ("step", "estimate", "low", "high", "band_low", "band_high", "n", "method")


@dataclass(frozen=True, eq=False)
class CurveGroup:
    """One group of runs: its curve, intervals, raw curves and bootstrap draws. n runs, T steps, B draws.

    Attributes
    ----------
    key : tuple
        Values of the grouping columns, None where a hyperparameter is inactive; empty without grouping.
    label : str
        The same, readable: ``"learning_rate = 0.001"``.
    run_ids : tuple of str, length n
    steps : int array [T]
        Environment steps.
    curves : array [n, T]
        The raw curves, one row a run.
    observed : bool array [n, T]
        False where a run that did not finish has no evaluation and `curves` holds the stand-in.
    estimate : array [T]
        The statistic at each step.
    low, high : arrays [T]
        Interval that covers each step by itself; NaN below three runs.
    band_low, band_high : arrays [T]
        Band that covers the whole curve at once, never narrower than the interval; NaN below three runs.
    draws : array [B, T]
        The statistic of whole-run resamples.
    method : str
        How the interval was made.
    n_unfinished : int
        How many of the n runs did not finish.
    n_configs : int
        How many configurations the runs are of; more than one means that the interval mixes them.
    common_grid : bool
        True if every run was evaluated at just these steps.
    environments : tuple of str
        What the runs were trained on; several only where values are normalised.
    strata : int array [n] or None
        Which of the `environments` each run is of; None if there is one.
    cut_at : (float, float) or None
        What an episode can earn, where interval or band would have gone beyond.
    """

    key: tuple[Any, ...]
    label: str
    run_ids: tuple[str, ...]
    steps: NDArray[np.int64]
    curves: Array
    observed: NDArray[np.bool_]
    estimate: Array
    low: Array
    high: Array
    band_low: Array
    band_high: Array
    draws: Array
    method: str
    n_unfinished: int
    n_configs: int
    common_grid: bool
    environments: tuple[str, ...] = ()
    strata: NDArray[np.int64] | None = None
    cut_at: Limits | None = None

    @property
    def n(self) -> int:
        """Number of runs."""
        return len(self.run_ids)

    def quantiles(self, shares: Sequence[float]) -> Array:
        """Compute quantiles of the runs at each step, [len(shares), T]; what stands in for a run counts like it."""
        return np.quantile(self.curves, list(shares), axis=0)


@dataclass(frozen=True, eq=False)
class CurveSummary:
    """A statistic over runs along the learning curve, per group.

    Attributes
    ----------
    statistic : str
        What was computed over the runs: ``"IQM"``, ``"mean"`` or ``"median"``.
    value : str
        Column of `evals` it was computed of.
    by : tuple of str
        What the runs were grouped by.
    confidence : float
        Of the interval (at one step) and of the band (along the whole curve).
    n_boot : int
        Number of bootstrap draws.
    failures : str or float
        What runs that did not finish counted as.
    stand_in : float or None
        The value their missing evaluations took, if any did.
    align : str
        How runs evaluated at different steps were brought together.
    groups : tuple of CurveGroup
        In ascending order of the grouping values.
    """

    statistic: str
    value: str
    by: tuple[str, ...]
    confidence: float
    n_boot: int
    failures: str | float
    stand_in: float | None
    align: str
    groups: tuple[CurveGroup, ...]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per group and step: grouping columns, `step`, `estimate`, `low`, `high`, band, `n`, `method`."""
        frames = []
        for group in self.groups:
            columns = {"step": group.steps, "estimate": group.estimate, "low": group.low, "high": group.high}
            band = {"band_low": group.band_low, "band_high": group.band_high}
            own = pd.DataFrame({**columns, **band, "n": group.n, "method": group.method})
            frames.append(self._keyed(own, group.key))
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def final(self) -> pd.DataFrame:
        """One row per group, at its last step: grouping columns, `step`, `estimate`, `low`, `high`, `n`, `method`.

        The interval is the one for a single step: no band is needed where there is no curve to cover.
        """
        ends = np.cumsum([len(group.steps) for group in self.groups]) - 1
        return self.table.iloc[ends].drop(columns=["band_low", "band_high"]).reset_index(drop=True)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The raw curves, one row per run and step: grouping columns, `run_id`, `step`, `value`, `observed`."""
        frames = []
        for group in self.groups:
            own = pd.DataFrame(
                {
                    "run_id": np.repeat(np.array(group.run_ids, dtype=object), len(group.steps)),
                    "step": np.tile(group.steps, group.n),
                    "value": group.curves.ravel(),
                    "observed": group.observed.ravel(),
                }
            )
            frames.append(self._keyed(own, group.key))
        return pd.concat(frames, ignore_index=True)

    def _keyed(self, own: pd.DataFrame, key: tuple[Any, ...]) -> pd.DataFrame:
        for position, (name, cell) in enumerate(zip(self.by, key, strict=True)):
            own.insert(position, f"hp.{name}" if name in _OWN else name, cell)
        return own

    @property
    def runs_text(self) -> str:
        """How many runs stand behind each curve, and of how many configurations where they are mixed."""
        counts = sorted({group.n for group in self.groups})
        text = f"n = {counts[0]:,}" + (f" to {counts[-1]:,}" if len(counts) > 1 else "")
        text += " runs" if counts[-1] > 1 else " run"
        text += " each" if len(self.groups) > 1 and len(counts) == 1 else ""
        mixed = max(group.n_configs for group in self.groups)
        environments = max(len(group.environments) for group in self.groups)
        text += f" (of up to {environments} environments)" if environments > 1 else ""
        return text + (f" (of up to {mixed} configurations)" if mixed > max(1, environments) else "")

    @property
    def failures_text(self) -> str:
        """What happened to runs that did not finish, in words."""
        unfinished = sum(group.n_unfinished for group in self.groups)
        total = sum(group.n for group in self.groups)
        if self.failures == "drop":
            return "runs that did not finish are left out"
        if not unfinished:
            return "all runs finished"
        said = f"{unfinished} of {total} runs did not finish: "
        if self.failures == "truncate":
            return said + "curves end where the first of their runs ends"
        if self.stand_in is None:  # a part of training after which they broke
            return said + "they were evaluated at every step that is shown"
        source = " (the worst return seen)" if self.failures == "worst" else ""
        return said + f"their missing evaluations count as {self.stand_in:.4g}{source}"

    @property
    def limits_text(self) -> str:
        """Where intervals or bands were cut because an episode can earn no more or less, in words; else empty."""
        cuts = dict.fromkeys(limits_said(group.cut_at) for group in self.groups if group.cut_at is not None)
        return f"cut at what an episode can earn ({'; '.join(cuts)})" if cuts else ""

    @property
    def method_text(self) -> str:
        """How the intervals were made, in words."""
        methods = list(dict.fromkeys(group.method for group in self.groups))
        return f"{100 * self.confidence:g} % interval: {'; '.join(methods)}"

    def _title(self) -> str:
        grouped = f", {len(self.groups)} groups by {', '.join(self.by)}" if self.by else ""
        return f"{self.statistic} of {self.value} over runs, {self.runs_text}{grouped}"

    def _notes(self) -> list[str]:
        ends = [(group.curves[:, -1], group.strata, group.low[-1], group.high[-1]) for group in self.groups]
        notes = [
            f"{self.method_text} (final step below; sup-t band along the curve in .table)",
            f"{self.n_boot:,} whole-run bootstrap draws kept; failures={self.failures!r}: {self.failures_text}",
            *without_width(ends, self.statistic, self.confidence, " at the last step"),
        ]
        if self.limits_text and self.limits_text not in self.method_text:  # the band alone
            notes.append(f"bands are {self.limits_text}")
        notes += self._unequal_lengths()
        if not all(group.common_grid for group in self.groups):
            how = {
                "previous": "the latest evaluation so far",
                "linear": "a straight line between evaluations",
            }
            notes.append(f"runs were evaluated at different steps; at a common step each gives {how[self.align]}")
        return notes

    def _unequal_lengths(self) -> list[str]:
        """Return where groups do not end at the same step, so that their last numbers are not of the same training."""
        ends = {group.label or "these runs": int(group.steps[-1]) for group in self.groups}
        if len(set(ends.values())) < 2:
            return []
        first, last = min(ends, key=ends.__getitem__), max(ends, key=ends.__getitem__)
        return [
            f"the groups end at different steps ({first} at {ends[first]:,}, {last} at {ends[last]:,}): their last "
            f"numbers do not compare; give `grid` up to {ends[first]:,}, or failures='worst' or a number"
        ]

    def __repr__(self) -> str:
        return as_text("CurveSummary", self._title(), self._notes(), self.final)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.final)
