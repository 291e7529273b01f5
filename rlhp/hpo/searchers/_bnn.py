"""The searcher `bnn`: Bayesian optimisation with a Bayesian neural network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.hpo.search._searcher import Observations
from rlhp.hpo.surrogates._batches import ACQUISITIONS, BATCHES, LIES, Proposing, by_model, choose_by_model
from rlhp.options import options

__all__ = ["Bnn"]

FITS = ("ensemble", "laplace", "nuts")
_ACTIVATIONS = ("sin", "erf", "tanh", "relu")


@options
@dataclass(frozen=True)
class Bnn:
    """Bayesian optimisation with a neural network whose weights have a posterior.

    It is used as the Gaussian process of `Emukit` is, and differs from it in the model alone. How much each feature
    counts, the height of the function and the noise, where nobody told it, are those of the largest marginal
    likelihood.

    Parameters
    ----------
    fit : {"ensemble", "laplace", "nuts"}
        - `ensemble`: networks that stay near their draws from the prior (Pearce et al. 2020). The default.
        - `laplace`: one network, linearised, with the curvature at its most probable weights.
        - `nuts`: a Markov chain over all weights (Hoffman, Gelman 2014), the reference, and slow. It says how
          long it will take about before it begins, and begins again for every member of a batch.
    widths : tuple of int
        Units of each hidden layer.
    activation : {"sin", "erf", "tanh", "relu"}
    members : int, optional
        Networks of the ensemble, by default 24; of a chain, after as many that are thrown away, 256.
    acquisition, batch, lie, kappa, first, random_share
        As for `Emukit`.

    Raises
    ------
    ValueError
        If a name is unknown or a number out of its range.

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> len(hpo.Bnn().propose(space, hpo.Observations(), 2, np.random.default_rng(0)))
    2
    """

    fit: Literal["ensemble", "laplace", "nuts"] = "ensemble"
    widths: tuple[int, ...] = (64,)
    activation: Literal["sin", "erf", "tanh", "relu"] = "sin"
    members: int | None = None
    acquisition: str = "log_ei"
    batch: str = "liar"
    lie: str = "worst"
    kappa: float = 2.0
    first: int | None = None
    random_share: float = 1 / 8

    def __post_init__(self) -> None:
        arguments.choice("fit", self.fit, FITS)
        widths = arguments.sequence("widths", self.widths)
        object.__setattr__(self, "widths", tuple(arguments.whole("widths", one, at_least=1) for one in widths))
        arguments.choice("activation", self.activation, _ACTIVATIONS)
        if self.members is not None:
            arguments.whole("members", self.members, at_least=8 if self.fit == "nuts" else 2)
        arguments.choice("acquisition", self.acquisition, ACQUISITIONS)
        arguments.choice("batch", self.batch, BATCHES)
        arguments.choice("lie", self.lie, LIES)
        arguments.real("kappa", self.kappa, at_least=0)
        if self.first is not None:
            arguments.whole("first", self.first, at_least=1)
        arguments.real("random_share", self.random_share, at_least=0, at_most=1)

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.Searcher`."""
        return by_model(space, seen, n, rng, fit=self.fitted, how=self._how)

    def choose(
        self,
        space: ConfigurationSpace,
        seen: Observations,
        n: int,
        rng: np.random.Generator,
        among: np.ndarray,
    ) -> list[int]:
        """Return which `n` of the given configurations to evaluate next; see `rlhp.hpo.Chooser`."""
        return choose_by_model(space, seen, n, rng, among, fit=self.fitted, how=self._how)

    @property
    def _how(self) -> Proposing:
        return Proposing(self.acquisition, self.batch, self.lie, self.kappa, self.first, self.random_share)

    def fitted(self, x: np.ndarray, y: np.ndarray, noise: np.ndarray, rng: np.random.Generator) -> Any:
        """Fit the network to standardised scores.

        Parameters
        ----------
        x : array [m, features]
            In [0, 1].
        y, noise : array [m]
            Scores and their standard errors, NaN where nobody knows.
        rng : numpy.random.Generator

        Returns
        -------
        object
            With ``predict(x) -> (mean, std)``, their gradients ``slopes(x)``, and ``functions(x)``: what each of
            several functions of the posterior says, the same ones at every call.
        """
        from rlhp.hpo.searchers.bnn._fitting import fitted

        return fitted(self, x, y, noise, rng)
