"""Which environments the compiled engine has, and what each engine calls by an id: plain data, no engine imported."""

from __future__ import annotations

import dataclasses
import functools
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rlhp.envs.environment import Environment
from rlhp.errors import unknown_name
from rlhp.returns import return_bounds
from rlhp.worlds import check_values
from rlhp.worlds import parameters as declared_parameters

if TYPE_CHECKING:
    import gymnasium
    import pandas as pd

__all__ = ["MissingPackageError", "catalogue", "has_jax", "make_gymnasium", "make_jax"]


class MissingPackageError(ImportError):
    """An environment needs a package that is not installed; the message names it."""


@dataclass(frozen=True)
class _Entry:
    """An environment that both engines have: the ``module:function`` that makes it for each, and how the two differ."""

    jax: str
    gymnasium: str = ""  # empty: `gymnasium.make` knows the id
    differs: str = ""


_ENTRIES = {
    "CartPole-v1": _Entry("rlhp.envs.classic:cart_pole_v1"),
    "Acrobot-v1": _Entry("rlhp.envs.classic:acrobot_v1"),
    "MountainCar-v0": _Entry("rlhp.envs.classic:mountain_car_v0"),
    "MountainCarContinuous-v0": _Entry("rlhp.envs.classic:mountain_car_continuous_v0"),
    "Pendulum-v1": _Entry("rlhp.envs.classic:pendulum_v1"),
    "MinAtar/Breakout-v1": _Entry("rlhp.envs.minatar:breakout_v1", "rlhp.envs.counterparts:min_atar"),
    "MinAtar/Asterix-v1": _Entry("rlhp.envs.minatar:asterix_v1", "rlhp.envs.counterparts:min_atar"),
    "MiniGrid-Empty-5x5-v0": _Entry("rlhp.envs.minigrid:empty_5x5", "rlhp.envs.counterparts:mini_grid"),
    "MiniGrid-DoorKey-5x5-v0": _Entry("rlhp.envs.minigrid:door_key_5x5", "rlhp.envs.counterparts:mini_grid"),
}


def has_jax(env_id: str) -> bool:
    """Say whether the compiled engine has an environment; imports no JAX.

    Examples
    --------
    >>> has_jax("CartPole-v1"), has_jax("LunarLander-v3")
    (True, False)
    """
    return env_id in _ENTRIES


def catalogue() -> pd.DataFrame:
    """List the environments that both engines have.

    Returns
    -------
    pandas.DataFrame
        One row per id (the index `env_id`): `engines` that have it, the least and the most undiscounted return of an
        episode (`return_low`, `return_high`), and how they `differs` (empty where they do not).
        stable-baselines3 trains on every other environment that Gymnasium knows as well.

    Examples
    --------
    >>> catalogue().loc["CartPole-v1", "engines"]
    'jax, sb3'
    """
    import pandas as pd

    rows = []
    for env_id, entry in _ENTRIES.items():
        least, most = return_bounds(env_id)
        facts = {"engines": "jax, sb3", "return_low": least, "return_high": most, "differs": entry.differs}
        rows.append({"env_id": env_id, **facts})
    return pd.DataFrame(rows).set_index("env_id")


@functools.cache
def make_jax(env_id: str) -> Environment:
    """Give an environment as the compiled engine's pure functions.

    Raises
    ------
    ValueError
        If the compiled engine has no environment of that id.
    MissingPackageError
        If a package it needs is not installed.

    Examples
    --------
    >>> make_jax("Pendulum-v1").action_high
    (2.0,)
    """
    if env_id not in _ENTRIES:
        hint = 'stable-baselines3 (`engine="sb3"`) trains on every environment that Gymnasium knows.'
        raise ValueError(unknown_name("environment", env_id, list(_ENTRIES), where='engine="jax"', hint=hint))
    entry = _ENTRIES[env_id]
    built: Environment = _function(entry.jax, env_id)()
    return dataclasses.replace(built, differs=entry.differs)


def make_gymnasium(
    env_id: str, *, parameters: Mapping[str, float] | None = None, **options: Any
) -> gymnasium.Env[Any, Any]:
    """Make the Gymnasium environment of an id: where both engines have it, one that shows what the JAX one shows.

    Parameters
    ----------
    env_id : str
        An id of `catalogue()` or any that Gymnasium knows; ``module:EnvId`` imports the module first.
    parameters : mapping, optional
        The world to make, such as ``{"gravity": 12.0}``; those not named keep their defaults.
    **options
        Handed on to `gymnasium.make`, e.g. ``render_mode="rgb_array"``.

    Raises
    ------
    ValueError
        If no environment is registered under that id, it cannot be made with these options, or it has no such
        parameters.
    MissingPackageError
        If a package the environment needs is not installed.

    Examples
    --------
    >>> make_gymnasium("CartPole-v1").observation_space.shape
    (4,)
    """
    import gymnasium
    from gymnasium import error as problems

    entry = _ENTRIES.get(env_id)
    world = check_values(env_id, {} if parameters is None else parameters)
    made: gymnasium.Env[Any, Any]
    try:
        if entry is not None and entry.gymnasium:
            made = _function(entry.gymnasium, env_id)(env_id, **options)
        else:
            made = gymnasium.make(env_id, **options)
        if world:
            from rlhp.envs.counterparts import in_world

            in_world(made, declared_parameters(env_id), world)
        return made
    except (problems.UnregisteredEnv, problems.NameNotFound, problems.VersionNotFound) as error:
        hint = "For an environment of your own, give `module:EnvId` where importing the module registers it."
        message = unknown_name("environment", env_id, sorted({*gymnasium.registry, *_ENTRIES}), hint=hint)
        raise ValueError(_shortened(message)) from error
    except MissingPackageError:
        raise
    except (problems.DependencyNotInstalled, ImportError) as error:
        raise _missing(env_id, error) from error
    except (Exception, SystemExit) as error:  # an environment's own code may raise anything
        raise ValueError(f"environment `{env_id}` cannot be made: {type(error).__name__}: {error}") from error


def _function(path: str, env_id: str) -> Callable[..., Any]:
    """Import the function named ``module:function``."""
    module, _, function = path.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), function)
    except ImportError as error:
        raise _missing(env_id, error) from error
    return found


def _missing(env_id: str, error: Exception) -> MissingPackageError:
    package = (getattr(error, "name", None) or "").split(".")[0]
    if not package:  # Gymnasium says itself what to install
        return MissingPackageError(f"{env_id} needs a package that is not installed: {error}")
    return MissingPackageError(
        f"{env_id} needs the package {package}, which is not installed; install it with `pip install {package}`."
    )


def _shortened(message: str, limit: int = 40) -> str:
    """Keep a message readable where a thousand ids would be valid: the first ones, and where to see all."""
    head, _, names = message.partition(" Valid: ")
    listed, _, hint = names.partition(". ")
    ids = listed.split(", ")
    if len(ids) <= limit:
        return message
    return f"{head} {len(ids)} are registered, see `gymnasium.registry`. {hint}"
