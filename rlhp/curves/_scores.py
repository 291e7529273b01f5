"""One score a run, grouped: what every result that compares scores starts from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlhp.arguments import instance, shown
from rlhp.curves._aligned import Key, Normalise, group_label, grouped, one_environment_each, scale_of, strata_of
from rlhp.curves._bootstrap import Strata
from rlhp.curves._limits import EVERYTHING, Limits, limits_of
from rlhp.curves._statistic import Array
from rlhp.objectives import OBJECTIVES, PER_CONFIG, Failures, Scores, levelled, score
from rlhp.runs import Runs, need_runs


@dataclass(frozen=True, eq=False)
class ScoreGroup:
    """The scores of one group of runs.

    Attributes
    ----------
    key : tuple
        Values of the grouping columns, None where a hyperparameter is inactive; empty without grouping.
    label : str
        The same, readable.
    run_ids : tuple of str, length n
    values : array [n]
        One score a run, on the scale of `normalise` where it was given.
    environments : tuple of str
        What the runs were trained on.
    limits : (float, float)
        The least and the most that a mean of these scores can be, where they are returns.
    strata : int array [n] or None
        Which of the `environments` each run is of; None if there is one.
    """

    key: Key
    label: str
    run_ids: tuple[str, ...]
    values: Array
    environments: tuple[str, ...]
    strata: Strata | None
    limits: Limits = EVERYTHING

    @property
    def n(self) -> int:
        """Number of runs."""
        return len(self.run_ids)

    def by_environment(self) -> dict[str, Array]:
        """Return the scores of each environment."""
        if self.strata is None:
            return {self.environments[0]: self.values}
        return {name: self.values[self.strata == code] for code, name in enumerate(self.environments)}


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores by group, and what they are.

    Attributes
    ----------
    groups : tuple of ScoreGroup
        In ascending order of the grouping values.
    by : tuple of str
    objective, unit : str
    maximise : bool
        True if more is better; on a normalised scale always.
    failures : str or float
        What failed runs counted as.
    n_failed : int
        How many runs failed.
    normalised : bool
    threshold : float or None
    last : int
        The options of the objective; see `rlhp.objectives.score`.
    n_censored : int
        How many of the runs never reached the threshold, so that their score is only a lower bound; 0 for objectives
        other than `steps_to_threshold`.
    n_stopped : int
        How many of the runs were stopped before their end, and count with what they did until then.
    """

    groups: tuple[ScoreGroup, ...]
    by: tuple[str, ...]
    objective: str
    unit: str
    maximise: bool
    failures: Failures
    n_failed: int
    normalised: bool
    threshold: float | None = None
    last: int = 1
    n_censored: int = 0
    n_stopped: int = 0

    @property
    def what(self) -> str:
        """Name the score and its unit."""
        return f"{self.objective} ({'normalised' if self.normalised else self.unit})"

    @property
    def failures_text(self) -> str:
        """What happened to runs that failed, and to those that never reached the threshold, in words."""
        policy = f"failures={self.failures!r}"
        never = ""
        if self.n_censored:
            total = sum(group.n for group in self.groups)
            never = (
                f"; {self.n_censored} of {total} runs never reached the threshold (censored) and count as the longest "
                f"budget, so that a mean is only a lower bound"
            )
        if self.n_stopped:
            were = "run was" if self.n_stopped == 1 else "runs were"
            never += f"; {self.n_stopped} {were} stopped early and counted with what was done until then"
        if not self.n_failed:
            return f"{policy}: no run failed{never}"
        done = {"drop": "left out", "worst": "counted as worst"}.get(str(self.failures), f"counted as {self.failures}")
        return f"{policy}: {self.n_failed} failed, {done}{never}"

    @property
    def runs_text(self) -> str:
        """How many runs there are a group, and of how many environments."""
        counts = sorted({group.n for group in self.groups})
        text = f"n = {counts[0]:,}" + (f" to {counts[-1]:,}" if len(counts) > 1 else "")
        text += " run" if counts[-1] == 1 else " runs"
        text += " each" if len(self.groups) > 1 and len(counts) == 1 else ""
        environments = max(len(group.environments) for group in self.groups)
        return text + (f" of {environments} environments" if environments > 1 else "")


