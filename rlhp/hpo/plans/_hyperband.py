"""Hyperband: successive halving from every rung, because nobody knows how early ranks can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from rlhp.hpo.plans._brackets import Bracket, bracket_orders, check_halving, fitting, ladder, shares, shown_brackets
from rlhp.hpo.plans._trials import Order, Terms, Trial
from rlhp.options import options

__all__ = ["Hyperband"]


@options
@dataclass(frozen=True)
class Hyperband:
    """Brackets that begin on the lowest rung with many configurations, on the next with fewer, and so on to the top.

    With R = `ratio` and s_max the largest s with eta^s <= R, the bracket s begins ceil((s_max + 1) eta^s / (s + 1))
    configurations at R eta^-s, s from s_max down to 0. While the budget allows, it begins anew; the last bracket is
    as large as what is left.

    Parameters
    ----------
    eta : int
    ratio : int
        How many times as much the highest rung trains as the lowest.
    over : {"steps", "seeds", "both"}
        As for `rlhp.hpo.SuccessiveHalving`.
    batch : int
        As for `rlhp.hpo.SuccessiveHalving`.

    References
    ----------
    L. Li, K. Jamieson, G. DeSalvo, A. Rostamizadeh, A. Talwalkar (2018), Hyperband, JMLR 18 (185).

    Examples
    --------
    >>> from rlhp import hpo
    >>> table = hpo.Hyperband(eta=3, ratio=81).table(hpo.Terms(steps=81))
    >>> table[table["rung"] == 0][["n", "steps"]].to_numpy().tolist()
    [[81, 1], [34, 3], [15, 9], [8, 27], [5, 81]]
    """

    eta: int = 3
    ratio: int = 9
    over: str = "steps"
    batch: int = 1

    def __post_init__(self) -> None:
        check_halving(self.eta, self.ratio, self.over, self.batch)

    def next(self, trials: Sequence[Trial], terms: Terms) -> list[Order]:
        """Return what is trained next; see `rlhp.hpo.Plan`."""
        return bracket_orders(
            trials, terms, lambda number, left, room: self._bracket(terms, number, left, room), batch=self.batch
        )

    def table(self, terms: Terms) -> pd.DataFrame:
        """Return the brackets before they run; without a budget, one of each. See `rlhp.hpo.Plan`."""
        left, room, found = terms.left([]), terms.room(0), list[Bracket]()
        while bracket := self._bracket(terms, len(found), left, room):
            found.append(bracket)
            room -= bracket[0][0]
            left -= shown_brackets([bracket])["env_steps"].sum()
            if terms.budget is None and len(found) == len(shares(self.ratio, self.eta)):
                break
        return shown_brackets(found)

    def _bracket(self, terms: Terms, number: int, left: float, room: float) -> Bracket:
        parts = shares(self.ratio, self.eta)
        at = number % len(parts)
        s = len(parts) - 1 - at
        n = -(-len(parts) * self.eta**s // (s + 1))  # rounded up
        return fitting(min(n, room), ladder(terms, parts[at:], self.over), self.eta, left)
