"""The searcher `emukit`: Bayesian optimisation with a Gaussian process."""

from __future__ import annotations

import functools
import importlib.util
from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import OrdinalHyperparameter

from rlhp import arguments, spaces
from rlhp.hpo.search._searcher import Observations
from rlhp.hpo.surrogates._batches import ACQUISITIONS, BATCHES, LIES, Fit, Proposing, by_model, choose_by_model
from rlhp.hpo.surrogates._features import Features
from rlhp.options import options

__all__ = ["Emukit"]


@options
@dataclass(frozen=True)
class Emukit:
    """Bayesian optimisation with a Gaussian process of GPy and acquisitions of emukit.

    The process has an ARD Matern-5/2 kernel on the unit cube, log-normal priors on its hyperparameters, and noise that
    is known where it was told. Its predictions are averaged over plausible hyperparameters. What failed counts as the
    worst score so far.

    Parameters
    ----------
    acquisition : {"log_ei", "ei", "lcb", "mes"}
        Log expected improvement on the best posterior mean, expected improvement on the best observation (the
        textbook's, which luck misleads), confidence bound, or max-value entropy search.
    batch : {"liar", "penalties"}
        How the members of a batch keep apart: a constant liar, or local penalties around each.
    lie : {"worst", "mean", "best"}
        What the liar says of a configuration that is not known yet.
    kappa : float
        How many standard deviations `lcb` is away from the mean.
    first : int, optional
        How many configurations are drawn at random before the process is asked; by default one more than there are
        features, from 4 to 10.
    restarts : int
        Starts of the search for the process's hyperparameters besides the middle of their priors.
    samples : int
        Hyperparameters of the process that its predictions are averaged over, drawn from their posterior: the process
        then knows that it does not know them. 0: the most plausible ones alone, at a third of the cost.
    random_share : float
        The share of a batch that is drawn at random, rounded down.
    length_scale : float, optional
        Over what part of every range scores change, held; by default each hyperparameter's most plausible one.
    fidelity : str, optional
        A hyperparameter of the space with ordered levels, such as a share of the training steps: what was told of lower
        levels is learned from by emukit's linear multi-fidelity model, and the last level is proposed. `restarts`,
        `length_scale` and told noise do not count then.

    Raises
    ------
    ValueError
        If a name is unknown or a number out of its range.
    ImportError
        If emukit or GPy is not installed, once a configuration is asked for.

    References
    ----------
    A. Paleyes et al. (2023), Emukit: a Python toolkit for decision making under uncertainty. J. Snoek, H. Larochelle,
    R. Adams (2012), Practical Bayesian optimization of machine learning algorithms (on the average over
    hyperparameters). D. Ginsbourger et al. (2010), Kriging is well-suited to parallelize optimization (on the liar).

    Examples
    --------
    >>> import numpy as np
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> nothing = hpo.Observations([], [])
    >>> [sorted(one) for one in hpo.Emukit().propose(space, nothing, 2, np.random.default_rng(0))]
    [['gamma', 'learning_rate'], ['gamma', 'learning_rate']]
    """

    acquisition: str = "log_ei"
    batch: str = "liar"
    lie: str = "worst"
    kappa: float = 2.0
    first: int | None = None
    restarts: int = 1
    samples: int = 8
    random_share: float = 1 / 8
    length_scale: float | None = None
    fidelity: str | None = None

    def __post_init__(self) -> None:
        arguments.choice("acquisition", self.acquisition, ACQUISITIONS)
        arguments.choice("batch", self.batch, BATCHES)
        arguments.choice("lie", self.lie, LIES)
        arguments.real("kappa", self.kappa, at_least=0)
        if self.first is not None:
            arguments.whole("first", self.first, at_least=1)
        arguments.whole("restarts", self.restarts, at_least=0)
        arguments.whole("samples", self.samples, at_least=0)
        arguments.real("random_share", self.random_share, at_least=0, at_most=1)
        if self.length_scale is not None:
            arguments.real("length_scale", self.length_scale, at_least=0.02, at_most=1e3)
        if self.fidelity is not None:
            arguments.text("fidelity", self.fidelity)

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.Searcher`."""
        return by_model(space, seen, n, rng, fit=self._fit(space), how=self._how)

    def choose(
        self,
        space: ConfigurationSpace,
        seen: Observations,
        n: int,
        rng: np.random.Generator,
        among: np.ndarray,
    ) -> list[int]:
        """Return which `n` of the given configurations to evaluate next; see `rlhp.hpo.Chooser`."""
        if self.fidelity is not None:
            raise ValueError(
                "`fidelity` names a hyperparameter that is proposed at its last level; where only given configurations "
                "can be evaluated, leave it out."
            )
        return choose_by_model(space, seen, n, rng, among, fit=self._fit(space), how=self._how)

    @property
    def _how(self) -> Proposing:
        return Proposing(
            self.acquisition, self.batch, self.lie, self.kappa, self.first, self.random_share, fidelity=self.fidelity
        )

    def fitted(self, x: np.ndarray, y: np.ndarray, noise: np.ndarray, rng: np.random.Generator) -> Any:
        """Fit the process to standardised scores of one fidelity.

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
            With ``predict(x) -> (mean, std)``, their gradients ``slopes(x)``, and ``gpy``, the model itself.
        """
        _need_packages()
        from rlhp.hpo.searchers.gp._process import fit

        return fit(x, y, noise, rng, restarts=self.restarts, samples=self.samples, length_scale=self.length_scale)

    def _fit(self, space: ConfigurationSpace) -> Fit:
        _need_packages()
        return self.fitted if self.fidelity is None else self._of_levels(space)

    def _of_levels(self, space: ConfigurationSpace) -> Fit:
        from rlhp.hpo.searchers.gp._levels import fit_levels

        name = arguments.choice(
            "fidelity", self.fidelity, space, kind="hyperparameter", where=space.name or "this space"
        )
        hp = space[name]
        levels = len(spaces.levels_of(hp)[0]) if isinstance(hp, OrdinalHyperparameter) else 0
        if levels < 2 or space.parent_conditions_of[name]:
            raise ValueError(
                f"`fidelity` is {name!r}, and {hp}; give a hyperparameter with two or more ordered levels and no "
                f"condition, such as Categorical({name!r}, [0.25, 0.5, 1.0], ordered=True)."
            )
        at = list(space).index(name)
        column = next(part.first for part in Features.of(space).parts if part.at == at)
        return functools.partial(fit_levels, column=column, n_levels=levels)


def _need_packages() -> None:
    if importlib.util.find_spec("emukit") is None or importlib.util.find_spec("GPy") is None:
        raise ImportError(
            "the searcher 'emukit' needs emukit and GPy; install them with `pip install 'rlhp[hpo]'`, or take "
            "'sobol', which needs neither."
        )
