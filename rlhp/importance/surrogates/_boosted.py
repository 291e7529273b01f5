"""Boosted trees as the surrogate: a sum of small trees, for functions with steps and few interactions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sklearn.ensemble import GradientBoostingRegressor

from rlhp.importance._study import Array
from rlhp.importance.surrogates._boxes import Boxes, Domain
from rlhp.importance.surrogates._forest import Tree, codes
from rlhp.importance.surrogates._standard import Standard

_TREES, _DEPTH, _RATE, _SHARE = 120, 4, 0.1, 0.7


@dataclass(frozen=True, eq=False)
class Boosted:
    """A fitted sum of trees.

    Attributes
    ----------
    domain : Domain
    trees : tuple of Tree
        What each adds, on the standard scale.
    standard : Standard
        Carries their sum to the objective's unit.
    constant : float
        What the trees start from, on the standard scale.
    """

    domain: Domain
    trees: tuple[Tree, ...]
    standard: Standard
    constant: float

    def predict(self, unit: Array) -> Array:
        """Predict at points of the unit cube (NaN where inactive), shape [n]."""
        seen = codes(unit)
        total = np.full(len(seen), self.constant)
        for tree in self.trees:
            total += tree.predict(seen)
        return self.standard.back(total)

    @cached_property
    def boxes(self) -> Boxes:
        """The leaves of all trees, which lie over each other, and a box of everything for what they start from.

        Their values are in the unit of the scores; those of each tree have mean 0.
        """
        d = len(self.domain.cells)
        start, parts = self.constant, []
        for tree in self.trees:
            own = self.domain.boxes(tree)
            mean = float(own.value @ own.volume)
            start += mean
            parts.append(Boxes(own.low, own.high, self.standard.scale * (own.value - mean), own.context))
        whole = self.standard.back(np.array([start]))
        parts.append(Boxes(np.zeros((1, d)), np.ones((1, d)), whole, np.zeros(1, dtype=np.int64)))
        return Boxes(
            *(np.concatenate([getattr(one, name) for one in parts]) for name in ("low", "high", "value", "context"))
        )


def boost(domain: Domain, unit: Array, y: Array, rng: np.random.Generator) -> Boosted:
    """Fit boosted trees.

    References
    ----------
    J. Friedman (2002), Stochastic gradient boosting.
    """
    standard = Standard.of(y)
    model = GradientBoostingRegressor(
        n_estimators=_TREES,
        max_depth=_DEPTH,
        learning_rate=_RATE,
        subsample=_SHARE,
        min_samples_leaf=2,
        random_state=int(rng.integers(2**31 - 1)),
    ).fit(codes(unit), standard.onto(y))
    trees = tuple(Tree(one.tree_, _RATE * one.tree_.value[:, 0, 0]) for one in model.estimators_[:, 0])
    return Boosted(domain, trees, standard, float(np.ravel(model.init_.constant_)[0]))
