"""The algorithms there are: ours, and those that a user registers."""

from __future__ import annotations

from typing import Any

from rlhp.algorithms._declaration import Algorithm
from rlhp.algorithms.a2c import A2C
from rlhp.algorithms.cem_rl import CEM_RL
from rlhp.algorithms.dqn import DQN
from rlhp.algorithms.erl import ERL
from rlhp.algorithms.p3s import P3S
from rlhp.algorithms.ppo import PPO
from rlhp.algorithms.sac import SAC
from rlhp.algorithms.svpg import SVPG
from rlhp.algorithms.td3 import TD3
from rlhp.arguments import text
from rlhp.errors import unknown_name

_OURS = {one.name: one for one in (A2C, CEM_RL, DQN, ERL, P3S, PPO, SAC, SVPG, TD3)}
_DECLARED: dict[str, Algorithm] = dict(_OURS)


def names() -> list[str]:
    """List the algorithms that can be trained.

    Examples
    --------
    >>> names()[:3]
    ['a2c', 'cem_rl', 'dqn']
    """
    return sorted(_DECLARED)


def declared(algorithm: str) -> Algorithm:
    """Return the declaration of an algorithm.

    Raises
    ------
    ValueError
        If the algorithm is unknown.

    Examples
    --------
    >>> declared("ppo").hyperparameters["clip_range"].low
    0
    """
    if text("algorithm", algorithm, hint=f"One of {', '.join(names())}.") not in _DECLARED:
        hint = "One of your own is known once `rlhp.algorithms.register` has been called."
        raise ValueError(unknown_name("algorithm", algorithm, names(), hint=hint))
    return _DECLARED[algorithm]


def defaults(algorithm: str) -> dict[str, Any]:
    """Return the defaults of an algorithm's hyperparameters; None means that the algorithm decides.

    Raises
    ------
    ValueError
        If the algorithm is unknown.

    Examples
    --------
    >>> defaults("ppo")["clip_range"]
    0.2
    """
    return {name: what.default for name, what in declared(algorithm).hyperparameters.items()}


def keep(algorithm: Algorithm) -> None:
    """Make an algorithm known that `registering.register` has checked."""
    _DECLARED[algorithm.name] = algorithm


def of_others(algorithm: str) -> Algorithm | None:
    """Return the declaration of an algorithm that is not as this package has it: another process must be told of it.

    Examples
    --------
    >>> of_others("ppo") is None
    True
    """
    one = declared(algorithm)
    return None if _OURS.get(algorithm) is one else one
