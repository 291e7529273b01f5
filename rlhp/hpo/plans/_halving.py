"""Successive halving: all begin on the lowest rung, and on each rung the best go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from rlhp.arguments import whole
from rlhp.hpo.plans._brackets import Bracket, bracket_orders, check_halving, fitting, ladder, shares, shown_brackets
from rlhp.hpo.plans._trials import Order, Terms, Trial
from rlhp.options import options

__all__ = ["SuccessiveHalving"]


@options
@dataclass(frozen=True)
class SuccessiveHalving:
    """One bracket: of the configurations on a rung, one in `eta` goes on to the next, which trains `eta` times as much.

    Parameters
    ----------
    n : int, optional
        Configurations that begin; by default as many as the budget allows.
    eta : int
    ratio : int
        How many times as much the highest rung trains as the lowest; the highest power of `eta` up to it is taken.
    over : {"steps", "seeds", "both"}
        What the rungs differ in: steps of a run, seeds of a configuration, or both evenly, whose product is the part.
    batch : int
        Configurations to begin at a time; those that go on to a rung are trained side by side.

    References
    ----------
    K. Jamieson and A. Talwalkar (2016), Non-stochastic best arm identification and hyperparameter optimization.

    Examples
    --------
    >>> from rlhp import hpo
    >>> hpo.SuccessiveHalving(n=9, eta=3, ratio=9).table(hpo.Terms(steps=900))[["n", "steps"]].to_dict("list")
    {'n': [9, 3, 1], 'steps': [100, 300, 900]}
    """

    n: int | None = None
    eta: int = 3
    ratio: int = 9
    over: str = "steps"
    batch: int = 1

    def __post_init__(self) -> None:
        check_halving(self.eta, self.ratio, self.over, self.batch)
        if self.n is not None:
            whole("n", self.n, at_least=1)

    def next(self, trials: Sequence[Trial], terms: Terms) -> list[Order]:
        """Return what is trained next; see `rlhp.hpo.Plan`."""
        return bracket_orders(
            trials,
            terms,
            lambda number, left, room: self._bracket(terms, left, room) if number == 0 else None,
            batch=self.batch,
        )

    def table(self, terms: Terms) -> pd.DataFrame:
        """Return the bracket before it runs; see `rlhp.hpo.Plan`."""
        return shown_brackets([self._bracket(terms, terms.left([]), terms.room(0))])

    def _bracket(self, terms: Terms, left: float, room: float) -> Bracket:
        n = room if self.n is None else min(self.n, room)
        return fitting(n, ladder(terms, shares(self.ratio, self.eta), self.over), self.eta, left)
