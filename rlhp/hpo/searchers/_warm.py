"""A search that begins where others ended: starts and a prior from measured sweeps, then any searcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments, spaces
from rlhp.hpo._candidates import Candidates
from rlhp.hpo._configurations import fresh, valid
from rlhp.hpo._names import as_searcher
from rlhp.hpo._searcher import Observations, Searcher, key_of, listed
from rlhp.hpo.searchers.gp._emukit import Emukit
from rlhp.options import options

__all__ = ["Warm", "is_of"]

_COPIES = 16


@options
@dataclass(frozen=True)
class Warm:
    """Propose given starts first, then by a searcher, now and then near a configuration that was good elsewhere.

    The prior fades: with t configurations told, a proposal is drawn near a good one with probability
    ``share * fades / (fades + t)``. So a prior that is wrong costs some proposals, and not the search.

    Parameters
    ----------
    starts : sequence of mappings
        Tried first, in this order; what is none of the space is left out.
    good : sequence of mappings
        Configurations that were good elsewhere.
    searcher : str or Searcher
        Who proposes else, and is told of everything; by default a Gaussian process.
    share : float
        Of proposals drawn near a good one at first.
    fades : float
        Configurations told after which that share is half.
    spread : float
        How far from it, as a standard deviation in the unit cube; one or a few coordinates change.

    References
    ----------
    M. Feurer, J. T. Springenberg, F. Hutter (2015), Initializing Bayesian hyperparameter optimization via
    meta-learning. A. Souza et al. (2021), Bayesian optimization with a prior for the optimum. N. Mallik et al. (2023),
    PriorBand.

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["gamma", "tau"])
    >>> warm = hpo.Warm(starts=[{"gamma": 0.99, "tau": 1.0}], searcher="random")
    >>> warm.propose(space, hpo.Observations(), 2, np.random.default_rng(0))[0]
    {'gamma': 0.99, 'tau': 1.0}
    """

    starts: tuple[Mapping[str, Any], ...] = ()
    good: tuple[Mapping[str, Any], ...] = ()
    searcher: str | Searcher = field(default_factory=Emukit)
    share: float = 0.5
    fades: float = 10.0
    spread: float = 0.1

    def __post_init__(self) -> None:
        for name in ("starts", "good"):
            object.__setattr__(self, name, tuple(listed(name, getattr(self, name))))
        as_searcher(self.searcher, 0)
        arguments.real("share", self.share, at_least=0, at_most=1)
        arguments.real("fades", self.fades, above=0)
        arguments.real("spread", self.spread, above=0)

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.Searcher`."""
        known = {key_of(one) for one in (*seen.configurations, *seen.pending)}
        found: list[dict[str, Any]] = []
        for one in self.starts:
            if len(found) < n and key_of(one) not in known and is_of(space, one):
                found.append(dict(one))
                known.add(key_of(one))
        told = len({key_of(one) for one in seen.configurations})
        probability = self.share * self.fades / (self.fades + told) if self.good else 0.0
        near = int((rng.random(n - len(found)) < probability).sum())
        good = [one for one in self.good if is_of(space, one)] if near else []
        if good:
            found += self._near(space, seen, good, near, rng, found)
        if n > len(found):
            waiting = replace(seen, pending=(*seen.pending, *found))
            found += as_searcher(self.searcher, 0).propose(space, waiting, n - len(found), rng)
        return found

    def _near(
        self,
        space: ConfigurationSpace,
        seen: Observations,
        good: list[Mapping[str, Any]],
        n: int,
        rng: np.random.Generator,
        batch: list[dict[str, Any]],
    ) -> list[dict[str, Any]]:
        ground, points = Candidates.of(space), spaces.to_unit(space, good)

        def draw(wanted: int) -> list[dict[str, Any]]:
            picked = points[rng.integers(0, len(points), wanted * _COPIES)]
            moved = ground.moved(picked, self.spread, rng)
            return ground.configurations(moved[ground.allowed(moved)][:wanted])

        return fresh(space, seen, n, rng, draw, batch=batch)


def is_of(space: ConfigurationSpace, configuration: Mapping[str, Any]) -> bool:
    """Return whether a configuration of another sweep is one of this space."""
    try:
        valid(space, configuration)
    except (ValueError, TypeError):
        return False
    return True
