"""The most wins that anybody can expect on a Bernoulli bandit, and the policy that gets them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlhp.arguments import whole
from rlhp.meta.bandits._beliefs import Beliefs, arm_number, beliefs
from rlhp.meta.bandits._value import after, choices

__all__ = ["BayesOptimal", "bayes_optimal"]


@dataclass(frozen=True, eq=False)
class BayesOptimal:
    """The optimum of a Bernoulli bandit; made by `bayes_optimal`. It is a `Policy`, and can be played.

    Attributes
    ----------
    k, n : int
        Arms, and pulls of a trial.
    value : float
        Expected wins of a trial.
    """

    k: int
    n: int
    value: float
    _beliefs: Beliefs
    _best: tuple[np.ndarray, ...]  # [beliefs] a layer: the number of the arm to pull

    def act(
        self, successes: np.ndarray, failures: np.ndarray, step: int, n: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the arm that each trial pulls; see `Policy`.

        Raises
        ------
        ValueError
            If these are not trials of `k` arms and `n` pulls, `step` pulls into them.
        """
        successes, failures = np.asarray(successes), np.asarray(failures)
        k = successes.shape[-1]
        if (k, n) != (self.k, self.n):
            raise ValueError(
                f"this optimum is for {self.k} arms and {self.n} pulls, these trials have {k} and {n}; "
                f"`bayes_optimal({k}, {n})` is for them."
            )
        others = (pulled := (successes + failures).sum(axis=-1))[pulled != step]
        if len(others):
            raise ValueError(
                f"`step` is {step}, but arms were pulled {others[0]} times; give the pulls of every trial by now."
            )
        whole("step", step, at_least=0, at_most=n - 1)
        arms = arm_number(successes, failures)
        best = self._best[step][self._beliefs.layers[step].find(self._beliefs.keys(arms))]
        return np.asarray((arms == best[:, None]).argmax(axis=1))

    def __repr__(self) -> str:
        size = sum(len(layer.arms) for layer in self._beliefs.layers)
        return f"BayesOptimal(k={self.k}, n={self.n}): {self.value:.5f} wins a trial; {size:,} beliefs"


def bayes_optimal(k: int, n: int) -> BayesOptimal:
    """Solve a Bernoulli bandit exactly, by dynamic programming over the beliefs.

    Parameters
    ----------
    k, n : int
        Arms, each of which wins with a probability drawn uniformly from [0, 1], and pulls.

    Returns
    -------
    BayesOptimal

    Raises
    ------
    ValueError
        If there are more than 10 million beliefs, see `n_beliefs`. Within reach: 2 arms to 100 pulls, 3 to 50,
        5 to 30, 10 to 25, any number to 20.

    Notes
    -----
    ``V_t(b) = max_a p_a (1 + V_{t+1}(b, a won)) + (1 - p_a) V_{t+1}(b, a lost)``, p_a the posterior mean of arm a and
    ``V_n = 0``. Arms are exchangeable, so a belief is a multiset of records.

    References
    ----------
    R. Bellman (1956), A problem in the sequential design of experiments.

    Examples
    --------
    >>> from rlhp.meta import bandits
    >>> bandits.bayes_optimal(2, 10)
    BayesOptimal(k=2, n=10): 6.02179 wins a trial; 365 beliefs
    """
    k, n = whole("k", k, at_least=1, hint="Arms."), whole("n", n, at_least=1, hint="Pulls.")
    every = beliefs(k, n)
    later, best = np.zeros(0), []
    for step in range(n - 1, -1, -1):
        layer = every.layers[step]
        stands_for = choices(layer)
        value, arm = np.full(len(layer.arms), -np.inf), np.zeros(len(layer.arms), np.uint16)
        follows = every.layers[step + 1] if step + 1 < n else None
        for column in range(layer.arms.shape[1]):
            own = stands_for[:, column] > 0
            if column:  # an arm with the same record as the one before is worth the same
                own &= layer.arms[:, column] != layer.arms[:, column - 1]
            rows = np.flatnonzero(own)
            worth = after(layer, rows, column, follows, later, every.words)
            better = worth > value[rows]
            value[rows[better]], arm[rows[better]] = worth[better], layer.arms[rows[better], column]
        later = value
        best.append(arm)
    return BayesOptimal(k, n, float(later[0]), every, tuple(reversed(best)))
