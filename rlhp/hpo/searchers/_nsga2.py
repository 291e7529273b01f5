"""NSGA-II of Optuna as a searcher for several objectives: made anew at every ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.hpo.fronts._outcomes import Outcomes
from rlhp.hpo.search._studies import new_study, parameters_of
from rlhp.hpo.searchers._optuna import proposals, replayed
from rlhp.options import options

__all__ = ["Nsga2"]


@options
@dataclass(frozen=True)
class Nsga2:
    """Propose by Optuna's NSGA-II: crossover and mutation among those that the fewest others beat.

    The sampler is made anew at every ask, and is shown all that is known in order, as its own population. It needs some
    generations before it is better than random search: give it more evaluations than a Gaussian process, and ask for
    whole generations (``batch=population``).

    Parameters
    ----------
    population : int
        Configurations of a generation, 2 at the least.

    References
    ----------
    K. Deb, A. Pratap, S. Agarwal, T. Meyarivan (2002), A fast and elitist multiobjective genetic algorithm: NSGA-II.

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["gamma", "tau"])
    >>> len(hpo.Nsga2().propose_many(space, hpo.Outcomes(), 2, np.random.default_rng(0)))
    2
    """

    population: int = 16

    def __post_init__(self) -> None:
        arguments.whole("population", self.population, at_least=2)

    def propose_many(
        self, space: ConfigurationSpace, seen: Outcomes, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.ParetoSearcher`."""
        import optuna

        parameters = parameters_of(space, natural=False)
        sampler = optuna.samplers.NSGAIISampler(seed=int(rng.integers(2**31)), population_size=self.population)
        study = new_study(sampler, objectives=seen.gains.shape[1])
        for configuration, gains in zip(seen.configurations, seen.gains.tolist(), strict=True):
            replayed(study, space, parameters, configuration, gains)
        for configuration in seen.pending:
            replayed(study, space, parameters, configuration, None)
        return proposals(study, space, parameters, seen.configurations, seen.pending, n, rng)
