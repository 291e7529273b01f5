"""Points of the unit cube as the configurations that they stand for: at their values' own place, and allowed or not."""

from __future__ import annotations

import numpy as np
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray

from rlhp.importance.boxes import Domain
from rlhp.importance.study import Array
from rlhp.spaces import allowed, from_unit


def snapped(domain: Domain, points: Array) -> Array:
    """Move coordinates of discrete hyperparameters to the middle of the interval that their value owns.

    Trees saw values there, and cut midway between two of them: not at the edge, where the values have unlike weights.

    Parameters
    ----------
    domain : Domain
    points : array [n, d]
        NaN stays NaN.

    Returns
    -------
    array [n, d]
    """
    moved = points.copy()
    for j, own in enumerate(domain.cells):
        if own is not None:
            middles, edges = own
            known = ~np.isnan(points[:, j])
            moved[known, j] = middles[np.searchsorted(edges[1:-1], points[known, j], side="right")]
    return moved


def in_clauses(space: ConfigurationSpace) -> list[str]:
    """Name the hyperparameters that forbidden clauses are about.

    Some too many do no harm: a name that is a part of another's.
    """
    clauses = [str(clause) for clause in space.forbidden_clauses]
    return [name for name in space if any(name in clause for clause in clauses)]


def allowed_at(space: ConfigurationSpace, domain: Domain, points: Array) -> NDArray[np.bool_]:
    """Tell which points no forbidden clause excludes.

    Parameters
    ----------
    space : ConfigurationSpace
    domain : Domain
        Of that space.
    points : array [n, d]
        NaN where inactive, as `Domain.inactive_marked` gives them.

    Returns
    -------
    bool array [n]
    """
    asked = [list(space).index(name) for name in in_clauses(space)]
    if not asked:
        return np.ones(len(points), dtype=bool)
    # Clauses are asked row by row, and most points differ in what no clause is about.
    differ = np.nan_to_num(snapped(domain, points)[:, asked], nan=-1.0)
    _, first, place = np.unique(differ, axis=0, return_index=True, return_inverse=True)
    kept = allowed(space, from_unit(space, np.nan_to_num(points[first], nan=0.5)))
    return np.asarray(kept[place.reshape(-1)])
