"""Gymnasium environments by id: whether one exists, what it needs, and which algorithms can learn in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rlhp.algorithms import declared, defaults, names
from rlhp.arguments import mapping, text
from rlhp.envs import Entry, MissingPackageError, find, has_jax, make_gymnasium, make_jax

if TYPE_CHECKING:
    from gymnasium import Space

__all__ = [
    "MissingPackageError",
    "Spaces",
    "action_kind",
    "check_environment",
    "has_large_picture",
    "space_kinds",
    "spaces_of",
]

_OBSERVATIONS = ("Box", "Discrete", "MultiDiscrete", "MultiBinary", "Dict")
_SMALLEST = 36  # pixels a side that stable-baselines3's convolutions need
_FLATTENED = "register it wrapped in `gymnasium.wrappers.FlattenObservation`, and train on that"
_WRAPPED = "register it in a wrapper that leaves that out or turns it into numbers, and train on that"


class Spaces(NamedTuple):
    """What an environment takes and shows."""

    actions: Space[Any]
    observations: Space[Any]


# Environment id -> what was registered under it, here and with Gymnasium, and its spaces. Who registers another one
# under the same id means it.
_seen: dict[str, tuple[Any, Spaces]] = {}


def action_kind(env_id: str) -> str:
    """Name the class of an environment's action space, e.g. ``"Discrete"``; documented errors as `space_kinds`."""
    return space_kinds(env_id)[0]


def space_kinds(env_id: str) -> tuple[str, str]:
    """Name the classes of an environment's action and observation spaces, e.g. ``("Discrete", "Box")``.

    Raises
    ------
    ValueError
        If no environment is registered under that id, or it cannot be started.
    MissingPackageError
        If a package the environment needs is not installed.
    """
    spaces = spaces_of(env_id)
    return type(spaces.actions).__name__, type(spaces.observations).__name__


def check_environment(algorithm: str, env_id: str, config: Mapping[str, Any] | None = None) -> None:
    """Check that an algorithm can learn in an environment, with these hyperparameters.

    Raises
    ------
    ValueError
        If the environment is unknown, or its spaces are not for this algorithm; the message names what fits.
    MissingPackageError
        If a package the environment needs is not installed.
    """
    actions, observations = spaces_of(env_id)
    acts_in = declared(algorithm).actions
    settings = defaults(algorithm) | ({} if config is None else mapping("config", config))
    if problem := _unseen(observations, settings, replays="buffer_size" in settings):
        raise ValueError(f"{env_id} {problem}.")
    kind = type(actions).__name__
    if kind not in acts_in:
        trained = [name for name in names() if has_jax(env_id) or declared(name).sb3]
        fitting = [name for name in trained if kind in declared(name).actions]
        instead = f"use one of {', '.join(fitting)}" if fitting else "no algorithm here can"
        kinds = ", ".join(sorted(acts_in))
        raise ValueError(f"{algorithm} acts in {kinds} action spaces, but {env_id} has a {kind} one; {instead}.")
    if problem := _undoable(actions):
        raise ValueError(f"{env_id} {problem}.")


def _is_picture(space: Space[Any]) -> bool:
    """Whether observations are pictures to stable-baselines3: bytes from 0 to 255 in three dimensions."""
    from gymnasium.spaces import Box

    if not isinstance(space, Box) or len(space.shape) != 3 or space.dtype != np.uint8:
        return False
    return bool((space.low == 0).all() and (space.high == 255).all())


def has_large_picture(space: Space[Any]) -> bool:
    """Whether observations are pictures that stable-baselines3's convolutions can read; smaller ones are flattened."""
    return _is_picture(space) and min(_sides(space)) >= _SMALLEST


def _channels_first(space: Any) -> bool:
    return bool(np.argmin(space.shape) == 0)


def _sides(space: Any) -> tuple[int, ...]:
    return tuple(space.shape[1:] if _channels_first(space) else space.shape[:2])


def spaces_of(env_id: str) -> Spaces:
    """Return an environment's spaces, as Gymnasium says them; documented errors as `space_kinds`."""
    import gymnasium

    env_id = text("env_id", env_id, hint="An id such as 'CartPole-v1', or 'module:EnvId'.")
    entry = find(env_id)
    held = _seen.get(env_id)
    if held is not None and held[0] == _identity(env_id, entry):
        return held[1]
    if entry is not None and entry.gymnasium is None:
        spaces = _of_jax(env_id)
        _seen[env_id] = _identity(env_id, entry), spaces
        return spaces
    environment = make_gymnasium(env_id)
    try:
        environment.reset(seed=0)  # some need a package, or fail, only here
        spaces = Spaces(environment.action_space, environment.observation_space)
    except (gymnasium.error.DependencyNotInstalled, ImportError) as error:
        raise MissingPackageError(f"{env_id} needs a package that is not installed: {error}") from error
    except (Exception, SystemExit) as error:  # whatever an environment does at its first reset
        raise ValueError(f"environment `{env_id}` cannot be reset: {type(error).__name__}: {error}") from error
    finally:
        environment.close()
    _seen[env_id] = _identity(env_id, entry), spaces  # making one may have registered it with Gymnasium
    return spaces


