"""What an episode can earn at least and at most: facts about environments that bound every interval of a return.

Plain data at the ground floor, so that statistics of imported runs know it without any engine.
"""

from __future__ import annotations

import math

from rlhp.arguments import real, text

__all__ = ["declare_return_bounds", "return_bounds"]

# Undiscounted return of one episode, from the rewards and time limits of the environments' own sources.
_BOUNDS: dict[str, tuple[float, float]] = {
    "CartPole-v0": (1.0, 200.0),  # one a step
    "CartPole-v1": (1.0, 500.0),
    "Acrobot-v1": (-500.0, 0.0),  # minus one a step but the last
    "MountainCar-v0": (-200.0, -1.0),  # minus one a step
    "MountainCarContinuous-v0": (-0.1 * 999, 100.0),  # minus a tenth of the action's square a step; 100 at the goal
    # Minus (angle^2 + speed^2 / 10 + torque^2 / 1000) a step, with angle <= pi, speed <= 8 and torque <= 2, 200 times.
    "Pendulum-v1": (-200 * (math.pi**2 + 6.4 + 0.004), 0.0),
    "MinAtar/Breakout-v1": (0.0, math.inf),
    "MinAtar/Asterix-v1": (0.0, math.inf),
    "MiniGrid-Empty-5x5-v0": (0.0, 1.0),  # one at the goal, less for every step it took
    "MiniGrid-DoorKey-5x5-v0": (0.0, 1.0),
}


_OURS = frozenset(_BOUNDS)


def return_bounds(env_id: str) -> tuple[float, float]:
    """Return the least and the most undiscounted return of an episode; infinite where there is none or none is known.

    Examples
    --------
    >>> return_bounds("CartPole-v1"), return_bounds("LunarLander-v3")
    ((1.0, 500.0), (-inf, inf))
    """
    name = env_id.partition(":")[2]  # a module's own environment may have the id of one of ours, and be another
    return _BOUNDS.get(env_id) or _BOUNDS.get("" if name in _OURS else name, (-math.inf, math.inf))


def declare_return_bounds(env_id: str, low: float, high: float) -> None:
    """Tell what an episode of an environment of your own can earn, so that no interval goes beyond.

    Parameters
    ----------
    env_id : str
    low, high : float
        Undiscounted return; ``-math.inf`` or ``math.inf`` where there is no bound.

    Raises
    ------
    ValueError
        If `low` is not below `high`.

    Examples
    --------
    >>> declare_return_bounds("MyMaze-v0", 0, 1)
    >>> return_bounds("MyMaze-v0")
    (0.0, 1.0)
    """
    least, most = real("low", low, finite=False), real("high", high, finite=False)
    if not least < most:
        raise ValueError(f"`low` is {least:g} and `high` {most:g}; give the lower of the two first.")
    _BOUNDS[text("env_id", env_id)] = (least, most)
