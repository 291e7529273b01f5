"""Whether an environment is what it says: its functions, its shapes, its end, and Gymnasium's side of it."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from rlhp.arguments import instance, mapping, real, shown, whole
from rlhp.envs._environment import Environment
from rlhp.envs._registry import limit_of
from rlhp.worlds import Parameter

if TYPE_CHECKING:
    import gymnasium

__all__ = ["agree", "checked"]

_LONG = 20_000  # steps of an episode that is not played through only to see whether it ends


def checked(env_id: str, environment: Environment) -> Environment:
    """Check an environment of the compiled engine, and give it with its id.

    Its facts are looked at, its functions traced for their shapes, and an episode is played to its end.

    Raises
    ------
    TypeError, ValueError
        Naming what is not as declared, and how it should be.
    """
    complete = dataclasses.replace(instance("jax", environment, Environment), env_id=env_id)
    _facts(complete)
    _functions(complete)
    _ends(complete)
    return complete


def _facts(env: Environment) -> None:
    shape = env.observation_shape
    if not isinstance(shape, tuple) or not shape or not all(isinstance(n, int) and n >= 1 for n in shape):
        raise ValueError(_wrong(env, "observation_shape", shape, "a tuple of whole numbers, such as (4,)"))
    if env.observation_dtype not in ("float32", "uint8"):
        raise ValueError(_wrong(env, "observation_dtype", env.observation_dtype, "'float32' or 'uint8'"))
    whole(f"time_limit` of `{env.env_id}", env.time_limit, at_least=1, at_most=2**31 - 1)
    bounds = (env.action_low, env.action_high)
    if (env.n_actions is None) == (bounds == (None, None)):
        raise ValueError(
            f"{env.env_id} has n_actions={env.n_actions!r}, action_low={shown(bounds[0])} and "
            f"action_high={shown(bounds[1])}; give the number of discrete actions, or both bounds of continuous ones."
        )
    if env.n_actions is not None:
        whole(f"n_actions` of `{env.env_id}", env.n_actions, at_least=1)
    else:
        low, high = bounds
        if not (isinstance(low, tuple) and isinstance(high, tuple) and low and len(low) == len(high)):
            raise ValueError(_wrong(env, "action_low, action_high", bounds, "two tuples of as many numbers"))
        for at, (least, most) in enumerate(zip(low, high, strict=True)):
            real(f"action_low[{at}]` of `{env.env_id}", least)
            real(f"action_high[{at}]` of `{env.env_id}", most, above=least)
    for name, one in mapping("parameters", env.parameters).items():
        instance(f"parameters[{name!r}]", one, Parameter)


def _functions(env: Environment) -> None:
    key = jax.eval_shape(lambda: jax.random.key(0))
    context = {name: jax.ShapeDtypeStruct((), jnp.float32) for name in env.parameters}
    state, seen = _parts(env, "reset(key, context)", 2, lambda: jax.eval_shape(env.reset, key, context))
    _observation(env, "reset", seen)
    action = jax.eval_shape(lambda: _action(env, jax.random.key(0)))
    moved = _parts(env, "step(key, state, action)", 5, lambda: jax.eval_shape(env.step, key, state, action))
    after, seen, reward, terminated, truncated = moved
    _observation(env, "step", seen)
    for name, one, dtype in (("reward", reward, "float32"), ("terminated", terminated, "bool")):
        _array(env, "step", name, one, (), dtype)
    _array(env, "step", "truncated", truncated, (), "bool")
    before, later = str(jax.tree.structure(state)), str(jax.tree.structure(after))
    if before != later:
        raise ValueError(f"{env.env_id}: `step` gives a state of the structure {later}, and `reset` one of {before}.")
    for (path, old), new in zip(jax.tree.leaves_with_path(state), jax.tree.leaves(after), strict=True):
        if (old.shape, old.dtype) != (new.shape, new.dtype):
            raise ValueError(
                f"{env.env_id}: the part {jax.tree_util.keystr(path)} of its state is {old.dtype}{list(old.shape)} "
                f"after `reset` and {new.dtype}{list(new.shape)} after `step`; a loop carries it, so it may not change."
            )


def _ends(env: Environment) -> None:
    """Play one episode of random actions: it is cut when the time limit says and not before, and all is finite."""
    if env.time_limit > _LONG:
        return

    def going(carry: Any) -> Any:
        n, _, over, _, _ = carry
        return (n < env.time_limit) & ~over

    def play(carry: Any) -> Any:
        n, state, _, _, fine = carry
        key = jax.random.fold_in(jax.random.key(1), n)
        state, seen, reward, terminated, truncated = env.step(key, state, _action(env, jax.random.fold_in(key, 1)))
        fine = fine & jnp.isfinite(reward) & jnp.isfinite(seen.astype(jnp.float32)).all()
        return n + 1, state, terminated | truncated, truncated & ~terminated, fine

    def episode() -> Any:
        state, seen = env.reset(jax.random.key(0), env.default_context())
        start = jnp.isfinite(seen.astype(jnp.float32)).all()
        return jax.lax.while_loop(going, play, (jnp.int32(0), state, jnp.zeros((), bool), jnp.zeros((), bool), start))

    n, _, over, cut, fine = _tried(env, "an episode", jax.jit(episode))
    if not fine:
        raise ValueError(f"{env.env_id} gave an observation or a reward that is not finite, within {int(n)} steps.")
    if not over:
        raise ValueError(
            f"an episode of {env.env_id} went on after {int(n)} steps, its `time_limit`; `step` must say then that it "
            f"is truncated."
        )
    if cut and n < env.time_limit:  # agents make room for as many cut episodes as the time limit lets there be
        raise ValueError(
            f"an episode of {env.env_id} was truncated after {int(n)} steps, before its `time_limit` of "
            f"{env.time_limit}; give the limit that `step` has."
        )


def agree(environment: Environment, made: gymnasium.Env[Any, Any]) -> None:
    """Check that Gymnasium's environment has the spaces, the time limit and the parameters of the compiled engine's.

    Raises
    ------
    ValueError
        Naming what differs.
    """
    from gymnasium.spaces import Box, Discrete

    seen, acts, env_id = made.observation_space, made.action_space, environment.env_id
    ours = f"{environment.observation_dtype}{list(environment.observation_shape)}"
    if not isinstance(seen, Box) or f"{seen.dtype}{list(seen.shape)}" != ours:
        raise ValueError(f"{env_id} shows {ours} in JAX and {seen} in Gymnasium; both must show the same.")
    if environment.n_actions is not None:
        same = isinstance(acts, Discrete) and int(acts.n) == environment.n_actions and int(acts.start) == 0
    else:
        low, high = (np.asarray(bound, np.float32) for bound in (environment.action_low, environment.action_high))
        same = isinstance(acts, Box) and acts.shape == low.shape
        same = same and bool(np.allclose(acts.low, low) and np.allclose(acts.high, high))  # type: ignore[attr-defined]
    if not same:
        actions = environment.n_actions or (environment.action_low, environment.action_high)
        raise ValueError(
            f"{env_id} takes {actions} as actions in JAX and {acts} in Gymnasium; both must take the same."
        )
    limit = limit_of(made)
    if limit is not None and limit != environment.time_limit:
        raise ValueError(
            f"{env_id} is cut off after {environment.time_limit} steps in JAX and after {limit} in Gymnasium; give "
            f"both the same."
        )
    for name, parameter in environment.parameters.items():
        attribute = parameter.attribute or name
        value = getattr(made.unwrapped, attribute, None)
        if not isinstance(value, int | float | np.number) or not math.isclose(value, parameter.default, rel_tol=1e-6):
            raise ValueError(
                f"the parameter `{name}` of {env_id} is {parameter.default:g} in JAX, and the attribute `{attribute}` "
                f"of Gymnasium's environment is {shown(value)}; it must be there, be read by every step, and be the "
                f"same. Parameter(..., attribute=...) names another."
            )


def _action(env: Environment, key: Any) -> Any:
    if env.n_actions is not None:
        return jax.random.randint(key, (), 0, env.n_actions)
    low, high = jnp.array(env.action_low), jnp.array(env.action_high)
    return jax.random.uniform(key, low.shape, jnp.float32, low, high)


def _parts(env: Environment, what: str, n: int, call: Any) -> tuple[Any, ...]:
    parts = _tried(env, f"`{what}`", call)
    if not isinstance(parts, tuple) or len(parts) != n:
        wanted = "(state, observation)" if n == 2 else "(state, observation, reward, terminated, truncated)"
        given = f"{len(parts)} values" if isinstance(parts, tuple) else type(parts).__name__
        raise ValueError(f"`{what}` of {env.env_id} gives {given}; it must give {wanted}.")
    return parts


def _tried(env: Environment, what: str, call: Any) -> Any:
    try:
        return call()
    except Exception as error:  # the environment's own code may raise anything
        first = (str(error).splitlines() or [""])[0]
        raise ValueError(f"{what} of {env.env_id} cannot be traced: {type(error).__name__}: {first}") from error


def _observation(env: Environment, function: str, seen: Any) -> None:
    _array(env, function, "observation", seen, env.observation_shape, env.observation_dtype)


def _array(env: Environment, function: str, name: str, one: Any, shape: tuple[int, ...], dtype: str) -> None:
    is_array = hasattr(one, "shape") and hasattr(one, "dtype")
    if not is_array or tuple(one.shape) != shape or str(one.dtype) != dtype:
        given = f"{one.dtype}{list(one.shape)}" if is_array else f"a {type(one).__name__}"
        raise ValueError(f"{env.env_id}: `{function}` gives {given} as {name}; it must be {dtype}{list(shape)}.")


def _wrong(env: Environment, name: str, value: Any, wanted: str) -> str:
    return f"`{name}` of {env.env_id} is {shown(value)}; give {wanted}."
