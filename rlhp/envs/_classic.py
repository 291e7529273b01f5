"""Classic control for the compiled engine: Gymnasium's dynamics, starts, rewards and time limits as pure functions.

Written out here rather than taken from gymnax: importing that starts JAX's backend, after which it can no longer be
given one device a core, and takes longer than importing JAX; its continuous mountain car is not stopped by the wall,
and its acrobot draws a noise of range zero at every step. Tests hold every environment to Gymnasium's, step by step.

References
----------
Barto, A. G., Sutton, R. S., & Anderson, C. W. (1983). Neuronlike adaptive elements (the cart and the pole).
Moore, A. W. (1990). Efficient memory-based learning for robot control (the mountain car).
Sutton, R. S. (1996). Generalization in reinforcement learning: successful examples (the acrobot).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from rlhp.envs._environment import Environment
from rlhp.worlds import parameters

__all__ = ["acrobot_v1", "cart_pole_v1", "mountain_car_continuous_v0", "mountain_car_v0", "pendulum_v1"]


class State(NamedTuple):
    """Where the bodies are and how fast they move, in the order of Gymnasium's `state`, and the steps taken so far."""

    numbers: Float[Array, " k"]
    time: Int[Array, ""]
    world: Float[Array, " parameters"]  # in the order of their declaration; one array, so that copying it is one kernel


_World = Float[Array, " parameters"]
_Moved = tuple[Float[Array, " k"], Float[Array, ""], Bool[Array, ""]]  # numbers, reward, terminated


def cart_pole_v1() -> Environment:
    """Balance a pole on a cart: observation [4], actions 0 (left) and 1 (right), one point a step, 500 at most."""
    return _environment("CartPole-v1", 500, _uniform([-0.05] * 4, [0.05] * 4), _cart_pole, n_actions=2)


def acrobot_v1() -> Environment:
    """Swing a two-link arm above a line: observation [6], torques -1, 0 and 1, -1 a step, 500 at most."""

    def observed(numbers: Float[Array, " 4"]) -> Float[Array, " 6"]:
        first, second, speed_1, speed_2 = numbers
        return jnp.stack([jnp.cos(first), jnp.sin(first), jnp.cos(second), jnp.sin(second), speed_1, speed_2])

    return _environment("Acrobot-v1", 500, _uniform([-0.1] * 4, [0.1] * 4), _acrobot, observed, n_actions=3)


def mountain_car_v0() -> Environment:
    """Swing a car up a hill: observation [2], actions 0 (left), 1 (coast), 2 (right), -1 a step, 200 at most."""

    def move(numbers: Float[Array, " 2"], action: Int[Array, ""], world: _World) -> _Moved:
        force, gravity, goal, arrival = world
        after = _rolled(numbers, force * (action - 1), gravity)
        return after, jnp.full((), -1.0), (after[0] >= goal) & (after[1] >= arrival)

    return _environment("MountainCar-v0", 200, _uniform([-0.6, 0.0], [-0.4, 0.0]), move, n_actions=3)


def mountain_car_continuous_v0() -> Environment:
    """Swing a car up a hill by a force in [-1, 1] that costs 0.1 of its square: 100 at the top, 999 steps at most."""

    def move(numbers: Float[Array, " 2"], action: Float[Array, " 1"], world: _World) -> _Moved:
        power, goal, arrival = world
        after = _rolled(numbers, power * jnp.clip(action[0], -1, 1), 0.0025)
        there = (after[0] >= goal) & (after[1] >= arrival)
        return after, 100.0 * there - 0.1 * action[0] ** 2, there

    start = _uniform([-0.6, 0.0], [-0.4, 0.0])
    return _environment("MountainCarContinuous-v0", 999, start, move, action_low=(-1.0,), action_high=(1.0,))


def pendulum_v1() -> Environment:
    """Swing a pendulum up and hold it: observation [3], torque in [-2, 2], 200 steps, no end before them."""

    def move(numbers: Float[Array, " 2"], action: Float[Array, " 1"], world: _World) -> _Moved:
        gravity, mass, length, dt = world
        angle, speed = numbers
        torque = jnp.clip(action[0], -2, 2)
        reward = -(_wrapped(angle) ** 2 + 0.1 * speed**2 + 0.001 * torque**2)
        turning = 3 * gravity / (2 * length) * jnp.sin(angle) + 3 / (mass * length**2) * torque
        speed = jnp.clip(speed + dt * turning, -8, 8)
        return jnp.stack([angle + dt * speed, speed]), reward, jnp.zeros((), bool)

    def observed(numbers: Float[Array, " 2"]) -> Float[Array, " 3"]:
        return jnp.stack([jnp.cos(numbers[0]), jnp.sin(numbers[0]), numbers[1]])

    start = _uniform([-math.pi, -1.0], [math.pi, 1.0])
    return _environment("Pendulum-v1", 200, start, move, observed, action_low=(-2.0,), action_high=(2.0,))


