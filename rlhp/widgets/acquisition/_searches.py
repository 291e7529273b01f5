"""Whole searches, repeated: what each recommends after every evaluation, and how good that is on average."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rlhp import curves, hpo
from rlhp.widgets.acquisition._ground import Ground

__all__ = ["RANDOM", "Choosing", "Repeated", "paired", "search"]

RANDOM = "random search"


@dataclass(frozen=True)
class Choosing:
    """How the next configuration is chosen.

    Attributes
    ----------
    surrogate : str
        Its name among those offered; `RANDOM` for none.
    acquisition : {"log_ei", "ei", "lcb"}
    kappa : float
        Counts for `lcb` alone.
    length_scale : float or None
        None: the most plausible.
    """

    surrogate: str = RANDOM
    acquisition: str = "log_ei"
    kappa: float = 2.0
    length_scale: float | None = None

    @property
    def canonical(self) -> Choosing:
        """The same without what does not count, so that equal searches are equal."""
        if self.surrogate == RANDOM:
            return Choosing()
        return self if self.acquisition == "lcb" else replace(self, kappa=2.0)

    @property
    def words(self) -> str:
        """It in a few words."""
        if self.surrogate == RANDOM:
            return RANDOM
        named = {"log_ei": "log EI", "ei": "EI on the best sample", "lcb": f"kappa {self.kappa:g}"}
        held = "" if self.length_scale is None else f", length scale {self.length_scale:g}"
        return f"{self.surrogate}, {named[self.acquisition]}{held}"

    def searcher(self, offered: Any) -> Any:
        """Return the searcher whose surrogate it is."""
        if self.length_scale is None or not hasattr(offered, "length_scale"):
            return offered
        return replace(offered, length_scale=self.length_scale)


@dataclass(frozen=True, eq=False)
class Repeated:
    """Searches that differ in chance alone.

    Attributes
    ----------
    choosing : Choosing
    worth : array [repetitions, evaluations]
        True score of what each search recommended after each evaluation.
    asked : int
        How many repetitions were asked for.
    """

    choosing: Choosing
    worth: np.ndarray
    asked: int

    def interval(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the mean after each evaluation with its 95 % interval, each [evaluations]."""
        return _interval(self.worth)


def search(
    ground: Ground, searcher: Any, how: Choosing, *, n: int, seed: int, stopped: Callable[[], bool] = lambda: False
) -> np.ndarray | None:
    """Search once, and return the true score of what was recommended after each of n evaluations, shape [n].

    Recommended is the highest mean of the surrogate among what was tried; without one, the highest observation. The
    first configurations and all noise depend on the seed alone, so that searches of one seed can be compared in pairs.
    None where it was stopped.
    """
    rng = np.random.default_rng([seed, 0])
    observed = ground.observed(rng)
    tried = [int(at) for at in rng.permutation(len(ground.configurations))[:n]]
    found = [tried[int(np.argmax(observed[tried[: k + 1]]))] for k in range(n)]
    if how.surrogate != RANDOM:
        tried, found = tried[: ground.first], found[: ground.first - 1]
        while not stopped():
            told = tuple(ground.configurations[at] for at in tried)
            seen = hpo.Observations(told, observed[tried], np.full(len(tried), ground.noise))
            belief = hpo.surrogate(ground.space, seen, searcher, rng=np.random.default_rng([seed, len(tried)]))
            mean, _ = belief.predict(seen.configurations)
            found.append(tried[int(np.argmax(mean))])
            if len(tried) == n:
                break
            wanted = belief.acquisition(ground.configurations, how.acquisition, kappa=how.kappa)
            wanted[tried] = -np.inf
            tried.append(int(np.argmax(wanted)))
    return ground.truth[found] if len(found) == n else None


def paired(one: Repeated, other: Repeated) -> tuple[float, float, float]:
    """Return how much more one recommends at the end, with its 95 % interval, over the seeds that both have."""
    both = min(len(one.worth), len(other.worth))
    mean, low, high = _interval((one.worth[:both] - other.worth[:both])[:, -1:])
    return float(mean[0]), float(low[0]), float(high[0])


def _interval(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    if len(values) < 3:
        nothing = np.full(values.shape[1], np.nan)
        return values.mean(axis=0), nothing, nothing
    ends = curves.with_interval(
        values,
        curves.MEAN,
        method="auto",
        confidence=0.95,
        n_boot=500,
        rng=np.random.default_rng(0),
        limits=curves.EVERYTHING,
    )
    return values.mean(axis=0), ends.low, ends.high