def score_groups(
    runs: Runs,
    *,
    by: Sequence[str],
    objective: str | Scores,
    failures: Failures,
    normalise: Normalise | None = None,
    one_scale: bool = True,
) -> Scored:
    """Score runs one by one and group them; documented at `rlhp.curves.summarise`.

    Parameters
    ----------
    runs : Runs
    by : sequence of str
    objective : str or Scores
    failures : str or float
    normalise : mapping, optional
    one_scale : bool
        Whether the scores of a group are put together, so that several environments need `normalise`.
    """
    if not len(need_runs(runs)):
        raise ValueError("no runs to summarise; `len(runs)` is 0.")
    instance("objective", objective, (str, Scores))
    if isinstance(objective, str):
        if objective in PER_CONFIG:
            raise ValueError(
                f"`objective` is {objective!r}, one number for all seeds of a configuration, so that there is nothing "
                f"to resample; read it off `objectives.score(runs, {objective!r}, failures=...)`, or give an objective "
                f"that each run has, such as 'final_return'."
            )
        scores = score(runs, objective, failures=failures)
    else:
        scores = _fitting(objective, runs)
    groups = grouped(runs, by)
    if normalise is None and one_scale:
        one_environment_each(runs, groups, by)
    is_return = OBJECTIVES[scores.objective].is_return
    environments_of = runs.table["env_id"].to_numpy(object)
    values = scores.values.reindex(runs.table.index).to_numpy(np.float64)
    values = _levelled_by_environment(values, environments_of)
    scale = None if normalise is None else scale_of(runs, normalise)
    if scale is not None:
        zero, unit = np.array([scale[env] for env in environments_of]).T
        values = (values - zero) / unit
    index = runs.table.index.to_numpy(object)
    place = {one: at for at, one in enumerate(index)}
    result = []
    for key, ids in groups.items():
        at = np.array([place[one] for one in ids])
        at = at[~np.isnan(values[at])]
        left = index[at].tolist()
        if not left:
            raise ValueError(
                f"failures='drop' leaves no run of {group_label(by, key) or 'these runs'} (all {len(ids)} failed); use "
                f"'worst' or a number, or leave that group out with `runs.select`."
            )
        environments, strata = strata_of(environments_of[at])
        label = group_label(by, key)
        known = one_scale and is_return
        limits = limits_of(environments, values[at], scale) if known else EVERYTHING
        result.append(ScoreGroup(key, label, tuple(left), values[at], environments, strata, limits))
    return Scored(
        groups=tuple(result),
        by=tuple(by),
        objective=scores.objective,
        unit=scores.unit,
        maximise=scores.direction == "maximize" or normalise is not None,
        failures=scores.failures,
        n_failed=scores.n_failed,
        normalised=normalise is not None,
        threshold=scores.threshold,
        last=scores.last,
        n_stopped=scores.n_stopped,
        n_censored=int(scores.table.loc[runs.table.index, "censored"].sum()) if "censored" in scores.table else 0,
    )


def pairs(groups: Sequence[Any], reference: Any, by: Sequence[str]) -> list[tuple[int, int]]:
    """List the pairs to compare: all of them, or each group with the reference.

    Parameters
    ----------
    groups : sequence of ScoreGroup
    reference : value, tuple of values, or None
        The grouping value(s) of the group that the others are compared with.
    by : sequence of str
    """
    if len(groups) < 2:
        raise ValueError(
            f"there is {len(groups)} group, so nothing to compare; give `by`, the column or hyperparameter that tells "
            f"the groups apart."
        )
    if reference is None:
        return [(i, j) for i in range(len(groups)) for j in range(i + 1, len(groups))]
    key = reference if isinstance(reference, tuple) else (reference,)
    comparable = all(cell is None or isinstance(cell, str | int | float | np.generic) for cell in key)
    found = [at for at, group in enumerate(groups) if comparable and group.key == key]
    if not found:
        known = ", ".join(str(group.key[0] if len(by) == 1 else group.key) for group in groups)
        raise ValueError(f"`reference` is {shown(reference)}, which is no group by {', '.join(by)}; groups: {known}.")
    return [(at, found[0]) for at in range(len(groups)) if at != found[0]]


def task_values(first: ScoreGroup, second: ScoreGroup) -> list[tuple[str, NDArray[Any], NDArray[Any]]]:
    """Return the scores of two groups environment by environment.

    Raises
    ------
    ValueError
        If an environment is in one of them only.
    """
    a, b = first.by_environment(), second.by_environment()
    if set(a) != set(b):
        odd = sorted(set(a) ^ set(b))
        raise ValueError(
            f"{odd[0]} is in only one of `{first.label}` and `{second.label}`; compare on the environments that all "
            f"groups have, with `runs.select(env_id=...)`."
        )
    return [(name, a[name], b[name]) for name in a]


def _levelled_by_environment(values: NDArray[np.float64], environments: NDArray[Any]) -> NDArray[np.float64]:
    """Make equal what differs by rounding only: without any spread a last digit would be a clear difference."""
    level = values.copy()
    for name in set(environments):
        known = (environments == name) & np.isfinite(values)
        level[known] = levelled(values[known], np.abs(values[known]))
    return level


def _fitting(scores: Scores, runs: Runs) -> Scores:
    if scores.per != "run":
        raise ValueError("these scores are per configuration; score with `objectives.score(..., per='run')`.")
    missing = runs.table.index.difference(scores.table.index)
    if len(missing):
        raise ValueError(f"`objective` holds no score of run `{missing[0]}`; score these runs, not others.")
    return scores
