"""The nearest of given configurations to what was wanted, none taken twice."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import CategoricalHyperparameter

__all__ = ["nearest_places"]


def nearest_places(
    space: ConfigurationSpace, points: np.ndarray, among: np.ndarray, *, without: Collection[int] = ()
) -> list[int]:
    """Return for each point the place of the nearest configuration that no point before it took.

    Parameters
    ----------
    space : ConfigurationSpace
    points : array [n, d]
        Of the unit cube, as `rlhp.spaces.to_unit` gives them.
    among : array [k, d]
        The configurations there are.
    without : collection of int
        Places that are taken. Once all are, the nearest is given again.
    """
    unordered = np.array([isinstance(hp, CategoricalHyperparameter) for hp in space.values()])
    free = [at for at in range(len(among)) if at not in without] or list(range(len(among)))
    found = []
    for point in points:
        at = free[int(np.argmin(_distances(among[free], point, unordered)))]
        found.append(at)
        if len(free) > 1:
            free.remove(at)
    return found


def _distances(points: np.ndarray, point: np.ndarray, unordered: np.ndarray) -> np.ndarray:
    """Return squared distances in the unit cube; another category, or active against inactive, is as far as it goes."""
    difference = np.abs(points - point)
    difference[:, unordered] = difference[:, unordered] > 0
    inactive = np.isnan(points) != np.isnan(point)
    difference = np.where(inactive, 1.0, np.nan_to_num(difference))
    distances: np.ndarray = (difference**2).sum(axis=1)
    return distances
