"""What a plan reads and gives: trials with what was measured of them, the terms of a search, and orders."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pandas as pd

from rlhp.arguments import number_array, sequence, shown, whole
from rlhp.hpo.evaluating._evaluating import Reached, score_of

__all__ = ["Measured", "Order", "Plan", "Terms", "Trial"]


@dataclass(frozen=True, eq=False)
class Measured:
    """What one rung of a trial gave: the first `seeds` of the tuning seeds, each trained for `steps`.

    Attributes
    ----------
    steps : int
        Environment steps of each run.
    seeds : int
    scores : tuple of float, one a seed
        Higher is better; NaN: the run failed.
    curves : tuple of (steps, values), one a seed
        The learning curve of each run up to here; empty where a plan need not look at it.
    """

    steps: int
    seeds: int
    scores: tuple[float, ...]
    curves: tuple[tuple[np.ndarray, np.ndarray], ...] = ()

    @property
    def score(self) -> float:
        """Mean over the seeds; NaN where a run failed, so that what crashes is never promoted."""
        return math.fsum(self.scores) / len(self.scores)

    @property
    def noise(self) -> float:
        """Standard error of that mean; NaN of a single seed."""
        return float(np.std(self.scores, ddof=1)) / math.sqrt(self.seeds) if self.seeds > 1 else math.nan

    @cached_property
    def area(self) -> float:
        """Mean over the seeds of the area under the learning curve; 0 where curves are not known."""
        areas = [score_of(Reached(*curve, "stopped"), "auc") for curve in self.curves]
        return math.fsum(areas) / len(areas) if areas else 0.0


@dataclass(frozen=True, eq=False)
class Trial:
    """One configuration in a search.

    Attributes
    ----------
    number : int
        In the order in which they were begun, from 0.
    bracket : int
    configuration : mapping
    rungs : tuple of Measured
        What was measured, in order; each continues the runs of the one before.
    """

    number: int
    bracket: int
    configuration: Mapping[str, Any]
    rungs: tuple[Measured, ...] = ()

    @property
    def last(self) -> Measured:
        """What was measured last."""
        return self.rungs[-1]

    @property
    def spent(self) -> int:
        """Environment steps, over all its runs: each rung continues those of the one before."""
        return self.last.steps * self.last.seeds if self.rungs else 0


@dataclass(frozen=True)
class Order:
    """What is trained next: the first `seeds` tuning seeds of a trial, each until it has been trained for `steps`.

    Attributes
    ----------
    trial : int
        Its number; the next one that is not there yet is a new configuration.
    bracket : int
    steps, seeds : int
    """

    trial: int
    bracket: int
    steps: int
    seeds: int


@dataclass(frozen=True)
class Terms:
    """What a search may use.

    Parameters
    ----------
    steps : int
        Environment steps of a run that is trained to its end.
    seeds : int
        Tuning seeds.
    budget : int, optional
        Environment steps over all runs; None: no limit.
    pauses : sequence of int, optional
        The steps at which a run can be paused, its last step among them; by default any.
    bounds : (float, float), optional
        The least and the most that an episode can return, where that is known.
    capacity : int, optional
        Configurations there are; None: as many as one likes. A pool has so many.

    Raises
    ------
    ValueError
        If a number cannot be.

    Examples
    --------
    >>> terms = Terms(steps=900, seeds=3, pauses=range(100, 1000, 100))
    >>> terms.at(1 / 2), terms.of_seeds(1 / 2)
    (500, 2)
    """

    steps: int
    seeds: int = 1
    budget: int | None = None
    pauses: Sequence[int] | None = field(default=None, repr=False)
    bounds: tuple[float, float] | None = field(default=None, repr=False)
    capacity: int | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("steps", "seeds"):
            whole(name, getattr(self, name), at_least=1)
        if self.budget is not None:
            whole("budget", self.budget, at_least=1, hint="Environment steps over all runs.")
        if self.capacity is not None:
            whole("capacity", self.capacity, at_least=1, hint="Configurations there are.")
        if self.bounds is not None:
            ends = number_array("bounds", self.bounds, finite=False).tolist()
            if len(ends) != 2 or not ends[0] < ends[1]:
                raise ValueError(f"`bounds` is {shown(self.bounds)}; give the least return and the most.")
            object.__setattr__(self, "bounds", tuple(ends))
        if self.pauses is not None:
            given = sequence("pauses", self.pauses, hint="Environment steps.")
            steps = tuple(whole(f"pauses[{at}]", one, at_least=1) for at, one in enumerate(given))
            object.__setattr__(self, "pauses", steps)
            if not steps or steps[-1] != self.steps or list(steps) != sorted(set(steps)):
                raise ValueError(
                    f"`pauses` is {shown(list(steps))}; give ascending steps; the last is where a run ends, "
                    f"{self.steps}."
                )

    def at(self, share: float) -> int:
        """Return the first step at which a run can be paused that has been trained for a share of its length."""
        wanted = max(1, math.ceil(self.steps * share - 1e-9))
        return wanted if self.pauses is None else next(one for one in self.pauses if one >= wanted)

    def of_seeds(self, share: float) -> int:
        """Return how many seeds a share of the tuning seeds is."""
        return max(1, math.ceil(self.seeds * share - 1e-9))

    def room(self, n: int) -> float:
        """Return how many configurations there are besides `n` that were begun."""
        return math.inf if self.capacity is None else self.capacity - n

    def left(self, trials: Sequence[Trial]) -> float:
        """Return how many environment steps of the budget are not spent."""
        return math.inf if self.budget is None else self.budget - sum(one.spent for one in trials)


class Plan(Protocol):
    """Decides what is trained next: a pure function of what was measured.

    A plan of your own is any object with these two methods.
    """

    def next(self, trials: Sequence[Trial], terms: Terms) -> list[Order]:
        """Return what is trained next, at most what the budget allows; nothing where the search is over.

        Parameters
        ----------
        trials : sequence of Trial
            All so far, in the order of their numbers, each measured as it was ordered.
        terms : Terms

        Returns
        -------
        list of Order
            At most one per trial. An order continues what was trained before: neither steps nor seeds become fewer.
        """
        ...

    def table(self, terms: Terms) -> pd.DataFrame:
        """Return the brackets before they run.

        Returns
        -------
        DataFrame, one row a rung
            `bracket`, `rung`, `n` (configurations; missing where what is measured decides), `steps`, `seeds`,
            `env_steps` (over all runs of that rung, what the rung before trained not counted).
        """
        ...


def added(trial: Trial | None, steps: int, seeds: int) -> int:
    """Return the environment steps that an order adds to what a trial has spent."""
    before = trial.last.steps * trial.last.seeds if trial is not None and trial.rungs else 0
    return steps * seeds - before
