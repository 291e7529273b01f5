"""The brackets of a search as a result: what a plan has in mind, or who was continued and who stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rlhp.arguments import instance
from rlhp.hpo.plans._planned import as_plan
from rlhp.hpo.plans._trials import Plan, Terms, Trial, added
from rlhp.showing import as_html, as_text

__all__ = ["Brackets", "brackets", "brackets_of"]


@dataclass(frozen=True, eq=False)
class Brackets:
    """The rungs of a search, before it ran or after; made by `brackets`, and `Tuning.brackets`.

    Attributes
    ----------
    table : DataFrame, one row a rung
        `bracket`, `rung`, `n` (configurations; missing where what is measured decides), `steps` (of each run), `seeds`,
        `env_steps` (over all runs of that rung, what the rung before trained not counted). After it ran `n` and
        `env_steps` are what was trained, `planned` is the number that the plan had, and `best` the highest score.
    trials : tuple of Trial
        Who climbed how far; empty before it ran.
    taken : int or None
        Number of the trial that the search took.
    plan : Plan
    terms : Terms
    objective : str
        What scores are.
    """

    table: pd.DataFrame
    trials: tuple[Trial, ...]
    taken: int | None
    plan: Plan
    terms: Terms
    objective: str = ""

    @property
    def ended(self) -> int:
        """How many configurations came to the highest rung: all steps, all tuning seeds."""
        top = self.terms.steps * self.terms.seeds
        return sum(one.spent == top for one in self.trials)

    def _title(self) -> str:
        if not self.trials:
            return f"brackets of {self.plan}, before it runs"
        return f"brackets of {self.plan}: {len(self.trials)} configurations began, {self.ended} came to the end"

    def _notes(self) -> list[str]:
        spent = self.table["env_steps"]
        if spent.isna().any():
            return ["how many configurations climb is decided by what is measured"]
        return [f"{spent.sum():,} environment steps"]

    def __repr__(self) -> str:
        return as_text("Brackets", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def brackets(plan: str | Plan, terms: Terms) -> Brackets:
    """Return the brackets that a plan has in mind, before anything is trained.

    Parameters
    ----------
    plan : str or Plan
        A name, see `rlhp.hpo.plan`, or an object that decides what is trained next.
    terms : Terms
        Steps, seeds and budget.

    Returns
    -------
    Brackets

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be, or the plan needs a budget to know how many begin.

    Examples
    --------
    >>> from rlhp import hpo
    >>> hpo.brackets("hyperband", hpo.Terms(steps=900)).table["n"].tolist()
    [9, 3, 1, 5, 1, 3]
    """
    ordered = as_plan(plan)
    instance("terms", terms, Terms, hint="`rlhp.hpo.Terms(steps=50_000, seeds=3)` makes one.")
    return Brackets(ordered.table(terms), (), None, ordered, terms)


def brackets_of(trials: Sequence[Trial], plan: Plan, terms: Terms, taken: int | None, objective: str) -> Brackets:
    """Return the brackets of trials that ran."""
    return Brackets(_climbed(trials, plan.table(terms)), tuple(trials), taken, plan, terms, objective)


def _climbed(trials: Sequence[Trial], planned: pd.DataFrame) -> pd.DataFrame:
    rows: dict[tuple[int, int, int], dict[str, Any]] = {}
    for trial in trials:
        done = Trial(trial.number, trial.bracket, trial.configuration)
        for measured in trial.rungs:
            key = (trial.bracket, measured.steps * measured.seeds, measured.steps)
            row = rows.setdefault(
                key,
                {"bracket": trial.bracket, "n": 0, "steps": measured.steps, "seeds": measured.seeds, "env_steps": 0},
            )
            row["n"] += 1
            row["env_steps"] += added(done if done.rungs else None, measured.steps, measured.seeds)
            row["best"] = max(row.get("best", measured.score), measured.score)
            done = Trial(trial.number, trial.bracket, trial.configuration, (*done.rungs, measured))
    frame = pd.DataFrame([rows[key] for key in sorted(rows)])
    frame.insert(1, "rung", frame.groupby("bracket").cumcount() if len(frame) else [])
    keys = ["bracket", "steps", "seeds"]
    if not len(frame):
        return planned.assign(planned=planned["n"], best=float("nan"))
    return frame.merge(planned[[*keys, "n"]].rename(columns={"n": "planned"}), on=keys, how="left")
