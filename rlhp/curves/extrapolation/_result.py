"""What an extrapolation returns: where each run will end, how sure that is, and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp.curves._statistic import Array
from rlhp.showing import as_html, as_text, percent


@dataclass(frozen=True, eq=False)
class Extrapolation:
    """Forecasts of R runs at T later steps each, from M equally likely values.

    Attributes
    ----------
    runs : DataFrame, one row per run
        `run_id`, `env_id`, `algorithm`, `n_seen` (evaluations known), `step` (the latest), `last` (its value),
        `horizon`, `family` (that explains the part seen best), `basis` ("reference", "bounds", "curve alone", or
        "nothing"), `note`.
    steps : int array [R, T]
        Environment steps asked for; the last is the horizon.
    draws : array [R, M, T]
        Equally likely values of an evaluation at each step by itself, sorted along M; NaN where nothing can be said.
    estimate, low, high : arrays [R, T]
        Median of the draws, and the interval.
    seen : DataFrame
        The part known: `run_id`, `step`, `value`.
    families : DataFrame [R, F], index `run_id`
        Weights of the mixture's families after the part seen.
    unit : array [R]
        What counts as the range of returns; NaN where it is not known.
    value : str
        Column of `evals`.
    confidence : float
    first : float or None
        Fraction of training that was looked at; None for all there is.
    reference : str
        What was learned from, in words; empty for nothing.
    """

    runs: pd.DataFrame
    steps: NDArray[np.int64]
    draws: Array
    estimate: Array
    low: Array
    high: Array
    seen: pd.DataFrame
    families: pd.DataFrame
    unit: Array
    value: str
    confidence: float
    first: float | None
    reference: str

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per run, at its horizon: `estimate`, `low`, `high`, and what they rest on.

        `p_fall` is the probability that the run ends lower than its latest value by more than a tenth of the range of
        returns, `p_rise` that it ends higher by as much. What cannot be said is missing.
        """
        last = self.runs["last"].to_numpy(dtype=np.float64)[:, None]
        tenth = 0.1 * self.unit[:, None]
        end = self.draws[:, :, -1]
        known = np.isfinite(end).all(axis=1) & np.isfinite(self.unit)
        fall = np.where(known, (end < last - tenth).mean(axis=1), np.nan)
        rise = np.where(known, (end > last + tenth).mean(axis=1), np.nan)
        front = self.runs.drop(columns=["family", "basis", "note"])
        numbers = {"estimate": self.estimate[:, -1], "low": self.low[:, -1], "high": self.high[:, -1]}
        rest = self.runs[["family", "basis", "note"]]
        return pd.concat([front.assign(**numbers, p_fall=fall, p_rise=rise), rest], axis=1)

    @cached_property
    def path(self) -> pd.DataFrame:
        """One row per run and later step: `run_id`, `step`, `estimate`, `low`, `high`."""
        ids = np.repeat(self.runs["run_id"].to_numpy(dtype=object), self.steps.shape[1])
        numbers = {"estimate": self.estimate, "low": self.low, "high": self.high}
        columns = {name: array.ravel() for name, array in numbers.items()}
        return pd.DataFrame({"run_id": ids, "step": self.steps.ravel(), **columns})

    @property
    def n_silent(self) -> int:
        """Number of runs of which nothing can be said."""
        return int(np.isnan(self.estimate[:, -1]).sum())

    @property
    def method_text(self) -> str:
        """How estimate and interval were made, in words."""
        interval = f"estimate: median of {self.draws.shape[1]} draws; {percent(self.confidence)} interval"
        said = []
        bases = set(self.runs["basis"])
        if "reference" in bases:
            said.append(
                f"mixture of {self.families.shape[1]} families pooled with similar runs of the reference "
                f"({self.reference}); {interval} calibrated on its configurations, each held out (conformal)"
            )
        if "bounds" in bases:
            said.append(
                f"mixture of {self.families.shape[1]} families within the bounds given; {interval} of the mixture, not "
                f"calibrated: it rests on the curve alone"
            )
        if "curve alone" in bases:
            said.append(
                f"mixture of {self.families.shape[1]} families; {interval} of the mixture, not calibrated: it rests on "
                f"the curve alone and on no knowledge of the range of returns (give `reference` or `bounds`)"
            )
        return "; ".join(said) or "nothing to forecast"

    def _title(self) -> str:
        part = "all that is known" if self.first is None else f"the first {100 * self.first:.3g} % of training"
        return f"final {self.value} of {len(self.runs)} run{'s' * (len(self.runs) != 1)}, from {part}"

    def _notes(self) -> list[str]:
        notes = [self.method_text]
        if self.n_silent:
            notes.append(f"{self.n_silent} of {len(self.runs)} runs have no forecast (NaN); `note` says why")
        return notes

    def __repr__(self) -> str:
        return as_text("Extrapolation", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)
