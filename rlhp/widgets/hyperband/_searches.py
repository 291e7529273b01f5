"""Searches replayed on measured runs, and whether each kept the configuration that was truly best of those it began."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rlhp import hpo
from rlhp.curves import MEAN, student_interval, wilson
from rlhp.returns import return_bounds
from rlhp.widgets.hyperband._setting import Setting

__all__ = ["TUNING", "Measured", "Searched", "Tally", "tally"]

TUNING = 3  # seeds that may tune, at most; the others only say which configuration is truly best


class Measured:
    """A pool with what its configurations are truly worth.

    Parameters
    ----------
    name : str
        A data set.
    """

    def __init__(self, name: str) -> None:
        whole = hpo.pool(name)
        if len(whole.seeds) < TUNING + 1:
            raise ValueError(
                f"`{name}` has {len(whole.seeds)} seeds; {TUNING} may tune and one at least judges: take another."
            )
        self.testing = whole.seeds[TUNING:]
        self.pools = [
            hpo.pool(name, judging=hpo.Judging(seeds=n, choice_seeds=0, test_seeds=self.testing, finalists=1))
            for n in range(1, TUNING + 1)
        ]
        self.steps = whole.pauses[-1]
        table = whole.runs.table
        self.bounds = return_bounds(str(table["env_id"].iloc[0]))
        self.label = f"{str(table['algorithm'].iloc[0]).upper()} on {table['env_id'].iloc[0]}"

    @cached_property
    def truth(self) -> np.ndarray:
        """Mean over the seeds that only judge; one that failed there is worth as little as any."""
        truth = self.pools[0].truth(self.testing)
        return np.where(np.isnan(truth), np.nanmin(truth), truth)

    def search(self, setting: Setting, seed: int) -> Searched:
        """Replay one search."""
        pool = self.pools[setting.seeds - 1]
        budget = setting.budget * self.steps
        found = hpo.replay(pool, budget=budget, searcher="random", plan=setting.made, rng=seed)
        places = [pool.place(one.configuration) for one in found.trials]
        truth = self.truth[np.array(places, dtype=int)]
        taken = int(found.history["trial"].iloc[-1]) if len(found.history) else None
        # From the cap on all are equally good, as in the search itself.
        return Searched(found, np.minimum(truth, found.cap.score), truth, taken)

    def curve(self, configuration: object, seeds: int) -> np.ndarray:
        """Return a whole measured learning curve, mean over the tuning seeds."""
        pool = self.pools[0]
        place = pool.place(configuration)  # type: ignore[arg-type]
        curve: np.ndarray = pool.curves[place, :seeds].mean(axis=0)
        return curve


@dataclass(frozen=True, eq=False)
class Searched:
    """One search.

    Attributes
    ----------
    found : hpo.Tuning
    worth : array [trials]
        What each is truly worth; equal from the cap on.
    truth : array [trials]
    taken : int or None
        The trial that the search would take, by the tuning seeds.
    """

    found: hpo.Tuning
    worth: np.ndarray
    truth: np.ndarray
    taken: int | None

    @property
    def ended(self) -> np.ndarray:
        """Whether each trial was trained for all steps, with one seed at least."""
        return np.array([one.last.steps == self.found.terms.steps for one in self.found.trials])

    @property
    def winners(self) -> np.ndarray:
        """Whether each trial is truly the best of those that began, or as good as that."""
        best: np.ndarray = self.worth == self.worth.max()
        return best

    @property
    def best(self) -> int:
        """A truly best trial: one that came to the end, where there is one."""
        kept = self.winners & self.ended
        return int(np.argmax(kept if kept.any() else self.winners))

    @property
    def kept(self) -> bool:
        """Whether a truly best one came to the end."""
        return bool(self.ended[self.best])

    @property
    def took(self) -> bool:
        """Whether the search takes a truly best one."""
        return self.taken is not None and bool(self.winners[self.taken])

    @property
    def worth_taken(self) -> float:
        """What the one that it takes is truly worth."""
        return float(self.truth[self.taken]) if self.taken is not None else float("nan")


@dataclass(frozen=True)
class Tally:
    """Many searches counted.

    Attributes
    ----------
    n, kept, took : int
    began : float
        Configurations that begin, on average.
    worth : float
        Mean true worth of what they take, and `worth_low`, `worth_high`: its 95 % interval; NaN of fewer than three.
    """

    n: int
    kept: int
    took: int
    began: float
    worth: float
    worth_low: float
    worth_high: float

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share that keeps the best (Wilson)."""
        low, high = wilson(np.array([self.kept / self.n]), self.n, 0.95)
        return float(low[0]), float(high[0])


def tally(searches: Sequence[tuple[bool, bool, int, float]], bounds: tuple[float, float]) -> Tally | None:
    """Count searches: whether each kept, took, how many began in it, and what it took; None of none.

    The interval is Student's, within what an episode can return.
    """
    if not searches:
        return None
    kept, took, began, worth = map(np.array, zip(*searches, strict=True))
    low, high = student_interval(worth[:, None], MEAN)
    low, high = np.maximum(low, bounds[0]), np.minimum(high, bounds[1])
    means = float(began.mean()), float(worth.mean()), float(low[0]), float(high[0])
    return Tally(len(searches), int(kept.sum()), int(took.sum()), *means)