def _identity(env_id: str, entry: Entry | None) -> tuple[Any, Any]:
    import gymnasium

    return gymnasium.registry.get(env_id.partition(":")[2] or env_id), entry


def _of_jax(env_id: str) -> Spaces:
    """Return the spaces of an environment that is written in JAX alone, as Gymnasium would say them."""
    from gymnasium.spaces import Box, Discrete

    env = make_jax(env_id)
    actions: Space[Any]
    if env.n_actions is not None:
        actions = Discrete(env.n_actions)
    else:
        low, high = (np.asarray(bound, np.float32) for bound in (env.action_low, env.action_high))
        actions = Box(low, high)
    if env.observation_dtype == "uint8":  # a bound below 255 says that its bytes are no pixels
        return Spaces(actions, Box(0, 254, env.observation_shape, np.uint8))
    return Spaces(actions, Box(-np.inf, np.inf, env.observation_shape, np.float32))


def _unseen(space: Space[Any], settings: Mapping[str, Any], *, replays: bool) -> str:
    """Return why no network here can read observations of a space; nothing if one can."""
    from gymnasium import spaces

    if isinstance(space, spaces.Dict):
        if not space.spaces:
            return f"shows nothing (an empty dictionary); {_WRAPPED}"
        for name, part in space.spaces.items():
            if isinstance(part, spaces.Dict):
                return f"has a dictionary within its observations (`{name}`); {_FLATTENED}"
            if type(part).__name__ not in _OBSERVATIONS:
                minigrid = " (MiniGrid: `minigrid.wrappers.ImgObsWrapper`)" if name == "mission" else ""
                return (
                    f"has a part `{name}` in its observations that no network here reads ({type(part).__name__}); "
                    f"{_WRAPPED}{minigrid}"
                )
        for name, part in space.spaces.items():
            if problem := _unread(part):
                return f"has a part `{name}` in its observations that {problem}"
            if _is_picture(part) and not has_large_picture(part):
                sides = " x ".join(map(str, _sides(part)))
                return (
                    f"has a picture of {sides} pixels in its observations (`{name}`), too small for "
                    f"stable-baselines3's convolutions, which need {_SMALLEST}; {_FLATTENED}"
                )
        if replays and settings["n_steps"] != 1:
            return "has a dictionary of observations, for which `n_steps` must be 1 with a replay memory"
    elif type(space).__name__ not in _OBSERVATIONS:
        kinds = ", ".join(_OBSERVATIONS)
        return f"has {type(space).__name__} observations; the algorithms here see {kinds}; {_FLATTENED}"
    elif problem := _unread(space):
        return f"has observations that {problem}"
    if settings.get("normalize"):
        parts = list(space.spaces.values()) if isinstance(space, spaces.Dict) else [space]
        if not all(isinstance(part, spaces.Box) for part in parts):
            kinds = ", ".join(sorted({type(part).__name__ for part in parts if not isinstance(part, spaces.Box)}))
            return f"has {kinds} observations, which have no mean to normalise by; leave `normalize` out"
        if any(_is_picture(part) for part in parts):
            return "shows pictures, which are divided by 255 anyway; leave `normalize` out"
    return ""


def _unread(space: Any) -> str:
    """Return what of a plain space of observations cannot be read, as the end of a sentence."""
    kind = type(space).__name__
    if np.any(getattr(space, "start", 0)):
        return f"do not count from 0 ({space}); register it wrapped so that they do, and train on that"
    if kind == "MultiDiscrete" and space.nvec.ndim != 1:
        return f"are a table of whole numbers ({space}); {_FLATTENED}"
    if kind == "Box" and (not space.shape or 0 in space.shape):
        return f"have the shape {space.shape}, without an axis of numbers; {_FLATTENED}"
    return ""


def _undoable(space: Any) -> str:
    """Return why stable-baselines3 and the compiled engine cannot act in a space; nothing if they can."""
    kind = type(space).__name__
    if np.any(getattr(space, "start", 0)):
        return (
            f"has actions that do not count from 0 ({space}), and the algorithms' do. Register it wrapped so that "
            f"they do (`gymnasium.wrappers.TransformAction`), and train on that"
        )
    if (kind == "MultiDiscrete" and space.nvec.ndim != 1) or (kind == "MultiBinary" and len(space.shape) != 1):
        return f"has actions in a table ({space}); the algorithms act in a row. Register it wrapped, and train on that"
    if kind == "Box" and 0 in space.shape:
        return f"has actions of the shape {space.shape}: there is nothing to decide"
    if kind == "Box" and space.dtype.kind != "f":
        return (
            f"has whole numbers in a Box as actions ({space}), where the algorithms act by real numbers; register it "
            f"wrapped so that its actions are Discrete or MultiDiscrete (`gymnasium.wrappers.TransformAction`), and "
            f"train on that"
        )
    if kind == "Box" and not (np.isfinite(space.low).all() and np.isfinite(space.high).all()):
        return (
            f"has actions without bounds ({space}); register it wrapped in one with finite bounds "
            f"(`gymnasium.wrappers.RescaleAction`, `TransformAction`), and train on that"
        )
    return ""
