"""Conditions cut the unit cube into boxes, and in each the same hyperparameters are active."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.conditions import Conjunction
from numpy.typing import NDArray

from rlhp.importance.study import Array
from rlhp.importance.weighing import cells
from rlhp.spaces import from_unit, measure, to_unit
from rlhp.spaces.measures import DISCRETE, encode

_MOST = 1024


@dataclass(frozen=True, eq=False)
class Context:
    """A box of the unit cube: lower and upper ends [d], and which hyperparameters are active there [d]."""

    low: Array
    high: Array
    active: NDArray[np.bool_]


def contexts(space: ConfigurationSpace) -> list[Context]:
    """Cut the unit cube by the conditions of a space; one box of everything where it has none.

    The coordinate of an inactive hyperparameter is drawn all the same and changes nothing, so that coordinates stay
    independent, and no configuration has weight that the space cannot have.

    Raises
    ------
    ValueError
        If the conditions cut the space into more than a thousand boxes.
    """
    names, d = list(space), len(space)
    cuts = _cuts(space)
    edges = [cuts.get(name, np.array([0.0, 1.0])) for name in names]
    if (many := math.prod(len(one) - 1 for one in edges)) > _MOST:
        raise ValueError(
            f"the conditions of this space cut it into {many} parts, more than {_MOST}; analyse part of it: "
            f"`spaces.subspace` and runs that share the value of a parent."
        )
    active = _activity(space, edges)
    for j in range(d):
        edges[j], active = _merged(edges[j], active, j)
    found = []
    for place in itertools.product(*(range(len(one) - 1) for one in edges)):
        low = np.array([edges[j][k] for j, k in enumerate(place)])
        high = np.array([edges[j][k + 1] for j, k in enumerate(place)])
        found.append(Context(low, high, active[place]))
    return found


def _cuts(space: ConfigurationSpace) -> dict[str, Array]:
    """Give, per parent, the coordinates at which a condition may change."""
    declared = measure(space)
    found: dict[str, set[float]] = {}
    for condition in space.conditions:
        for one in condition.dlcs if isinstance(condition, Conjunction) else [condition]:
            hp: Any = one.parent
            points = found.setdefault(hp.name, {0.0, 1.0})
            owned = cells(hp, declared[hp.name])
            values = list(one.values) if hasattr(one, "values") else [one.value]
            if isinstance(hp, DISCRETE) and owned is not None:
                points.update(owned[1])
            elif owned is not None:
                at = np.searchsorted(owned[0], encode(hp, values))
                points.update(owned[1][at])
                points.update(owned[1][at + 1])
            else:
                points.update(encode(hp, values))
    return {name: np.array(sorted(points)) for name, points in found.items()}


def _activity(space: ConfigurationSpace, edges: list[Array]) -> NDArray[np.bool_]:
    """Ask the space in the middle of every part: shape (parts of dimension 1, ..., of dimension d, d)."""
    middles = [(one[1:] + one[:-1]) / 2 for one in edges]
    points = np.array(list(itertools.product(*middles)))
    active = ~np.isnan(to_unit(space, from_unit(space, points)))
    return np.asarray(active.reshape([*(len(one) for one in middles), len(space)]))


def _merged(edges: Array, active: NDArray[np.bool_], axis: int) -> tuple[Array, NDArray[np.bool_]]:
    """Join neighbouring parts along one dimension between which nothing changes."""
    parts = np.moveaxis(active, axis, 0)
    changes = [k for k in range(1, len(parts)) if not np.array_equal(parts[k - 1], parts[k])]
    return edges[[0, *changes, len(edges) - 1]], np.moveaxis(parts[[0, *changes]], 0, axis)
