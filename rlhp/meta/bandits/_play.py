"""Trials of a policy on Bernoulli bandits, many at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rlhp.arguments import random_generator, whole
from rlhp.meta.bandits._policies import Policy

__all__ = ["Played", "play"]


@dataclass(frozen=True, eq=False)
class Played:
    """What trials of a policy gave.

    Attributes
    ----------
    wins : int array [trials]
        Wins of each trial.
    expected : array [n]
        Of each pull, the winning probability of the arms that were pulled, in the mean of the trials.
    mean, error : float
        Estimate of the expected wins of a trial, and its standard error; see `play` on how it is made.
    """

    wins: np.ndarray
    expected: np.ndarray
    mean: float
    error: float

    def __repr__(self) -> str:
        trials, n = len(self.wins), len(self.expected)
        return f"Played({trials:,} trials of {n} pulls): {self.mean:.4f} +- {self.error:.4f} wins"


def play(policy: Policy, k: int, n: int, *, trials: int = 10_000, rng: int | np.random.Generator) -> Played:
    """Let a policy play trials of a Bernoulli bandit.

    Parameters
    ----------
    policy : Policy
    k, n : int
        Arms, each of which wins with a probability drawn uniformly from [0, 1] for each trial, and pulls.
    trials : int
    rng : int or Generator

    Returns
    -------
    Played

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be, or the policy names no arm.

    Notes
    -----
    The estimate sums the winning probabilities of the arms that were pulled, not the wins: luck of the draw has no part
    in it. It is corrected by a control variate, n times the best arm's probability, whose mean is ``n k / (k + 1)``.

    Examples
    --------
    >>> from rlhp.meta import bandits
    >>> played = bandits.play(bandits.Thompson(), 5, 10, trials=20_000, rng=0)
    >>> abs(played.mean - 5.84) < 4 * played.error
    True
    """
    k, n = whole("k", k, at_least=1, hint="Arms."), whole("n", n, at_least=1, hint="Pulls.")
    trials, draws = whole("trials", trials, at_least=3, hint="Two go into the error."), random_generator(rng)
    chance = draws.random((trials, k))
    successes, failures = np.zeros((trials, k), np.int64), np.zeros((trials, k), np.int64)
    pulled_chance, every = np.zeros((n, trials)), np.arange(trials)
    for step in range(n):
        arm = np.asarray(policy.act(successes, failures, step, n, draws))
        if arm.shape != (trials,) or not np.issubdtype(arm.dtype, np.integer) or arm.min() < 0 or arm.max() >= k:
            raise ValueError(
                f"the policy gave {arm!r:.80}; give an arm, 0 to {k - 1}, for each of the {trials} trials."
            )
        pulled_chance[step] = chance[every, arm]
        won = draws.random(trials) < pulled_chance[step]
        successes[every, arm] += won
        failures[every, arm] += ~won
    sums, control = pulled_chance.sum(axis=0), n * chance.max(axis=1)
    slope = np.cov(sums, control)[0, 1] / control.var(ddof=1)
    corrected = sums - slope * (control - n * k / (k + 1))
    error = float(corrected.std(ddof=2)) / math.sqrt(trials)
    return Played(successes.sum(axis=1), pulled_chance.mean(axis=1), float(corrected.mean()), error)
