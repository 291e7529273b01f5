"""A search that begins where others ended: starts and a prior from measured sweeps, then any searcher."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments, spaces
from rlhp.hpo.search._configurations import fresh, valid
from rlhp.hpo.search._nearest import nearest_places
from rlhp.hpo.search._searcher import Chooser, Observations, Searcher, key_of, listed
from rlhp.hpo.searchers._names import as_searcher
from rlhp.hpo.searchers.gp._emukit import Emukit
from rlhp.hpo.surrogates._candidates import Candidates
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
        found = [dict(one) for one in self._starts(space, seen)][:n]
        good = self._good(space, seen, n - len(found), rng)
        if good:
            found += self._near(space, seen, good, rng, found)
        if n > len(found):
            waiting = replace(seen, pending=(*seen.pending, *found))
            found += as_searcher(self.searcher, 0).propose(space, waiting, n - len(found), rng)
        return found

    def choose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator, among: np.ndarray
    ) -> list[int]:
        """Return which `n` of the given configurations to evaluate next; see `rlhp.hpo.Chooser`."""
        ground, places = Candidates.of(space), {point.tobytes(): at for at, point in enumerate(_rounded(among))}
        starts = self._starts(space, seen)
        wanted = _rounded(spaces.to_unit(space, starts)) if starts else np.empty((0, len(space)))
        found = [places[point.tobytes()] for point in wanted if point.tobytes() in places][:n]
        good = self._good(space, seen, n - len(found), rng)
        if good:
            moved = ground.moved(spaces.to_unit(space, good), self.spread, rng)
            found += nearest_places(space, moved, among, without=found)
        if n > len(found):
            base, left = as_searcher(self.searcher, 0), n - len(found)
            free = [at for at in range(len(among)) if at not in found]
            waiting = replace(seen, pending=(*seen.pending, *ground.configurations(among[found])))
            if isinstance(base, Chooser):
                found += [free[at] for at in base.choose(space, waiting, left, rng, among[free])]
            else:
                points = spaces.to_unit(space, base.propose(space, waiting, left, rng))
                found += nearest_places(space, points, among, without=found)
        return found

    def _starts(self, space: ConfigurationSpace, seen: Observations) -> list[Mapping[str, Any]]:
        """Return the starts that nobody has."""
        known = {key_of(one) for one in (*seen.configurations, *seen.pending)}
        fresh_ones = {key_of(one): one for one in self.starts if key_of(one) not in known}
        return [one for one in fresh_ones.values() if is_of(space, one)]

    def _good(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[Mapping[str, Any]]:
        """Draw of `n` proposals those that are to lie near a good configuration: which one, for each."""
        told = len({key_of(one) for one in seen.configurations})
        near = int((rng.random(n) < self.share * self.fades / (self.fades + told)).sum()) if self.good else 0
        good = [one for one in self.good if is_of(space, one)] if near else []
        return [good[at] for at in rng.integers(0, len(good), near)] if good else []

    def _near(
        self,
        space: ConfigurationSpace,
        seen: Observations,
        good: list[Mapping[str, Any]],
        rng: np.random.Generator,
        batch: list[dict[str, Any]],
    ) -> list[dict[str, Any]]:
        ground, points = Candidates.of(space), spaces.to_unit(space, good)

        def draw(wanted: int) -> list[dict[str, Any]]:
            moved = ground.moved(np.repeat(points, _COPIES, axis=0), self.spread, rng)
            moved = rng.permutation(moved[ground.allowed(moved)])
            return ground.configurations(moved[:wanted])

        return fresh(space, seen, len(good), rng, draw, batch=batch)


def _rounded(points: np.ndarray) -> np.ndarray:
    """Return points that are equal to the last bit where they stand for one configuration."""
    found: np.ndarray = np.round(np.where(np.isnan(points), -1.0, points), 9) + 0.0
    return found


def is_of(space: ConfigurationSpace, configuration: Mapping[str, Any]) -> bool:
    """Return whether a configuration of another sweep is one of this space."""
    try:
        valid(space, configuration)
    except (ValueError, TypeError):
        return False
    return True
