"""Trials of a planner on random tabular MDPs, many at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlhp.arguments import instance, random_generator, whole
from rlhp.meta.tabular._planners import Planner
from rlhp.meta.tabular._problems import HORIZON, Belief, Problems, draw

__all__ = ["Played", "play"]


@dataclass(frozen=True, eq=False)
class Played:
    """What trials of a planner gave.

    Attributes
    ----------
    rewards : array [trials, episodes]
        Sum of the mean rewards of what was done; the noise of single rewards has no part in it.
    mean, error : float
        Of the sum over a trial, and its standard error.
    """

    rewards: np.ndarray

    @property
    def mean(self) -> float:
        """Mean over trials of the sum over episodes."""
        return float(self.rewards.sum(axis=1).mean())

    @property
    def error(self) -> float:
        """Standard error of `mean`."""
        return float(self.rewards.sum(axis=1).std(ddof=1) / np.sqrt(len(self.rewards)))

    def __repr__(self) -> str:
        trials, episodes = self.rewards.shape
        return f"Played({trials:,} trials of {episodes} episodes): {self.mean:.2f} +- {self.error:.2f} reward"


def play(
    planner: Planner,
    n: int,
    *,
    trials: int | Problems = 1_000,
    rng: int | np.random.Generator,
) -> Played:
    """Let a planner play trials of `n` episodes, each in an MDP of its own.

    Parameters
    ----------
    planner : Planner
    n : int
        Episodes of a trial.
    trials : int or Problems
        How many, or the MDPs themselves, so that several planners meet the same ones.
    rng : int or Generator

    Returns
    -------
    Played

    Raises
    ------
    ValueError, TypeError
        If an argument cannot be, or a plan is no table of probabilities.

    References
    ----------
    The problems: I. Osband, D. Russo, B. Van Roy (2013); Y. Duan et al. (2016), RL^2: fast reinforcement learning via
    slow reinforcement learning.

    Examples
    --------
    >>> from rlhp.meta import tabular
    >>> played = tabular.play(tabular.Oracle(), 1, trials=2_000, rng=0)
    >>> abs(played.mean - 21.83) < 4 * played.error
    True
    """
    n, draws = whole("n", n, at_least=1, hint="Episodes."), random_generator(rng)
    problems = trials if isinstance(trials, Problems) else draw(trials, rng=draws)
    instance("trials", problems, Problems)
    every, belief = np.arange(len(problems)), Belief.nothing(len(problems))
    rewards = np.zeros((len(problems), n))
    ends = np.cumsum(problems.transitions, axis=-1)
    for episode in range(n):
        plan = np.asarray(planner.plan(belief, problems, draws), float)
        if plan.shape != (len(problems), HORIZON, *problems.rewards.shape[1:]) or not np.allclose(plan.sum(axis=-1), 1):
            raise ValueError(f"a plan has the shape {plan.shape}; give probabilities [trials, steps, states, actions].")
        state = np.zeros(len(problems), np.int64)
        for step in range(HORIZON):
            action = _drawn(np.cumsum(plan[every, step, state], axis=-1), draws)
            mean = problems.rewards[every, state, action]
            after = _drawn(ends[every, state, action], draws)
            belief.saw(state, action, mean + draws.standard_normal(len(mean)), after)
            rewards[:, episode] += mean
            state = after
    return Played(rewards)


def _drawn(ends: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw one of each row's outcomes, from the cumulative probabilities."""
    return np.asarray((ends > rng.random(len(ends))[:, None] * ends[:, -1:]).argmax(axis=-1))
