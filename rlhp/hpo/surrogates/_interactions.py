"""Which hyperparameters a surrogate thinks depend on each other: pairs whose effects do not add up."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp import arguments, spaces
from rlhp.hpo.search._searcher import Observations
from rlhp.hpo.surrogates._batches import Targets
from rlhp.hpo.surrogates._candidates import Candidates

__all__ = ["Interactions", "interactions"]


@dataclass(frozen=True, eq=False)
class Interactions:
    """How much pairs of hyperparameters do together, beyond what each does by itself.

    Attributes
    ----------
    table : DataFrame
        One row a pair, the largest first: `first`, `second`, `share` (of the variance of the function over the space),
        `low` and `high`: over the functions that the surrogate thinks possible, which knows nothing of how wrong it is.
    shares : array [draws, pairs]
        Of every function that was drawn, pairs in the order of the table.
    confidence : float
        Of the intervals.
    n : int
        Observations that the surrogate was fitted to.
    surrogate : str
        What was fitted.
    """

    table: pd.DataFrame
    shares: np.ndarray
    confidence: float
    n: int
    surrogate: str

    def __repr__(self) -> str:
        lines = [
            f"{row.first} x {row.second}: {row.share:.2f} [{row.low:.2f}, {row.high:.2f}]"
            for row in self.table.head(5).itertuples()
        ]
        said = (
            f"Interactions({self.surrogate}, n={self.n}, {len(self.shares)} functions, {self.confidence:.0%} intervals)"
        )
        return "\n".join([said, *lines])

    def _repr_html_(self) -> str:
        return str(self.table.round(3).to_html(index=False))


def interactions(
    space: ConfigurationSpace,
    seen: Observations,
    *,
    searcher: Any = None,
    points: int = 256,
    confidence: float = 0.9,
    rng: int | np.random.Generator = 0,
) -> Interactions:
    """Say which pairs of hyperparameters a neural surrogate thinks depend on each other.

    For a pair, both values of a configuration are exchanged for those of another, alone and together; what both change
    together beyond the sum of what each changes is squared and averaged over the space. The share is that of all terms
    of the function's decomposition that hold the pair, so that what three do together counts for three pairs.

    Parameters
    ----------
    space : ConfigurationSpace
    seen : Observations
        At least two of them with a score.
    searcher : Bnn, optional
        Its network is fitted; by default `hpo.searcher("bnn")`.
    points : int
        Pairs of configurations that are compared.
    confidence : float
    rng : int or numpy.random.Generator

    Returns
    -------
    Interactions

    Raises
    ------
    ValueError
        If too little is known, the space has one hyperparameter only, or a number is out of its range.
    TypeError
        If the searcher is another.

    References
    ----------
    R. Liu, A. Owen (2006), Estimating mean dimensionality of analysis of variance decompositions (the superset
    importance of a pair).

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["gamma", "tau"])
    >>> seen = hpo.Observations(spaces.sample(space, 20, rng=0).to_dict("records"), range(20))
    >>> hpo.interactions(space, seen, rng=0).table[["first", "second"]].values.tolist()  # doctest: +SKIP
    [['gamma', 'tau']]
    """
    from rlhp.hpo.searchers._bnn import Bnn

    spaces.measure(space)
    arguments.instance("seen", seen, Observations, hint="`search.observations` of an `rlhp.hpo.Search`.")
    chosen = arguments.instance("searcher", Bnn() if searcher is None else searcher, Bnn)
    points = arguments.whole("points", points, at_least=8)
    confidence = arguments.real("confidence", confidence, above=0, below=1)
    rng = arguments.random_generator(rng)
    told = seen.latest()
    if np.isfinite(told.scores).sum() < 2:
        raise ValueError("`seen` holds fewer than two scores; evaluate some configurations first.")
    ground = Candidates.of(space)
    varied = [part.at for part in ground.features.parts]
    if len(varied) < 2:
        raise ValueError("the space has fewer than two hyperparameters that vary; nothing can depend on another.")
    targets = Targets.of(told)
    model = chosen.fitted(ground.features.encode(told.configurations), targets.y, targets.noise, rng)

    def functions(unit: np.ndarray) -> np.ndarray:
        return np.asarray(model.functions(ground.features.of_unit(ground.snapped(unit.copy()))))

    shares = _shares(functions, rng.random((2, points, len(space))), varied)
    names, pairs = list(space), list(itertools.combinations(varied, 2))
    middle = np.median(shares, axis=0)
    low, high = np.quantile(shares, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    order = np.argsort(-middle, kind="stable")
    columns = {
        "first": [names[pairs[k][0]] for k in order],
        "second": [names[pairs[k][1]] for k in order],
        "share": middle[order],
        "low": low[order],
        "high": high[order],
    }
    return Interactions(pd.DataFrame(columns), shares[:, order], confidence, len(told), repr(chosen))


def _shares(functions: Callable[[np.ndarray], np.ndarray], unit: np.ndarray, varied: list[int]) -> np.ndarray:
    """Return what each function says of each pair, shape [draws, pairs]; `unit` are two samples [2, points, d]."""
    one, other = unit
    base = functions(one)

    def changed(*places: int) -> np.ndarray:
        moved = one.copy()
        moved[:, list(places)] = other[:, list(places)]
        return functions(moved)

    alone = {j: changed(j) for j in varied}
    whole = np.concatenate([base, functions(other)], axis=1).var(axis=1)
    found = [
        0.25 * ((base - alone[i] - alone[j] + changed(i, j)) ** 2).mean(axis=1)
        for i, j in itertools.combinations(varied, 2)
    ]
    return np.asarray(np.stack(found, axis=1) / np.maximum(whole, 1e-12)[:, None])
