"""What is searched with: a pool, a plan with its rungs, seeds, and a budget."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from rlhp import hpo

__all__ = ["OVER", "PLANS", "READS", "Setting"]

PLANS = {
    "successive halving": "successive_halving",
    "Hyperband": "hyperband",
    "ASHA": "asha",
    "race": "race",
    "everything to the end": "full",
}
OVER = {"steps of a run": "steps", "seeds": "seeds", "both": "both"}
_BATCH = 8  # configurations that begin at a time
# Which of the controls a plan reads.
READS: dict[str, tuple[str, ...]] = {
    "successive_halving": ("over", "eta", "ratio"),
    "hyperband": ("over", "eta", "ratio"),
    "asha": ("over", "eta", "ratio"),
    "race": ("eta", "ratio"),
    "full": (),
}


@dataclass(frozen=True)
class Setting:
    """One state of the controls.

    Attributes
    ----------
    environment : str
        The pool, by its label.
    plan, over : str
    eta, ratio : int
        One in `eta` goes on; the smallest rung is 1 / `ratio` of the whole.
    seeds : int
        Tuning seeds.
    budget : int
        In runs to the end.
    """

    environment: str
    plan: str
    over: str
    eta: int
    ratio: int
    seeds: int
    budget: int

    @property
    def made(self) -> hpo.Plan:
        """The plan."""
        if self.plan == "full":
            return hpo.Full(batch=_BATCH)
        if self.plan == "race":
            return hpo.Race(first=1 / self.ratio, eta=self.eta, batch=_BATCH)
        return hpo.plan(self.plan, eta=self.eta, ratio=self.ratio, over=self.over, batch=_BATCH)

    @property
    def canonical(self) -> Setting:
        """The same with what its plan does not read at one value, so that equal searches are counted once."""
        unread: dict[str, Any] = {"over": "steps", "eta": 2, "ratio": 1}
        return replace(self, **{name: value for name, value in unread.items() if name not in READS[self.plan]})

    @property
    def words(self) -> str:
        """The setting in a line."""
        name = next(words for words, plan in PLANS.items() if plan == self.plan)
        over = next(words for words, over in OVER.items() if over == self.over)
        rungs = f", eta {self.eta}, from 1/{self.ratio}" if self.plan != "full" else ""
        kind = f" over {over}" if "over" in READS[self.plan] else ""
        seeds = f"{self.seeds} seed{'s' * (self.seeds > 1)}"
        return f"{name}{kind}{rungs}, {seeds}, on {self.environment} for {self.budget} runs' worth of steps"
