"""Configurations as rows of numbers that a model can learn from: one encoder for every surrogate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import OrdinalHyperparameter, UniformFloatHyperparameter

from rlhp import spaces

__all__ = ["Features"]


@dataclass(frozen=True, eq=False)
class Part:
    """The columns of one hyperparameter.

    Attributes
    ----------
    at : int
        Its place in the space.
    first, width : int
        Its columns.
    edges : array or None
        Where its levels meet in the unit interval; None for a number.
    ordered : bool
        Whether its levels stand in one column, evenly spread.
    """

    at: int
    first: int
    width: int
    edges: np.ndarray | None
    ordered: bool


@dataclass(frozen=True, eq=False)
class Features:
    """How the configurations of a space become rows of numbers in [0, 1].

    A number is one column, uniform in its declared measure. Ordered levels are one column, evenly spread from 0 to 1.
    Two unordered levels are 0 and 1; more are one column each, of which one is 1 / sqrt(2) and the others are 0, so
    that any two levels are at distance 1. What has one value has no column. What is inactive stands in the middle: of
    its range, or equally far from every level; whether it is inactive, the columns of its parents tell.

    Attributes
    ----------
    space : ConfigurationSpace
    parts : tuple of Part
    width : int
        How many columns there are.

    Examples
    --------
    >>> from rlhp import spaces
    >>> features = Features.of(spaces.subspace(spaces.default("dqn"), ["gamma", "tau"]))
    >>> features.encode([{"gamma": 0.8, "tau": 0.001}])
    array([[0., 0.]])
    """

    space: ConfigurationSpace
    parts: tuple[Part, ...]
    width: int

    @classmethod
    def of(cls, space: ConfigurationSpace) -> Features:
        """Lay out the columns of a space."""
        parts, first = [], 0
        for at, hp in enumerate(space.values()):
            edges = spaces.levels_of(hp)[1] if isinstance(hp, spaces.DISCRETE) else None
            levels = np.inf if edges is None else len(edges) - 1
            if levels == 1 or getattr(hp, "lower", 0) == getattr(hp, "upper", 1):
                continue
            ordered = isinstance(hp, OrdinalHyperparameter) or levels == 2
            width = 1 if edges is None or ordered else int(levels)
            parts.append(Part(at, first, width, edges, ordered))
            first += width
        return cls(space, tuple(parts), first)

    @property
    def floats(self) -> list[tuple[int, int]]:
        """Place in the space and column of each hyperparameter that is a real number."""
        hps = list(self.space.values())
        return [(part.at, part.first) for part in self.parts if isinstance(hps[part.at], UniformFloatHyperparameter)]

    def encode(self, configurations: Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Encode configurations, shape [n, width].

        Raises
        ------
        ValueError
            If one is not valid in the space.
        """
        if not len(configurations):
            return np.empty((0, self.width))
        return self.of_unit(spaces.to_unit(self.space, configurations))

    def of_unit(self, unit: np.ndarray) -> np.ndarray:
        """Encode points of the unit cube, shape [n, d], NaN where inactive, as `rlhp.spaces.to_unit` gives them."""
        rows = np.empty((len(unit), self.width))
        for part in self.parts:
            u = unit[:, part.at]
            off = np.isnan(u)
            own = rows[:, part.first : part.first + part.width]
            if part.edges is None:
                own[:, 0] = np.where(off, 0.5, u)
                continue
            level = np.searchsorted(part.edges[1:-1], np.where(off, 0.5, u), side="right")
            n_levels = len(part.edges) - 1
            if part.ordered:
                own[:, 0] = np.where(off, 0.5, level / (n_levels - 1))
                continue
            own[:] = np.where(level[:, None] == np.arange(n_levels), np.sqrt(0.5), 0.0)
            own[off] = np.sqrt(0.5) / n_levels
        return rows
