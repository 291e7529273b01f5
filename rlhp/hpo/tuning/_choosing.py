"""The choice at the end of a search: who the finalists are, which of them is taken, and what fresh seeds say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rlhp.curves import MEAN, student_interval
from rlhp.hpo.evaluating._evaluating import Evaluator, Goal, Judging, score_of
from rlhp.hpo.plans._trials import Trial
from rlhp.returns import return_bounds

__all__ = ["Cap", "confirmed", "incumbent", "ranked"]


@dataclass(frozen=True)
class Cap:
    """From which score on configurations are equal, because none can be much better; infinite where there is no cap.

    Attributes
    ----------
    score : float
    """

    score: float

    @classmethod
    def of(cls, env_id: str, judging: Judging) -> Cap:
        """Return the cap of an environment: its highest return, less the tie's part of the whole range.

        Examples
        --------
        >>> Cap.of("CartPole-v1", Judging()).score
        495.01
        """
        low, high = return_bounds(env_id)
        return cls(high - judging.tie * (high - low) if math.isfinite(high - low) else math.inf)

    @property
    def text(self) -> str:
        """The rule in words."""
        if math.isinf(self.score):
            return "the highest score; of equals, the larger area under the curve"
        return f"the highest score; from {self.score:.4g} on all are equal, and the larger area under the curve decides"


def ranked(trials: Sequence[Trial], cap: Cap) -> list[Trial]:
    """Return the trials that have a score, the best first: by what was trained of them, score, and area.

    A trial with more seeds and steps behind it goes before one with less, whatever their scores: those are not on one
    scale, and few seeds flatter.
    """
    scored = [one for one in trials if one.rungs and not math.isnan(one.last.score)]

    def worth(trial: Trial) -> tuple[float, float, float, int]:
        last = trial.last
        return (-last.steps * last.seeds, -min(last.score, cap.score), -last.area, trial.number)

    return sorted(scored, key=worth)


def incumbent(trials: Sequence[Trial], cap: Cap) -> Trial | None:
    """Return the best trial by now; None where none has a score."""
    best = ranked(trials, cap)
    return best[0] if best else None


def confirmed(
    finalists: Sequence[Trial], evaluator: Evaluator, cap: Cap, env_id: str
) -> tuple[pd.DataFrame, dict[int, np.ndarray]]:
    """Train finalists with the seeds that had no part in the search, and put them in order by these alone.

    Returns
    -------
    table : DataFrame, one row per finalist, the one to take first
        `trial`, `tuned` (score by which it became a finalist), `confirmed` (mean over the test seeds; a run that failed
        counts as the least that any run of the finalists showed), `low`, `high` (Student-t, within what the environment
        allows; NaN with fewer than three seeds), `n`, `n_failed`, `area`, `optimism` (tuned less confirmed).
    scores : dict
        From the number of a finalist to its scores by the test seeds, in their order.
    """
    judging, end = evaluator.judging, evaluator.pauses[-1]
    seeds = judging.testing
    goals = [Goal(one.configuration, seed, end) for one in finalists for seed in seeds]
    reached = evaluator.train(goals) if goals else []
    scores = np.array([score_of(one, judging.objective) for one in reached]).reshape(len(finalists), len(seeds))
    areas = np.array([score_of(one, "auc") for one in reached]).reshape(scores.shape)
    shown = [one.values[np.isfinite(one.values)] for one in reached]
    floor = min((float(values.min()) for values in shown if len(values)), default=math.nan)
    failed = np.isnan(scores)
    scores, areas = (np.where(np.isnan(array), floor, array) for array in (scores, areas))
    bounds, rows = return_bounds(env_id), []
    for trial, own, area, lost in zip(finalists, scores, areas, failed, strict=True):
        low, high = (
            (float(end[0]) for end in student_interval(own[:, None], MEAN, confidence=judging.confidence))
            if len(own) > 2
            else (math.nan, math.nan)
        )
        mean = float(own.mean()) if len(own) else math.nan
        rows.append(
            {
                "trial": trial.number,
                "tuned": trial.last.score,
                "confirmed": mean,
                "low": max(low, bounds[0]),
                "high": min(high, bounds[1]),
                "n": len(own),
                "n_failed": int(lost.sum()),
                "area": float(area.mean()) if len(own) else math.nan,
                "optimism": trial.last.score - mean,
            }
        )
    frame = pd.DataFrame(rows)
    if seeds and rows:
        order = np.lexsort((-frame["area"], -frame["confirmed"].clip(upper=cap.score)))
        frame = frame.iloc[order].reset_index(drop=True)
    return frame, {trial.number: own for trial, own in zip(finalists, scores, strict=True)}
