"""Freeze and thaw: any run is paused and continued by one rung, whichever its learning curve promises most of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from rlhp.arguments import real, whole
from rlhp.curves import extrapolate
from rlhp.hpo.plans._brackets import affordable, may_be_best, shown_ladder
from rlhp.hpo.plans._trials import Order, Terms, Trial
from rlhp.options import options
from rlhp.runs import Runs

__all__ = ["FreezeThaw"]


@options
@dataclass(frozen=True)
class FreezeThaw:
    """Continue, by one rung, the run that is expected to improve most for the steps that are left to its end.

    Every configuration begins with one seed. What its curve promises is the posterior of `rlhp.curves.extrapolate`: the
    expected improvement of its end over the best end so far, divided by the environment steps that it takes to see it.
    A new configuration promises what those so far promised on average after their first rung, against the best by now,
    and takes all its steps. Who has come to the end gets further seeds as in `rlhp.hpo.Race`.

    Parameters
    ----------
    rung : float
        Part of a run's length that is trained at a time, in (0, 1].
    begin : int
        Configurations that begin before anything is continued.
    patience : float
        Standard errors, as for `rlhp.hpo.Race`.
    batch : int
        Configurations to begin, or to go on with, at a time; they are trained side by side.

    Notes
    -----
    The forecast is of the return at the end, whatever the objective is.

    References
    ----------
    K. Swersky, J. Snoek, R. P. Adams (2014), Freeze-thaw Bayesian optimization. T. Domhan, J. T. Springenberg, F.
    Hutter (2015), Speeding up automatic hyperparameter optimization of deep neural networks by extrapolation of
    learning curves.

    Examples
    --------
    >>> from rlhp import hpo
    >>> hpo.FreezeThaw(rung=0.5).table(hpo.Terms(steps=900, seeds=2))[["steps", "seeds"]].to_numpy().tolist()
    [[450, 1], [900, 1], [900, 2]]
    """

    rung: float = 0.2
    begin: int = 4
    patience: float = 0.0
    batch: int = 1

    def __post_init__(self) -> None:
        real("rung", self.rung, above=0, at_most=1, hint="Part of a run's length.")
        whole("begin", self.begin, at_least=1)
        real("patience", self.patience, at_least=0, hint="Standard errors.")
        whole("batch", self.batch, at_least=1)

    def next(self, trials: Sequence[Trial], terms: Terms) -> list[Order]:
        """Return what is trained next; see `rlhp.hpo.Plan`."""
        stops = self._stops(terms)
        new = [Order(len(trials) + i, 0, stops[0], 1) for i in range(self.batch)]
        if len(trials) < self.begin:
            return affordable(new[: self.begin - len(trials)], trials, terms)
        sound = [one for one in trials if not math.isnan(one.last.score)]
        ended = [one for one in sound if one.last.steps == terms.steps]
        orders = [
            Order(one.number, 0, terms.steps, one.last.seeds + 1) for one in may_be_best(ended, terms, self.patience)
        ]
        if orders:
            return affordable(orders[: self.batch], trials, terms) or affordable(new, trials, terms)
        limits = _limits(trials, terms)
        best = max((_end(one) for one in ended), default=-math.inf)
        if math.isinf(best):  # nobody has come to an end: the best promise so far is what is to be improved on
            best = max((float(np.median(_promise(one, terms, limits))) for one in sound), default=0.0)
        paused = [one for one in sound if one.last.steps < terms.steps]
        worth = {
            one.number: _gain(_promise(one, terms, limits), best) / (terms.steps - one.last.steps) for one in paused
        }
        first = [_gain(_promise(one, terms, limits, rung=0), best) for one in sound if one.rungs[0].steps < terms.steps]
        fresh = float(np.mean(first)) / terms.steps if first else math.inf
        thawed = sorted((one for one in paused if worth[one.number] > fresh), key=lambda one: -worth[one.number])
        orders = [
            Order(one.number, 0, next(stop for stop in stops if stop > one.last.steps), 1)
            for one in thawed[: self.batch]
        ]
        return affordable(orders, trials, terms) or affordable(new, trials, terms)

    def table(self, terms: Terms) -> pd.DataFrame:
        """Return the rungs; see `rlhp.hpo.Plan`."""
        stops = [(stop, 1) for stop in self._stops(terms)]
        return shown_ladder([*stops, *((terms.steps, seeds) for seeds in range(2, terms.seeds + 1))])

    def _stops(self, terms: Terms) -> list[int]:
        n = math.ceil(1 / self.rung - 1e-9)
        return sorted({terms.at(min(1.0, self.rung * at)) for at in range(1, n + 1)})


def _end(trial: Trial) -> float:
    """Return the mean return at the end of a trial's runs."""
    return float(np.mean([values[-1] for _, values in trial.last.curves]))


def _limits(trials: Sequence[Trial], terms: Terms) -> tuple[float, float]:
    """Return the range of returns: the environment's, else what was seen and as much again on either side."""
    if terms.bounds is not None and all(map(math.isfinite, terms.bounds)):
        return terms.bounds
    seen = np.concatenate([values for one in trials for _, values in one.rungs[0].curves] or [np.zeros(1)])
    seen = seen[np.isfinite(seen)] if np.isfinite(seen).any() else np.zeros(1)
    # Of the first rungs only, and in powers of two, so that the same forecasts are asked for again.
    width = 2.0 ** math.ceil(math.log2(max(float(np.ptp(seen)), 1.0)))
    middle = width * round(float(np.mean(seen)) / width)
    return middle - 2 * width, middle + 2 * width


def _promise(trial: Trial, terms: Terms, limits: tuple[float, float], rung: int = -1) -> np.ndarray:
    """Return draws of the return at the end of a trial's first seed, as far as it was known at a rung."""
    steps, values = trial.rungs[rung].curves[0]
    known = ~np.isnan(values)
    return _draws(tuple(steps[known].tolist()), tuple(values[known].tolist()), terms.steps, limits)


@lru_cache(maxsize=4096)
def _draws(steps: tuple[int, ...], values: tuple[float, ...], horizon: int, limits: tuple[float, float]) -> np.ndarray:
    low, high = (min(limits[0], *values), max(limits[1], *values)) if values else limits
    if not values:
        return np.full(1, low)
    frame = pd.DataFrame({"seed": 0, "step": steps, "return_mean": values})
    runs = Runs.from_frame(frame, algorithm="unknown", env_id="unknown", steps=horizon, status="stopped")
    # The same normal numbers each time: promises are compared with each other.
    draws: np.ndarray = np.asarray(extrapolate(runs, rng=0, bounds=(low, high)).draws, dtype=np.float64).ravel()
    return draws[np.isfinite(draws)] if np.isfinite(draws).any() else np.full(1, low)


def _gain(draws: np.ndarray, best: float) -> float:
    """Return the expected improvement over the best."""
    return float(np.maximum(draws - best, 0.0).mean())
