"""Two objectives at once: the configurations that none beats in both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp.arguments import instance
from rlhp.curves._history import MAKE_SCORES, one_environment
from rlhp.curves._statistic import Array
from rlhp.objectives import Scores
from rlhp.showing import as_html, as_text


@dataclass(frozen=True, eq=False)
class ParetoFront:
    """Two scores of each configuration, and which of them none beats in both; made by `pareto_front`.

    Attributes
    ----------
    table : DataFrame, one row per configuration or run, index: its id
        Two columns named after the objectives, and `on_front`.
    first, second : Scores
    env_id : str
    """

    table: pd.DataFrame
    first: Scores
    second: Scores
    env_id: str

    @property
    def front(self) -> pd.DataFrame:
        """What is on the front, the best of the first objective first."""
        rows = self.table[self.table["on_front"]].drop(columns="on_front")
        return rows.sort_values(self.first.objective, ascending=self.first.direction == "minimize", kind="stable")

    def _title(self) -> str:
        what = "runs" if self.first.per == "run" else "configurations"
        return f"{len(self.front)} of {len(self.table)} {what} on {self.env_id} are on the Pareto front"

    def _notes(self) -> list[str]:
        better = {"maximize": "higher", "minimize": "lower"}
        said = (
            f"{one.objective} in {one.unit}, {better[one.direction]} is better" for one in (self.first, self.second)
        )
        return ["; ".join(said)]

    def __repr__(self) -> str:
        return as_text("ParetoFront", self._title(), self._notes(), self.front.reset_index())

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.front.reset_index())


def pareto_front(first: Scores, second: Scores) -> ParetoFront:
    """Find the configurations that no other one beats in one objective without being worse in the other.

    Parameters
    ----------
    first, second : Scores
        Of the same configurations (or runs) of one environment by two objectives. What only one of them has, because
        the other dropped it, is left out.

    Returns
    -------
    ParetoFront

    Raises
    ------
    ValueError
        If the two are of one objective, one is per run and the other per configuration, or nothing has both.

    Notes
    -----
    Scores are taken as they are. With few seeds the front holds lucky ones: score them again on fresh seeds.

    Examples
    --------
    >>> from rlhp import Runs, curves, objectives
    >>> runs = Runs.from_table([{"gamma": g} for g in (0.9, 0.95, 0.99)], [3.0, 1.0, 4.0], steps=[10, 20, 30])
    >>> reached, used = (
    ...     objectives.score(runs, name, failures="raise", per="config") for name in ("final_return", "env_steps")
    ... )
    >>> curves.pareto_front(reached, used).front.to_dict("list")
    {'final_return': [4.0, 3.0], 'env_steps': [30.0, 10.0]}
    """
    for name, one in (("first", first), ("second", second)):
        instance(name, one, Scores, hint=MAKE_SCORES)
    environments = [one_environment(name, one) for name, one in (("first", first), ("second", second))]
    if environments[0] != environments[1]:
        raise ValueError(
            f"`first` is of {environments[0]} and `second` of {environments[1]}; score the same runs twice."
        )
    if first.objective == second.objective:
        raise ValueError(f"`first` and `second` are both {first.objective}; give two different objectives.")
    if first.per != second.per:
        raise ValueError(
            f"`first` has a score per {first.per} and `second` per {second.per}; score both with per='config'."
        )
    both = pd.concat([first.values, second.values], axis=1, join="inner")
    if not len(both):
        raise ValueError("`first` and `second` have no configuration in common; score the same runs twice.")
    signs = np.array([1.0 if one.direction == "maximize" else -1.0 for one in (first, second)])
    return ParetoFront(
        both.assign(on_front=not_beaten(both.to_numpy(np.float64) * signs)), first, second, environments[0]
    )


def not_beaten(gains: Array) -> NDArray[np.bool_]:
    """Return which rows of gains [n, 2], more being better, no other row beats; equal rows do not beat each other."""
    order = np.lexsort((-gains[:, 1], -gains[:, 0]))
    a, b = gains[order].T
    starts = np.concatenate([[True], a[1:] < a[:-1]])
    # In a group of equal firsts only the best seconds count, and they must beat all seconds of better firsts.
    group = np.cumsum(starts) - 1
    most = b[starts]
    before = np.concatenate([[-np.inf], np.maximum.accumulate(most)[:-1]])
    kept = np.empty(len(gains), dtype=bool)
    kept[order] = (b == most[group]) & (b > before[group])
    return kept
