"""Several objectives at once: the configurations that no other one beats in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rlhp.arguments import instance
from rlhp.curves._history import MAKE_SCORES, one_environment
from rlhp.curves._statistic import Array
from rlhp.objectives import Scores
from rlhp.showing import as_html, as_text

_BETTER = {"maximize": "higher", "minimize": "lower"}


@dataclass(frozen=True)
class Aim:
    """One of several objectives.

    Attributes
    ----------
    name : str
    direction : {"maximize", "minimize"}
    unit : str
        Empty where it has none.
    """

    name: str
    direction: Literal["maximize", "minimize"]
    unit: str = ""

    @property
    def sign(self) -> float:
        """What makes more the better."""
        return 1.0 if self.direction == "maximize" else -1.0


@dataclass(frozen=True, eq=False)
class ParetoFront:
    """Several scores of each configuration, and which of them none beats in all; made by `pareto_front`.

    Attributes
    ----------
    table : DataFrame, one row per configuration or run, index: its id
        A column an aim, named after it, and `on_front`.
    aims : tuple of Aim
    what : str
        What has a row, such as "configurations".
    where : str
        What they were scored on: an environment, or a function's name.
    """

    table: pd.DataFrame
    aims: tuple[Aim, ...]
    what: str
    where: str

    @classmethod
    def of(cls, scores: pd.DataFrame, aims: Sequence[Aim], *, what: str, where: str) -> ParetoFront:
        """Make the front of scores, a column an aim; a row that lacks one (NaN) is not on it.

        Examples
        --------
        >>> scores = pd.DataFrame({"error": [1.0, 2.0, 3.0], "seconds": [9.0, 8.0, 8.0]})
        >>> aims = [Aim("error", "minimize"), Aim("seconds", "minimize", "s")]
        >>> ParetoFront.of(scores, aims, what="settings", where="a function").front.index.tolist()
        [0, 1]
        """
        gains = gains_of(scores, aims)
        known = ~np.isnan(gains).any(axis=1)
        kept = np.zeros(len(gains), dtype=bool)
        kept[known] = not_beaten(gains[known])
        return cls(scores.assign(on_front=kept), tuple(aims), what, where)

    @property
    def names(self) -> list[str]:
        """The names of the aims."""
        return [one.name for one in self.aims]

    @property
    def gains(self) -> Array:
        """The scores [rows, aims] with the sign that makes more the better in each."""
        return gains_of(self.table, self.aims)

    @property
    def front(self) -> pd.DataFrame:
        """What is on the front, the best of the first aim first."""
        rows = self.table[self.table["on_front"]].drop(columns="on_front")
        return rows.sort_values(self.aims[0].name, ascending=self.aims[0].direction == "minimize", kind="stable")

    def _title(self) -> str:
        return f"{len(self.front)} of {len(self.table)} {self.what} on {self.where} are on the Pareto front"

    def _notes(self) -> list[str]:
        said = (
            f"{one.name}{f' in {one.unit}' * bool(one.unit)}, {_BETTER[one.direction]} is better" for one in self.aims
        )
        return ["; ".join(said)]

    def __repr__(self) -> str:
        return as_text("ParetoFront", self._title(), self._notes(), self.front.reset_index())

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.front.reset_index())


def pareto_front(first: Scores, second: Scores, *others: Scores) -> ParetoFront:
    """Find the configurations that no other one beats in one objective without being worse in another.

    Parameters
    ----------
    first, second : Scores
    *others : Scores
        Of the same configurations (or runs) of one environment, each by another objective. What one of them lacks,
        because it was dropped, is left out.

    Returns
    -------
    ParetoFront

    Raises
    ------
    ValueError
        If two are of one objective, one is per run and another per configuration, or nothing has all scores.

    Notes
    -----
    Scores are taken as they are. With few seeds the front holds lucky ones: `front_stability` says which of it stays
    when the seeds are resampled; score it again on fresh seeds.

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
    named = {"first": first, "second": second, **{f"others[{at}]": one for at, one in enumerate(others)}}
    for name, one in named.items():
        instance(name, one, Scores, hint=MAKE_SCORES)
    environments = {name: one_environment(name, one) for name, one in named.items()}
    for at, (name, one) in enumerate(named.items()):
        if environments[name] != environments["first"]:
            raise ValueError(
                f"`first` is of {environments['first']} and `{name}` of {environments[name]}; score the same runs "
                f"with each objective."
            )
        if one.per != first.per:
            raise ValueError(
                f"`first` has a score per {first.per} and `{name}` per {one.per}; score all with per='config'."
            )
        for before, other in list(named.items())[:at]:
            if other.objective == one.objective:
                raise ValueError(f"`{before}` and `{name}` are both {one.objective}; give different objectives.")
    scores = pd.concat([one.values for one in named.values()], axis=1, join="inner")
    if not len(scores):
        listed = " and ".join(f"`{name}`" for name in named)
        raise ValueError(f"{listed} have no configuration in common; score the same runs with each objective.")
    aims = [Aim(one.objective, one.direction, one.unit) for one in named.values()]
    what = "runs" if first.per == "run" else "configurations"
    return ParetoFront.of(scores, aims, what=what, where=environments["first"])


def gains_of(scores: pd.DataFrame, aims: Sequence[Aim]) -> Array:
    """Return scores as gains [n, aims]: more is better in each."""
    gains: Array = scores[[one.name for one in aims]].to_numpy(np.float64) * np.array([one.sign for one in aims])
    return gains


def not_beaten(gains: Array) -> NDArray[np.bool_]:
    """Return which rows of gains [n, aims], more being better, no other row beats; equal rows do not beat each other.

    Examples
    --------
    >>> not_beaten(np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0]]))
    array([ True,  True, False])
    """
    if not len(gains):
        return np.zeros(0, dtype=bool)
    if gains.shape[1] != 2:
        return np.array([not ((gains >= one).all(axis=1) & (gains > one).any(axis=1)).any() for one in gains])
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
