"""Gymnasium environments by id: whether one exists, what it needs, and which algorithms can act in it."""

from __future__ import annotations

import functools

from rlhp.envs import MissingPackageError, make_gymnasium
from rlhp.trainers.hyperparameters import action_kinds, algorithms

__all__ = ["MissingPackageError", "action_kind", "check_environment", "space_kinds"]

_OBSERVATIONS = ("Box", "Discrete", "MultiDiscrete", "MultiBinary", "Dict")


def action_kind(env_id: str) -> str:
    """Name the class of an environment's action space, e.g. ``"Discrete"``; documented errors as `space_kinds`."""
    return space_kinds(env_id)[0]


@functools.lru_cache(maxsize=256)
def space_kinds(env_id: str) -> tuple[str, str]:
    """Name the classes of an environment's action and observation spaces, e.g. ``("Discrete", "Box")``.

    Raises
    ------
    ValueError
        If no environment is registered under that id.
    MissingPackageError
        If a package the environment needs is not installed.
    """
    environment = make_gymnasium(env_id)
    kinds = type(environment.action_space).__name__, type(environment.observation_space).__name__
    environment.close()
    return kinds


def check_environment(algorithm: str, env_id: str) -> None:
    """Check that an algorithm can act in an environment.

    Raises
    ------
    ValueError
        If the environment is unknown, or its spaces are not for this algorithm; the message names what fits.
    """
    kind, seen = space_kinds(env_id)
    if seen not in _OBSERVATIONS:
        raise ValueError(
            f"{env_id} has {seen} observations; the algorithms here see {', '.join(_OBSERVATIONS)}. "
            f"Wrap the environment (`gymnasium.wrappers.FlattenObservation`) and register the wrapped one."
        )
    if kind not in action_kinds(algorithm):
        fitting = [name for name in algorithms() if kind in action_kinds(name)]
        instead = f"use one of {', '.join(fitting)}" if fitting else "no algorithm here can"
        kinds = ", ".join(sorted(action_kinds(algorithm)))
        raise ValueError(f"{algorithm} acts in {kinds} action spaces, but {env_id} has a {kind} one; {instead}.")
