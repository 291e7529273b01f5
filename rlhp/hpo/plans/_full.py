"""No pruning: every configuration is trained to its end with every seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from rlhp.arguments import whole
from rlhp.hpo.plans._brackets import affordable, shown_brackets, shown_ladder
from rlhp.hpo.plans._trials import Order, Terms, Trial
from rlhp.options import options

__all__ = ["Full"]


@options
@dataclass(frozen=True)
class Full:
    """Train every configuration to its end with every tuning seed.

    Parameters
    ----------
    n : int, optional
        Configurations; by default as many as the budget allows.
    batch : int
        Configurations to begin at a time; they are trained side by side.

    Examples
    --------
    >>> from rlhp import hpo
    >>> hpo.Full(n=40).table(hpo.Terms(steps=50_000, seeds=3)).to_dict("records")
    [{'bracket': 0, 'rung': 0, 'n': 40, 'steps': 50000, 'seeds': 3, 'env_steps': 6000000}]
    """

    n: int | None = None
    batch: int = 1

    def __post_init__(self) -> None:
        if self.n is not None:
            whole("n", self.n, at_least=1)
        whole("batch", self.batch, at_least=1)

    def next(self, trials: Sequence[Trial], terms: Terms) -> list[Order]:
        """Return what is trained next; see `rlhp.hpo.Plan`."""
        wanted = self.batch if self.n is None else min(self.batch, self.n - len(trials))
        orders = [Order(len(trials) + i, 0, terms.steps, terms.seeds) for i in range(wanted)]
        return affordable(orders, trials, terms)

    def table(self, terms: Terms) -> pd.DataFrame:
        """Return the bracket before it runs; see `rlhp.hpo.Plan`."""
        most = None if terms.budget is None else terms.budget // (terms.steps * terms.seeds)
        n = min((one for one in (self.n, most, terms.capacity) if one is not None), default=None)
        if n is None:
            return shown_ladder([(terms.steps, terms.seeds)])
        return shown_brackets([[(n, terms.steps, terms.seeds)]])
