"""Whether a surrogate knows enough for a ranking: its R2 over several forests, and what is between yes and no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from ConfigSpace import ConfigurationSpace

from rlhp import arguments
from rlhp.importance._result import LEAST_R2
from rlhp.importance._study import Array, Score, scored
from rlhp.objectives import Failures
from rlhp.runs import Runs

__all__ = ["Settled", "settle"]

Verdict = Literal["enough", "too little", "not settled"]
_DEVIATIONS = 2.0  # of single forests around their mean: another forest is hardly ever outside


@dataclass(frozen=True, eq=False)
class Settled:
    """Cross-validated R2 of several forests that differ by chance alone.

    Attributes
    ----------
    r2s : array [k]
        One a forest.
    least_r2 : float
        Below, nothing is ranked.

    Examples
    --------
    >>> for r2s in ([0.52, 0.5, 0.54], [0.296, 0.288, 0.321], [0.1, 0.12, 0.08]):
    ...     print(Settled(np.array(r2s), 0.3).verdict)
    enough
    not settled
    too little
    """

    r2s: Array
    least_r2: float = LEAST_R2

    @property
    def mean(self) -> float:
        """Mean over the forests."""
        return float(np.mean(self.r2s))

    @property
    def spread(self) -> float:
        """Standard deviation between forests."""
        return float(np.std(self.r2s, ddof=1))

    @property
    def verdict(self) -> Verdict:
        """Return whether the surrogate knows enough; "not settled" where another forest might say the opposite."""
        if self.mean - _DEVIATIONS * self.spread >= self.least_r2:
            return "enough"
        return "not settled" if self.mean + _DEVIATIONS * self.spread >= self.least_r2 else "too little"

    @property
    def text(self) -> str:
        """The R2 in words, with as many digits as tell it from the least one."""
        low, high = float(np.min(self.r2s)), float(np.max(self.r2s))
        return f"R2 {self.mean:.3f}, mean of {len(self.r2s)} forests ({low:.3f} to {high:.3f})"


def settle(
    runs: Runs,
    space: ConfigurationSpace,
    objective: str | Score = "final_return",
    *,
    rng: int | np.random.Generator,
    failures: Failures = "raise",
    quantile: float | None = None,
    n_forests: int = 5,
    n_trees: int = 64,
    least_r2: float = LEAST_R2,
) -> Settled | None:
    """Fit several forests and see whether they agree that the surrogate knows enough.

    Parameters
    ----------
    runs, space, objective, rng, failures
        As for `rlhp.importance.fanova`.
    quantile : float, optional
        Scores below this quantile of the configurations count as that quantile, in the data and in what is predicted.
    n_forests : int
        2 or more.
    n_trees : int
        Of each forest.
    least_r2 : float
        What they must reach.

    Returns
    -------
    Settled or None
        None where all configurations scored the same: there is nothing to explain then.

    Raises
    ------
    ValueError
        If an option is wrong, or as for `rlhp.importance.fanova`.

    Examples
    --------
    >>> from rlhp import Runs, importance, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
    >>> configs = spaces.sample(space, 64, method="sobol", rng=0)
    >>> runs = Runs.from_table(configs, spaces.to_unit(space, configs)[:, 1])
    >>> importance.settle(runs, space, rng=0).verdict
    'enough'
    """
    from rlhp.importance.surrogates._forest import grow  # scikit-learn: not where a result is only read from a file

    stream = arguments.random_generator(rng)
    n_forests = arguments.whole("n_forests", n_forests, at_least=2)
    n_trees = arguments.whole("n_trees", n_trees, at_least=1)
    data = scored(runs, space, objective, failures=failures)
    y, known = data.y, np.inf
    if quantile is not None:
        quantile = arguments.real("quantile", quantile, above=0, below=1)
        known = -float(np.quantile(data.sign * y, quantile))
        y = np.asarray(data.sign * np.maximum(data.sign * y, -known))
    if y.min() == y.max():
        return None
    r2s = []
    for one in stream.spawn(n_forests):
        forest = grow(data.unit, data.y, n_trees=n_trees, rng=one)
        predicted = np.asarray(data.sign * np.maximum(data.sign * forest.out_of_bag, -known))
        r2s.append(_r2(y, predicted))
    return Settled(np.array(r2s), least_r2)


def _r2(y: Array, predicted: Array) -> float:
    """Share of the variance that is predicted, over the rows that some tree never saw."""
    seen = ~np.isnan(predicted)
    left = float(((y[seen] - predicted[seen]) ** 2).sum())
    return 1.0 - left / float(((y[seen] - y[seen].mean()) ** 2).sum())
