"""Random tabular MDPs, and what was seen of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlhp.arguments import random_generator, whole

__all__ = ["ACTIONS", "HORIZON", "STATES", "Belief", "Problems", "draw"]

STATES, ACTIONS, HORIZON = 10, 5, 10


@dataclass(frozen=True, eq=False)
class Problems:
    """MDPs, one a trial.

    Attributes
    ----------
    transitions : array [trials, states, actions, states]
        Probabilities of the next state.
    rewards : array [trials, states, actions]
        Mean rewards; a single one has standard deviation 1.
    """

    transitions: np.ndarray
    rewards: np.ndarray

    def __len__(self) -> int:
        return len(self.rewards)


def draw(trials: int, *, rng: int | np.random.Generator) -> Problems:
    """Draw MDPs.

    Parameters
    ----------
    trials : int
    rng : int or Generator

    Returns
    -------
    Problems

    Examples
    --------
    >>> draw(3, rng=0).transitions.shape
    (3, 10, 5, 10)
    """
    trials, draws = whole("trials", trials, at_least=1), random_generator(rng)
    shape = (trials, STATES, ACTIONS)
    return Problems(draws.dirichlet(np.ones(STATES), shape), draws.normal(1.0, 1.0, shape))


@dataclass(frozen=True, eq=False)
class Belief:
    """What was seen in each trial.

    Attributes
    ----------
    visits : int array [trials, states, actions, states]
        Transitions that happened.
    sums : array [trials, states, actions]
        Sums of the rewards.
    """

    visits: np.ndarray
    sums: np.ndarray

    @classmethod
    def nothing(cls, trials: int) -> Belief:
        """Return the belief of who has seen nothing."""
        return cls(np.zeros((trials, STATES, ACTIONS, STATES), np.int64), np.zeros((trials, STATES, ACTIONS)))

    @property
    def n(self) -> np.ndarray:
        """How often each action was taken in each state."""
        return np.asarray(self.visits.sum(axis=-1))

    def saw(self, state: np.ndarray, action: np.ndarray, reward: np.ndarray, after: np.ndarray) -> None:
        """Count one step of each trial, in place."""
        every = np.arange(len(state))
        self.visits[every, state, action, after] += 1
        self.sums[every, state, action] += reward

    def mean_transitions(self) -> np.ndarray:
        """Return the posterior means of the transition probabilities, under the flat Dirichlet prior."""
        counts = self.visits + 1.0
        return np.asarray(counts / counts.sum(axis=-1, keepdims=True))

    def mean_rewards(self, prior_mean: float = 1.0) -> np.ndarray:
        """Return the posterior means of the mean rewards, under N(prior_mean, 1) and noise of N(0, 1)."""
        return np.asarray((prior_mean + self.sums) / (1.0 + self.n))

    def sampled(self, rng: np.random.Generator, prior_mean: float = 1.0) -> Problems:
        """Draw an MDP for each trial from its posterior."""
        gammas = rng.standard_gamma(self.visits + 1.0)
        rewards = rng.normal(self.mean_rewards(prior_mean), 1.0 / np.sqrt(1.0 + self.n))
        return Problems(gammas / gammas.sum(axis=-1, keepdims=True), rewards)
