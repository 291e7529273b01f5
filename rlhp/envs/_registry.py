"""Which environments there are besides Gymnasium's, and what each engine calls by an id; no engine is imported here."""

from __future__ import annotations

import dataclasses
import importlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rlhp.arguments import text
from rlhp.envs._environment import Environment
from rlhp.errors import unknown_name
from rlhp.returns import return_bounds
from rlhp.worlds import check_values
from rlhp.worlds import parameters as declared_parameters

if TYPE_CHECKING:
    import gymnasium
    import pandas as pd

__all__ = [
    "Entry",
    "MissingPackageError",
    "catalogue",
    "find",
    "function_of",
    "has_gymnasium",
    "has_jax",
    "is_ours",
    "is_path",
    "keep",
    "limit_of",
    "made_of",
    "make_gymnasium",
    "make_jax",
    "registered",
]

_OWN_HINT = (
    "One of your own is known where `rlhp.envs.register` was called; other processes find it as `module:EnvId` where "
    "importing the module registers it."
)


class MissingPackageError(ImportError):
    """An environment needs a package that is not installed; the message names it."""


@dataclass(frozen=True, eq=False)
class Entry:
    """What each engine makes of an id.

    Parameters
    ----------
    jax : Environment, str or None
        For the compiled engine: the environment, or the ``module:function`` that makes it.
    gymnasium : callable, str or None
        For stable-baselines3: what makes it, its ``module:function``, or an id of Gymnasium's.
    differs : str
        How the two differ.
    time_limit : int, optional
        Steps after which an episode is cut off, where Gymnasium's side does not do it itself.
    """

    jax: Environment | str | None
    gymnasium: Callable[..., Any] | str | None
    differs: str = ""
    time_limit: int | None = None


_OURS = {
    "CartPole-v1": Entry("rlhp.envs._classic:cart_pole_v1", "CartPole-v1"),
    "Acrobot-v1": Entry("rlhp.envs._classic:acrobot_v1", "Acrobot-v1"),
    "MountainCar-v0": Entry("rlhp.envs._classic:mountain_car_v0", "MountainCar-v0"),
    "MountainCarContinuous-v0": Entry("rlhp.envs._classic:mountain_car_continuous_v0", "MountainCarContinuous-v0"),
    "Pendulum-v1": Entry("rlhp.envs._classic:pendulum_v1", "Pendulum-v1"),
    "MinAtar/Breakout-v1": Entry("rlhp.envs._minatar:breakout_v1", "rlhp.envs._counterparts:breakout"),
    "MinAtar/Asterix-v1": Entry("rlhp.envs._minatar:asterix_v1", "rlhp.envs._counterparts:asterix"),
    "MiniGrid-Empty-5x5-v0": Entry("rlhp.envs._minigrid:empty_5x5", "rlhp.envs._counterparts:empty_5x5"),
    "MiniGrid-DoorKey-5x5-v0": Entry("rlhp.envs._minigrid:door_key_5x5", "rlhp.envs._counterparts:door_key_5x5"),
}
_REGISTERED: dict[str, Entry] = {}
_made: dict[Entry, Environment] = {}
_making = threading.Lock()


def is_ours(env_id: str) -> bool:
    """Return whether an id is of this package, not of somebody who registered it."""
    return env_id in _OURS


def registered(env_id: str) -> bool:
    """Return whether somebody registered an environment under an id."""
    return env_id in _REGISTERED


def keep(env_id: str, entry: Entry | None) -> None:
    """Make an environment known that `registering.register` has checked; None makes it unknown again."""
    if entry is None:
        _REGISTERED.pop(env_id, None)
    else:
        _REGISTERED[env_id] = entry


def find(env_id: str) -> Entry | None:
    """Return what is registered under an id; ``module:EnvId`` imports the module first, where the id is not known yet.

    Examples
    --------
    >>> find("CartPole-v1").gymnasium, find("LunarLander-v3")
    ('CartPole-v1', None)
    """
    env_id = text("env_id", env_id, hint="An id such as 'CartPole-v1', or 'module:EnvId'.")
    found = _OURS.get(env_id) or _REGISTERED.get(env_id)
    module, _, name = env_id.partition(":")
    if found is not None or not name:
        return found
    if name not in _REGISTERED:
        try:
            importlib.import_module(module)
        except (Exception, SystemExit):  # whatever somebody's module does; Gymnasium tries it too, and then it is told
            return None
    return _REGISTERED.get(name)


def has_jax(env_id: str) -> bool:
    """Return whether the compiled engine has an environment; imports no JAX.

    Examples
    --------
    >>> has_jax("CartPole-v1"), has_jax("LunarLander-v3")
    (True, False)
    """
    entry = find(env_id)
    return entry is not None and entry.jax is not None


def has_gymnasium(env_id: str) -> bool:
    """Return whether stable-baselines3 could be given an environment: all but those that are written in JAX alone."""
    entry = find(env_id)
    return entry is None or entry.gymnasium is not None


