"""What stable-baselines3 trains on where the compiled engine plays MinAtar or MiniGrid: the packages' own environments.

They are made to show what the JAX ones show: small whole numbers of the same shape, which an agent takes as they are.
"""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box

__all__ = ["min_atar", "mini_grid"]

_LIMIT = 1000
_LARGEST = 10  # number of an object in MiniGrid
_SQUARE = 32  # pixels of a square in a picture


def min_atar(env_id: str, **options: Any) -> gymnasium.Env[Any, Any]:
    """Make a game of the package MinAtar (``MinAtar/Breakout-v1``) that ends after 1,000 steps, as in JAX."""
    import minatar.gym

    if env_id not in gymnasium.registry:
        minatar.gym.register_envs()
    # Its spaces are lists and its observations bool, which the checker would complain of.
    game = gymnasium.make(env_id, **{"max_episode_steps": _LIMIT, "disable_env_checker": True, **options})
    return _Bytes(game)


def mini_grid(env_id: str, **options: Any) -> gymnasium.Env[Any, Any]:
    """Make a room of the package minigrid (``MiniGrid-Empty-5x5-v0``) that shows its view [7, 7, 3] alone.

    Left out are the text of the mission, which never changes, and the direction in which the agent looks.
    """
    import minigrid  # registers its environments

    del minigrid
    return _Image(gymnasium.make(env_id, **options))


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
