"""What a child's hyperparameters become: drawn for each child and each hyperparameter by itself, and inside the space.

References
----------
Jaderberg, Dalibard, Osindero, Czarnecki, Donahue, Razavi, Vinyals, Green, Dunning, Simonyan, Fernando and Kavukcuoglu
(2017), Population based training of neural networks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import CategoricalHyperparameter, UniformIntegerHyperparameter

from rlhp.arguments import number_array, real, shown
from rlhp.options import options
from rlhp.population._meeting import Meeting
from rlhp.spaces import DISCRETE, decode, encode, levels_of, measure, need_space

__all__ = ["Explore", "Perturb", "Resample", "Unchanged", "moving_names"]

Configuration = dict[str, Any]


@runtime_checkable
class Explore(Protocol):
    """What gives children other hyperparameters: a frozen dataclass; its fields are part of a population's identity."""

    def propose(
        self, space: ConfigurationSpace, meeting: Meeting, rng: np.random.Generator
    ) -> Mapping[int, Configuration]:
        """Return what the children go on with.

        Parameters
        ----------
        space : ConfigurationSpace
            Where values may lie. It has neither conditions nor forbidden clauses; what has one level is held.
        meeting : Meeting
            Everything that the population knows; nothing else may be asked, and nothing remembered.
        rng : numpy.random.Generator
            All randomness.

        Returns
        -------
        mapping
            From the place of each of `meeting.children` to all of its hyperparameters, inside the space.
        """
        ...  # pragma: no cover


@options
@dataclass(frozen=True)
class Perturb:
    """Each hyperparameter is multiplied by a factor of its own, drawn anew for each child.

    The factor acts on what the space measures: on ``1 - value`` where that is flipped-log, as a discount factor is; a
    whole number moves by at least 1. Beyond an end of the range is that end. Where there are levels with an order, a
    factor above 1 is the next level and one below 1 the level before.

    Parameters
    ----------
    factors : sequence of float
        Positive; one is drawn.
    resample : float
        Probability that a hyperparameter is drawn anew from its measure instead.
    switch : float
        Probability that a hyperparameter whose levels have no order is drawn anew; a factor means nothing to it.

    Examples
    --------
    >>> from ConfigSpace import Float
    >>> space = ConfigurationSpace(space=[Float("learning_rate", (1e-5, 1e-2), log=True)])
    >>> from rlhp.population import Fitness, Past
    >>> alike = ({"learning_rate": 1e-3}, {"learning_rate": 1e-3})
    >>> met = Meeting(500, 1000, alike, [0, 0], Fitness([3.0, 1.0]), Past.empty(["learning_rate"]))
    >>> Perturb().propose(space, met, np.random.default_rng(0))
    {1: {'learning_rate': 0.0012}}
    """

    factors: Sequence[float] = (0.8, 1.2)
    resample: float = 0.0
    switch: float = 0.25

    def __post_init__(self) -> None:
        factors = number_array("factors", self.factors)
        if (factors <= 0).any():
            raise ValueError(f"`factors` is {shown(self.factors)}; give numbers above 0, such as (0.8, 1.2).")
        object.__setattr__(self, "factors", tuple(factors.tolist()))
        real("resample", self.resample, at_least=0, at_most=1)
        real("switch", self.switch, at_least=0, at_most=1)

    def propose(
        self, space: ConfigurationSpace, meeting: Meeting, rng: np.random.Generator
    ) -> dict[int, Configuration]:
        """Return what the children go on with; see `Explore`."""
        shape = len(meeting.children), len(space)
        factors, measures = rng.choice(np.asarray(self.factors), size=shape), measure(space)
        anew, places = rng.random(shape), rng.random(shape)
        found = {}
        for row, child in enumerate(meeting.children.tolist()):
            own = dict(meeting.configs[child])
            for column, (name, hp) in enumerate(space.items()):
                unordered = isinstance(hp, CategoricalHyperparameter)
                if anew[row, column] < (max(self.switch, self.resample) if unordered else self.resample):
                    own[name] = _at(hp, places[row, column])
                else:
                    own[name] = _multiplied(hp, measures[name], own[name], float(factors[row, column]))
            found[child] = own
        return found


@options
@dataclass(frozen=True)
class Resample:
    """Each hyperparameter is, with a probability, drawn anew from its measure; otherwise it stays as it is.

    Parameters
    ----------
    probability : float
        For each hyperparameter of each child by itself.

    Examples
    --------
    >>> Resample(0.5)
    Resample(probability=0.5)
    """

    probability: float = 0.25

    def __post_init__(self) -> None:
        real("probability", self.probability, at_least=0, at_most=1)

    def propose(
        self, space: ConfigurationSpace, meeting: Meeting, rng: np.random.Generator
    ) -> dict[int, Configuration]:
        """Return what the children go on with; see `Explore`."""
        shape = len(meeting.children), len(space)
        anew, places = rng.random(shape) < self.probability, rng.random(shape)
        found = {}
        for row, child in enumerate(meeting.children.tolist()):
            own = dict(meeting.configs[child])
            for column, (name, hp) in enumerate(space.items()):
                if anew[row, column]:
                    own[name] = _at(hp, places[row, column])
            found[child] = own
        return found


@options
@dataclass(frozen=True)
class Unchanged:
    """Children keep the hyperparameters that they begin with.

    Examples
    --------
    >>> Unchanged()
    Unchanged()
    """

    def propose(
        self, space: ConfigurationSpace, meeting: Meeting, rng: np.random.Generator
    ) -> dict[int, Configuration]:
        """Return what the children go on with; see `Explore`."""
        return {child: dict(meeting.configs[child]) for child in meeting.children.tolist()}


def moving_names(space: ConfigurationSpace) -> list[str]:
    """Name the hyperparameters of a space that have more than one value; the others are held.

    Examples
    --------
    >>> from rlhp import spaces
    >>> "net_arch" in moving_names(spaces.traced("a2c")), "gamma" in moving_names(spaces.traced("a2c"))
    (False, True)
    """
    return [
        name for name, hp in need_space(space).items() if not (isinstance(hp, DISCRETE) and len(levels_of(hp)[0]) == 1)
    ]


def _at(hp: Any, u: float) -> Any:
    return decode(hp, np.array([u]))[0]


def _multiplied(hp: Any, measured: str, value: Any, factor: float) -> Any:
    """Return a value times a factor, in the space."""
    if isinstance(hp, CategoricalHyperparameter) or factor == 1.0:
        return value
    if isinstance(hp, DISCRETE):
        levels, edges = levels_of(hp)
        at = int(np.searchsorted(edges[1:-1], encode(hp, [value])[0])) + (1 if factor > 1 else -1)
        return levels[min(max(at, 0), len(levels) - 1)]
    new = 1 - (1 - value) * factor if measured == "flipped-log" else value * factor
    if isinstance(hp, UniformIntegerHyperparameter):
        new = round(new) if round(new) != value else value + (1 if factor > 1 else -1)
    return decode(hp, encode(hp, [min(max(new, hp.lower), hp.upper)]))[0]
