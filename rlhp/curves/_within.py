"""The same comparison within each value of another hyperparameter: whether a difference depends on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rlhp.arguments import text
from rlhp.curves._comparison import Comparison, compare
from rlhp.curves._labels import value_label
from rlhp.curves._options import Test
from rlhp.curves._scores import score_groups
from rlhp.objectives import Failures
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, keyed, percent

__all__ = ["Differences", "compare_within"]


@dataclass(frozen=True, eq=False)
class Differences:
    """The same comparison within each value of another hyperparameter; made by `compare_within`.

    Attributes
    ----------
    table : DataFrame, one row per pair and value
        The value, then `a`, `b` (labels), `difference` (a minus b), `low`, `high` (of that one pair), `n_a`, `n_b`.
    comparisons : tuple of Comparison
        One a value, in ascending order of the values.
    within : str
        What was held in each comparison.
    confidence : float
    """

    table: pd.DataFrame
    comparisons: tuple[Comparison, ...]
    within: str
    confidence: float

    def _title(self) -> str:
        what = self.comparisons[0].scores.what
        return f"difference of the mean of {what}, within each {self.within}"

    def _notes(self) -> list[str]:
        return [f"{percent(self.confidence)} intervals by Welch's t-test, each of its pair alone"]

    def __repr__(self) -> str:
        return as_text("Differences", self._title(), self._notes(), self._labelled())

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self._labelled())

    def _labelled(self) -> pd.DataFrame:
        """Write the values of the first column briefly: a schedule is stored as a long text."""
        first = self.table.columns[0]
        return self.table.assign(**{first: self.table[first].map(value_label)})


def compare_within(
    runs: Runs,
    objective: str = "final_return",
    *,
    by: str | Sequence[str],
    within: str,
    reference: Any = None,
    failures: Failures = "raise",
    confidence: float = 0.95,
) -> Differences:
    """Compare groups of runs within each value of another hyperparameter, each difference with its own interval.

    Whether two hyperparameters interact is a question about differences of differences. This puts the differences below
    each other; where their intervals overlap widely, no interaction was seen.

    Parameters
    ----------
    runs : Runs
        Of one environment within each value.
    objective : str
        As in `rlhp.curves.summarise`.
    by : str or sequence of str
        Hyperparameters or columns of `runs.table` that tell the compared groups apart.
    within : str
        The hyperparameter or column that is held in each comparison.
    reference : value or tuple, optional
        The group that all others are compared with, by its value of `by`; without, all pairs.
    failures : {"raise", "worst", "drop"} or float
        As in `rlhp.curves.compare`; the worst is that of the runs that are compared.
    confidence : float
        Of the intervals.

    Returns
    -------
    Differences

    Raises
    ------
    ValueError
        As `rlhp.curves.compare` does, for the runs of any one value.

    See Also
    --------
    compare : with other tests and corrected p-values.

    Examples
    --------
    >>> from rlhp import Runs, curves
    >>> configs = [{"gamma": g, "tau": t} for t in (0.1, 0.2) for g in (0.9, 0.99) for _ in range(5)]
    >>> scores = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 1, 2, 3, 4, 5, 2, 3, 4, 5, 6]
    >>> runs = Runs.from_table(configs, scores, seeds=[*range(5)] * 4)
    >>> found = curves.compare_within(runs, by="gamma", within="tau", reference=0.9)
    >>> found.table[["tau", "difference"]].to_dict("list")
    {'tau': [0.1, 0.2], 'difference': [6.0, 1.0]}
    """
    text("within", within)
    groups = score_groups(runs, by=(within,), objective=objective, failures=failures).groups
    frames, comparisons = [], []
    for group in groups:
        found = compare(
            runs.select(ids=group.run_ids),
            objective,
            by=by,
            rng=0,  # nothing in Welch's test is drawn
            reference=reference,
            failures=failures,
            test=Test("welch", correction="none", confidence=confidence),
        )
        own = found.table[["a", "b", "difference", "low", "high", "n_a", "n_b"]]
        frames.append(keyed(own.copy(), (within,), group.key))
        comparisons.append(found)
    return Differences(pd.concat(frames, ignore_index=True), tuple(comparisons), within, confidence)
