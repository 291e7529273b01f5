"""Grid search: a full factorial, and a finer one once it is used up."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments, spaces
from rlhp.hpo.search._configurations import fresh, rows_of
from rlhp.hpo.search._searcher import Observations
from rlhp.options import options

__all__ = ["Grid"]

# A grid is made finer at most so often: by then it has some hundred times the points.
_FINER = 8


@options
@dataclass(frozen=True)
class Grid:
    """Take the points of a full factorial, see `rlhp.spaces.sample`; then those of a finer one.

    Parameters
    ----------
    points : int
        At most so many points; raised to the smallest grid where the space has more categories than that.
    shuffled : bool
        Take them in random order, so that a search that ends early has looked everywhere. Otherwise in the order of
        the grid, the last hyperparameter moving fastest.

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["tau"])
    >>> Grid(points=3, shuffled=False).propose(space, hpo.Observations(), 3, np.random.default_rng(0))
    [{'tau': 0.001}, {'tau': 0.0316227766017}, {'tau': 1.0}]
    """

    points: int = 243
    shuffled: bool = True

    def __post_init__(self) -> None:
        arguments.whole("points", self.points, at_least=1, at_most=1_000_000)
        arguments.flag("shuffled", self.shuffled)

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.Searcher`."""
        smallest = 1
        for hp in space.values():
            smallest *= len(spaces.levels_of(hp)[0]) if isinstance(hp, spaces.DISCRETE) else 1
        finer, so_far = 0, 0

        def draw(wanted: int) -> list[dict[str, Any]]:
            """Return a whole grid, at each call a finer one; nothing once it grows no more."""
            nonlocal finer, so_far
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # how many points it has is no news here
                size = max(self.points, smallest) << finer
                grid = rows_of(space, spaces.sample(space, size, method="grid"))
            if finer > _FINER or len(grid) == so_far:
                return []
            finer, so_far = finer + 1, len(grid)
            return [grid[i] for i in rng.permutation(len(grid))] if self.shuffled else grid

        return fresh(space, seen, n, rng, draw)
