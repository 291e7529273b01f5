"""Which engine trains a run: the compiled one where it has all that is asked for, else stable-baselines3."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Mapping
from typing import Any

from rlhp.algorithms import Hyperparameter, declared
from rlhp.arguments import mapping, text
from rlhp.envs import has_gymnasium, has_jax
from rlhp.errors import unknown_name
from rlhp.schedules import Constant, Schedule
from rlhp.worlds import split

__all__ = ["ENGINES", "choose_engine", "has_engine", "has_sb3", "obstacles"]

ENGINES = ("auto", "jax", "sb3")
"""What `engine=` takes."""


def choose_engine(algorithm: str, env_id: str, config: Mapping[str, Any], engine: str = "auto") -> str:
    """Name the engine that trains a run: ``"jax"`` or ``"sb3"``.

    Parameters
    ----------
    algorithm, env_id : str
        What is trained, and where.
    config : mapping
        Hyperparameters as `check_config` gives them.
    engine : {"auto", "jax", "sb3"}
        ``"auto"`` takes the compiled engine where nothing stands against it.

    Raises
    ------
    ValueError
        If the engine is unknown, or asked for by name and something stands against it.
    ImportError
        If it is asked for by name and not installed.
    """
    if text("engine", engine, hint=f"One of {', '.join(ENGINES)}.") not in ENGINES:
        raise ValueError(unknown_name("engine", engine, ENGINES))
    env_id, config = text("env_id", env_id), mapping("config", config)
    if engine == "auto":
        lacks = obstacles("jax", algorithm, env_id, config) if has_engine() else ["JAX and optax are not installed"]
        if not has_sb3() or not lacks:
            return "jax"
        if too := obstacles("sb3", algorithm, env_id, config):
            either = f"engine='jax': {lacks[0]}; engine='sb3': {too[0]}"
            raise ValueError(f"no engine can train this {algorithm} on {env_id} ({either}).")
        return "sb3"
    if engine == "jax" and not has_engine():
        raise ImportError("engine='jax' needs JAX and optax; install them with `pip install 'rlhp[jax]'`.")
    against = obstacles(engine, algorithm, env_id, config)
    if against:
        other = "sb3" if engine == "jax" else "jax"
        instead = f"; engine={other!r} can" if not obstacles(other, algorithm, env_id, config) else ""
        raise ValueError(f"engine={engine!r} cannot train this {algorithm} on {env_id}: {against[0]}{instead}.")
    return engine


@functools.lru_cache(maxsize=1)
def has_engine() -> bool:
    """Return whether the compiled engine's packages are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("jax", "optax", "jaxtyping"))


@functools.lru_cache(maxsize=1)
def has_sb3() -> bool:
    """Return whether stable-baselines3 is installed."""
    return importlib.util.find_spec("stable_baselines3") is not None


def obstacles(engine: str, algorithm: str, env_id: str, config: Mapping[str, Any]) -> list[str]:
    """Return what stands against training a run with an engine; nothing where it can."""
    one = declared(algorithm)
    known = one.hyperparameters
    config, of_world = split(config)
    for name in config:
        if name not in known:
            raise ValueError(unknown_name("hyperparameter", name, known, where=algorithm))
    found = []
    if engine == "sb3" and one.sb3 is None:
        found.append("the algorithm is not in stable-baselines3")
    if engine == "jax" and one.agent is None:
        found.append("the algorithm is not written in JAX")
    if engine == "sb3" and not has_gymnasium(env_id):
        found.append("the environment is written in JAX alone")
    if engine == "jax" and not has_jax(env_id):
        found.append("the environment is not written in JAX, see `rlhp.envs.catalogue()`")
    for name, value in config.items():
        if foreign := _foreign(engine, known[name], value):
            found.append(f"{foreign} has `{name}`")
        elif engine == "jax" and isinstance(value, Schedule):
            if not isinstance(value, Constant) and known[name].mark != "traced":
                found.append(f"`{name}` cannot move there while it trains")
            found += _too_long(name, value)
    for name, value in of_world.items():
        if isinstance(value, Schedule):
            found += [f"`{name}` cannot move there while it trains"] if engine == "sb3" else _too_long(name, value)
    return found


def _foreign(engine: str, what: Hyperparameter, value: Any) -> str:
    """Say who has a hyperparameter that this engine lacks; nothing where it has it, or where what it lacks is off."""
    if engine in what.engines or (what.kind == "bool" and not value):
        return ""
    return f"only engine={what.engines[0]!r}"


def _too_long(name: str, schedule: Schedule) -> list[str]:
    from rlhp.agents.moving import encode

    try:
        encode(schedule)
    except ValueError as error:
        return [f"`{name}`: {error}".rstrip(".")]
    return []
