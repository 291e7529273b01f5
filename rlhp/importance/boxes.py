"""The leaves of a tree as boxes with weights, by a measure and under the conditions of a space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray

from rlhp.importance.contexts import Context, contexts
from rlhp.importance.forest import Tree, holds_active, holds_inactive, leaves
from rlhp.importance.study import Array
from rlhp.importance.weighing import cells, weight_below
from rlhp.spaces import measure


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
        """Give the boxes of a tree."""
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
        """Give points of the unit cube, shape [n, d], with NaN where the conditions make them inactive."""
        marked = points.copy()
        for one in self.contexts:
            if one.active.all():
                continue
            # The upper end of the cube belongs to the last part.
            inside = (points >= one.low) & ((points < one.high) | (one.high >= 1.0))
            marked[np.ix_(inside.all(axis=1), ~one.active)] = np.nan
        return marked

    def active_weight(self, j: int) -> float:
        """Give the weight of the parts of the space in which hyperparameter `j` is active."""
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
