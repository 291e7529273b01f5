"""What a population knows when its members meet: how fit each is, what it goes on with, and what came of it before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rlhp.arguments import instance, number_array, shown

__all__ = ["Fitness", "Meeting", "Past"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Fitness:
    """How good each member is: what its last evaluation says of it.

    Parameters
    ----------
    mean : array_like, shape (n,)
        Mean undiscounted return of the episodes of its last evaluation; NaN for a member that diverged.
    std : array_like, shape (n,), optional
        Their standard deviation, divided by the number of episodes; not known (NaN) by default.
    episodes : array_like, shape (n,), optional
        How many they are; 1 by default.

    Raises
    ------
    ValueError
        If the shapes differ, or something holds no numbers.

    Examples
    --------
    >>> Fitness([10.0, float("nan"), 12.0]).alive
    array([ True, False,  True])
    """

    mean: Floats
    std: Floats | None = None
    episodes: Floats | None = None

    def __post_init__(self) -> None:
        mean = number_array("mean", self.mean, finite=False)
        object.__setattr__(self, "mean", mean)
        for name, otherwise in (("std", np.nan), ("episodes", 1.0)):
            given = getattr(self, name)
            made = np.full(len(mean), otherwise) if given is None else number_array(name, given, finite=False)
            if len(made) != len(mean):
                raise ValueError(f"`{name}` has {len(made)} values for {len(mean)} members; give one for each.")
            object.__setattr__(self, name, made)

    def __len__(self) -> int:
        return len(self.mean)

    @property
    def alive(self) -> Bools:
        """Say of each member whether it can be a parent: whether its fitness is a finite number."""
        return np.isfinite(self.mean)

    @property
    def rank_by(self) -> Floats:
        """Return the means, with members that diverged below all others."""
        return np.where(self.alive, self.mean, -np.inf)


@dataclass(frozen=True, eq=False)
class Past:
    """All that the members have trained so far: a row for each member from one of its meetings to its next.

    Parameters
    ----------
    member : array_like of int, shape (m,)
    start, end : array_like of int, shape (m,)
        Environment steps at which the member met, and was evaluated next.
    before : array_like of float, shape (m,)
        Fitness of what it began with: its own at `start`, or its parent's where it took over the parent's weights.
        NaN in the beginning, where nothing is evaluated.
    after : array_like of float, shape (m,)
        Its fitness at `end`; NaN if it diverged.
    configs : DataFrame, m rows
        The hyperparameters that it was trained with, in the order of the space.

    Raises
    ------
    ValueError
        If their lengths differ.

    Examples
    --------
    >>> past = Past([0, 1], [500, 500], [1000, 1000], [10.0, 10.0], [12.0, 9.0], pd.DataFrame({"gamma": [0.9, 0.99]}))
    >>> past.change.tolist()
    [2.0, -1.0]
    """

    member: Ints
    start: Ints
    end: Ints
    before: Floats
    after: Floats
    configs: pd.DataFrame

    def __post_init__(self) -> None:
        instance("configs", self.configs, pd.DataFrame)
        for name in ("member", "start", "end", "before", "after"):
            numbers = number_array(name, getattr(self, name), finite=False, empty=True)
            object.__setattr__(self, name, numbers.astype(np.int64) if name in ("member", "start", "end") else numbers)
            if len(numbers) != len(self.configs):
                raise ValueError(f"`{name}` has {len(numbers)} values for {len(self.configs)} rows of `configs`.")

    def __len__(self) -> int:
        return len(self.configs)

    @property
    def change(self) -> Floats:
        """Return by how much the fitness changed, shape (m,); NaN where one end is not known."""
        return self.after - self.before

    @classmethod
    def empty(cls, names: list[str]) -> Past:
        """Return the past of a population that has not trained."""
        none = np.empty(0)
        return cls(none, none, none, none, none, pd.DataFrame({name: [] for name in names}))  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Meeting:
    """A population between two segments, when it is decided who goes on with what.

    Parameters
    ----------
    step : int
        Environment steps of each member so far.
    total_steps : int
        Environment steps of a member in all.
    configs : tuple of dict, n
        The hyperparameters that each member would go on with, unexplored: a child has its parent's where those are
        copied, everybody else its own.
    parents : array_like of int, shape (n,)
        Place of the parent of each member; its own place where it goes on as it is.
    fitness : Fitness
    past : Past
        Of this population alone, this meeting's evaluations included.

    Examples
    --------
    >>> configs = ({"gamma": 0.9}, {"gamma": 0.9})
    >>> Meeting(500, 1000, configs, [0, 0], Fitness([3.0, 1.0]), Past.empty(["gamma"])).children.tolist()
    [1]
    """

    step: int
    total_steps: int
    configs: tuple[dict[str, Any], ...]
    parents: Ints
    fitness: Fitness
    past: Past

    def __post_init__(self) -> None:
        object.__setattr__(self, "parents", checked_parents(self.parents, len(self.configs)))

    @property
    def children(self) -> Ints:
        """Name the members that go on as children of others, in order."""
        return np.flatnonzero(self.parents != np.arange(len(self.parents)))


def checked_parents(parents: Any, n: int) -> Ints:
    """Return a parent map as whole numbers, shape (n,).

    Raises
    ------
    ValueError
        If it has another length, or names somebody who is not there.
    """
    places = number_array("parents", parents)
    if len(places) != n or not np.isin(places, np.arange(n)).all():
        raise ValueError(f"`parents` is {shown(parents)}; give for each of {n} members a place from 0 to {n - 1}.")
    return places.astype(np.int64)
