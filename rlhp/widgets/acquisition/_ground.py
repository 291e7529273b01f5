"""What is searched: a curve over one hyperparameter, or a pool of measured configurations, with noisy observations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace, Float

from rlhp import datasets, hpo
from rlhp.objectives import score
from rlhp.runs import Runs

__all__ = ["Curve", "Ground", "made_curve", "measured_curve", "of_curve", "of_pool"]

POINTS = 121  # places of a curve that a search chooses from, evenly spread over the logarithm


@dataclass(frozen=True, eq=False)
class Curve:
    """A score over one hyperparameter on a logarithmic axis.

    Attributes
    ----------
    title : str
        What it is, in words.
    name : str
        The hyperparameter.
    low, high : float
    truth : callable
        ``truth(u)``: the score that noise is added to, at places [n] of the axis from 0 to 1.
    noise : float
        Standard deviation of an observation, where its control begins.
    most : float
        Where that control ends.
    """

    title: str
    name: str
    low: float
    high: float
    truth: Callable[[np.ndarray], np.ndarray]
    noise: float
    most: float

    @property
    def space(self) -> ConfigurationSpace:
        """The space of this one hyperparameter."""
        return ConfigurationSpace(space=[Float(self.name, (self.low, self.high), log=True)])

    def place(self, value: float) -> float:
        """Return where on the axis a value lies, from 0 to 1."""
        return float(np.log(value / self.low) / np.log(self.high / self.low))

    def value(self, u: np.ndarray) -> np.ndarray:
        """Return the values [n] at places [n]; the ends exactly."""
        return np.clip(self.low * (self.high / self.low) ** np.asarray(u), self.low, self.high)

    def configurations(self, u: np.ndarray) -> list[dict[str, Any]]:
        """Return the configurations at places [n]."""
        return [{self.name: float(one)} for one in self.value(u)]


def made_curve() -> Curve:
    """Make a curve of two hills: a broad one, and a narrower one that is higher."""

    def truth(u: np.ndarray) -> np.ndarray:
        broad = 300.0 * np.exp(-(((np.asarray(u) - 0.28) / 0.14) ** 2))
        return np.asarray(20.0 + broad + 440.0 * np.exp(-(((np.asarray(u) - 0.76) / 0.11) ** 2)))

    return Curve("two hills (made up)", "learning_rate", 1e-5, 1e-1, truth, 25.0, 150.0)


def measured_curve(runs: Runs | str, *, objective: str = "auc") -> Curve:
    """Make a curve of measured runs that differ in one number: the mean over seeds, straight lines in between.

    Its noise begins as the standard deviation between the seeds of a value, in the mean.

    Raises
    ------
    ValueError
        If the runs are of several environments, or do not differ in exactly one positive number.
    """
    runs = datasets.load(runs) if isinstance(runs, str) else runs
    differing = [name for name in runs.factors if runs.column(name).nunique(dropna=False) > 1]
    if len(differing) != 1 or runs.table["env_id"].nunique() != 1:
        raise ValueError(
            f"the runs differ in {differing or 'nothing'}; give runs of one environment that differ in one number."
        )
    values = runs.column(differing[0]).astype(float)
    groups = score(runs, objective, failures="worst").table["value"].groupby(values.to_numpy())
    means, spread = groups.mean(), float(groups.std(ddof=1).mean())
    at = means.index.to_numpy(dtype=float)
    if not (at > 0).all():
        raise ValueError(f"`{differing[0]}` has values that are not above 0; a logarithmic axis has no place for them.")
    place = np.log(at / at[0]) / np.log(at[-1] / at[0])
    environment = str(runs.table["env_id"].iloc[0])
    title = f"measured {environment} ({objective}, {groups.size().min()} seeds at each of {len(at)} values)"
    known = means.to_numpy(dtype=float)
    return Curve(
        title, differing[0], at[0], at[-1], lambda u: np.interp(u, place, known), spread, max(3 * spread, 1e-6)
    )


@dataclass(frozen=True, eq=False)
class Ground:
    """Configurations to choose from, what each is worth in truth, and what one search observes of them.

    Attributes
    ----------
    title : str
    space : ConfigurationSpace
    configurations : list of dict, n of them
    truth : array [n]
    observed : callable
        ``observed(rng)``: what a search would see at each of them, shape [n].
    noise : float
        The standard error that is told with each; NaN where nobody knows.
    first : int
        How many are drawn before a surrogate is asked.
    """

    title: str
    space: ConfigurationSpace
    configurations: list[dict[str, Any]]
    truth: np.ndarray
    observed: Callable[[np.random.Generator], np.ndarray]
    noise: float
    first: int


def of_curve(curve: Curve, *, noise: float, told: bool, first: int) -> Ground:
    """Let a curve be searched at `POINTS` places, each observation with normal noise."""
    u = np.linspace(0.0, 1.0, POINTS)
    truth = curve.truth(u)

    def observed(rng: np.random.Generator) -> np.ndarray:
        return np.asarray(truth + noise * rng.standard_normal(len(truth)))

    known = noise if told else float("nan")
    return Ground(curve.title, curve.space, curve.configurations(u), truth, observed, known, first)


def of_pool(pool: hpo.Pool, *, first: int) -> Ground:
    """Let a pool be searched with one measured seed, the same for all configurations; the truth is their mean."""
    scores = np.stack([pool.truth([seed]) for seed in pool.seeds], axis=1)
    scores = np.where(np.isnan(scores), np.nanmin(scores), scores)

    def observed(rng: np.random.Generator) -> np.ndarray:
        return np.asarray(scores[:, rng.integers(scores.shape[1])])

    environment = str(pool.runs.table["env_id"].iloc[0])
    title = f"{len(pool.configurations)} measured configurations, {environment}"
    return Ground(title, pool.space, [*pool.configurations], scores.mean(axis=1), observed, float("nan"), first)
