"""What seeds that decide nothing say of the configuration taken, and the table of the finalists."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rlhp.curves import MEAN, student_interval
from rlhp.hpo.evaluating._evaluating import Evaluator, score_of
from rlhp.hpo.plans._trials import Trial
from rlhp.hpo.tuning._choosing import Choice, least_of, trained
from rlhp.returns import return_bounds

__all__ = ["Confirmed", "confirm", "finalist_table"]


@dataclass(frozen=True, eq=False)
class Confirmed:
    """What the test seeds say; made by `confirm`.

    Attributes
    ----------
    scores : dict
        From the number of a configuration to its scores by the test seeds, in their order. A run that failed counts as
        the least that any run of the finalists showed.
    n_failed : dict
    """

    scores: dict[int, np.ndarray]
    n_failed: dict[int, int]


def confirm(taken: Sequence[Trial], choice: Choice, evaluator: Evaluator) -> Confirmed:
    """Train with the test seeds what was taken already; they change nothing in the order."""
    seeds, objective = evaluator.judging.testing, evaluator.judging.objective
    if not seeds:
        return Confirmed({}, {})
    reached = trained(taken, seeds, evaluator)
    floor = min(choice.floor, least_of(run for runs in reached for run in runs))
    scores, failed = {}, {}
    for trial, runs in zip(taken, reached, strict=True):
        own = np.array([score_of(one, objective) for one in runs])
        failed[trial.number] = int(np.isnan(own).sum())
        scores[trial.number] = np.where(np.isnan(own), floor, own)
    return Confirmed(scores, failed)


def finalist_table(choice: Choice, confirmed: Confirmed, env_id: str, confidence: float) -> pd.DataFrame:
    """Put together what is known of the finalists.

    Returns
    -------
    DataFrame, one row per finalist, the one to take first
        `trial`, `tuned` (score by which it became a finalist), `chosen` (mean over the seeds that chose, see `choose`),
        `n_chosen` (how many), `area` (under the curve, over the same seeds), `confirmed` (mean over the test seeds),
        `low`, `high` (Student-t, within what the environment allows; NaN with fewer than three seeds), `n`, `n_failed`
        (of the choice and test seeds), `optimism` (tuned less confirmed). What was not trained with the test seeds has
        no `confirmed`.
    """
    (least, most), rows = return_bounds(env_id), []
    for trial in choice.order:
        own = confirmed.scores.get(trial.number, np.empty(0))
        mean = float(own.mean()) if len(own) else math.nan
        low = high = math.nan
        if len(own) > 2:
            low, high = (float(end[0]) for end in student_interval(own[:, None], MEAN, confidence=confidence))
        rows.append(
            {
                "trial": trial.number,
                "tuned": trial.last.score,
                "chosen": choice.means[trial.number],
                "n_chosen": choice.n[trial.number],
                "area": choice.areas[trial.number],
                "confirmed": mean,
                "low": max(low, least),
                "high": min(high, most),
                "n": len(own),
                "n_failed": choice.n_failed[trial.number] + confirmed.n_failed.get(trial.number, 0),
                "optimism": trial.last.score - mean,
            }
        )
    return pd.DataFrame(rows)
