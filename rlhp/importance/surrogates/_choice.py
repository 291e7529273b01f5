"""Which surrogate fits these scores: each kind by how well it predicts what it did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from rlhp.arguments import choice
from rlhp.importance._study import Array, Study
from rlhp.importance.surrogates._boosted import Boosted, boost
from rlhp.importance.surrogates._boxes import Domain
from rlhp.importance.surrogates._forest import Forest, grow
from rlhp.importance.surrogates._process import Process, process

SurrogateOption = Literal["auto", "forest", "boosted", "process"]
KINDS = ("forest", "boosted", "process")
WORDS = {"forest": "bagged trees", "boosted": "boosted trees", "process": "a Gaussian process"}
_FOLDS = 5
# A simpler kind stays unless another one predicts so much more of the variance.
_BETTER = 0.01
# Where the process predicts so much, boosted trees are not tried: they cost more than all the rest.
_ENOUGH = 0.97
# The cost of a process grows with the cube of the configurations.
MOST_OF_PROCESS = 2500


class Predictor(Protocol):
    """A fitted surrogate."""

    def predict(self, unit: Array) -> Array:
        """Predict at points of the unit cube (NaN where inactive), shape [n]."""
        ...


@dataclass(frozen=True, eq=False)
class Chosen:
    """A fitted surrogate and how well each kind that was tried predicts.

    Attributes
    ----------
    kind : {"forest", "boosted", "process"}
    model : Forest, Boosted or Process
    r2 : float
        On configurations it did not see.
    tried : dict
        Kind to R2.
    """

    kind: str
    model: Forest | Boosted | Process
    r2: float
    tried: dict[str, float]

    @property
    def text(self) -> str:
        """The choice in words."""
        others = ", ".join(f"{kind} {r2:.2f}" for kind, r2 in self.tried.items() if kind != self.kind)
        return WORDS[self.kind] + (f" (R2 of others: {others})" if others else "")


def folds(n: int, rng: np.random.Generator) -> list[NDArray[np.int64]]:
    """Deal n rows into folds."""
    return [np.sort(one) for one in np.array_split(rng.permutation(n), _FOLDS)]


def checked_kind(option: Any) -> str:
    """Check the option `surrogate`.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    return choice("surrogate", option, ("auto", *KINDS))


def choose(
    study: Study,
    domain: Domain,
    y: Array,
    option: str,
    *,
    n_trees: int,
    min_leaf: int | None,
    rng: np.random.Generator,
    allowed: Sequence[str] = KINDS,
) -> Chosen:
    """Fit the kind that is asked for, or with "auto" the one that predicts best, the simplest of those equally good.

    Parameters
    ----------
    study : Study
    domain : Domain
    y : array [n]
        One score a configuration.
    option : {"auto", "forest", "boosted", "process"}
    n_trees, min_leaf
        Of the forest.
    rng : numpy.random.Generator
    allowed : sequence of str
        Kinds that "auto" may take.
    """
    # One stream a kind: what one does changes nothing of the others.
    of_boosted, of_process = rng.spawn(2)
    found: dict[str, tuple[Any, float]] = {}
    spread = float(((y - y.mean()) ** 2).sum())

    def r2(residuals: Array) -> float:
        return 1.0 - float((residuals**2).sum()) / spread

    wanted = [kind for kind in KINDS if kind in allowed] if option == "auto" else [option]
    if spread == 0:  # nothing to predict
        wanted = ["forest"]
    if "forest" in wanted:
        forest = grow(study.unit, y, n_trees=n_trees, min_leaf=min_leaf, rng=rng)
        found["forest"] = forest, forest.r2(y)
    if "process" in wanted and (option == "process" or len(y) <= MOST_OF_PROCESS):
        smooth = process(study, domain, y, of_process)
        found["process"] = smooth, r2(smooth.left_out)
    if "boosted" in wanted and all(one[1] < _ENOUGH for one in found.values()):
        left = np.zeros(len(y))
        for rows in folds(len(y), of_boosted):
            rest = np.setdiff1d(np.arange(len(y)), rows)
            left[rows] = y[rows] - boost(domain, study.unit[rest], y[rest], of_boosted).predict(study.unit[rows])
        found["boosted"] = None, r2(left)
    tried = {kind: one[1] for kind, one in found.items()}
    best = max(tried.values())
    kind = next((one for one in KINDS if one in tried and tried[one] >= best - _BETTER), next(iter(tried)))
    model = found[kind][0] if kind != "boosted" else boost(domain, study.unit, y, of_boosted)
    return Chosen(kind, model, tried[kind], tried)
