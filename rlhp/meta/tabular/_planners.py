"""Planners: from what was seen in earlier episodes to what is done in the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rlhp.arguments import real, whole
from rlhp.meta.tabular._problems import ACTIONS, HORIZON, STATES, Belief, Problems
from rlhp.options import options

__all__ = ["BEB", "PSRL", "UCRL2", "EpsilonGreedy", "Greedy", "OptimisticPSRL", "Oracle", "Planner", "Random", "solved"]


class Planner(Protocol):
    """Anything that plans an episode.

    `truth` is for the oracle alone: whoever learns looks at the belief.
    """

    def plan(self, belief: Belief, truth: Problems, rng: np.random.Generator) -> np.ndarray:
        """Return the probabilities of the actions [trials, steps, states, actions] in the next episode."""
        ...


def solved(transitions: np.ndarray, rewards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Solve MDPs over the steps of an episode, by backward induction.

    Parameters
    ----------
    transitions : array [trials, states, actions, states]
    rewards : array [trials, states, actions]

    Returns
    -------
    actions : int array [trials, steps, states]
    values : array [trials, states]
        Expected reward of a whole episode from each state.
    """
    values = np.zeros(rewards.shape[:2])
    actions = np.empty((len(rewards), HORIZON, rewards.shape[1]), np.int64)
    for step in range(HORIZON - 1, -1, -1):
        worth = rewards + np.einsum("bsax,bx->bsa", transitions, values)
        actions[:, step], values = worth.argmax(axis=-1), worth.max(axis=-1)
    return actions, values


def _surely(actions: np.ndarray, epsilon: float = 0.0) -> np.ndarray:
    """Return the probabilities of taking these actions, and with probability `epsilon` any."""
    return np.asarray((1.0 - epsilon) * np.eye(ACTIONS)[actions] + epsilon / ACTIONS)


@options
@dataclass(frozen=True)
class Random:
    """Any action, each as likely."""

    def plan(self, belief: Belief, truth: Problems, rng: np.random.Generator) -> np.ndarray:
        """Return the same probability for every action."""
        return np.full((len(truth), HORIZON, STATES, ACTIONS), 1.0 / ACTIONS)


@options
@dataclass(frozen=True)
class Oracle:
    """Who knows the MDP: no learner can do better."""

    def plan(self, belief: Belief, truth: Problems, rng: np.random.Generator) -> np.ndarray:
        """Return the best actions."""
        return _surely(solved(truth.transitions, truth.rewards)[0])


@options
@dataclass(frozen=True)
class EpsilonGreedy:
    """Plan with the posterior means; with probability `epsilon` a step, any action.

    Parameters
    ----------
    epsilon : float
    prior_mean : float
        Of the mean rewards; the problems have 1.
    """

    epsilon: float = 0.1
    prior_mean: float = 1.0

    def __post_init__(self) -> None:
        real("epsilon", self.epsilon, at_least=0, at_most=1)
        real("prior_mean", self.prior_mean)

    def plan(self, belief: Belief, truth: Problems, rng: np.random.Generator) -> np.ndarray:
        """Return the planned actions, mixed with any."""
        actions, _ = solved(belief.mean_transitions(), belief.mean_rewards(self.prior_mean))
        return _surely(actions, self.epsilon)


@options
@dataclass(frozen=True)
class Greedy:
    """Plan with the posterior means.

    Parameters
    ----------
    prior_mean : float
        Of the mean rewards; the problems have 1.
    """

    prior_mean: float = 1.0

    def __post_init__(self) -> None:
        real("prior_mean", self.prior_mean)

    def plan(self, belief: Belief, truth: Problems, rng: np.random.Generator) -> np.ndarray:
        """Return the planned actions."""
        return EpsilonGreedy(0.0, self.prior_mean).plan(belief, truth, rng)


@options
@dataclass(frozen=True)
class PSRL:
    """Draw an MDP from the posterior before each episode, and act as is best in it.

    Parameters
    ----------
    prior_mean : float
        Of the mean rewards. With 0 instead of the problems' 1, less is expected of what is unknown.

    References
    ----------
    M. Strens (2000), A Bayesian framework for reinforcement learning. I. Osband, D. Russo, B. Van Roy (2013), (More)
    efficient reinforcement learning via posterior sampling.
    """

    prior_mean: float = 1.0

    def __post_init__(self) -> None:
        real("prior_mean", self.prior_mean)

    def plan(self, belief: Belief, truth: Problems, rng: np.random.Generator) -> np.ndarray:
        """Return the best actions of the MDP that was drawn."""
        drawn = belief.sampled(rng, self.prior_mean)
        return _surely(solved(drawn.transitions, drawn.rewards)[0])


