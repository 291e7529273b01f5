"""Random search: independent draws by the space's measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp.hpo.search._configurations import drawn, fresh
from rlhp.hpo.search._searcher import Observations
from rlhp.options import options

__all__ = ["Random"]


@options
@dataclass(frozen=True)
class Random:
    """Draw each configuration independently of all others, by the measures of the space.

    References
    ----------
    J. Bergstra and Y. Bengio (2012), Random search for hyper-parameter optimization.

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["tau", "batch_size"])
    >>> len(Random().propose(space, hpo.Observations(), 3, np.random.default_rng(0)))
    3
    """

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.Searcher`."""
        return fresh(space, seen, n, rng, lambda wanted: drawn(space, wanted, "random", rng))

    def choose(
        self,
        space: ConfigurationSpace,
        seen: Observations,
        n: int,
        rng: np.random.Generator,
        among: np.ndarray,
    ) -> list[int]:
        """Return which `n` of the given configurations to evaluate next; see `rlhp.hpo.Chooser`."""
        chosen: list[int] = rng.choice(len(among), size=n, replace=False).tolist()
        return chosen
