"""What stable-baselines3 trains on beside the compiled engine: the packages' own environments, made to be the same.

MinAtar and MiniGrid are made to show what the JAX ones show: small whole numbers of the same shape, which an agent
takes as they are. The parameters of a run are given to an environment's attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box

from rlhp.worlds import Parameter

__all__ = ["asterix", "breakout", "door_key_5x5", "empty_5x5", "in_world"]

_LIMIT = 1000
_LARGEST = 10  # number of an object in MiniGrid
_SQUARE = 32  # pixels of a square in a picture
# What Gymnasium works out once from other attributes, by the name of its class.
_DERIVED: dict[str, dict[str, Callable[[Any], float]]] = {
    "CartPoleEnv": {
        "total_mass": lambda env: env.masspole + env.masscart,
        "polemass_length": lambda env: env.masspole * env.length,
    },
}


def breakout(**options: Any) -> gymnasium.Env[Any, Any]:
    """Make MinAtar's Breakout."""
    return _min_atar("MinAtar/Breakout-v1", **options)


def asterix(**options: Any) -> gymnasium.Env[Any, Any]:
    """Make MinAtar's Asterix."""
    return _min_atar("MinAtar/Asterix-v1", **options)


def empty_5x5(**options: Any) -> gymnasium.Env[Any, Any]:
    """Make MiniGrid's empty room."""
    return _mini_grid("MiniGrid-Empty-5x5-v0", **options)


def door_key_5x5(**options: Any) -> gymnasium.Env[Any, Any]:
    """Make MiniGrid's two rooms with a locked door between them."""
    return _mini_grid("MiniGrid-DoorKey-5x5-v0", **options)


def _min_atar(env_id: str, **options: Any) -> gymnasium.Env[Any, Any]:
    """Make a game of the package MinAtar that ends after 1,000 steps, as in JAX."""
    import minatar.gym

    if env_id not in gymnasium.registry:
        minatar.gym.register_envs()
    # Its spaces are lists and its observations bool, which the checker would complain of.
    game = gymnasium.make(env_id, **{"max_episode_steps": _LIMIT, "disable_env_checker": True, **options})
    return _Bytes(game)


def _mini_grid(env_id: str, **options: Any) -> gymnasium.Env[Any, Any]:
    """Make a room of the package minigrid that shows its view [7, 7, 3] alone.

    Left out are the text of the mission, which never changes, and the direction in which the agent looks.
    """
    import minigrid  # registers its environments

    del minigrid
    return _Image(gymnasium.make(env_id, **options))


def in_world(env: gymnasium.Env[Any, Any], known: Mapping[str, Parameter], values: Mapping[str, float]) -> None:
    """Return an environment the parameters of a run, by their own names; those not named stay as they are.

    Raises
    ------
    ValueError
        If the environment has no attribute for one of them.
    """
    within = env.unwrapped
    for name, value in values.items():
        attribute = known[name].attribute or name
        if not hasattr(within, attribute):
            raise ValueError(
                f"its class {type(within).__name__} has no attribute `{attribute}` for the parameter `{name}`; give it "
                f"one that every step reads, or name another: Parameter(..., attribute=...)."
            )
        setattr(within, attribute, value)
    for attribute, found in _DERIVED.get(type(within).__name__, {}).items():
        setattr(within, attribute, found(within))


class _Image(gymnasium.ObservationWrapper[Any, Any, Any]):
    """MiniGrid's view without the dictionary around it; the bound says that its bytes are no pixels."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        self.observation_space = Box(0, _LARGEST, env.observation_space["image"].shape, np.uint8)  # type: ignore[index]

    def observation(self, observation: Any) -> Any:
        return observation["image"]


class _Bytes(gymnasium.Wrapper[Any, Any, Any, Any]):
    """MinAtar with observations of bytes, episodes that do not remember the last one's action, and pictures."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        self.observation_space = Box(0, 1, env.unwrapped.game.state_shape(), np.uint8)  # type: ignore[attr-defined]

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        self.unwrapped.game.last_action = 0  # type: ignore[attr-defined]
        observation, info = self.env.reset(seed=seed, options=options)
        return observation.astype(np.uint8), info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation.astype(np.uint8), float(reward), terminated, truncated, info

    def render(self) -> Any:
        picture = self.env.render()
        if self.render_mode != "rgb_array" or picture is None:
            return picture
        colours = (np.asarray(picture) * 255).astype(np.uint8)
        return colours.repeat(_SQUARE, axis=0).repeat(_SQUARE, axis=1)
