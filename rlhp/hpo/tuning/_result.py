"""What a search gives."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rlhp.arguments import shown, whole
from rlhp.frames import HP
from rlhp.hpo.evaluating._evaluating import Judging
from rlhp.hpo.evaluating._training import request_of
from rlhp.hpo.plans._ladders import Brackets, brackets_of
from rlhp.hpo.plans._trials import Plan, Terms, Trial
from rlhp.hpo.tuning._algorithms import compared, said
from rlhp.hpo.tuning._choosing import Cap
from rlhp.runs import Runs
from rlhp.showing import percent

if TYPE_CHECKING:
    from rlhp.trainers import Policy

__all__ = ["Tuning"]


@dataclass(frozen=True, eq=False)
class Tuning:
    """What a search gave; made by `optimize` and `replay`.

    Attributes
    ----------
    best_config : dict or None
        The configuration to take: of the finalists, the one that the choice seeds chose; without these, the best by the
        tuning seeds. None where every configuration failed.
    trials : tuple of Trial
        Every configuration, with what was measured of it, in the order in which they were begun.
    history : DataFrame, one row a decision
        `env_steps` (spent by then, over all runs), `trial` (the incumbent), `score`, `steps`, `seeds` (behind it).
    finalists : DataFrame, one row per finalist, the one to take first
        `trial`, `tuned` (score by which it became a finalist), `chosen` (mean over the choice seeds and the tuning
        seeds that were trained to the end, by which they were put in order; NaN without choice seeds), `n_chosen`
        (how many), `area` (under the curve, over the same seeds). Of the one taken and the best of each algorithm:
        `confirmed` (mean over the test seeds, which decide nothing), `low`, `high` (interval of it), `n`, and
        `optimism` (tuned less confirmed). `n_failed` of the choice and test seeds.
    chosen, tested : dict
        From the number of a finalist to its scores by the choice seeds, and by the test seeds where it has some.
    runs : Runs or None
        Every run that was trained, those that choose and test too; of a replay, which trains none, they are in the
        pool.
    plan : Plan
    terms : Terms
    judging : Judging
    searcher : str
    rng : int
        Seed of the search.
    cap : Cap
        The tie rule.
    counts : dict
        `env_steps` (of the budget), `confirming` (environment steps of the choice and test seeds), and of real training
        `trained` (environment steps in whole iterations, both together), `evaluating` (environment steps of
        evaluations) and `programs` (compiled).
    call : str
        What does it again.
    interrupted : bool
        Whether Ctrl-C ended it before its budget did.
    """

    best_config: dict[str, Any] | None
    trials: tuple[Trial, ...]
    history: pd.DataFrame
    finalists: pd.DataFrame
    chosen: dict[int, np.ndarray]
    tested: dict[int, np.ndarray]
    runs: Runs | None
    plan: Plan
    terms: Terms
    judging: Judging
    searcher: str
    rng: int
    cap: Cap
    counts: dict[str, int]
    call: str
    interrupted: bool = False

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per trial: `bracket`, `rungs`, `steps`, `seeds`, `score`, `noise`, `env_steps`, `hp.<name>`."""
        rows = []
        for one in self.trials:
            last = one.last
            measured = {"steps": last.steps, "seeds": last.seeds, "score": last.score, "noise": last.noise}
            rows.append({"bracket": one.bracket, "rungs": len(one.rungs), **measured, "env_steps": one.spent})
        configurations = pd.DataFrame([dict(one.configuration) for one in self.trials]).add_prefix(HP)
        return pd.concat([pd.DataFrame(rows), configurations], axis=1).rename_axis("trial")

    @cached_property
    def brackets(self) -> Brackets:
        """The brackets after they ran: who was continued, who stopped, what was spent. `plots.brackets` draws them."""
        taken = int(self.finalists["trial"].iloc[0]) if len(self.finalists) else None
        return brackets_of(self.trials, self.plan, self.terms, taken, self.judging.objective)

    @cached_property
    def algorithms(self) -> pd.DataFrame:
        """Where the algorithm was searched for too, one row for each, the one to take first; empty elsewhere.

        `algorithm`, `trials`, `env_steps` (spent on it), `trial` (its best finalist), `chosen`, `confirmed`, `low`,
        `high`, `n`, and `behind` the first with `behind.low` and `behind.high` (Welch's interval of the difference on
        the test seeds; NaN with fewer than three). The order is that of the choice: where the test seeds say
        otherwise, `behind` is negative.
        """
        bounds = self.terms.bounds or (-np.inf, np.inf)
        return compared(self.trials, self.finalists, self.tested, self.judging.confidence, bounds)

    @property
    def confirmed(self) -> tuple[float, float, float] | None:
        """Score of the configuration to take on the test seeds, and its interval; None without test seeds.

        These seeds had no part in the search nor in the choice, so that the score does not flatter.
        """
        if not len(self.finalists) or not self.judging.testing:
            return None
        first = self.finalists.iloc[0]
        return float(first["confirmed"]), float(first["low"]), float(first["high"])

    @property
    def optimism(self) -> float | None:
        """By how much the score that made it a finalist is above the confirmed one; None without test seeds."""
        return None if self.confirmed is None else float(self.finalists["optimism"].iloc[0])

    def policy(self, seed: int | None = None) -> Policy:
        """Return the trained policy of the configuration to take.

        Parameters
        ----------
        seed : int, optional
            The one it was trained with, one of those in `judging`; by default the first that tests, or else the first
            that chooses, or else that tunes. Whoever takes the best of several flatters the configuration.

        Raises
        ------
        ValueError
            If nothing was trained, the seed had no part in the search, or policies were not kept.

        Examples
        --------
        >>> found = hpo.optimize("dqn", "CartPole-v1", judging=hpo.Judging(steps=50_000), budget=2_000_000,
        ...                      out="results/tuning",
        ...                      execution=rlhp.Execution(keep_policies=True))  # doctest: +SKIP
        >>> found.policy().record().to_gif()  # doctest: +SKIP
        """
        if self.runs is None or self.best_config is None:
            why = "no configuration has a score" if self.best_config is None else "a replay trains nothing"
            raise ValueError(f"there is no policy, because {why}; `rlhp.train` trains a configuration.")
        seeds = [*self.judging.testing, *self.judging.choosing, *self.judging.tuning]
        if seed is not None and whole("seed", seed, at_least=0) not in seeds:
            raise ValueError(f"`seed` is {seed}, which had no part in the search; give one of {shown(sorted(seeds))}.")
        first, chosen = self.runs.table.iloc[0], seeds[0] if seed is None else seed
        request = request_of(first["algorithm"], first["env_id"], self.judging, self.best_config, chosen)
        found: Policy = self.runs.policy(request.run_id)
        return found

    def _title(self) -> str:
        budget = "" if self.terms.budget is None else f" of {self.terms.budget:,}"
        return (
            f"{len(self.trials)} configurations by {self.searcher} under {self.plan}, {self.counts['env_steps']:,}"
            f"{budget} environment steps{', interrupted' if self.interrupted else ''}"
        )

    def _notes(self) -> list[str]:
        failed = sum(any(score != score for score in one.last.scores) for one in self.trials)
        notes = [
            f"{self.judging.objective}, mean over the seeds {list(self.judging.tuning)}; {failed} configurations failed"
            f" (a failed run fails its configuration)",
            f"taken: {self.cap.text}",
        ]
        if len(self.finalists):
            n, mean = self.finalists["n_chosen"].iloc[0], self.finalists["chosen"].iloc[0]
            notes.append(
                f"chosen among {len(self.finalists)} finalists by {n} seeds, mean {mean:.4g}: "
                f"{len(self.judging.choosing)} fresh ones, and those that tuned to the end"
                if self.chosen
                else "chosen by the tuning seeds: there are no choice seeds"
            )
        if self.confirmed is not None:
            value, low, high = self.confirmed
            interval = f"{percent(self.judging.confidence)} interval {low:.4g} to {high:.4g}"
            notes.append(
                f"on {len(self.judging.testing)} fresh seeds {value:.4g} "
                f"({'too few seeds for an interval' if low != low else interval}); the search had said "
                f"{value + (self.optimism or 0.0):.4g}"
            )
        else:
            why = "there is no finalist" if self.judging.testing else "there are no test seeds"
            notes.append(f"nothing was confirmed: {why}")
        if len(self.algorithms):
            notes.append(said(self.algorithms))
        notes.append(", ".join(f"{name} {count:,}" for name, count in self.counts.items()))
        notes.append(f"again: {self.call}")
        return notes

    def __repr__(self) -> str:
        lines = "\n".join(f"  {note}" for note in self._notes())
        return f"Tuning: {self._title()}\n  best: {self.best_config}\n{lines}\n{self.finalists.to_string()}"

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(note)}</li>" for note in self._notes())
        best = html.escape(str(self.best_config))
        return (
            f"<p><b>{html.escape(self._title())}</b><br>best: <code>{best}</code></p><ul>{items}</ul>"
            f"{self.finalists.to_html()}"
        )
