"""The leaves of a tree as boxes with weights, by a measure and under the conditions of a space.

Conditions cut the unit cube into boxes first, and in each of these the same hyperparameters are active. A point of the
cube stands for a configuration: at its values' own place, and allowed or not.
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
from numpy.typing import NDArray

from rlhp.importance._study import Array
from rlhp.importance.surrogates._forest import Tree, holds_active, holds_inactive, leaves
from rlhp.importance.surrogates._measures import cells, weight_below
from rlhp.spaces import DISCRETE, allowed, encode, from_unit, measure, to_unit

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
    parts = []
    for place in itertools.product(*(range(len(one) - 1) for one in edges)):
        low = np.array([edges[j][k] for j, k in enumerate(place)])
        high = np.array([edges[j][k + 1] for j, k in enumerate(place)])
        parts.append(Context(low, high, active[place]))
    return parts


def _cuts(space: ConfigurationSpace) -> dict[str, Array]:
    """Return, per parent, the coordinates at which a condition may change."""
    declared = measure(space)
    cuts: dict[str, set[float]] = {}
    for condition in space.conditions:
        for clause in condition.dlcs if isinstance(condition, Conjunction) else [condition]:
            hp: Any = clause.parent
            points = cuts.setdefault(hp.name, {0.0, 1.0})
            owned = cells(hp, declared[hp.name])
            values = list(clause.values) if hasattr(clause, "values") else [clause.value]
            if isinstance(hp, DISCRETE) and owned is not None:
                points.update(owned[1])
            elif owned is not None:
                at = np.searchsorted(owned[0], encode(hp, values))
                points.update(owned[1][at])
                points.update(owned[1][at + 1])
            else:
                points.update(encode(hp, values))
    return {name: np.array(sorted(points)) for name, points in cuts.items()}


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


@dataclass(frozen=True, eq=False)
class Boxes:
    """What a tree says, as a sum over disjoint boxes that fill the unit cube: L boxes, d dimensions.

    Attributes
    ----------
    low, high : arrays [L, d]
        Ends; coordinates are such that the measure is uniform.
    value : array [L]
    context : int array [L]
        The part of the space (`Domain.contexts`) that each lies in.
    """

    low: Array
    high: Array
    value: Array
    context: NDArray[np.int64]

    @property
    def volume(self) -> Array:
        """Weight of each box, shape [L]; they add up to 1."""
        return np.asarray(np.prod(self.high - self.low, axis=1))


@dataclass(frozen=True, eq=False)
class Domain:
    """A space with the measure by which it counts.

    Attributes
    ----------
    contexts : list of Context
        In the coordinates of the declared measures.
    cells : list
        Per hyperparameter coordinates and edges of its values, None for a continuous one.
    below : list
        Per hyperparameter the function from a coordinate to the weight below it, None where they are the same.
    """

    contexts: list[Context]
    cells: list[tuple[Array, Array] | None]
    below: list[Callable[[Array], Array] | None]

    @classmethod
    def of(cls, space: ConfigurationSpace, used: dict[str, str]) -> Domain:
        """Prepare a space; `used` is from `measures_used`."""
        declared = measure(space)
        return cls(
            contexts=contexts(space),
            cells=[cells(hp, declared[name]) for name, hp in space.items()],
            below=[weight_below(hp, declared[name], used[name]) for name, hp in space.items()],
        )

    def boxes(self, tree: Tree) -> Boxes:
        """Return the boxes of a tree."""
        d = len(self.cells)
        raw_low, raw_high, value = leaves(tree, d)
        inactive, active = holds_inactive(raw_low), holds_active(raw_high)
        low, high = self._snapped(raw_low), self._snapped(raw_high)
        parts = []
        for number, context in enumerate(self.contexts):
            # An inactive hyperparameter's coordinate is anything: the box holds all of it, or is not there.
            a = np.maximum(np.where(context.active, low, 0.0), context.low)
            b = np.minimum(np.where(context.active, high, 1.0), context.high)
            keep = np.where(context.active, active, inactive).all(axis=1) & (b > a).all(axis=1)
            parts.append(Boxes(a[keep], b[keep], value[keep], np.full(int(keep.sum()), number)))
        whole = parts[0] if len(parts) == 1 else _joined(parts)
        return self._weighed(whole)

    def weigh(self, j: int, u: Array) -> Array:
        """Carry coordinates of hyperparameter `j` to the measure's."""
        onto = self.below[j]
        return u if onto is None else onto(u)

    def inactive_marked(self, points: Array) -> Array:
        """Return points of the unit cube, shape [n, d], with NaN where the conditions make them inactive."""
        marked = points.copy()
        for context in self.contexts:
            if context.active.all():
                continue
            # The upper end of the cube belongs to the last part.
            inside = (points >= context.low) & ((points < context.high) | (context.high >= 1.0))
            marked[np.ix_(inside.all(axis=1), ~context.active)] = np.nan
        return marked

    def active_weight(self, j: int) -> float:
        """Return the weight of the parts of the space in which hyperparameter `j` is active."""
        return float(sum(self._weight(one) for one in self.contexts if one.active[j]))

    def _weight(self, context: Context) -> float:
        ends = zip(context.low, context.high, strict=True)
        return float(np.prod([np.diff(self.weigh(j, np.array(pair)))[0] for j, pair in enumerate(ends)]))

    def _snapped(self, ends: Array) -> Array:
        """Move the cuts of discrete hyperparameters to the edge between the values on either side; stay in [0, 1]."""
        moved = np.clip(ends, 0.0, 1.0)
        for j, own in enumerate(self.cells):
            if own is not None:
                # A cut may fall on a value that no configuration had: its side is that of the number that trees see.
                seen = own[0].astype(np.float32).astype(float)
                moved[:, j] = own[1][np.searchsorted(seen, ends[:, j], side="right")]
        return moved

    def _weighed(self, boxes: Boxes) -> Boxes:
        if all(onto is None for onto in self.below):
            return boxes
        low, high = boxes.low.copy(), boxes.high.copy()
        for j in range(low.shape[1]):
            low[:, j], high[:, j] = self.weigh(j, low[:, j]), self.weigh(j, high[:, j])
        return Boxes(low, high, boxes.value, boxes.context)


def _joined(parts: list[Boxes]) -> Boxes:
    low, high, value, context = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("low", "high", "value", "context")
    )
    return Boxes(low, high, value, context)


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
    """Return which points no forbidden clause excludes.

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
