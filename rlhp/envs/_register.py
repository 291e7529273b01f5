"""Environments of one's own become known by an id, to one engine or to both."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from rlhp import returns
from rlhp.arguments import flag, mapping, shown, text
from rlhp.envs._environment import Environment
from rlhp.envs._registry import Entry, function_of, is_ours, is_path, keep, made_of, registered
from rlhp.worlds import Parameter, declare_parameters

if TYPE_CHECKING:
    import gymnasium as gym

__all__ = ["Parameter", "register"]


def register(
    env_id: str,
    *,
    jax: Environment | Callable[[], Environment] | str | None = None,
    gymnasium: Callable[..., gym.Env[Any, Any]] | str | None = None,
    parameters: Mapping[str, Parameter] | None = None,
    return_bounds: tuple[float, float] | None = None,
    differs: str = "",
    replace: bool = False,
) -> None:
    """Make an environment known by an id: sweeps, widgets, policies and statistics then take it as any other.

    It is known to this process. Another one, such as a notebook tomorrow, finds it as ``module:EnvId`` where importing
    the module calls `register`; a saved policy is loaded where its environment is registered.

    Parameters
    ----------
    env_id : str
        The id; not one of this package's.
    jax : Environment, callable or str, optional
        For the compiled engine: the environment, a function that makes it, or the ``module:function`` of one. See
        `Environment` for what it must be, and `from_gymnax` for those of gymnax.
    gymnasium : callable or str, optional
        For stable-baselines3: a function or class that makes a `gymnasium.Env`, its ``module:function``, or an id that
        `gymnasium.make` knows. Called with the options of `make_gymnasium`, such as ``render_mode="rgb_array"``. An
        episode that it would not cut off itself is cut off at the time limit of the `jax` one.
    parameters : mapping of str to Parameter, optional
        Numbers that runs may differ in as ``env.<name>``: attributes of the Gymnasium environment that every step
        reads. Where there is a `jax` environment, they are its own.
    return_bounds : tuple of (low, high), optional
        The least and the most undiscounted return of an episode, so that no interval goes beyond.
    differs : str
        How the two environments differ, in a sentence; empty where they do not.
    replace : bool
        Whether an environment that was registered under the id before may be replaced.

    Raises
    ------
    TypeError, ValueError
        If an argument cannot be; an environment is not what it declares; or the two have other spaces, time limits or
        parameters. Nothing is registered then.
    MissingPackageError
        If a package that it needs is not installed.

    Examples
    --------
    >>> import gymnasium
    >>> def frozen(**options):
    ...     return gymnasium.make("FrozenLake-v1", is_slippery=False, **options)
    >>> register("Frozen-v0", gymnasium=frozen, return_bounds=(0, 1), replace=True)
    >>> from rlhp.envs import catalogue
    >>> catalogue().loc["Frozen-v0", "engines"]
    'sb3'
    """
    env_id = _new_id(env_id, replace=flag("replace", replace))
    differs = text("differs", differs, empty=True)
    bounds = _bounds(return_bounds)
    if jax is None and gymnasium is None:
        raise ValueError("`jax` and `gymnasium` are both None; give an environment for one engine, or for both.")
    if gymnasium is not None and not callable(gymnasium):
        gymnasium = text("gymnasium", gymnasium, hint="Or give a function or class that makes a `gymnasium.Env`.")
    environment = None if jax is None else _environment(env_id, jax)
    if environment is None:
        known = _declared(parameters)
    elif parameters is not None:
        raise ValueError("`parameters` is for an environment without a `jax` one; give them to that `Environment`.")
    else:
        known = dict(environment.parameters)
    entry = Entry(environment, gymnasium, differs, None if environment is None else environment.time_limit)
    if gymnasium is not None:
        _check_gymnasium(env_id, entry, known)
    declare_parameters(env_id, known)
    returns.declare_return_bounds(env_id, *bounds)
    keep(env_id, entry)


def _new_id(given: Any, *, replace: bool) -> str:
    env_id: str = text("env_id", given, hint="An id such as 'Maze-v0'.")
    if not env_id.isprintable() or ":" in env_id or env_id != env_id.strip():
        raise ValueError(f"`env_id` is {shown(env_id)}; give an id such as 'Maze-v0', without a colon.")
    if is_ours(env_id):
        raise ValueError(f"`env_id` is {env_id!r}, which is an environment of this package; give yours another id.")
    if registered(env_id) and not replace:
        raise ValueError(f"`env_id` is {env_id!r}, which is registered already; give another id, or replace=True.")
    return env_id


def _environment(env_id: str, jax: Any) -> Environment:
    from rlhp.envs._checks import checked

    if isinstance(jax, str):
        if not is_path(jax):
            raise ValueError(f"`jax` is {shown(jax)}; give the `module:function` that makes it, or the function.")
        jax = _imported("jax", jax, env_id)
    if callable(jax):
        try:
            jax = jax()
        except Exception as error:  # somebody's own code
            raise ValueError(f"`jax` could not be called: {type(error).__name__}: {error}") from error
    if not isinstance(jax, Environment):
        raise TypeError(f"`jax` is {shown(jax)}; give an `Environment`, or a function of no arguments that makes one.")
    return checked(env_id, jax)


def _imported(name: str, path: str, env_id: str) -> Any:
    try:
        return function_of(path, env_id)
    except AttributeError as error:
        raise ValueError(f"`{name}` is {path!r}, and there is no such function: {error}.") from error


def _check_gymnasium(env_id: str, entry: Entry, known: Mapping[str, Parameter]) -> None:
    from rlhp.envs._counterparts import in_world

    if isinstance(entry.gymnasium, str) and is_path(entry.gymnasium):
        _imported("gymnasium", entry.gymnasium, env_id)
    try:
        made = made_of(entry, env_id, {})
    except ValueError as error:
        raise ValueError(f"`gymnasium` is {shown(entry.gymnasium)}: {error}") from error
    try:
        if isinstance(entry.jax, Environment):
            from rlhp.envs._checks import agree

            agree(entry.jax, made)
        in_world(made, known, {name: one.default for name, one in known.items()})
    except ValueError as error:
        raise ValueError(f"`gymnasium` is {shown(entry.gymnasium)}: {error}") from error
    finally:
        made.close()


def _declared(parameters: Any) -> dict[str, Parameter]:
    if parameters is None:
        return {}
    known = mapping("parameters", parameters, hint="It maps names to `Parameter`.")
    for name, one in known.items():
        if not isinstance(one, Parameter):
            raise TypeError(f"`parameters` has {shown(one)} for {name!r}; give a Parameter(default, low, high).")
        if not name.isidentifier():
            raise ValueError(f"`parameters` has the name {shown(name)}; give one of letters, digits and `_`.")
    return known


def _bounds(given: Any) -> tuple[float, float]:
    if given is None:
        return -math.inf, math.inf
    what = "`return_bounds` is {}; give the least and the most that an episode can earn, such as (0, 1)."
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise ValueError(what.format(shown(given)))
    numbers = [one for one in given if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) != 2 or not numbers[0] < numbers[1]:
        raise ValueError(what.format(shown(given)))
    return float(numbers[0]), float(numbers[1])
