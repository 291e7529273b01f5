"""Classic control for the compiled engine: gymnax's dynamics, mended where Gymnasium's differ.

A state carries its own clock, so an episode is cut at the same step as under Gymnasium's `TimeLimit`. What a step of
gymnax draws or gathers to no end is left out here: these functions run inside the innermost loop.

References
----------
Lange, R. T. (2022). gymnax: A JAX-based reinforcement learning environment library.
Barto, A. G., Sutton, R. S., & Anderson, C. W. (1983). Neuronlike adaptive elements (the cart and the pole).
Sutton, R. S. (1996). Generalization in reinforcement learning: successful examples (the acrobot).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from gymnax.environments.classic_control import acrobot, cartpole, continuous_mountain_car, mountain_car, pendulum

from rlhp.envs.environment import Environment

__all__ = ["acrobot_v1", "cart_pole_v1", "mountain_car_continuous_v0", "mountain_car_v0", "pendulum_v1"]

_Step = Callable[[Any, Any, Any], tuple[Any, Any, Any, Any, Any]]


def cart_pole_v1() -> Environment:
    """Balance a pole on a cart: observation [4], actions 0 (left) and 1 (right), one point a step, 500 at most."""
    game = cartpole.CartPole()
    return Environment("CartPole-v1", (4,), "float32", *_functions(game, cartpole.EnvParams()), 500, n_actions=2)


def mountain_car_v0() -> Environment:
    """Swing a car up a hill: observation [2], actions 0 (left), 1 (coast), 2 (right), -1 a step, 200 at most."""
    game = mountain_car.MountainCar()
    return Environment("MountainCar-v0", (2,), "float32", *_functions(game, mountain_car.EnvParams()), 200, n_actions=3)


def pendulum_v1() -> Environment:
    """Swing a pendulum up and hold it: observation [3], torque in [-2, 2], 200 steps, no end before them."""
    reset, step = _functions(pendulum.Pendulum(), pendulum.EnvParams())
    low, high = (-2.0,), (2.0,)
    return Environment("Pendulum-v1", (3,), "float32", reset, _scalar(step), 200, action_low=low, action_high=high)


def mountain_car_continuous_v0() -> Environment:
    """Swing a car up a hill by a force in [-1, 1] that costs 0.1 of its square: 100 at the top, 999 steps at most."""
    game, params = continuous_mountain_car.ContinuousMountainCar(), continuous_mountain_car.EnvParams()
    reset, step = _functions(game, params)

    def mended(key: jax.Array, state: Any, action: jax.Array) -> tuple[Any, Any, Any, Any, Any]:
        state, _, reward, terminated, truncated = step(key, state, action)
        # gymnax stops a car that rolls back over the goal, which none can; Gymnasium one that hits the wall behind it.
        stopped = (state.position <= params.min_position) & (state.velocity < 0)
        state = state.replace(velocity=jnp.where(stopped, 0.0, state.velocity))
        return state, jnp.stack([state.position, state.velocity]), reward, terminated, truncated

    low, high = (-1.0,), (1.0,)
    return Environment(
        "MountainCarContinuous-v0", (2,), "float32", reset, _scalar(mended), 999, action_low=low, action_high=high
    )


def acrobot_v1() -> Environment:
    """Swing a two-link arm above a line: observation [6], torques -1, 0 and 1, -1 a step, 500 at most."""
    game, params = acrobot.Acrobot(), acrobot.EnvParams(available_torque=None)
    reset, _ = _functions(game, params)

    def step(key: jax.Array, state: Any, action: jax.Array) -> tuple[Any, Any, Any, Any, Any]:
        del key  # gymnax draws a torque noise whose range is zero, and looks the torque up in a table
        joints = state.joint_angle1, state.joint_angle2, state.velocity_1, state.velocity_2
        moved = acrobot.rk4(jnp.stack([*joints, action - 1.0]), params)
        state = acrobot.EnvState(
            joint_angle1=acrobot.wrap(moved[0], -jnp.pi, jnp.pi),
            joint_angle2=acrobot.wrap(moved[1], -jnp.pi, jnp.pi),
            velocity_1=jnp.clip(moved[2], -params.max_vel_1, params.max_vel_1),
            velocity_2=jnp.clip(moved[3], -params.max_vel_2, params.max_vel_2),
            time=state.time + 1,
        )
        above = game.is_terminated(state, params)
        return state, game.get_obs(state), above - 1.0, above, game.is_truncated(state, params)

    return Environment("Acrobot-v1", (6,), "float32", reset, step, 500, n_actions=3)


def _functions(game: Any, params: Any) -> tuple[Callable[[Any], tuple[Any, Any]], _Step]:
    """Give `reset` and `step` of a gymnax environment as this engine calls them."""

    def reset(key: jax.Array) -> tuple[Any, Any]:
        observation, state = game.reset_env(key, params)
        # A state of arrays of one type each, so that a loop can carry it.
        return state.replace(time=jnp.zeros((), jnp.int32)), observation

    def step(key: jax.Array, state: Any, action: jax.Array) -> tuple[Any, Any, Any, Any, Any]:
        observation, state, reward, terminated, _ = game.step_env(key, state, action, params)
        return state, observation, reward, terminated, game.is_truncated(state, params)

    return reset, step


def _scalar(step: _Step) -> _Step:
    """Hand the one number of a vector of actions to a `step` that works on numbers."""
    return lambda key, state, action: step(key, state, action[0])
