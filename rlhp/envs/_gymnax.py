"""Environments of gymnax for the compiled engine; gymnax itself is imported by whoever makes one.

Its `step` starts an episode again by itself, and ours never does: its `step_env` is taken instead, so that the last
observation of an episode stays the one that the action led to; and the time limit, which ends an episode without a
terminal state, is counted here.

References
----------
Lange, R. T. (2022). gymnax: A JAX-based reinforcement learning environment library. github.com/RobertTLange/gymnax.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int

from rlhp.arguments import mapping, shown, text
from rlhp.envs._environment import Environment
from rlhp.envs._registry import MissingPackageError
from rlhp.errors import unknown_name
from rlhp.worlds import Parameter

__all__ = ["from_gymnax"]

_LIMIT = "max_steps_in_episode"


class State(NamedTuple):
    """An environment of gymnax in mid-episode, the world it plays in, and the steps taken so far."""

    inner: Any
    world: dict[str, Array]
    time: Int[Array, ""]


def from_gymnax(
    env: Any,
    params: Any = None,
    *,
    env_id: str | None = None,
    parameters: Mapping[str, Parameter | tuple[float, float]] | None = None,
) -> Environment:
    """Return an environment of gymnax as the compiled engine takes it.

    Parameters
    ----------
    env : gymnax environment or str
        What `gymnax.make` gives first, or the id that it takes.
    params : optional
        The environment's parameters; by default its own.
    env_id : str, optional
        What it shall be called; by default gymnax's name.
    parameters : mapping of str to (low, high) or Parameter, optional
        Fields of `params` that runs may differ in, as ``env.<name>``, with the range that each may have. A field that
        gymnax works out from another (CartPole's ``total_mass``) does not follow it.

    Returns
    -------
    Environment
        To be given to `rlhp.envs.register`. Its observations are float32, or uint8 where gymnax has bytes or bools; a
        number of a Discrete space is shown as a one-hot row.

    Raises
    ------
    TypeError, ValueError
        If it is no environment of gymnax 1.0 or newer, its observations are no single array, or `params` has no such
        field.
    MissingPackageError
        If gymnax is not installed.

    Examples
    --------
    >>> catch = from_gymnax("Catch-bsuite", env_id="Catch-v0")
    >>> catch.observation_shape, catch.n_actions
    ((10, 5), 3)
    """
    env, params = _opened(env, params)
    name = text("env_id", env.name if env_id is None else env_id)
    declared = _declared(name, params, parameters)
    dtypes = {one: jnp.asarray(getattr(params, one)).dtype for one in declared}
    limit = int(getattr(params, _LIMIT))
    action, actions = _actions(name, env, params)
    key = jax.eval_shape(lambda: jax.random.key(0))
    seen_first, first = jax.eval_shape(env.reset_env, key, params)
    shape, dtype, view = _observed(name, env.observation_space(params), seen_first)
    # What a step makes of a start: a counter may begin as Python's 0, and a loop must carry arrays of one type.
    like = jax.eval_shape(lambda k, s: env.step_env(k, s, action(jnp.zeros(_shape(actions))), params)[1], key, first)

    def of(world: Mapping[str, Array]) -> Any:
        return params.replace(**{one: _as(value, dtypes[one]) for one, value in world.items()}) if world else params

    def settled(inner: Any) -> Any:
        return jax.tree.map(lambda leaf, want: jnp.asarray(leaf, want.dtype), inner, like)

    def reset(key: Any, context: Mapping[str, Any]) -> tuple[State, Array]:
        world = {one: jnp.asarray(context[one], jnp.float32) for one in declared}
        seen, inner = env.reset_env(key, of(world))
        return State(settled(inner), world, jnp.zeros((), jnp.int32)), view(seen)

    def step(key: Any, state: State, chosen: Array) -> tuple[State, Array, Array, Array, Array]:
        seen, inner, reward, terminated, _ = env.step_env(key, state.inner, action(chosen), of(state.world))
        after = State(settled(inner), state.world, state.time + 1)
        over = jnp.reshape(jnp.asarray(terminated, bool), ())
        earned = jnp.reshape(jnp.asarray(reward, jnp.float32), ())
        return after, view(seen), earned, over, after.time >= limit

    return Environment(name, shape, dtype, reset, step, limit, parameters=declared, **actions)


def _opened(env: Any, params: Any) -> tuple[Any, Any]:
    if isinstance(env, str):
        try:
            gymnax = importlib.import_module("gymnax")
        except ImportError as error:
            message = f"{env!r} needs the package gymnax, which is not installed; install it with `pip install gymnax`."
            raise MissingPackageError(message) from error
        known = list(gymnax.registered_envs)
        if env not in known:
            raise ValueError(unknown_name("environment", env, known, where="gymnax"))
        try:
            env, own = gymnax.make(env)
        except Exception as error:  # one downloads its pictures first
            raise ValueError(f"`env` is {env!r}, which gymnax cannot make: {type(error).__name__}: {error}") from error
        return env, own if params is None else _fields(env, params)
    needed = ("reset_env", "step_env", "action_space", "default_params", "is_truncated", "name")
    if isinstance(env, type) or not all(hasattr(env, one) for one in needed):
        raise TypeError(
            f"`env` is {shown(env)}; give an environment of gymnax 1.0 or newer, as `gymnax.make` makes, or its id."
        )
    return env, env.default_params if params is None else _fields(env, params)


def _fields(env: Any, params: Any) -> Any:
    if not isinstance(params, type(env.default_params)):
        raise TypeError(
            f"`params` is {shown(params)}; give a {type(env.default_params).__name__} of {env.name}, such as "
            f"`env.default_params.replace(...)`, or None."
        )
    return params


def _declared(env_id: str, params: Any, wanted: Any) -> dict[str, Parameter]:
    found = {}
    for name, given in mapping("parameters", {} if wanted is None else wanted).items():
        numbers = [one for one in vars(params) if isinstance(vars(params)[one], int | float | np.number | jax.Array)]
        numbers = [one for one in numbers if one != _LIMIT and not isinstance(vars(params)[one], bool)]
        if name not in numbers:
            hint = f"`{_LIMIT}` is the time limit of all runs: give it in `params=`." if name == _LIMIT else ""
            raise ValueError(unknown_name("parameter", name, numbers, where=env_id, hint=hint))
        if isinstance(given, Parameter):
            found[name] = given
            continue
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise ValueError(f"`parameters[{name!r}]` is {shown(given)}; give its range (low, high), or a Parameter.")
        try:
            found[name] = Parameter(float(getattr(params, name)), *given)
        except ValueError as error:
            raise ValueError(f"`parameters[{name!r}]` is {shown(given)}: {error}") from error
    return found


def _actions(env_id: str, env: Any, params: Any) -> tuple[Any, dict[str, Any]]:
    """Return what makes gymnax's action of ours, and the facts of the space."""
    space = env.action_space(params)
    if hasattr(space, "n"):
        return lambda chosen: jnp.asarray(chosen, space.dtype), {"n_actions": int(space.n)}
    if not hasattr(space, "low"):
        raise ValueError(f"{env_id} has {type(space).__name__} actions; the compiled engine takes Discrete and Box.")
    low, high = (np.broadcast_to(np.asarray(end, float), space.shape).ravel() for end in (space.low, space.high))
    bounds = {"action_low": tuple(low.tolist()), "action_high": tuple(high.tolist())}
    return lambda chosen: jnp.reshape(jnp.asarray(chosen, space.dtype), space.shape), bounds


def _shape(actions: Mapping[str, Any]) -> tuple[int, ...]:
    return () if "n_actions" in actions else (len(actions["action_low"]),)


def _observed(env_id: str, space: Any, seen: Any) -> tuple[tuple[int, ...], str, Callable[[Any], Array]]:
    """Return shape and type of an observation, and what makes it of gymnax's."""
    if not hasattr(seen, "shape"):
        raise ValueError(f"{env_id} shows a {type(seen).__name__}; the compiled engine reads a single array.")
    if not seen.shape and not hasattr(space, "n"):
        raise ValueError(f"{env_id} shows a single number, without an axis; wrap it so that it shows a row.")
    if not seen.shape:
        n = int(space.n)
        return (n,), "float32", lambda number: jax.nn.one_hot(number, n, dtype=jnp.float32)
    dtype = "uint8" if seen.dtype in (jnp.uint8, jnp.bool_) else "float32"
    return tuple(seen.shape), dtype, lambda array: jnp.asarray(array, dtype)


def _as(value: Array, dtype: Any) -> Array:
    """Return a parameter in the type that gymnax has for it; a whole number is rounded to."""
    return jnp.asarray(jnp.round(value) if jnp.issubdtype(dtype, jnp.integer) else value, dtype)
