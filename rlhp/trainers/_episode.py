"""An episode to watch: what an environment rendered while a rule or a policy played it."""

from __future__ import annotations

import base64
import io
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rlhp import arguments

__all__ = ["Episode", "record"]


@dataclass(frozen=True)
class Episode:
    """One recorded episode; as the last line of a notebook's cell it shows itself as a film.

    Parameters
    ----------
    frames : uint8 array [T + 1, height, width, 3]
        What the environment rendered, the first frame before the first action.
    return_ : float
        Undiscounted return.
    length : int
        Steps, T.
    fps : int
        Frames per second the environment means to be watched at.
    """

    frames: np.ndarray
    return_: float
    length: int
    fps: int

    def to_gif(self, *, width: int = 400) -> bytes:
        """Encode as an animated GIF that plays once and is at most `width` pixels wide."""
        from PIL import Image

        images = [Image.fromarray(frame) for frame in self.frames]
        if images[0].width > width:
            size = (width, round(images[0].height * width / images[0].width))
            images = [image.resize(size, Image.Resampling.BILINEAR) for image in images]
        flat = [image.quantize(colors=64, dither=Image.Dither.NONE) for image in images]
        buffer = io.BytesIO()
        pause = max(20, round(1000 / max(self.fps, 1)))  # browsers slow a GIF down that asks for less than 20 ms
        flat[0].save(buffer, "GIF", save_all=True, append_images=flat[1:], duration=pause, optimize=False)
        return buffer.getvalue()

    def _said(self) -> str:
        steps = f"{self.length:,} step" + "s" * (self.length != 1)
        return f"one episode: return {self.return_:g} in {steps}"

    def __repr__(self) -> str:
        return f"Episode: {self._said()}"

    def _repr_html_(self) -> str:
        """Show the film, with its return in words for those who do not see it."""
        data = base64.b64encode(self.to_gif()).decode()
        said = self._said()
        return (
            f'<figure><img class="rlhp-film" alt="Film of {said}" src="data:image/gif;base64,{data}">'
            f"<figcaption>{said[0].upper()}{said[1:]}</figcaption></figure>"
        )


def record(
    env_id: str,
    act: Callable[[Any], Any],
    *,
    seed: int = 0,
    max_steps: int = 1000,
    world: Mapping[str, float] | None = None,
) -> Episode:
    """Play one episode by a rule and keep what it looks like.

    Parameters
    ----------
    env_id : str
        An environment that renders to pictures.
    act : callable
        Takes an observation as the environment emits it, gives an action: a rule, or the `act` of a policy.
    seed : int
        What the environment is reset with.
    max_steps : int
        Where to cut a long episode.
    world : mapping, optional
        Numbers in which this environment departs from its default.

    Returns
    -------
    Episode

    Raises
    ------
    ValueError
        If the environment cannot be rendered to pictures.

    Examples
    --------
    >>> from rlhp.trainers import record
    >>> record("CartPole-v1", lambda observation: int(observation[2] > 0))  # doctest: +ELLIPSIS
    Episode: one episode: return ... in ... steps
    """
    from rlhp.envs import make_gymnasium

    arguments.text("env_id", env_id)
    if not callable(act):
        raise TypeError(
            f"`act` is {arguments.shown(act)}; give a function that takes an observation and gives an action, "
            "such as `lambda observation: 0`."
        )
    arguments.whole("seed", seed, at_least=0)
    arguments.whole("max_steps", max_steps, at_least=1)
    _without_devices()
    try:
        env = make_gymnasium(env_id, parameters=world, render_mode="rgb_array")
    except (ValueError, TypeError, ImportError) as error:
        raise ValueError(f"{env_id} cannot be rendered to pictures: {error}") from error
    try:
        observation, _ = env.reset(seed=seed)
        frames, total, done = [np.asarray(env.render())], 0.0, False
        while not done and len(frames) <= max_steps:
            observation, reward, terminated, truncated, _ = env.step(act(observation))
            frames.append(np.asarray(env.render()))
            total += float(reward)
            done = terminated or truncated
        fps = int(env.metadata.get("render_fps") or 30)
    finally:
        env.close()
    return Episode(np.stack(frames).astype(np.uint8), total, len(frames) - 1, fps)


def _without_devices() -> None:
    """Let pygame, which draws Gymnasium's classic environments, seek no sound card, nor a screen that is not there."""
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
