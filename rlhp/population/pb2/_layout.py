"""How a segment of training becomes a row of numbers: its hyperparameters, its categories, and where it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import CategoricalHyperparameter

from rlhp.population._explore import moving_names
from rlhp.spaces import decode, levels_of, subspace, to_unit

__all__ = ["Layout"]


@dataclass(frozen=True, eq=False)
class Layout:
    """The columns of the rows of a space.

    First the hyperparameters with an order, uniform in their declared measure, then the score that a segment began
    with, if it counts, then for each hyperparameter whose levels have no order a column a level, of which one is
    ``sqrt(1/2)``, so that any two levels are at distance 1.

    Attributes
    ----------
    space : ConfigurationSpace
        Of the hyperparameters that have more than one value.
    numbers, categories : list of str
        Those with and without an order.
    score : bool
        Whether the score that a segment began with has a column.
    """

    space: ConfigurationSpace
    numbers: list[str]
    categories: list[str]
    score: bool

    @classmethod
    def of(cls, space: ConfigurationSpace, *, score: bool) -> Layout:
        """Lay out the columns of a space."""
        moving = moving_names(space)
        unordered = [name for name in moving if isinstance(space[name], CategoricalHyperparameter)]
        ordered = [name for name in moving if name not in unordered]
        return cls(subspace(space, moving) if moving else ConfigurationSpace(), ordered, unordered, score)

    @property
    def groups(self) -> np.ndarray:
        """Which length scale each column has, shape [width]: the levels of a category share one."""
        widths = [1] * (len(self.numbers) + self.score) + [len(self.levels(name)) for name in self.categories]
        return np.repeat(np.arange(len(widths)), widths)

    def levels(self, name: str) -> list[Any]:
        """Return the levels of a category."""
        return levels_of(self.space[name])[0]

    def unit(self, configs: pd.DataFrame | Sequence[Mapping[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
        """Return the place of each ordered hyperparameter in [0, 1], [n, d], and the level of each category, [n, c]."""
        if not len(self.space) or not len(configs):
            return np.empty((len(configs), len(self.numbers))), np.empty((len(configs), len(self.categories)), int)
        names = list(self.space)
        unit = to_unit(self.space, configs)
        free = unit[:, [names.index(name) for name in self.numbers]]
        played = np.empty((len(unit), len(self.categories)), dtype=int)
        for column, name in enumerate(self.categories):
            edges = levels_of(self.space[name])[1]
            played[:, column] = np.searchsorted(edges[1:-1], unit[:, names.index(name)], side="right")
        return free, played

    def held(self, played: np.ndarray, score: np.ndarray) -> np.ndarray:
        """Return the columns after the numbers, [n, width - d], for levels [n, c] and scaled scores [n]."""
        parts = [score[:, None]] if self.score else []
        for column, name in enumerate(self.categories):
            own = played[:, column][:, None] == np.arange(len(self.levels(name)))
            parts.append(np.where(own, np.sqrt(0.5), 0.0))
        return np.hstack(parts) if parts else np.empty((len(played), 0))

    def config(self, free: np.ndarray, played: np.ndarray) -> dict[str, Any]:
        """Return the values at one point, places [d] and levels [c]."""
        found = {name: decode(self.space[name], free[[at]])[0] for at, name in enumerate(self.numbers)}
        for at, name in enumerate(self.categories):
            found[name] = self.levels(name)[int(played[at])]
        return found
