"""Curves of any runs, ready to be laid over each other in whatever groups are asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp.curves import RETURNS, Array, common_grid, on_grid
from rlhp.runs import Runs

__all__ = ["RunCurves", "Together"]

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Together:
    """Curves of some runs on one grid. n runs, T steps.

    Attributes
    ----------
    rows : int array [n]
        Their rows in the table of runs.
    steps : int array [T]
    curves : array [n, T]
    observed : bool array [n, T]
        False where a run that did not finish has no evaluation and counts as the worst return seen.
    n_apart : int
        Runs that were asked for but share no step with these.
    shortest : int or None
        Where the first of the finished runs ends, if others of them go on.
    """

    rows: Rows
    steps: NDArray[np.int64]
    curves: Array
    observed: NDArray[np.bool_]
    n_apart: int
    shortest: int | None


class RunCurves:
    """One value of the runs of one environment.

    A run without a single evaluation of the value has no curve. It is left out if it finished or the value is no
    return; if it broke, it counts as the worst return seen, so that a crash does not look like learning.

    Parameters
    ----------
    runs : Runs
    env_id : str
    value : str
        Column of `evals`.

    Attributes
    ----------
    rows : int array [n]
        Rows in the table of the runs that have a curve.
    n_blank : int
        Runs of the environment that have none.
    """

    def __init__(self, runs: Runs, env_id: str, value: str) -> None:
        mine = np.flatnonzero((runs.table["env_id"] == env_id).to_numpy())
        finished = (runs.table["status"] == "finished").to_numpy()[mine]
        place = runs.table.index.get_indexer(pd.Index(runs.evals["run_id"]))
        steps, values = runs.evals["step"].to_numpy(np.int64), runs.evals[value].to_numpy(np.float64)
        kept = np.flatnonzero(np.isfinite(values) & np.isin(place, mine))
        kept = kept[np.lexsort([steps[kept], place[kept]])]
        parts = np.searchsorted(place[kept], [mine, mine + 1])
        self._steps = [steps[kept[first:last]] for first, last in parts.T]
        self._values = [values[kept[first:last]] for first, last in parts.T]
        lengths = np.diff(parts, axis=0)[0]
        self._worst = float(values[kept].min()) if len(kept) and value in RETURNS else None
        drawn = (lengths > 0) if self._worst is None else (lengths > 0) | ~finished
        drawn = drawn & finished if value not in RETURNS else drawn
        self.n_blank = int((~drawn).sum())
        keep = np.flatnonzero(drawn)
        self.rows: Rows = mine[keep]
        self._steps, self._values = [self._steps[k] for k in keep], [self._values[k] for k in keep]
        self._finished = finished[keep]
        # Runs that were evaluated at the same steps have the same number.
        seen: dict[bytes, int] = {}
        self._kind = np.array([seen.setdefault(at.tobytes(), len(seen)) for at in self._steps], dtype=np.int64)

    def together(self, wanted: NDArray[np.bool_]) -> Together | None:
        """Put the runs of which `wanted` (one flag a row of the table) holds on one grid; None if there is nothing."""
        chosen = np.flatnonzero(wanted[self.rows])
        if not len(chosen):
            return None
        whole = chosen[self._finished[chosen]]
        if len(whole) == len(chosen) and (self._kind[chosen] == self._kind[chosen[0]]).all():
            curves = np.stack([self._values[k] for k in chosen])
            steps = self._steps[chosen[0]]
            return Together(self.rows[chosen], steps, curves, np.ones(curves.shape, dtype=bool), 0, None)
        return self._aligned(chosen)

    def _aligned(self, chosen: Rows) -> Together:
        """Align runs that were not all evaluated at the same steps.

        The finished ones say how far the curve goes. Where none is, it goes as far as the longest of the environment:
        a group of which all broke has its worst return to the end.
        """
        whole = chosen[self._finished[chosen]]
        leading = _sharing(whole, self._steps) if len(whole) else self._longest()
        apart = np.setdiff1d(whole, leading)
        chosen = np.setdiff1d(chosen, apart)
        curves = [(self._steps[k], self._values[k]) for k in leading]
        steps, _ = common_grid(curves, None)
        parts = [on_grid((self._steps[k], self._values[k]), steps, "previous", self._worst) for k in chosen]
        lasts = [int(at[-1]) for at, _ in curves]
        return Together(
            rows=self.rows[chosen],
            steps=steps,
            curves=np.stack([row for row, _ in parts]),
            observed=np.stack([seen for _, seen in parts]),
            n_apart=len(apart),
            shortest=min(lasts) if min(lasts) < max(lasts) else None,
        )

    def _longest(self) -> Rows:
        """Return the run that was evaluated longest, of those that finished if there are any."""
        ends = [(bool(self._finished[k]), int(at[-1]) if len(at) else -1) for k, at in enumerate(self._steps)]
        return np.array([max(range(len(ends)), key=lambda k: ends[k])])


def _sharing(chosen: Rows, steps: list[NDArray[np.int64]]) -> Rows:
    """Keep the most runs that have a step in common."""
    first, last = (np.array([steps[k][end] for k in chosen]) for end in (0, -1))
    if first.max() <= last.min():
        return chosen
    # Where most of them overlap, one of them begins.
    at = max(first.tolist(), key=lambda step: int(((first <= step) & (step <= last)).sum()))
    kept: Rows = chosen[(first <= at) & (at <= last)]
    return kept
