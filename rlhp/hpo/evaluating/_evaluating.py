"""Who evaluates configurations: what a search asks of a pool of measured runs, and of the engine, alike."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from rlhp.arguments import choice, real, sequence, shown, whole
from rlhp.hpo.search._searcher import Searcher
from rlhp.objectives import OBJECTIVES, PER_CONFIG
from rlhp.options import options
from rlhp.sweeps import Evaluation

__all__ = ["Evaluator", "Goal", "Judging", "Reached", "score_of"]

# What can be read off a curve, and is better the higher it is.
RETURNS = tuple(name for name, one in OBJECTIVES.items() if one.is_return and name not in PER_CONFIG)


@options
@dataclass(frozen=True)
class Judging:
    """What a setting is worth: how long it is trained, by what it is scored, and which seeds tune, choose and test.

    Parameters
    ----------
    steps : int, optional
        Environment steps of a run that is trained to its end; a pool knows its own.
    seeds : int or sequence of int
        Those that tune: how many (0, 1, ...), or which.
    choice_seeds : int or sequence of int
        Those that the finalists are trained with, so that one is chosen: how many (the next that nobody has), or which.
        Without any, the best by the tuning seeds is taken.
    test_seeds : int or sequence of int
        Those that only the configuration taken is trained with. They decide nothing, so that its score does not
        flatter. No seed is in two groups.
    objective : {"final_return", "best_return", "auc", "train_auc"}
        A return, see `rlhp.objectives.score`; of a run that is paused, what it shows up to there.
    finalists : int
        Configurations among which the choice seeds choose.
    tie : float
        Where the return is capped: scores within this part of the cap count as equal, and the area under the curve
        decides between them. The part is of the distance between the cap and the least that an episode can earn.
    confidence : float
        Of the interval of a confirmed score.
    evaluation : Evaluation or int
        When runs are evaluated, which is where they can be paused; a number is its `every`. A pool has its own.

    Raises
    ------
    ValueError
        If one cannot be, or a seed is in two groups.
    TypeError
        If seeds are of another kind altogether.

    Examples
    --------
    >>> judging = Judging(steps=50_000, seeds=3, choice_seeds=2, test_seeds=3)
    >>> judging.tuning, judging.choosing, judging.testing
    ((0, 1, 2), (3, 4), (5, 6, 7))
    """

    steps: int | None = None
    seeds: int | Sequence[int] = 3
    choice_seeds: int | Sequence[int] = 5
    test_seeds: int | Sequence[int] = 10
    objective: str = "final_return"
    finalists: int = 3
    tie: float = 0.01
    confidence: float = 0.95
    evaluation: Evaluation = Evaluation()

    def __post_init__(self) -> None:
        if self.steps is not None:
            whole("steps", self.steps, at_least=1, hint="Environment steps of a run.")
        choice("objective", self.objective, RETURNS, where="a search")
        whole("finalists", self.finalists, at_least=1)
        real("tie", self.tie, at_least=0, below=1)
        real("confidence", self.confidence, above=0, below=1)
        object.__setattr__(self, "evaluation", Evaluation.of(self.evaluation))
        if not self.tuning:
            raise ValueError(f"`seeds` is {shown(self.seeds)}; a search needs a seed at least.")
        groups = {"seeds": self.tuning, "choice_seeds": self.choosing, "test_seeds": self.testing}
        for (one, mine), (other, theirs) in itertools.combinations(groups.items(), 2):
            shared = sorted(set(mine) & set(theirs))
            if shared:
                raise ValueError(f"seed {shared[0]} is among `{one}` and `{other}`; each takes seeds of its own.")

    @property
    def tuning(self) -> tuple[int, ...]:
        """The seeds that tune."""
        return _which("seeds", self.seeds, 0)

    @property
    def choosing(self) -> tuple[int, ...]:
        """The seeds that choose among the finalists; by default those that follow the ones that tune."""
        # Test seeds that are named are nobody else's.
        named = () if isinstance(self.test_seeds, int | np.integer) else self.testing
        return _which("choice_seeds", self.choice_seeds, max(self.tuning) + 1, named)

    @property
    def testing(self) -> tuple[int, ...]:
        """The seeds that test; by default those that follow all others."""
        if not isinstance(self.test_seeds, int | np.integer):
            return _which("test_seeds", self.test_seeds, 0)
        return _which("test_seeds", self.test_seeds, max(self.tuning + self.choosing) + 1)

    @property
    def held_out(self) -> tuple[int, ...]:
        """The seeds that have no part in the search: those that choose at its end, and those that test."""
        return self.choosing + self.testing


def _which(name: str, seeds: int | Sequence[int], first: int, but: Sequence[int] = ()) -> tuple[int, ...]:
    if isinstance(seeds, int | np.integer):
        n = whole(name, seeds, at_least=0, at_most=10_000)
        return tuple(itertools.islice((seed for seed in itertools.count(first) if seed not in but), n))
    given = tuple(whole(f"{name}[{at}]", one, at_least=0) for at, one in enumerate(sequence(name, seeds)))
    if len(set(given)) < len(given):
        raise ValueError(f"`{name}` is {shown(seeds)}; give each seed once.")
    return given


@dataclass(frozen=True)
class Goal:
    """One run, and how far it is to be trained.

    Attributes
    ----------
    configuration : mapping
    seed : int
    step : int
        Environment steps; one of the evaluator's pauses.
    """

    configuration: Mapping[str, Any]
    seed: int
    step: int


@dataclass(frozen=True, eq=False)
class Reached:
    """What a run did up to its goal.

    Attributes
    ----------
    steps : int array [evaluations]
    values : array [evaluations]
        The return that the objective is read off.
    status : str
        As in `Runs.table`; a run that is paused is `stopped`.
    """

    steps: np.ndarray
    values: np.ndarray
    status: str

    @property
    def failed(self) -> bool:
        """Whether it has no score."""
        return self.status in ("diverged", "failed") or not len(self.values)


class Evaluator(Protocol):
    """Trains runs up to goals, or looks up what such runs did."""

    @property
    def judging(self) -> Judging:
        """What a setting is worth; with its `steps`."""
        ...

    @property
    def pauses(self) -> tuple[int, ...]:
        """Environment steps at which a run can be paused, ascending; the last is its end."""
        ...

    @property
    def capacity(self) -> int | None:
        """Most configurations there can be; None where there is no end of them."""
        ...

    def train(self, goals: Sequence[Goal]) -> list[Reached]:
        """Train runs on to their goals, from where they are; one result a goal, in their order."""
        ...

    def adapted(self, searcher: Searcher) -> Searcher:
        """Return a searcher that proposes what can be evaluated."""
        ...


def score_of(reached: Reached, objective: str) -> float:
    """Read a score off a learning curve; NaN where the run failed.

    Examples
    --------
    >>> score_of(Reached(np.array([100, 200, 300]), np.array([0.0, 4.0, 2.0]), "stopped"), "auc")
    2.5
    """
    if reached.failed or not np.isfinite(reached.values).any():
        return math.nan
    known = ~np.isnan(reached.values)  # no episode may have ended since the last evaluation
    steps, values = reached.steps[known], reached.values[known]
    curve = OBJECTIVES[objective].curve
    score = float(values[-1] if curve is None else curve(steps[None].astype(float), values[None])[0])
    return score if math.isfinite(score) else math.nan
