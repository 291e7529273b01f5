"""The algorithms there are: ours, and those that a user registers."""

from __future__ import annotations

from rlhp.algorithms.a2c import A2C
from rlhp.algorithms.declaration import Algorithm
from rlhp.algorithms.dqn import DQN
from rlhp.algorithms.ppo import PPO
from rlhp.algorithms.sac import SAC
from rlhp.algorithms.td3 import TD3
from rlhp.arguments import text
from rlhp.errors import unknown_name

__all__ = ["declared", "names", "register"]

_DECLARED: dict[str, Algorithm] = {one.name: one for one in (A2C, DQN, PPO, SAC, TD3)}


def names() -> list[str]:
    """List the algorithms that can be trained.

    Examples
    --------
    >>> names()[:3]
    ['a2c', 'dqn', 'ppo']
    """
    return sorted(_DECLARED)


def declared(algorithm: str) -> Algorithm:
    """Give the declaration of an algorithm.

    Raises
    ------
    ValueError
        If the algorithm is unknown.

    Examples
    --------
    >>> declared("ppo").hyperparameters["clip_range"].default
    0.2
    """
    if text("algorithm", algorithm, hint=f"One of {', '.join(names())}.") not in _DECLARED:
        raise ValueError(unknown_name("algorithm", algorithm, names()))
    return _DECLARED[algorithm]


def register(algorithm: Algorithm) -> None:
    """Make an algorithm of one's own known; it replaces one of the same name."""
    _DECLARED[algorithm.name] = algorithm