def catalogue() -> pd.DataFrame:
    """List the environments that the compiled engine has, and all that were registered.

    Returns
    -------
    pandas.DataFrame
        One row per id (the index `env_id`): `engines` that have it, the least and the most undiscounted return of an
        episode (`return_low`, `return_high`), the names of its `parameters`, in which runs may differ, and how the
        engines' environments `differs` (empty where they do not). stable-baselines3 trains on every other environment
        that Gymnasium knows as well.

    Examples
    --------
    >>> catalogue().loc["Pendulum-v1", ["engines", "parameters"]].tolist()
    ['jax, sb3', 'gravity, mass, length, dt']
    """
    import pandas as pd

    rows = []
    for env_id, entry in (_OURS | _REGISTERED).items():
        least, most = return_bounds(env_id)
        has = {"jax": entry.jax is not None, "sb3": entry.gymnasium is not None}
        rows.append(
            {
                "env_id": env_id,
                "engines": ", ".join(name for name, there in has.items() if there),
                "return_low": least,
                "return_high": most,
                "parameters": ", ".join(declared_parameters(env_id)),
                "differs": entry.differs,
            }
        )
    return pd.DataFrame(rows).set_index("env_id")


def make_jax(env_id: str) -> Environment:
    """Return an environment as the compiled engine's pure functions, the same object at each call.

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
    entry = find(env_id)
    if entry is None or entry.jax is None:
        known = [name for name, one in (_OURS | _REGISTERED).items() if one.jax is not None]
        hint = f'stable-baselines3 (`engine="sb3"`) trains on every environment that Gymnasium knows. {_OWN_HINT}'
        raise ValueError(unknown_name("environment", env_id, known, where='engine="jax"', hint=hint))
    with _making:
        if entry not in _made:
            built = function_of(entry.jax, env_id)() if isinstance(entry.jax, str) else entry.jax
            _made[entry] = dataclasses.replace(built, differs=entry.differs)
        return _made[entry]


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
        Handed on to what makes it, e.g. ``render_mode="rgb_array"``.

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
    entry = find(env_id)
    world = check_values(env_id, {} if parameters is None else parameters)
    if entry is None:
        entry = Entry(None, env_id)
    elif entry.gymnasium is None:
        raise ValueError(
            f"{env_id} is written in JAX alone, and this needs an environment of Gymnasium's; give one to "
            f"`rlhp.envs.register` as `gymnasium=`."
        )
    made = made_of(entry, env_id, options)
    if world:
        from rlhp.envs._counterparts import in_world

        try:
            in_world(made, declared_parameters(env_id), world)
        except ValueError as error:
            raise ValueError(f"environment `{env_id}` cannot be made: {error}") from error
    return made


def made_of(entry: Entry, env_id: str, options: Mapping[str, Any]) -> gymnasium.Env[Any, Any]:
    """Make what an entry has for Gymnasium; errors as `make_gymnasium`."""
    import gymnasium
    from gymnasium import error as problems

    how = entry.gymnasium
    try:
        if isinstance(how, str) and not is_path(how):
            made = gymnasium.make(how, **options)
        else:
            made = (function_of(how, env_id) if isinstance(how, str) else how)(**options)  # type: ignore[misc]
        if not isinstance(made, gymnasium.Env):
            raise TypeError(f"what makes it gave a {type(made).__name__}, not a gymnasium.Env")
        if entry.time_limit is not None and limit_of(made) is None:
            made = gymnasium.wrappers.TimeLimit(made, entry.time_limit)
        return made
    except (problems.UnregisteredEnv, problems.NameNotFound, problems.VersionNotFound) as error:
        known = sorted({*gymnasium.registry, *_OURS, *_REGISTERED})
        raise ValueError(_shortened(unknown_name("environment", env_id, known, hint=_OWN_HINT))) from error
    except MissingPackageError:
        raise
    except (problems.DependencyNotInstalled, ImportError) as error:
        raise _missing(env_id, error) from error
    except (Exception, SystemExit) as error:  # an environment's own code may raise anything
        raise ValueError(f"environment `{env_id}` cannot be made: {type(error).__name__}: {error}") from error


def limit_of(made: gymnasium.Env[Any, Any]) -> int | None:
    """Return the steps after which Gymnasium cuts an episode off; None where it does not."""
    from gymnasium.wrappers import TimeLimit

    layer: Any = made
    while not isinstance(layer, TimeLimit):
        if layer is layer.unwrapped:
            return None
        layer = layer.env
    return int(layer._max_episode_steps)


def is_path(how: str) -> bool:
    """Whether a text is the ``module:function`` of something, rather than an id, whose names have a version."""
    module, colon, name = how.partition(":")
    return bool(colon) and name.isidentifier() and all(part.isidentifier() for part in module.split("."))


def function_of(path: str, env_id: str) -> Callable[..., Any]:
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
