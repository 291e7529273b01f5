"""Sobol search: the points of one scrambled sequence, in its order, whatever the scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.hpo.search._configurations import drawn, fresh
from rlhp.hpo.search._searcher import Observations, key_of
from rlhp.options import options

__all__ = ["Sobol"]


@options
@dataclass(frozen=True)
class Sobol:
    """Take the points of a scrambled Sobol sequence one after the other: spread more evenly than random draws.

    Parameters
    ----------
    scramble : int
        Which scrambling. One sequence is one search, so this and not the generator decides what is proposed; a search
        that is made by the name ``"sobol"`` takes its own seed.

    References
    ----------
    A. B. Owen (1998), Scrambling Sobol' and Niederreiter-Xing points.

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space, rng = spaces.subspace(spaces.default("dqn"), ["tau", "gamma"]), np.random.default_rng(0)
    >>> first = Sobol().propose(space, hpo.Observations(), 4, rng)
    >>> seen = hpo.Observations(first[:3], [0.0, 0.0, 0.0])
    >>> Sobol().propose(space, seen, 1, rng) == first[3:]
    True
    """

    scramble: int = 0

    def __post_init__(self) -> None:
        arguments.whole("scramble", self.scramble, at_least=0, hint="The seed of a scrambling.")

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.Searcher`."""
        so_far = len({key_of(one) for one in (*seen.configurations, *seen.pending)})
        reach = 0

        def draw(wanted: int) -> list[dict[str, Any]]:
            """Return the points of the sequence from the first that was not looked at."""
            nonlocal reach
            begin, reach = reach, max(so_far, reach) + wanted
            # A sequence is even over blocks of powers of two, and its beginning does not depend on how much is drawn.
            whole = 1 << (reach - 1).bit_length()
            return drawn(space, whole, "sobol", np.random.default_rng([self.scramble]))[begin:reach]

        return fresh(space, seen, n, rng, draw)
