"""Runs become arrays: one row a run, one column a step, on a grid of steps that every run of the group reached."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from rlhp.arguments import LARGEST, choice, number_array, shown
from rlhp.curves._labels import value_label
from rlhp.curves._limits import EVERYTHING, RETURNS, Limits, limits_of
from rlhp.curves._options import Align, Grid, ascending, failures_option
from rlhp.curves._statistic import Array
from rlhp.runs import Runs, need_runs

CurveFailures = Literal["raise", "drop", "worst", "truncate"] | float

FAILURES = ("raise", "worst", "drop", "truncate")
# A grid taken from a monitor file (one row per episode) is thinned to this many steps.
_MOST_STEPS = 200
_HOW = "e.g. normalise={'CartPole-v1': (20, 500)}"

Key = tuple[Any, ...]
Normalise = Mapping[str, tuple[float, float]]
Curve = tuple[NDArray[np.int64], Array]


@dataclass(frozen=True, eq=False)
class Aligned:
    """The curves of one group on one grid.

    Attributes
    ----------
    key : tuple
        Values of the grouping columns, None where a hyperparameter is inactive.
    label : str
        The same, readable.
    run_ids : tuple of str, length n
    steps : int array [T]
        Environment steps.
    curves : array [n, T]
        One row a run.
    observed : bool array [n, T]
        False where a run that did not finish has no evaluation and `curves` holds the stand-in.
    n_unfinished : int
        How many of the runs did not finish.
    n_configs : int
        How many configurations the runs are of.
    common_grid : bool
        True if all runs were evaluated at just these steps, so that nothing was interpolated.
    environments : tuple of str
        What the runs were trained on.
    strata : int array [n] or None
        Which of the `environments` each run is of; None if there is one.
    limits : (float, float)
        The least and the most that a mean of these values can be, where `value` is a return.
    """

    key: Key
    label: str
    run_ids: tuple[str, ...]
    steps: NDArray[np.int64]
    curves: Array
    observed: NDArray[np.bool_]
    n_unfinished: int
    n_configs: int
    common_grid: bool
    environments: tuple[str, ...]
    strata: NDArray[np.int64] | None
    limits: Limits = EVERYTHING


def aligned(
    runs: Runs,
    *,
    by: Sequence[str],
    value: str,
    failures: CurveFailures,
    grid: Grid,
    normalise: Normalise | None = None,
) -> tuple[list[Aligned], float | None]:
    """Put the curves of each group of runs on one grid; documented at `rlhp.curves.iqm`.

    Returns
    -------
    groups : list of Aligned
        In ascending order of the grouping values.
    stand_in : float or None
        What stands for missing evaluations, if there are such.
    """
    if not len(need_runs(runs)):
        raise ValueError("no runs to summarise; `len(runs)` is 0.")
    choice("value", value, evaluated(runs), kind="column of evals")
    wanted = None if grid.steps is None else _checked_grid(grid.steps)
    unfinished = set(runs.table.index[runs.table["status"] != "finished"])
    failures = _policy(failures, runs, unfinished)
    if failures == "drop":
        groups = grouped(runs, by)
        _none_emptied(groups, unfinished, by)
        runs = runs.select([one for one in runs.table.index if one not in unfinished])
        unfinished = set()
    groups = grouped(runs, by)
    scale = _scale(runs, normalise)
    if normalise is None:
        one_environment_each(runs, groups, by)
    curves = _curves(runs, value, unfinished, scale)
    whole = {one: curves[one] for one in curves if failures == "truncate" or one not in unfinished}
    if not whole:
        raise ValueError(
            f"none of the {len(runs)} runs finished, so there is no length to fill their curves up to; look at "
            f"`runs.table['error']`, or pass failures='truncate'."
        )
    _all_evaluated(whole, value)
    env_of = runs.table["env_id"]
    stand_in: dict[str, float] = {}
    if unfinished and failures != "truncate":
        stand_in = _stand_ins(failures, curves, value, env_of, scale)
    configs = runs.config_id
    result = []
    for key, ids in groups.items():
        # A group of which nothing finished is as long as the other groups.
        steps, common = common_grid([whole[one] for one in ids if one in whole] or list(whole.values()), wanted)
        rows = [on_grid(curves[one], steps, grid.align, stand_in.get(env_of[one])) for one in ids]
        environments, strata = strata_of(env_of.loc[ids].to_numpy(object))
        stacked = np.stack([row for row, _ in rows])
        result.append(
            Aligned(
                key=key,
                label=group_label(by, key),
                run_ids=tuple(ids),
                steps=steps,
                curves=stacked,
                observed=np.stack([seen for _, seen in rows]),
                n_unfinished=sum(one in unfinished for one in ids),
                n_configs=configs.loc[ids].nunique(),
                common_grid=common,
                environments=environments,
                strata=strata,
                limits=limits_of(environments, stacked, scale) if value in RETURNS else EVERYTHING,
            )
        )
    return result, min(stand_in.values(), default=None)


def _policy(failures: Any, runs: Runs, unfinished: set[str]) -> Any:
    failures = failures_option(failures, FAILURES, hint="Or give the number that stands for a missing evaluation.")
    if failures == "raise" and unfinished:
        counts = runs.table.loc[[one in unfinished for one in runs.table.index], "status"].value_counts()
        what = ", ".join(f"{count} {status}" for status, count in counts.items())
        raise ValueError(
            f"{len(unfinished)} of {len(runs)} runs did not finish ({what}); say what they count as: "
            f"failures='worst' (missing evaluations take the worst return seen among these runs), 'drop' (leave the "
            f"runs out), 'truncate' (end the curve where the first run ends), or a number."
        )
    return failures


def grouped(runs: Runs, by: Sequence[str]) -> dict[Key, list[str]]:
    """Return the run ids of each group, in ascending order of the grouping values."""
    columns = [[_plain(cell) for cell in runs.column(name).tolist()] for name in by]
    keys = list(zip(*columns, strict=True)) if by else [()] * len(runs)
    groups: dict[Key, list[str]] = {}
    for one, key in zip(runs.table.index.tolist(), keys, strict=True):
        groups.setdefault(key, []).append(one)
    return dict(sorted(groups.items(), key=lambda item: [_order(cell) for cell in item[0]]))


def group_label(by: Sequence[str], key: Key) -> str:
    """Write the values of the grouping columns: ``"learning_rate = 0.001"``."""
    return ", ".join(f"{name} = {value_label(one)}" for name, one in zip(by, key, strict=True))


def _plain(cell: Any) -> Any:
    cell = cell.item() if isinstance(cell, np.generic) else cell
    return None if cell is pd.NA or (isinstance(cell, float) and math.isnan(cell)) else cell


def _order(cell: Any) -> tuple[int, float, str]:
    """Numbers first, by size; then texts; the inactive last."""
    if cell is None:
        return 2, 0.0, ""
    return (1, 0.0, cell) if isinstance(cell, str) else (0, float(cell), "")


def _none_emptied(groups: dict[Key, list[str]], unfinished: set[str], by: Sequence[str]) -> None:
    for key, ids in groups.items():
        if unfinished.issuperset(ids):
            raise ValueError(
                f"failures='drop' leaves no run of {group_label(by, key) or 'these runs'} (all {len(ids)} did not "
                f"finish); use 'worst' or a number, or leave that group out with `runs.select`."
            )


def strata_of(env_of: Any) -> tuple[tuple[str, ...], NDArray[np.int64] | None]:
    """Name the environments of runs, and tell which of them each run is of; None if there is one."""
    codes, names = pd.factorize(env_of, sort=True)
    return tuple(str(name) for name in names), codes.astype(np.int64) if len(names) > 1 else None


def _scale(runs: Runs, normalise: Normalise | None) -> dict[str, tuple[float, float]]:
    """Return (zero, unit) of each environment."""
    return (
        {env: (0.0, 1.0) for env in runs.table["env_id"].unique()} if normalise is None else scale_of(runs, normalise)
    )


def scale_of(runs: Runs, normalise: Normalise) -> dict[str, tuple[float, float]]:
    """Check the reference scores and give (zero, unit) of each environment."""
    if not isinstance(normalise, Mapping):
        raise ValueError(
            f"`normalise` is {shown(normalise)}; give the scores that become 0 and 1 per environment, {_HOW}."
        )
    scale = {}
    for env in runs.table["env_id"].unique():
        if env not in normalise:
            raise ValueError(f"`normalise` lacks the environment {env}; give the scores that become 0 and 1, {_HOW}.")
        ends = number_array(f"normalise[{env!r}]", normalise[env], hint=f"Two different ones: {_HOW}.")
        if ends.shape != (2,) or ends[0] == ends[1]:
            raise ValueError(
                f"`normalise[{env!r}]` is {shown(normalise[env])}; give two different finite numbers, {_HOW}."
            )
        scale[str(env)] = (float(ends[0]), float(ends[1] - ends[0]))
    return scale


def one_environment_each(runs: Runs, groups: dict[Key, list[str]], by: Sequence[str]) -> None:
    """Refuse groups that mix environments, whose returns are not on one scale."""
    for ids in groups.values():
        found = sorted(runs.table.loc[ids, "env_id"].unique())
        if len(found) > 1:
            raise ValueError(
                f"runs of {len(found)} environments ({', '.join(found)}) would be averaged, but their returns are not "
                f"on one scale; use by={[*by, 'env_id']!r} or `runs.select(env_id=...)`, or put them on one scale with "
                f"`normalise`."
            )


def _curves(runs: Runs, value: str, unfinished: set[str], scale: dict[str, tuple[float, float]]) -> dict[str, Curve]:
    """Return the steps and values of each run where the value is there; an engine may not measure it every time."""
    steps, values = runs.evals["step"].to_numpy(np.int64), runs.evals[value].to_numpy(np.float64)
    rows = runs.evals.groupby("run_id", sort=False).indices
    curves = {}
    for one, env in runs.table["env_id"].items():
        at, seen = (array[rows[one]] if one in rows else array[:0] for array in (steps, values))
        finite = np.isfinite(seen)
        if one not in unfinished and np.isinf(seen).any():
            raise ValueError(
                f"run `{one}` is marked finished, but `{value}` is infinite at step {at[np.isinf(seen)][0]:,}; give it "
                f"the status `diverged`."
            )
        zero, unit = scale[env]
        curves[str(one)] = (at[finite], (seen[finite] - zero) / unit)
    return curves


def evaluated(runs: Runs) -> list[str]:
    """Name the columns of `evals` that hold a number at each evaluation."""
    return [str(name) for name in runs.evals.columns if name not in ("run_id", "step")]


def _all_evaluated(whole: dict[str, Curve], value: str) -> None:
    empty = [one for one, (at, _) in whole.items() if not len(at)]
    if empty:
        raise ValueError(
            f"{len(empty)} of {len(whole)} runs have no `{value}` at all, first `{empty[0]}`; leave them out with "
            f"`runs.select`, or choose another `value`."
        )


def _stand_ins(
    failures: Any, curves: dict[str, Curve], value: str, env_of: pd.Series, scale: dict[str, tuple[float, float]]
) -> dict[str, float]:
    """Return what missing evaluations count as in each environment, on the scale of the curves."""
    environments = [str(env) for env in env_of.unique()]
    if failures != "worst":
        # A number is in the unit of `value`, as in `rlhp.objectives.score`, not on the scale of `normalise`.
        given = {env: (failures - scale[env][0]) / scale[env][1] for env in environments}
        if value in RETURNS:
            _none_wins(failures, given, curves, env_of, scale)
        return given
    if value not in RETURNS:
        raise ValueError(
            f"failures='worst' is defined for {' and '.join(RETURNS)}; of `{value}` it is not known which end is "
            f"worst: give a number, 'drop' or 'truncate'."
        )
    lows = {one: seen.min() for one, (_, seen) in curves.items() if len(seen)}
    overall = min(lows.values())
    return {
        env: float(min((lows[one] for one in env_of.index[env_of == env] if one in lows), default=overall))
        for env in environments
    }


def _none_wins(
    failures: float,
    given: dict[str, float],
    curves: dict[str, Curve],
    env_of: pd.Series,
    scale: dict[str, tuple[float, float]],
) -> None:
    """Refuse a number that is better than everything seen in its environment; on any scale more is better."""
    for env, stand_in in given.items():
        best = max((curves[one][1].max() for one in env_of.index[env_of == env] if len(curves[one][1])), default=np.inf)
        if stand_in > best:
            raise ValueError(
                f"failures={failures} is better than the best of {env} ({scale[env][0] + scale[env][1] * best:g}), so "
                f"that a crash would win; give a worse number, or 'worst'."
            )


def _checked_grid(grid: ArrayLike) -> NDArray[np.int64]:
    what = "environment steps as whole numbers that increase"
    steps = ascending("grid", grid, what=what)
    if (steps != np.floor(steps)).any() or (np.abs(steps) >= LARGEST).any():
        raise ValueError(f"`grid` is {shown(grid)}; give {what}.")
    return steps.astype(np.int64)


def common_grid(curves: list[Curve], wanted: NDArray[np.int64] | None) -> tuple[NDArray[np.int64], bool]:
    """Return the grid for these runs, and whether all of them were evaluated at exactly its steps."""
    start = max(int(at[0]) for at, _ in curves)
    end = min(int(at[-1]) for at, _ in curves)
    if start > end:
        raise ValueError(
            f"no step is covered by all runs: one starts at {start:,}, another ends at {end:,}; leave the odd ones out "
            f"with `runs.select`."
        )
    if wanted is not None:
        if wanted[0] < start or wanted[-1] > end:
            raise ValueError(
                f"`grid` goes from {wanted[0]:,} to {wanted[-1]:,}, but the steps that all runs cover are {start:,} to "
                f"{end:,}; nothing is extrapolated."
            )
        return wanted, all(np.isin(wanted, at).all() for at, _ in curves)
    inside = [at[(at >= start) & (at <= end)] for at, _ in curves]
    # At equal numbers the one that reaches furthest, so that the order of the runs decides nothing.
    coarsest = min(inside, key=lambda at: (len(at), -at[-1] if len(at) else 0, at.tolist()))
    if not len(coarsest):  # a run without an evaluation between the others' start and end
        coarsest = np.array([end])
    common = all(np.array_equal(at, coarsest) for at in inside)
    if not common and len(coarsest) > _MOST_STEPS:
        coarsest = coarsest[np.linspace(0, len(coarsest) - 1, _MOST_STEPS).round().astype(int)]
    return coarsest, common


def on_grid(
    curve: Curve, steps: NDArray[np.int64], align: Align, stand_in: float | None
) -> tuple[Array, NDArray[np.bool_]]:
    """Return a curve at some steps, and at which of them it was observed; elsewhere it is the stand-in, or NaN."""
    at, seen = curve
    observed = (steps >= at[0]) & (steps <= at[-1]) if len(at) else np.zeros(len(steps), dtype=bool)
    row = np.full(len(steps), np.nan if stand_in is None else stand_in)
    if observed.any():
        inside = steps[observed]
        if align == "linear":
            row[observed] = np.interp(inside, at, seen)
        else:
            row[observed] = seen[np.searchsorted(at, inside, side="right") - 1]
    return row, observed
