"""Asynchronous successive halving: nobody waits for a rung to be full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from rlhp.hpo.plans._brackets import affordable, best_first, check_halving, ladder, shares, shown_ladder
from rlhp.hpo.plans._trials import Order, Terms, Trial
from rlhp.options import options

__all__ = ["Asha"]


@options
@dataclass(frozen=True)
class Asha:
    """Promote whoever is among the best of its rung by now, the highest rung first; else begin a configuration.

    Parameters
    ----------
    eta : int
        One in so many of those measured on a rung goes on.
    ratio : int
        How many times as much the highest rung trains as the lowest.
    over : {"steps", "seeds", "both"}
        As for `rlhp.hpo.SuccessiveHalving`.
    batch : int
        Configurations to begin, or to go on with, at a time; they are trained side by side.

    References
    ----------
    L. Li et al. (2020), A system for massively parallel hyperparameter tuning.

    Examples
    --------
    >>> from rlhp import hpo
    >>> hpo.Asha(ratio=9).table(hpo.Terms(steps=900))["steps"].tolist()
    [100, 300, 900]
    """

    eta: int = 3
    ratio: int = 9
    over: str = "steps"
    batch: int = 1

    def __post_init__(self) -> None:
        check_halving(self.eta, self.ratio, self.over, self.batch)

    def next(self, trials: Sequence[Trial], terms: Terms) -> list[Order]:
        """Return what is trained next; see `rlhp.hpo.Plan`."""
        rungs = self._rungs(terms)
        orders: list[Order] = []
        for rung in range(len(rungs) - 2, -1, -1):
            measured = sum(len(one.rungs) > rung for one in trials)
            good = best_first(trials, rung)[: measured // self.eta]
            orders += [Order(one.number, 0, *rungs[rung + 1]) for one in good if len(one.rungs) == rung + 1]
        new = [Order(len(trials) + i, 0, *rungs[0]) for i in range(self.batch)]
        return affordable(orders[: self.batch] or new, trials, terms) or affordable(orders or new, trials, terms)

    def table(self, terms: Terms) -> pd.DataFrame:
        """Return the rungs; see `rlhp.hpo.Plan`."""
        return shown_ladder(self._rungs(terms))

    def _rungs(self, terms: Terms) -> list[tuple[int, int]]:
        return ladder(terms, shares(self.ratio, self.eta), self.over)
