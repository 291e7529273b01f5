"""The choice at the end of a search: who the finalists are, and which of them is taken."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rlhp.hpo.evaluating._evaluating import Evaluator, Goal, Judging, Reached, score_of
from rlhp.hpo.plans._trials import Trial
from rlhp.returns import return_bounds

__all__ = ["Cap", "Choice", "choose", "incumbent", "least_of", "ranked", "trained"]


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


@dataclass(frozen=True, eq=False)
class Choice:
    """Finalists in the order in which to take them; made by `choose`.

    Attributes
    ----------
    order : tuple of Trial
    scores : dict
        From the number of a finalist to its scores by the choice seeds, in their order; a run that failed counts as
        `floor`.
    means, areas : dict
        Of score and area under the curve over all seeds that chose, those that tuned to the end among them; of
        `scores` the mean is NaN where no seeds chose.
    n, n_failed : dict
        Scores behind a mean, and runs of the choice seeds that failed.
    floor : float
        The least that any run of the finalists showed.
    """

    order: tuple[Trial, ...]
    scores: dict[int, np.ndarray]
    means: dict[int, float]
    areas: dict[int, float]
    n: dict[int, int]
    n_failed: dict[int, int]
    floor: float


def choose(finalists: Sequence[Trial], evaluator: Evaluator, cap: Cap) -> Choice:
    """Train finalists with the choice seeds, and put them in order.

    Notes
    -----
    What decides is the mean over the choice seeds and over those tuning seeds that were trained to the end. The tuning
    scores are those of lucky configurations, and as estimates they flatter. But all that made them lucky is in the
    scores: for configurations that were equally likely to be good beforehand, and equally noisy, the order of the
    means over all seeds is the order of what is to be expected of them, however they were picked (in Bayes' rule the
    picking cancels out). So to leave scores out only adds noise to the choice. What flatters is the value, and that is
    why the test seeds alone report it.
    """
    seeds, end = evaluator.judging.choosing, evaluator.pauses[-1]
    if not seeds or not finalists:
        numbers = [one.number for one in finalists]
        return Choice(
            order=tuple(finalists),
            scores={},
            means=dict.fromkeys(numbers, math.nan),
            areas={one.number: one.last.area for one in finalists},
            n=dict.fromkeys(numbers, 0),
            n_failed=dict.fromkeys(numbers, 0),
            floor=_least_tuned(finalists),
        )
    reached = trained(finalists, seeds, evaluator)
    floor = min(_least_tuned(finalists), least_of(run for runs in reached for run in runs))
    scores, means, areas, n, lost = {}, {}, {}, {}, {}
    for trial, runs in zip(finalists, reached, strict=True):
        own = np.array([score_of(one, evaluator.judging.objective) for one in runs])
        area = np.array([score_of(one, "auc") for one in runs])
        last, lost[trial.number] = trial.last, int(np.isnan(own).sum())
        own, area = (np.where(np.isnan(one), floor, one) for one in (own, area))
        tuned = last.scores if last.steps == end else ()
        n[trial.number] = len(tuned) + len(own)
        scores[trial.number] = own
        means[trial.number] = float(own.sum() + sum(tuned)) / n[trial.number]
        areas[trial.number] = float(area.sum() + len(tuned) * last.area) / n[trial.number]
    order = sorted(finalists, key=lambda one: (-min(means[one.number], cap.score), -areas[one.number]))
    return Choice(tuple(order), scores, means, areas, n, lost, floor)


def trained(trials: Sequence[Trial], seeds: Sequence[int], evaluator: Evaluator) -> list[list[Reached]]:
    """Train configurations to the end, all runs together; for each what its runs did, one a seed."""
    goals = [Goal(one.configuration, seed, evaluator.pauses[-1]) for one in trials for seed in seeds]
    reached = iter(evaluator.train(goals) if goals else [])
    return [[next(reached) for _ in seeds] for _ in trials]


def least_of(runs: Iterable[Reached]) -> float:
    """Return the least that any run showed; infinite where none showed anything."""
    shown = [one.values[np.isfinite(one.values)] for one in runs]
    return min((float(values.min()) for values in shown if len(values)), default=math.inf)


def _least_tuned(trials: Sequence[Trial]) -> float:
    curves = least_of(Reached(*curve, "stopped") for one in trials for curve in one.last.curves)
    return min([curves, *(score for one in trials for score in one.last.scores)])
