"""Policies for Bernoulli bandits: from what every arm has shown to the arm that is pulled."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from rlhp.arguments import real, whole
from rlhp.options import options

__all__ = [
    "UCB1",
    "EpsilonGreedy",
    "Greedy",
    "IndexPolicy",
    "OptimisticThompson",
    "Policy",
    "Random",
    "Thompson",
    "as_likely",
]


class Policy(Protocol):
    """Anything that pulls arms."""

    def act(
        self, successes: np.ndarray, failures: np.ndarray, step: int, n: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the arm that each trial pulls.

        Parameters
        ----------
        successes, failures : int array [trials, k]
        step : int
            Pulls by now, from 0.
        n : int
            Pulls of a whole trial.
        rng : Generator

        Returns
        -------
        int array [trials]
        """
        ...


@runtime_checkable
class IndexPolicy(Protocol):
    """A policy that pulls the arm with the highest index, ties at random, and at times any arm.

    Attributes
    ----------
    exploration : float
        Probability of pulling any arm, each as likely.
    """

    @property
    def exploration(self) -> float: ...

    def index(self, successes: np.ndarray, failures: np.ndarray, step: int, n: int) -> np.ndarray:
        """Return the index of arms from their own records [any shape], `step` pulls of `n` into the trial."""
        ...


class _ByIndex(ABC):
    """How whoever has an index acts."""

    exploration: ClassVar[float] = 0.0

    @abstractmethod
    def index(self, successes: np.ndarray, failures: np.ndarray, step: int, n: int) -> np.ndarray: ...

    def act(
        self, successes: np.ndarray, failures: np.ndarray, step: int, n: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the arm that each trial pulls; see `Policy`."""
        index = np.asarray(self.index(successes, failures, step, n), float)
        chance = as_likely(index, np.ones(index.shape), self.exploration)
        draw = rng.random(len(index))[:, None]
        return np.asarray((np.cumsum(chance, axis=1) > draw * chance.sum(axis=1, keepdims=True)).argmax(axis=1))


def as_likely(index: np.ndarray, weights: np.ndarray, exploration: float) -> np.ndarray:
    """Return how likely each column is pulled, where it stands for `weights` arms of that index.

    Examples
    --------
    >>> as_likely(np.array([[0.5, 0.2, 0.5]]), np.array([[1, 1, 2]]), 0.0).round(3).tolist()
    [[0.333, 0.0, 0.667]]
    """
    allowed = np.where(weights > 0, index, -np.inf)
    best = allowed.max(axis=1, keepdims=True)
    # Equal records give equal indices to the bit; the margin is for formulae that reach one number in two ways.
    tied = np.where(allowed >= best - 1e-12 * np.maximum(1.0, np.abs(best)), weights, 0.0)
    greedy = tied / tied.sum(axis=1, keepdims=True)
    if not exploration:
        return np.asarray(greedy)
    return np.asarray((1.0 - exploration) * greedy + exploration * weights / weights.sum(axis=1, keepdims=True))


def _mean(successes: np.ndarray, failures: np.ndarray) -> np.ndarray:
    return np.asarray((successes + 1.0) / (successes + failures + 2.0))


@options
@dataclass(frozen=True)
class Random(_ByIndex):
    """Any arm, each as likely."""

    def index(self, successes: np.ndarray, failures: np.ndarray, step: int, n: int) -> np.ndarray:
        """Return 0 for every arm."""
        return np.zeros(np.shape(successes))


@options
@dataclass(frozen=True)
class Greedy(_ByIndex):
    """The arm with the highest posterior mean, (wins + 1) / (pulls + 2)."""

    def index(self, successes: np.ndarray, failures: np.ndarray, step: int, n: int) -> np.ndarray:
        """Return the posterior means."""
        return _mean(successes, failures)


@options
@dataclass(frozen=True)
class EpsilonGreedy(_ByIndex):
    """With probability `epsilon` any arm, else the one with the highest posterior mean.

    Parameters
    ----------
    epsilon : float
        In [0, 1].
    """

    epsilon: float = 0.1

    def __post_init__(self) -> None:
        real("epsilon", self.epsilon, at_least=0, at_most=1)

    @property
    def exploration(self) -> float:  # type: ignore[override]
        """The same as `epsilon`."""
        return self.epsilon

    def index(self, successes: np.ndarray, failures: np.ndarray, step: int, n: int) -> np.ndarray:
        """Return the posterior means."""
        return _mean(successes, failures)


@options
@dataclass(frozen=True)
class UCB1(_ByIndex):
    """The highest posterior mean plus ``c sqrt(2 ln t / m)``, m the pulls of the arm and t those of all.

    The uniform prior counts as one win in two pulls of each arm, so that no arm has to be tried first: m counts these
    two, and t is 1 before the first pull.

    Parameters
    ----------
    c : float
        Width of the bonus, from 0; 1 is the bound of the theorem.

    References
    ----------
    P. Auer, N. Cesa-Bianchi, P. Fischer (2002), Finite-time analysis of the multiarmed bandit problem. With the
    prior counts: Y. Duan et al. (2016), RL^2: fast reinforcement learning via slow reinforcement learning.
    """

    c: float = 1.0

    def __post_init__(self) -> None:
        real("c", self.c, at_least=0)

    def index(self, successes: np.ndarray, failures: np.ndarray, step: int, n: int) -> np.ndarray:
        """Return the upper bounds."""
        bonus = np.sqrt(2.0 * np.log(step + 1.0) / (successes + failures + 2.0))
        return np.asarray(_mean(successes, failures) + self.c * bonus)


@options
@dataclass(frozen=True)
class Thompson:
    """The arm that is best in one draw from the posterior.

    References
    ----------
    W. R. Thompson (1933), On the likelihood that one unknown probability exceeds another.
    """

    def act(
        self, successes: np.ndarray, failures: np.ndarray, step: int, n: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the arm that each trial pulls; see `Policy`."""
        return np.asarray(rng.beta(successes + 1, failures + 1).argmax(axis=1))


@options
@dataclass(frozen=True)
class OptimisticThompson:
    """The arm whose highest of several draws from the posterior is the highest.

    Parameters
    ----------
    samples : int
        Draws a pull and arm.

    References
    ----------
    B. C. May et al. (2012), Optimistic Bayesian sampling in contextual-bandit problems. Several draws: Duan et al.
    (2016).
    """

    samples: int = 2

    def __post_init__(self) -> None:
        whole("samples", self.samples, at_least=1)

    def act(
        self, successes: np.ndarray, failures: np.ndarray, step: int, n: int, rng: np.random.Generator
    ) -> np.ndarray:
        """Return the arm that each trial pulls; see `Policy`."""
        drawn = rng.beta(successes + 1, failures + 1, (self.samples, *np.shape(successes)))
        return np.asarray(drawn.max(axis=0).argmax(axis=1))
