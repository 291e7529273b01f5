"""ParEGO: several objectives as one, by weights drawn anew for each proposal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments, spaces
from rlhp.hpo.fronts._outcomes import Outcomes
from rlhp.hpo.search._nearest import nearest_places
from rlhp.hpo.search._searcher import Chooser, Observations, Searcher
from rlhp.hpo.searchers._names import as_searcher
from rlhp.hpo.searchers.gp._emukit import Emukit
from rlhp.hpo.surrogates._candidates import Candidates
from rlhp.options import options

__all__ = ["Parego", "chebyshev"]


@options
@dataclass(frozen=True)
class Parego:
    """Propose by a searcher for one objective, of which every proposal has another: a random augmented Chebyshev norm.

    Each weight vector leads to another part of the front, and the norm reaches parts that bend inward too, which sums
    do not. The weights are drawn evenly from all that sum to 1.

    Parameters
    ----------
    searcher : str or Searcher
        By default a Gaussian process. One that looks at no scores, such as `random`, is that searcher and no more.
    rho : float
        How much the weighted sum counts beside the largest weighted loss; above 0, so that of points which are equal in
        the latter, one that another beats is never the best.

    References
    ----------
    J. Knowles (2006), ParEGO: a hybrid algorithm with on-line landscape approximation for expensive multiobjective
    optimization problems. IEEE Transactions on Evolutionary Computation 10, 50-66.

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["gamma", "tau"])
    >>> len(hpo.Parego().propose_many(space, hpo.Outcomes(), 2, np.random.default_rng(0)))
    2
    """

    searcher: str | Searcher = field(default_factory=Emukit)
    rho: float = 0.05

    def __post_init__(self) -> None:
        as_searcher(self.searcher, 0)
        arguments.real("rho", self.rho, at_least=0)

    def propose_many(
        self, space: ConfigurationSpace, seen: Outcomes, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.ParetoSearcher`."""
        made = as_searcher(self.searcher, 0)
        found: list[dict[str, Any]] = []
        for _ in range(n):
            found += made.propose(space, self._as_one(seen, found, rng), 1, rng)
        return found

    def choose_many(
        self, space: ConfigurationSpace, seen: Outcomes, n: int, rng: np.random.Generator, among: np.ndarray
    ) -> list[int]:
        """Return which `n` of the given configurations to evaluate next; see `rlhp.hpo.Chooser`."""
        made, ground = as_searcher(self.searcher, 0), Candidates.of(space)
        found: list[int] = []
        for _ in range(n):
            free = [at for at in range(len(among)) if at not in found]
            one = self._as_one(seen, ground.configurations(among[found]), rng)
            if isinstance(made, Chooser):
                found += [free[at] for at in made.choose(space, one, 1, rng, among[free])]
            else:
                points = spaces.to_unit(space, made.propose(space, one, 1, rng))
                found += nearest_places(space, points, among, without=found)
        return found

    def _as_one(self, seen: Outcomes, found: list[dict[str, Any]], rng: np.random.Generator) -> Observations:
        """Return what is known by one objective, whose weights are drawn."""
        weights = rng.dirichlet(np.ones(seen.gains.shape[1]))
        scores = -chebyshev(seen.gains, weights, self.rho)
        return Observations(seen.configurations, scores, pending=(*seen.pending, *found))


def chebyshev(gains: np.ndarray, weights: np.ndarray, rho: float) -> np.ndarray:
    """Return the augmented Chebyshev norm of losses, each scaled to where it lies between the best and the worst.

    Knowles (2006), equation 2: the largest weighted loss and `rho` times the sum of all.

    Parameters
    ----------
    gains : array [m, k]
        More is better.
    weights : array [k]
        They sum to 1.
    rho : float

    Returns
    -------
    array [m]
        From 0; NaN where a gain is missing.

    Examples
    --------
    >>> chebyshev(np.array([[0.0, 1.0], [1.0, 0.0], [0.75, 0.75]]), np.array([0.5, 0.5]), 0.1).round(3).tolist()
    [0.55, 0.55, 0.15]
    """
    known = np.isfinite(gains).all(axis=1)
    norm = np.full(len(gains), np.nan)
    if not known.any():
        return norm
    sound = gains[known]
    span = np.ptp(sound, axis=0)
    losses = weights * (sound.max(axis=0) - sound) / np.where(span > 0, span, 1.0)
    norm[known] = losses.max(axis=1) + rho * losses.sum(axis=1)
    return norm
