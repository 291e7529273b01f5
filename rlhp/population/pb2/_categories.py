"""Which category to play: exponential weights that forget, for rewards whose best category changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Round", "chances"]


@dataclass(frozen=True, eq=False)
class Round:
    """What a generation says of the categories of one hyperparameter.

    Attributes
    ----------
    played : array of int [n]
        The category of each member.
    gains : array [n]
        What each gained; NaN where it failed, which is the worst.
    drawn : array of bool [n]
        Whether the category was drawn for this generation. What was held over is seen for certain.
    """

    played: np.ndarray
    gains: np.ndarray
    drawn: np.ndarray


def chances(rounds: Sequence[Round], n: int, horizon: int) -> np.ndarray:
    """Return the probabilities with which the next category is drawn, shape [n].

    Exponential weights with a share of even draws, and with a share of all weight given back to every category in every
    round, so that none is ever lost. A category's reward is the share of other members that those who play it gained
    more than: a return's unit and the pace of learning do not enter. It is divided by the probability that anybody
    plays the category, so that its expectation is right for those that are seldom drawn.

    Parameters
    ----------
    rounds : sequence of Round
        In the order of time.
    n : int
        How many categories there are.
    horizon : int
        How many rounds there will be: the more, the less is learned from each. At least as many as there were.

    References
    ----------
    J. Parker-Holder, V. Nguyen, S. Desai, S. Roberts (2021), Tuning mixed input hyperparameters on the fly for
    efficient population based AutoRL (TV.EXP3.M, where each category is played once at most and the step is that of
    single plays; here members may share a category, and a round that shows them all is learned more from). P. Auer et
    al. (2002), The nonstochastic multiarmed bandit problem.

    Examples
    --------
    >>> each = Round(np.array([0, 1]), np.array([1.0, 0.0]), np.array([True, True]))
    >>> chances([], 2, 10).tolist()
    [0.5, 0.5]
    >>> bool(chances([each] * 10, 2, 10)[0] > 0.6)
    True
    """
    weights = np.full(n, 1.0 / n)
    if n == 1:
        return weights
    horizon = max(horizon, len(rounds), 1)
    plays = max((len(one.played) for one in rounds), default=1)
    even = min(1.0, float(np.sqrt(n * np.log(n) / ((np.e - 1.0) * min(plays, n) * horizon))))
    # The step at which the bound on the regret is least: the more categories a round shows, the surer is each estimate.
    step = float(np.sqrt(2.0 * np.log(n) * (1.0 - (1.0 - 1.0 / n) ** plays) / horizon))
    for one in rounds:
        weights = weights * np.exp(step * _rewards(one, (1.0 - even) * weights + even / n)) + np.e / (n * horizon)
        weights = weights / weights.sum()
    return (1.0 - even) * weights + even / n


def _rewards(one: Round, share: np.ndarray) -> np.ndarray:
    """Return the estimated reward of each category, 0 where nobody played it."""
    rewards = np.zeros(len(share))
    gains = np.where(np.isnan(one.gains), -np.inf, one.gains)
    more, equal = (gains[:, None] > gains).sum(axis=1), (gains[:, None] == gains).sum(axis=1) - 1
    beaten = (more + 0.5 * equal) / (len(gains) - 1) if len(gains) > 1 else np.full(len(gains), 0.5)
    for category in np.unique(one.played):
        own = one.played == category
        certain = bool((own & ~one.drawn).any())
        seen = 1.0 if certain else 1.0 - (1.0 - share[category]) ** int(one.drawn.sum())
        rewards[category] = beaten[own].mean() / seen
    return rewards
