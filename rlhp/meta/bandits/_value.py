"""The exact value of a policy on Bernoulli bandits: its expected wins, over all beliefs that there can be."""

from __future__ import annotations

import numpy as np

from rlhp.arguments import instance, whole
from rlhp.meta.bandits._beliefs import Layer, beliefs, counts_of, pulls_of
from rlhp.meta.bandits._policies import IndexPolicy, as_likely

__all__ = ["after", "choices", "policy_value"]


def policy_value(policy: IndexPolicy, k: int, n: int) -> float:
    """Compute the expected number of wins of an index policy, exactly.

    Parameters
    ----------
    policy : IndexPolicy
        Whatever pulls the arm whose index, a function of the arm's own record and of time, is the highest; ties are
        broken at random. `Greedy()`, `UCB1(.1)`, `Gittins(.99)` are, and so is a class of your own.
    k, n : int
        Arms, each of which wins with a probability drawn uniformly from [0, 1], and pulls.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If there are more than 10 million beliefs, see `n_beliefs`; `play` estimates then.
    TypeError
        If the policy has no index, as `Thompson` has none.

    Examples
    --------
    >>> from rlhp.meta import bandits
    >>> f"{bandits.policy_value(bandits.Greedy(), 5, 10):.4f}"
    '6.6262'
    """
    instance("policy", policy, IndexPolicy, hint="It gives an arm an index; what draws at random is for `play`.")
    k, n = whole("k", k, at_least=1, hint="Arms."), whole("n", n, at_least=1, hint="Pulls.")
    every = beliefs(k, n)
    successes, failures = counts_of(n)
    later = np.zeros(0)
    for step in range(n - 1, -1, -1):
        layer = every.layers[step]
        index = np.asarray(policy.index(successes, failures, step, n), float)
        weights = choices(layer)
        chance = as_likely(index[layer.arms], weights, policy.exploration)
        value = np.zeros(len(layer.arms))
        follows = every.layers[step + 1] if step + 1 < n else None
        for column in range(layer.arms.shape[1]):
            rows = np.flatnonzero(chance[:, column])
            value[rows] += chance[rows, column] * after(layer, rows, column, follows, later, every.words)
        later = value
    return float(later[0])


def choices(layer: Layer) -> np.ndarray:
    """Return how many arms each column of a layer stands for: one, all untouched ones, or none, counted already."""
    zero = layer.arms == 0
    first = zero & (np.cumsum(zero, axis=1) == 1)
    return np.where(zero, np.where(first, layer.untouched[:, None], 0), 1)


def after(
    layer: Layer, rows: np.ndarray, column: int, follows: Layer | None, later: np.ndarray, words: np.ndarray
) -> np.ndarray:
    """Return the expected wins from some beliefs on, if the arm of one column is pulled.

    Parameters
    ----------
    layer : Layer
    rows : int array [m]
        The beliefs.
    column : int
    follows : Layer, optional
        The beliefs after the pull; none after the last.
    later : array [beliefs of `follows`]
        What these are worth.
    words : uint64 array
        The arms' parts of a key.

    Returns
    -------
    array [m]
    """
    arm = layer.arms[rows, column].astype(np.int64)
    pulls = pulls_of(arm)
    wins = arm - pulls * (pulls + 1) // 2
    mean = (wins + 1) / (pulls + 2)  # of Beta(wins + 1, losses + 1)
    if follows is None:
        return np.asarray(mean)
    keys = words[layer.arms[rows]].sum(axis=1, dtype=np.uint64) - words[arm]
    lost = arm + pulls + 1
    won_on, lost_on = (later[follows.find(keys + words[new])] for new in (lost + 1, lost))
    return np.asarray(mean * (1.0 + won_on) + (1.0 - mean) * lost_on)
