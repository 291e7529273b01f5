"""Points of the unit cube that stand for configurations, and the search for the one that an acquisition likes best.

Libraries of Bayesian optimisation search boxes of real numbers, from starts drawn by the global generator. Here a space
has whole numbers, levels, conditions and forbidden clauses, and every draw comes from the generator that was handed in.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.conditions import Conjunction
from ConfigSpace.hyperparameters import UniformIntegerHyperparameter
from ConfigSpace.types import NotSet
from scipy.optimize import minimize

from rlhp import spaces
from rlhp.hpo.surrogates._features import Features

__all__ = ["Candidates"]

Value = Callable[[np.ndarray], np.ndarray]
"""What is to be made large: features [n, width] in, values [n] out."""
Slope = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""The same with its gradients [n, width]."""

# The coordinates of a whole number of more values are not listed.
_TABLE = 1_000
# A space of at most so many configurations is looked at whole.
_WHOLE = 4_096
# Draws allowed for each point wanted before forbidden clauses are said to leave too little.
_PATIENCE = 200
_STEPS = 60


@dataclass(frozen=True, eq=False)
class Candidates:
    """The configurations of a space as points of the unit cube: snapped to what there is, NaN where inactive.

    Attributes
    ----------
    space : ConfigurationSpace
    features : Features
    centres : tuple
        For each hyperparameter the coordinates that its levels or whole numbers have; None for a real number, and for
        whole numbers that are too many to list.
    """

    space: ConfigurationSpace
    features: Features
    centres: tuple[np.ndarray | None, ...]

    @classmethod
    def of(cls, space: ConfigurationSpace, *, highest: str | None = None) -> Candidates:
        """Read a space; a hyperparameter named `highest` is held at its last level."""
        centres = {name: _centres(hp) for name, hp in space.items()}
        if highest is not None:
            levels = centres[highest]
            centres[highest] = None if levels is None else levels[-1:]
        return cls(space, Features.of(space), tuple(centres.values()))

    @property
    def size(self) -> float:
        """How many combinations of values there are, forbidden ones too; inf where some are not listed."""
        return math.prod(math.inf if one is None else len(one) for one in self.centres)

    def snapped(self, points: np.ndarray) -> np.ndarray:
        """Move points, shape [n, d], to the nearest that stand for configurations."""
        points = np.clip(points, 0.0, 1.0)
        for j, (hp, centres) in enumerate(zip(self.space.values(), self.centres, strict=True)):
            if centres is None:
                if isinstance(hp, UniformIntegerHyperparameter):
                    safe = np.where(np.isnan(points[:, j]), 0.5, points[:, j])
                    points[:, j] = spaces.encode(hp, spaces.decode(hp, safe))
                continue
            if len(centres) == 1:
                points[:, j] = centres[0]
                continue
            safe = np.where(np.isnan(points[:, j]), 0.5, points[:, j])
            if isinstance(hp, spaces.DISCRETE):
                level = np.searchsorted(spaces.levels_of(hp)[1][1:-1], safe, side="right")
            else:
                level = np.asarray(spaces.decode(hp, safe), dtype=int) - int(hp.lower)  # type: ignore[attr-defined]
            points[:, j] = centres[level]
        return self._without_inactive(points)

    def _without_inactive(self, points: np.ndarray) -> np.ndarray:
        """Put NaN where conditions switch a hyperparameter off. Parents stand before their children in a space."""
        names = list(self.space)
        for j, name in enumerate(names):
            conditions = self.space.parent_conditions_of[name]
            if not conditions:
                continue
            parents = sorted({names.index(one) for condition in conditions for one in _parents(condition)})
            # Few combinations of the parents' values occur, and each is asked about once.
            combinations, which = np.unique(points[:, parents], axis=0, return_inverse=True)
            met = np.empty(len(combinations), dtype=bool)
            for i, coordinates in enumerate(combinations):
                known = {
                    names[p]: NotSet if np.isnan(u) else spaces.decode(self.space[names[p]], np.array([u]))[0]
                    for p, u in zip(parents, coordinates, strict=True)
                }
                met[i] = all(condition.satisfied_by_value(known) for condition in conditions)
            on = met[which.ravel()]
            points[~on, j] = np.nan
        return points

    def allowed(self, points: np.ndarray) -> np.ndarray:
        """Return which snapped points no forbidden clause excludes, shape [n]."""
        if not self.space.forbidden_clauses:
            return np.ones(len(points), dtype=bool)
        # Few combinations of what clauses look at occur, mostly, and each is asked about once.
        names = spaces.forbidding(self.space)
        columns = [j for j, name in enumerate(self.space) if name in names]
        _, first, which = np.unique(points[:, columns], axis=0, return_index=True, return_inverse=True)
        return np.asarray(spaces.allowed(self.space, self.configurations(points[first]))[which.ravel()])

    def configurations(self, points: np.ndarray) -> list[dict[str, Any]]:
        """Return the configurations of snapped points: active hyperparameters only."""
        off = np.isnan(points)
        safe = np.where(off, 0.5, points)
        columns = [spaces.decode(hp, safe[:, j]) for j, hp in enumerate(self.space.values())]
        names = list(self.space)
        return [{name: columns[j][i] for j, name in enumerate(names) if not off[i, j]} for i in range(len(points))]

    def drawn(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draw points, each configuration as likely as its measure says, shape [n, d].

        Raises
        ------
        ValueError
            If the forbidden clauses leave next to nothing.
        """
        kept: list[np.ndarray] = []
        held = tried = 0
        while held < n:
            if tried > _PATIENCE * max(n, 50):
                raise ValueError(
                    f"{held} of {n} configurations after {tried:,} draws: the forbidden clauses leave too little of "
                    f"the space; drop some, or narrow the ranges."
                )
            points = self.snapped(rng.random((n, len(self.space))))
            points = points[self.allowed(points)]
            tried += n
            held += len(points)
            kept.append(points)
        return np.concatenate(kept)[:n]

    def everything(self) -> np.ndarray | None:
        """Return every configuration of a small space once, shape [n, d]; None for a large one."""
        if self.size > _WHOLE:
            return None
        combined = np.array(list(itertools.product(*[one for one in self.centres if one is not None])), dtype=float)
        points = self.snapped(combined)
        # Points that differ in what is inactive only are one; NaN is unlike itself, so that something stands in.
        _, once = np.unique(np.where(np.isnan(points), -1.0, points), axis=0, return_index=True)
        points = points[np.sort(once)]
        return np.asarray(points[self.allowed(points)])

    def moved(self, points: np.ndarray, scale: float, rng: np.random.Generator) -> np.ndarray:
        """Change one or a few coordinates of each point, shape [n, d]; numbers by about `scale`, levels at random."""
        n, d = points.shape
        change = rng.random((n, d)) < 1.5 / d
        change[np.arange(n), rng.integers(d, size=n)] = True
        fresh = rng.random((n, d))
        stepped = points + scale * rng.standard_normal((n, d))
        leaps = np.array([isinstance(hp, spaces.DISCRETE) for hp in self.space.values()])
        # What was inactive has no coordinate to step from.
        target = np.where(leaps | np.isnan(points), fresh, stepped)
        return self.snapped(np.where(change | np.isnan(points), target, points))

    def climbed(
        self, value: Value, points: np.ndarray, rng: np.random.Generator, *, rounds: int, fan: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Let each point move to the best of `fan` changed copies of itself, with steps that shrink over the rounds.

        Returns
        -------
        points : array [n, d]
        values : array [n]
        """
        values = value(self.features.of_unit(points))
        for scale in np.geomspace(0.2, 0.002, rounds):
            copies = self.moved(np.repeat(points, fan, axis=0), float(scale), rng)
            found = np.where(self.allowed(copies), value(self.features.of_unit(copies)), -np.inf)
            best = found.reshape(len(points), fan).argmax(axis=1) + fan * np.arange(len(points))
            better = found[best] > values
            points = np.where(better[:, None], copies[best], points)
            values = np.where(better, found[best], values)
        return points, values

    def polished(self, slope: Slope, points: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Follow the gradient along the real numbers, levels and whole numbers held, from every point at once.

        The sum over the points has each point's own gradient, so that one run of L-BFGS-B serves all of them.
        """
        floats = self.features.floats
        if not floats:
            return points, values
        places, columns = map(list, zip(*floats, strict=True))
        start = self.features.of_unit(points)
        on = ~np.isnan(points[:, places])
        if not on.any():  # every real number is switched off
            return points, values

        def downhill(free: np.ndarray) -> tuple[float, np.ndarray]:
            rows = start.copy()
            block = rows[:, columns]
            block[on] = free
            rows[:, columns] = block
            found, gradients = slope(rows)
            return -float(found.sum()), -gradients[:, columns][on]

        first = start[:, columns][on]
        # Without a bound on its steps it would polish the last digit.
        options = {"maxiter": _STEPS, "maxfun": 2 * _STEPS, "ftol": 1e-9}
        ended = minimize(
            downhill, first, jac=True, bounds=[(0.0, 1.0)] * len(first), method="L-BFGS-B", options=options
        )
        moved = points.copy()
        block = moved[:, places]
        block[on] = ended.x
        moved[:, places] = block
        moved = self.snapped(moved)
        found = np.where(self.allowed(moved), slope(self.features.of_unit(moved))[0], -np.inf)
        better = found > values
        return np.where(better[:, None], moved, points), np.where(better, found, values)


def _centres(hp: Any) -> np.ndarray | None:
    """Return the coordinates of the values of one hyperparameter; None where there are too many to list."""
    if isinstance(hp, spaces.DISCRETE):
        edges = spaces.levels_of(hp)[1]
        return np.asarray((edges[1:] + edges[:-1]) / 2)
    if isinstance(hp, UniformIntegerHyperparameter) and hp.upper - hp.lower < _TABLE:
        return spaces.encode(hp, range(int(hp.lower), int(hp.upper) + 1))
    return None


def _parents(condition: Any) -> list[str]:
    parts = condition.dlcs if isinstance(condition, Conjunction) else [condition]
    return [one.parent.name for one in parts]
