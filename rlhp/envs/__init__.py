"""Environments for both engines: pure functions for the compiled one, and what stable-baselines3 trains on beside it.

    rlhp.envs.catalogue()                      # what there is, which numbers of it runs may differ in
    rlhp.envs.make_jax("CartPole-v1")          # for the compiled engine
    rlhp.envs.make_gymnasium("CartPole-v1")    # for stable-baselines3, and to look at
    rlhp.envs.register("Mine-v0", jax=..., gymnasium=...)      # one of your own, for either engine or both
    rlhp.envs.register("Catch-v0", jax=rlhp.envs.from_gymnax("Catch-bsuite"))

What agents share, copies that restart by themselves, stands in `rlhp.envs.playing`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlhp.envs.environment import Environment
    from rlhp.envs.gymnax_environments import from_gymnax
    from rlhp.envs.registering import register
    from rlhp.envs.registry import MissingPackageError, catalogue, has_jax, make_gymnasium, make_jax
    from rlhp.worlds import Parameter

_NAMES = {
    "catalogue": "rlhp.envs.registry",
    "has_jax": "rlhp.envs.registry",
    "make_jax": "rlhp.envs.registry",
    "make_gymnasium": "rlhp.envs.registry",
    "register": "rlhp.envs.registering",
    "from_gymnax": "rlhp.envs.gymnax_environments",
    "Environment": "rlhp.envs.environment",
    "Parameter": "rlhp.worlds",
    "MissingPackageError": "rlhp.envs.registry",
}

__all__ = [
    "catalogue",
    "has_jax",
    "make_jax",
    "make_gymnasium",
    "register",
    "from_gymnax",
    "Environment",
    "Parameter",
    "MissingPackageError",
]


def __getattr__(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(_NAMES[name]), name)
        globals()[name] = value
        return value
    from rlhp.errors import unknown_name

    raise AttributeError(unknown_name("name", name, __all__, where="rlhp.envs"))


def __dir__() -> list[str]:
    return sorted(__all__)
