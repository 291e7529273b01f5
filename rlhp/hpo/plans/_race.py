"""A race over steps and seeds: few seeds and half the length first, and a further seed only for who may be the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from rlhp.arguments import real, whole
from rlhp.hpo.plans._brackets import affordable, best_first, may_be_best, shown_ladder
from rlhp.hpo.plans._trials import Order, Terms, Trial
from rlhp.options import options

__all__ = ["Race"]


@options
@dataclass(frozen=True)
class Race:
    """Begin with few seeds and part of the length, train the better ones to their end, add seeds to who may be best.

    1. A configuration begins with `first_seeds` seeds, each for the part `first` of its length.
    2. The best one in `eta` of those that began go on to their end.
    3. At their end, a further seed goes to whoever may be the best: its mean, and `patience` standard errors of it, is
       not below the best mean of those that have all tuning seeds. The highest mean comes first. The spread between
       seeds that the standard errors rest on is pooled over all that were trained to their end with several seeds.

    Parameters
    ----------
    first : float
        Part of the length, in (0, 1].
    first_seeds : int
    eta : int
    patience : float
        Standard errors, from 0.
    batch : int
        Configurations to begin, or to go on with, at a time; they are trained side by side.

    References
    ----------
    O. Maron and A. W. Moore (1994), Hoeffding races. M. Birattari et al. (2002), A racing algorithm for configuring
    metaheuristics. F. Hutter, H. H. Hoos, K. Leyton-Brown (2011), Sequential model-based optimization for general
    algorithm configuration (who challenges gets run after run until it falls behind).

    Examples
    --------
    >>> from rlhp import hpo
    >>> hpo.Race().table(hpo.Terms(steps=900, seeds=3))[["steps", "seeds"]].to_numpy().tolist()
    [[450, 1], [900, 1], [900, 2], [900, 3]]
    """

    first: float = 0.5
    first_seeds: int = 1
    eta: int = 4
    patience: float = 0.5
    batch: int = 1

    def __post_init__(self) -> None:
        real("first", self.first, above=0, at_most=1, hint="Part of the length.")
        whole("first_seeds", self.first_seeds, at_least=1)
        whole("eta", self.eta, at_least=1, hint="One of so many goes on to its end.")
        real("patience", self.patience, at_least=0, hint="Standard errors.")
        whole("batch", self.batch, at_least=1)

    def next(self, trials: Sequence[Trial], terms: Terms) -> list[Order]:
        """Return what is trained next; see `rlhp.hpo.Plan`."""
        (steps, seeds), *_ = self._rungs(terms)
        ended = [one for one in trials if one.last.steps == terms.steps and not math.isnan(one.last.score)]
        orders = [
            Order(one.number, 0, terms.steps, one.last.seeds + 1) for one in may_be_best(ended, terms, self.patience)
        ]
        if steps < terms.steps:
            good = best_first(trials, 0)[: len(trials) // self.eta]
            orders += [Order(one.number, 0, terms.steps, seeds) for one in good if len(one.rungs) == 1]
        new = [Order(len(trials) + i, 0, steps, seeds) for i in range(self.batch)]
        # What begins fills up what goes on: cores that wait for a single further seed would train nothing.
        return affordable([*orders[: self.batch], *new], trials, terms)[: self.batch]

    def table(self, terms: Terms) -> pd.DataFrame:
        """Return the rungs; see `rlhp.hpo.Plan`."""
        return shown_ladder(self._rungs(terms))

    def _rungs(self, terms: Terms) -> list[tuple[int, int]]:
        seeds = min(self.first_seeds, terms.seeds)
        further = [(terms.steps, n) for n in range(seeds, terms.seeds + 1)]
        begun = (terms.at(self.first), seeds)
        return further if begun == further[0] else [begun, *further]