@options
@dataclass(frozen=True)
class OptimisticPSRL:
    """Draw several MDPs from the posterior; in each state, take the action that promises most in any of them.

    Parameters
    ----------
    samples : int
        MDPs an episode.
    prior_mean : float
        Of the mean rewards.

    References
    ----------
    J. Asmuth et al. (2009), A Bayesian sampling approach to exploration in reinforcement learning.
    """

    samples: int = 5
    prior_mean: float = 1.0

    def __post_init__(self) -> None:
        whole("samples", self.samples, at_least=1)
        real("prior_mean", self.prior_mean)

    def plan(self, belief: Belief, truth: Problems, rng: np.random.Generator) -> np.ndarray:
        """Return the best actions of the MDP that has the actions of all that were drawn."""
        drawn = [belief.sampled(rng, self.prior_mean) for _ in range(self.samples)]
        merged = [np.concatenate([getattr(one, name) for one in drawn], axis=2) for name in ("transitions", "rewards")]
        return _surely(solved(*merged)[0] % ACTIONS)


@options
@dataclass(frozen=True)
class BEB:
    """Plan with the posterior means and a bonus of ``beta / (1 + n)`` for what was done n times.

    Parameters
    ----------
    beta : float
    prior_mean : float
        Of the mean rewards. With 0, a `beta` of 1 is `Greedy` with 1.

    References
    ----------
    J. Z. Kolter and A. Y. Ng (2009), Near-Bayesian exploration in polynomial time.
    """

    beta: float = 1.0
    prior_mean: float = 1.0

    def __post_init__(self) -> None:
        real("beta", self.beta, at_least=0)
        real("prior_mean", self.prior_mean)

    def plan(self, belief: Belief, truth: Problems, rng: np.random.Generator) -> np.ndarray:
        """Return the best actions, bonus included."""
        rewards = belief.mean_rewards(self.prior_mean) + self.beta / (1.0 + belief.n)
        return _surely(solved(belief.mean_transitions(), rewards)[0])


@options
@dataclass(frozen=True)
class UCRL2:
    """Act as is best in the most favourable MDP within confidence bounds around the posterior means.

    Of an action that was taken n times in a state, after t steps in all: the mean reward may be
    ``width sqrt(7 ln(2 S A t / delta) / (2 max(1, n)))`` higher, and the transition probabilities
    ``width sqrt(14 S ln(2 A t / delta) / max(1, n))`` away in the sum of absolute differences.

    Parameters
    ----------
    width : float
        1 for the bounds of the theorem, which are far too wide for a few episodes.
    delta : float
        Probability that the bounds do not hold, in (0, 1).
    prior_mean : float
        Of the mean rewards.

    References
    ----------
    T. Jaksch, R. Ortner, P. Auer (2010), Near-optimal regret bounds for reinforcement learning.
    """

    width: float = 0.1
    delta: float = 0.05
    prior_mean: float = 1.0

    def __post_init__(self) -> None:
        real("width", self.width, at_least=0)
        real("prior_mean", self.prior_mean)
        real("delta", self.delta, above=0, below=1)

    def plan(self, belief: Belief, truth: Problems, rng: np.random.Generator) -> np.ndarray:
        """Return the best actions of the most favourable MDP."""
        n, taken = np.maximum(belief.n, 1), np.maximum(belief.n.sum(axis=(1, 2), keepdims=True), 1)
        bonus = np.sqrt(3.5 * np.log(2 * STATES * ACTIONS * taken / self.delta) / n)
        radius = np.sqrt(14 * STATES * np.log(2 * ACTIONS * taken / self.delta) / n)
        rewards, means = belief.mean_rewards(self.prior_mean) + self.width * bonus, belief.mean_transitions()
        values = np.zeros(rewards.shape[:2])
        actions = np.empty((len(rewards), HORIZON, STATES), np.int64)
        for step in range(HORIZON - 1, -1, -1):
            worth = rewards + _favourable(means, values, self.width * radius)
            actions[:, step], values = worth.argmax(axis=-1), worth.max(axis=-1)
        return _surely(actions)


def _favourable(means: np.ndarray, values: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """Return the highest expected value of transition probabilities within a sum of absolute differences.

    Half of the sum goes to the best next state, and is taken from the worst ones first.
    """
    order = np.argsort(-values, axis=-1)
    sorted_values = np.take_along_axis(values, order, axis=-1)
    likely = np.take_along_axis(means, order[:, None, None, :], axis=-1)
    likely[..., 0] = np.minimum(1.0, likely[..., 0] + radius / 2)
    left = 1.0 - np.cumsum(likely, axis=-1) + likely  # what the better ones leave for each
    return np.asarray(np.einsum("bsax,bx->bsa", np.clip(left, 0.0, likely), sorted_values))
