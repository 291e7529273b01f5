"""The first part of every run, as it is known when the question is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from rlhp.arguments import choice
from rlhp.curves._aligned import evaluated
from rlhp.curves._statistic import Array
from rlhp.frames import BROKEN
from rlhp.runs import Runs, need_runs

# The training return says how a run is doing between evaluations, in the unit of the return.
_TRAINING = "train_return_mean"

Group = tuple[str, str, int]


@dataclass(frozen=True, eq=False)
class Part:
    """What is known of one run.

    Attributes
    ----------
    run_id, config_id : str
    group : (str, str, int)
        Environment, algorithm, and the environment steps at which the question is asked: only runs that have all three
        in common say something about one another.
    steps : int array [n]
    values : array [n]
    training : array [n] or None
        Return while training before each evaluation, where all of them have it.
    spread : float
        Mean standard deviation between the episodes of an evaluation; NaN where not measured.
    note : str
        Why nothing can be said; empty if something can.
    """

    run_id: str
    config_id: str
    group: Group
    steps: NDArray[np.int64]
    values: Array
    training: Array | None
    spread: float
    note: str

    @property
    def horizon(self) -> int:
        """Environment steps at which the question is asked."""
        return self.group[2]

    @property
    def fractions(self) -> tuple[float, ...]:
        """The steps as fractions of the horizon."""
        return tuple(round(float(step) / self.horizon, 9) for step in self.steps)

    @property
    def last(self) -> float:
        """The latest value; NaN without any."""
        return float(self.values[-1]) if len(self.values) else float("nan")


def parts(runs: Runs, *, value: str, horizon: int | None, first: float | None) -> list[Part]:
    """Cut every run: to the first fraction of its horizon, or where it stands.

    Raises
    ------
    ValueError
        If `value` is no numeric column of the evaluations.
    """
    choice("value", value, evaluated(need_runs(runs)), kind="column of evals")
    rows = runs.evals.groupby("run_id", sort=False).indices
    at, seen = runs.evals["step"].to_numpy(np.int64), runs.evals[value].to_numpy(np.float64)
    has_training = value == "return_mean" and _TRAINING in runs.evals.columns
    training = runs.evals[_TRAINING].to_numpy(np.float64) if has_training else None
    spread = runs.evals["return_std"].to_numpy(np.float64) if value == "return_mean" else np.full(len(at), np.nan)
    configs = runs.config_id
    result = []
    nothing = np.empty(0, dtype=np.int64)
    ids = [str(one) for one in runs.table.index]
    about = zip(*(runs.table[name] for name in ("env_id", "algorithm", "status", "steps")), strict=True)
    for run_id, (env_id, algorithm, status, steps) in zip(ids, about, strict=True):
        mine = np.asarray(rows.get(run_id, nothing))
        until = int(steps) if horizon is None else horizon
        if first is not None:
            mine = mine[at[mine] <= first * until * (1 + 1e-9)]
        infinite = bool(np.isinf(seen[mine]).any())
        mine = mine[np.isfinite(seen[mine])]
        part = Part(
            run_id=run_id,
            config_id=str(configs[run_id]),
            group=(str(env_id), str(algorithm), until),
            steps=at[mine],
            values=seen[mine],
            training=None if training is None else _filled(training[mine]),
            spread=float(np.nanmean(spread[mine])) if np.isfinite(spread[mine]).any() else float("nan"),
            note="",
        )
        result.append(replace(part, note=_note(str(status), part, infinite)))
    return result


def until_horizon(part: Part) -> Part:
    """Cut a run that went on beyond its horizon there, with the value that it had."""
    if not ended(part):
        return part
    steps = np.append(part.steps[part.steps < part.horizon], part.horizon)
    values = np.interp(steps, part.steps, part.values)
    training = None if part.training is None else np.interp(steps, part.steps, part.training)
    return replace(part, steps=steps, values=values, training=training)


def ended(part: Part) -> bool:
    """Return whether the run has already reached its horizon."""
    return bool(len(part.steps)) and int(part.steps[-1]) >= part.horizon


def _filled(training: Array) -> Array | None:
    """Fill evaluations before which no episode ended with the latest value before them, or the first after."""
    known = np.flatnonzero(np.isfinite(training))
    if not len(known):
        return None
    latest = np.searchsorted(known, np.arange(len(training)), side="right") - 1
    return training[known[np.maximum(latest, 0)]]


def _note(status: str, part: Part, infinite: bool) -> str:
    if status in BROKEN:
        return f"{status}: the run has no future"
    if infinite:
        return "an evaluation is infinite"
    if not len(part.values):
        return "no evaluation in the part observed"
    return ""
