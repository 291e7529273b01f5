"""The same runs measured twice: their evaluations side by side, and how many agree to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from rlhp.arguments import choice, instance, shown, text
from rlhp.runs import Runs, need_runs
from rlhp.showing import as_html, as_text

__all__ = ["SideBySide", "side_by_side"]


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Evaluations of the same seeds at the same steps, in two or more tables of runs; made by `side_by_side`.

    Attributes
    ----------
    table : DataFrame
        `step`, and a column for each seed and each table of runs: ``"seed 0, now"``.
    n_equal, n : int
        How many evaluations are the same number in all of them, of how many.
    """

    table: pd.DataFrame
    n_equal: int
    n: int

    def _title(self) -> str:
        return f"{self.n_equal} of {self.n} evaluations agree to the last digit"

    def __repr__(self) -> str:
        return as_text("SideBySide", self._title(), [], self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), [], self.table)


def side_by_side(tables: Mapping[str, Runs], *, value: str = "return_mean") -> SideBySide:
    """Put the evaluations of the same seeds side by side, such as those of today and those of a data set.

    Parameters
    ----------
    tables : mapping of str to Runs
        Two or more tables of runs and what to call them. Each has one run a seed: one configuration.
    value : str
        Column of `evals` to compare.

    Returns
    -------
    SideBySide
        Of the seeds and steps that all tables have.

    Raises
    ------
    ValueError
        If a table has several runs of one seed, or the tables share no evaluation.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> first = Runs.from_table([{}] * 2, [1.0, 2.0], seeds=[0, 1])
    >>> again = Runs.from_table([{}] * 2, [1.0, 2.5], seeds=[0, 1])
    >>> curves.side_by_side({"now": again, "before": first})
    SideBySide: 1 of 2 evaluations agree to the last digit
     step  seed 0, now  seed 0, before  seed 1, now  seed 1, before
        1            1               1          2.5               2
    """
    given = instance("tables", tables, Mapping, hint="It takes a name for each table of runs.")
    if len(given) < 2:
        raise ValueError(
            f"`tables` has {len(given)} of them; give two or more, such as {{'now': again, 'before': runs}}."
        )
    columns = {text("a name of `tables`", name): _by_seed(name, need_runs(runs), value) for name, runs in given.items()}
    joined = pd.concat(columns, axis=1, join="inner").dropna()
    if joined.empty:
        raise ValueError("`tables` have no evaluation in common; train the same seeds, with the same `evaluation`.")
    equal = joined.eq(joined.iloc[:, 0], axis=0).all(axis=1)
    wide = pd.DataFrame(joined.unstack("seed")).dropna(axis=1, how="all").swaplevel(axis=1)
    order = [(seed, name) for seed in sorted(set(joined.index.get_level_values("seed"))) for name in given]
    table = wide[order].set_axis([f"seed {seed}, {name}" for seed, name in order], axis=1).reset_index()
    return SideBySide(table, int(equal.sum()), len(joined))


def _by_seed(name: str, runs: Runs, value: str) -> pd.Series:
    """Return a column of the evaluations, by seed and step."""
    seeds = runs.table["seed"]
    if seeds.duplicated().any():
        often = seeds[seeds.duplicated()].iloc[0]
        raise ValueError(
            f"{shown(name)} of `tables` has several runs of seed {often}; select one configuration, with "
            "`runs.select(...)`."
        )
    choice("value", value, runs.evals.select_dtypes("number").columns.drop("step"))
    evals = runs.evals.assign(seed=runs.evals["run_id"].map(seeds))
    return evals.set_index(["seed", "step"])[value]
