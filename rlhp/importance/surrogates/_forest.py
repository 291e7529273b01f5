"""The surrogate: a bagged forest of regression trees over the unit cube, where inactive is a level of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeRegressor

from rlhp.importance._study import Array
from rlhp.importance.surrogates._standard import Standard

# Where a hyperparameter is inactive, in the coordinates that trees see: well below every active one.
INACTIVE = -2.0
_SPLITS = -1.0  # between inactive and active
# A tree may look at this share of the hyperparameters for a split: without, the trees of a forest repeat each other.
_FEATURES = 0.8
_MOST_LEAVES = 1000
_STEPS = 2.0**32  # a standard deviation; sums of a million scores are whole numbers of them below 2^53


@dataclass(frozen=True, eq=False)
class Tree:
    """Where a tree cuts, found on standard scores, and what it says, in the objective's unit.

    Attributes
    ----------
    nodes : sklearn.tree._tree.Tree
    value : array [nodes]
        Of each node.
    """

    nodes: Any
    value: Array

    def predict(self, seen: NDArray[np.float32]) -> Array:
        """Predict at points as trees see them (`codes`), shape [n]."""
        return np.asarray(self.value[self.nodes.apply(seen)])

    def cuts(self, j: int) -> Array:
        """Return the coordinates at which hyperparameter j is cut."""
        return np.asarray(self.nodes.threshold[self.nodes.feature == j])


@dataclass(frozen=True, eq=False)
class Forest:
    """Bagged trees.

    Attributes
    ----------
    trees : tuple of Tree
    out_of_bag : array [n]
        For every row, the mean over the trees that never saw it; NaN where all did.
    unseen : bool array [T, n]
        Which rows each tree never saw.
    """

    trees: tuple[Tree, ...]
    out_of_bag: Array
    unseen: NDArray[np.bool_]

    def each(self, unit: Array) -> Array:
        """Predict with each tree, shape [T, n], at points of the unit cube (NaN where inactive)."""
        seen = codes(unit)
        return np.stack([tree.predict(seen) for tree in self.trees])

    def predict(self, unit: Array) -> Array:
        """Predict with the mean of the trees, shape [n]."""
        seen = codes(unit)
        total = np.zeros(len(seen))
        for tree in self.trees:
            total += tree.predict(seen)
        return total / len(self.trees)

    def r2(self, y: Array) -> float:
        """Share of the variance of `y` that the trees predict of rows they never saw; NaN where nothing varies."""
        known = ~np.isnan(self.out_of_bag)
        if known.sum() < 2:
            return float("nan")
        spread = float(((y[known] - y[known].mean()) ** 2).sum())
        if spread == 0:
            return float("nan")
        return 1.0 - float(((y[known] - self.out_of_bag[known]) ** 2).sum()) / spread


def codes(unit: Array) -> NDArray[np.float32]:
    """Write points of the unit cube as trees see them."""
    return np.ascontiguousarray(np.where(np.isnan(unit), INACTIVE, unit), dtype=np.float32)


def leaf_size(n: int) -> int:
    """Fewest configurations in a leaf: 2, and more from 2,000 configurations on, so that trees stay below 1,000."""
    return max(2, n // _MOST_LEAVES)


def grow(
    unit: Array,
    y: Array,
    *,
    n_trees: int,
    min_leaf: int | None = None,
    rng: np.random.Generator,
    times: NDArray[np.int64] | None = None,
) -> Forest:
    """Grow a forest; each tree sees a bootstrap sample of the rows.

    Parameters
    ----------
    unit : array [n, d]
        Points of the unit cube, NaN where inactive.
    y : array [n]
    n_trees : int
    min_leaf : int, optional
        Fewest rows in a leaf; by default `leaf_size(n)`.
    rng : numpy.random.Generator
    times : int array [n], optional
        How often each row stands in the data, for a resample of them; once by default.
    """
    n = len(y)
    standard = Standard.of(y if times is None else y[times > 0])
    # On a grid sums are exact: two cuts that part the rows alike gain alike to the last bit, whatever the scores' unit.
    seen, target = codes(unit), np.round(standard.onto(y) * _STEPS) / _STEPS
    leaf = leaf_size(n) if min_leaf is None else min_leaf
    drawn_from = np.arange(n) if times is None else np.repeat(np.arange(n), times)
    trees, unseen, total, count = [], np.zeros((n_trees, n), dtype=bool), np.zeros(n), np.zeros(n)
    for number in range(n_trees):
        bag = np.bincount(drawn_from[rng.integers(0, len(drawn_from), len(drawn_from))], minlength=n)
        rows = np.flatnonzero(bag)
        fit = DecisionTreeRegressor(
            min_samples_leaf=leaf, max_features=_FEATURES, random_state=int(rng.integers(0, 2**31 - 1))
        )
        fit.fit(seen[rows], target[rows], sample_weight=bag[rows].astype(float), check_input=False)
        tree = Tree(fit.tree_, standard.back(fit.tree_.value[:, 0, 0]))
        trees.append(tree)
        # A row that stands twice in a resample may stand on both sides: such rows are left out for all its trees.
        unseen[number] = bag == 0 if times is None else times == 0
        if (out := np.flatnonzero(unseen[number])).size:
            total[out] += tree.predict(seen[out])
            count[out] += 1
    with np.errstate(invalid="ignore"):
        out_of_bag = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return Forest(tuple(trees), out_of_bag, unseen)


def leaves(tree: Tree, d: int) -> tuple[Array, Array, Array]:
    """Return the leaves of a tree as boxes: lower and upper ends [L, d] (infinite where not split), values [L]."""
    nodes = tree.nodes
    left, right, feature, threshold = nodes.children_left, nodes.children_right, nodes.feature, nodes.threshold
    low = np.full((nodes.node_count, d), -np.inf)
    high = np.full((nodes.node_count, d), np.inf)
    level = np.array([0])
    while len(level := level[left[level] >= 0]):
        a, b, split = left[level], right[level], feature[level]
        low[a], high[a], low[b], high[b] = low[level], high[level], low[level], high[level]
        high[a, split] = low[b, split] = threshold[level]
        level = np.concatenate([a, b])
    leaf = left < 0
    return low[leaf], high[leaf], tree.value[leaf]


def holds_inactive(low: Array) -> NDArray[np.bool_]:
    """Return which boxes hold the level of inactive ones, by their lower ends."""
    return low < _SPLITS


def holds_active(high: Array) -> NDArray[np.bool_]:
    """Return which boxes hold active coordinates, by their upper ends."""
    return high > _SPLITS