def _environment(
    env_id: str,
    limit: int,
    start: Callable[[PRNGKeyArray], Float[Array, " k"]],
    move: Callable[[Float[Array, " k"], Any, _World], _Moved],
    observed: Callable[[Float[Array, " k"]], Float[Array, " seen"]] = lambda numbers: numbers,
    **actions: Any,
) -> Environment:
    """Put a start, a rule of motion and a view together, with a clock that ends an episode after `limit` steps."""
    known = parameters(env_id)

    def reset(key: PRNGKeyArray, context: Mapping[str, Any]) -> tuple[State, Float[Array, " seen"]]:
        numbers = start(key)
        world = jnp.array([context[name] for name in known], jnp.float32)
        return State(numbers, jnp.zeros((), jnp.int32), world), observed(numbers)

    def step(key: PRNGKeyArray, state: State, action: Array) -> tuple[State, Array, Array, Array, Array]:
        del key  # nothing is left to chance
        numbers, reward, terminated = move(state.numbers, action, state.world)
        time = state.time + 1
        return State(numbers, time, state.world), observed(numbers), reward, terminated, time >= limit

    context = {name: one.default for name, one in known.items()}
    shape = jax.eval_shape(reset, jax.eval_shape(lambda: jax.random.key(0)), context)[1].shape
    return Environment(env_id, shape, "float32", reset, step, limit, parameters=known, **actions)


def _uniform(low: list[float], high: list[float]) -> Callable[[PRNGKeyArray], Float[Array, " k"]]:
    # As Python numbers: an array made here would start JAX's backend.
    return lambda key: jax.random.uniform(key, (len(low),), minval=jnp.array(low), maxval=jnp.array(high))


def _cart_pole(numbers: Float[Array, " 4"], action: Int[Array, ""], world: _World) -> _Moved:
    gravity, cart, pole, length, force, tau = world
    inverse, moment = 1 / (cart + pole), pole * length
    _, speed, angle, turning = numbers
    cos, sin = jnp.cos(angle), jnp.sin(angle)
    push = (jnp.where(action == 1, force, -force) + moment * turning**2 * sin) * inverse
    angular = (gravity * sin - cos * push) / (length * (4.0 / 3.0 - pole * inverse * cos**2))
    linear = push - moment * angular * cos * inverse
    rates = jnp.stack([speed, linear, turning, angular])
    after = numbers + tau * rates
    fallen = (jnp.abs(after[0]) > 2.4) | (jnp.abs(after[2]) > 12 * 2 * math.pi / 360)
    return after, jnp.ones(()), fallen


def _rolled(
    numbers: Float[Array, " 2"], thrust: Float[Array, ""], gravity: Float[Array, ""] | float
) -> Float[Array, " 2"]:
    """Move a car in the valley by a step; the wall on the left takes its speed."""
    position, speed = numbers
    speed = jnp.clip(speed + thrust - gravity * jnp.cos(3 * position), -0.07, 0.07)
    position = jnp.clip(position + speed, -1.2, 0.6)
    return jnp.stack([position, jnp.where((position <= -1.2) & (speed < 0), 0.0, speed)])


def _acrobot(numbers: Float[Array, " 4"], action: Int[Array, ""], world: _World) -> _Moved:
    """Integrate the arm over 0.2 s by one step of the classic Runge-Kutta method."""
    del world
    torque, dt = action - 1.0, 0.2
    k1 = _swing(numbers, torque)
    k2 = _swing(numbers + dt / 2 * k1, torque)
    k3 = _swing(numbers + dt / 2 * k2, torque)
    k4 = _swing(numbers + dt * k3, torque)
    first, second, speed_1, speed_2 = numbers + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    speed_1 = jnp.clip(speed_1, -4 * math.pi, 4 * math.pi)
    speed_2 = jnp.clip(speed_2, -9 * math.pi, 9 * math.pi)
    after = jnp.stack([_wrapped(first), _wrapped(second), speed_1, speed_2])
    above = -jnp.cos(first) - jnp.cos(first + second) > 1.0
    return after, above - 1.0, above


def _swing(numbers: Float[Array, " 4"], torque: Float[Array, ""]) -> Float[Array, " 4"]:
    """Return the rates of angles and speeds: links of length, mass and inertia 1, gravity 9.8, the book's equations."""
    first, second, speed_1, speed_2 = numbers
    cos, sin = jnp.cos(second), jnp.sin(second)
    d1, d2 = 3.5 + cos, 1.25 + 0.5 * cos
    phi2 = 4.9 * jnp.sin(first + second)
    phi1 = -0.5 * speed_2**2 * sin - speed_2 * speed_1 * sin + 14.7 * jnp.sin(first) + phi2
    rate_2 = (torque + d2 / d1 * phi1 - 0.5 * speed_1**2 * sin - phi2) / (1.25 - d2**2 / d1)
    rate_1 = -(d2 * rate_2 + phi1) / d1
    return jnp.stack([speed_1, speed_2, rate_1, rate_2])


def _wrapped(angle: Float[Array, ""]) -> Float[Array, ""]:
    """Return the same angle between -pi and pi."""
    return angle - 2 * math.pi * jnp.floor((angle + math.pi) / (2 * math.pi))
