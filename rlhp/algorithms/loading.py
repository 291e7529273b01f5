"""From a declaration to the code behind it: the compiled engine's agent, and stable-baselines3's class."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from rlhp.algorithms._declaration import Algorithm
from rlhp.algorithms._registry import declared

__all__ = ["Code", "code", "sb3_class"]


@dataclass(frozen=True)
class Code:
    """What the compiled engine runs of an algorithm. Equal only to itself: another one registered is another code.

    Parameters
    ----------
    agent : callable
        ``agent(env, shapes, *, n_episodes) -> Agent``.
    shapes : callable
        ``shapes(config, env, steps) -> dict``: what decides the program of a run, from its own full configuration, its
        environment and its horizon alone.
    learning : frozenset of str
        The names among the shapes on which neither `init` nor `evaluate` depends.
    """

    agent: Callable[..., Any]
    shapes: Callable[..., dict[str, Hashable]]
    learning: frozenset[str]


def code(algorithm: str) -> Code:
    """Return what the compiled engine runs of an algorithm: its agent, and `shapes` and `LEARNING` of the same module.

    Raises
    ------
    ValueError
        If the algorithm is unknown, or has no agent.
    ImportError
        If its module cannot be imported.
    """
    one = declared(algorithm)
    if one.agent is None:
        raise ValueError(f"{algorithm} has no agent for engine='jax'; train it with engine='sb3'.")
    return code_of(one)


def code_of(one: Algorithm) -> Code:
    """Return what the compiled engine runs of a declared algorithm, registered or not; errors as `code`."""
    agent = _attribute("agent", one.agent) if isinstance(one.agent, str) else one.agent
    module = sys.modules.get(getattr(agent, "__module__", ""))
    shapes = getattr(module, "shapes", None)
    if not callable(agent) or not callable(shapes):
        where = getattr(module, "__name__", "its module")
        raise ValueError(
            f"`algorithm.agent` of {one.name} needs a function `shapes(config, env, steps) -> dict` beside it, and "
            f"{where} has none."
        )
    return Code(agent, shapes, frozenset(getattr(module, "LEARNING", ())))


def sb3_class(algorithm: str) -> Any:
    """Return the class that stable-baselines3's engine trains; errors as `code`."""
    one = declared(algorithm)
    if one.sb3 is None:
        raise ValueError(f"{algorithm} is not in stable-baselines3; train it with engine='jax'.")
    return _attribute("sb3", one.sb3)


def _attribute(field: str, path: str) -> Any:
    """Import what is named ``module:name``."""
    module, colon, name = path.partition(":")
    if not module or not colon or not name.isidentifier():
        raise ValueError(f"`algorithm.{field}` is {path!r}; give `module:name`.")
    found = getattr(importlib.import_module(module), name, None)
    if found is None:
        raise ValueError(f"`algorithm.{field}` is {path!r}, and the module {module} has no `{name}`.")
    return found
