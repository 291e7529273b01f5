"""What a surrogate believes: scores of any configurations, and what each is worth trying, given what was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.hpo.search._configurations import as_space
from rlhp.hpo.search._searcher import Observations
from rlhp.hpo.searchers._names import as_searcher
from rlhp.hpo.surrogates._batches import Targets
from rlhp.hpo.surrogates._features import Features

__all__ = ["Posterior", "surrogate"]

WORTH = ("log_ei", "ei", "lcb")
"""Acquisitions that are a number of each configuration alone; see `rlhp.hpo.Emukit`."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """What a surrogate believes after it was told scores; made by `surrogate`.

    Attributes
    ----------
    space : ConfigurationSpace
    seen : Observations
        What it was told, the last entry of each configuration.
    model : object
        The surrogate itself, of standardised scores over the unit cube: ``predict(x)``, ``slopes(x)``.
    """

    space: ConfigurationSpace
    seen: Observations
    model: Any = field(repr=False)
    _features: Features = field(repr=False)
    _targets: Targets = field(repr=False)

    def predict(self, configurations: Sequence[Mapping[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of the score, each [n], without the noise of an observation.

        Raises
        ------
        ValueError
            If a configuration is not one of the space.
        """
        mean, std = self.model.predict(self._features.encode(configurations))
        return self._targets.centre + self._targets.spread * mean, self._targets.spread * std

    def acquisition(
        self, configurations: Sequence[Mapping[str, Any]], name: str = "log_ei", *, kappa: float = 2.0
    ) -> np.ndarray:
        """Return what each configuration is worth trying, shape [n]: the highest is tried next.

        Parameters
        ----------
        configurations : sequence of mappings, n of them
        name : {"log_ei", "ei", "lcb"}
            As for `rlhp.hpo.Emukit`, in the unit of the scores: the logarithm of the expected improvement on the best
            mean; the expected improvement on the best observation; the mean and `kappa` standard deviations.
        kappa : float

        Raises
        ------
        ValueError
            If there is no such acquisition, or a configuration is not one of the space.
        """
        from rlhp.hpo.surrogates import _acquisition as acquisitions

        arguments.choice("name", name, WORTH, kind="acquisition")
        arguments.real("kappa", kappa, at_least=0)
        told = acquisitions.minimised(self.model, self._features.encode(self.seen.configurations), self._targets.y)
        x = self._features.encode(configurations)
        wanted = acquisitions.acquisition(name, told, kappa=kappa, looked_at=x, rng=np.random.default_rng(0))
        value = np.asarray(wanted.evaluate(x))[:, 0]
        centre, spread = self._targets.centre, self._targets.spread
        if name == "log_ei":
            return np.asarray(value + np.log(spread))
        return np.asarray(spread * value + (centre if name == "lcb" else 0.0))

    @property
    def best(self) -> tuple[dict[str, Any], float]:
        """The configuration with the highest mean among those that were told and did not fail, and that mean."""
        known = self.seen.known()
        mean, _ = self.predict(known.configurations)
        at = int(np.argmax(mean))
        return dict(known.configurations[at]), float(mean[at])


def surrogate(
    space: Any, seen: Observations, searcher: Any = "emukit", *, rng: int | np.random.Generator = 0
) -> Posterior:
    """Fit the surrogate of a model-based searcher, to be looked at.

    Parameters
    ----------
    space : ConfigurationSpace or mapping
        A mapping such as ``{"x": (0.0, 1.0)}`` becomes one.
    seen : Observations
        At least one of them has a score.
    searcher : str, Emukit, Bnn or object
        ``"emukit"`` fits its Gaussian process, ``"bnn"`` its network; options as the objects have them. One of your own
        has ``fitted(x, y, noise, rng)``, which returns what has ``predict(x) -> (mean, std)``; see `rlhp.hpo.Bnn`.
    rng : int or numpy.random.Generator

    Returns
    -------
    Posterior

    Raises
    ------
    ValueError
        If nothing has a score, or the searcher has no surrogate of its own to fit.

    Examples
    --------
    >>> told = Observations([{"x": 0.0}, {"x": 0.5}, {"x": 1.0}], [0.0, 1.0, 0.0])
    >>> belief = surrogate({"x": (0.0, 1.0)}, told)
    >>> mean, std = belief.predict([{"x": 0.5}, {"x": 0.75}])
    >>> bool(std[0] < std[1]), belief.best[0]
    (True, {'x': 0.5})
    """
    space = as_space(space)
    arguments.instance("seen", seen, Observations, hint="`rlhp.hpo.Observations(configurations, scores)` makes one.")
    made: Any = as_searcher(searcher, 0) if isinstance(searcher, str) else searcher
    if not callable(getattr(made, "fitted", None)) or getattr(made, "fidelity", None) is not None:
        raise ValueError(
            f"`searcher` is {arguments.shown(searcher)}, which fits no surrogate of one fidelity; give 'emukit', "
            f"'bnn', or `rlhp.hpo.Emukit(...)` or `rlhp.hpo.Bnn(...)` with options."
        )
    told = seen.latest()
    if not np.isfinite(told.scores).any():
        raise ValueError("`seen` holds no score; tell at least one configuration that did not fail.")
    features, targets = Features.of(space), Targets.of(told)
    generator = arguments.random_generator(rng)
    model = made.fitted(features.encode(told.configurations), targets.y, targets.noise, generator)
    return Posterior(space, told, model, features, targets)
