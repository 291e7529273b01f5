"""A trained policy: act with it, watch it, keep it.

The policy file of a run of stable-baselines3 is that library's own `.zip` (its `load` reads it too) with the run's
description and, where training normalised observations, their statistics added. That of a run of the compiled engine
holds the description and plain arrays.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import sys
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.trainers.request import RunRequest

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm

__all__ = ["Episode", "Policy", "load_policy", "save_model"]

_REQUEST, _NORMALIZE, _PARAMETERS = "rlhp_request.json", "rlhp_vecnormalize.pkl", "rlhp_parameters.npz"


@dataclass(frozen=True)
class Episode:
    """One recorded episode.

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


@dataclass(frozen=True)
class Policy:
    """A trained policy, from `load_policy`."""

    request: RunRequest
    path: Path
    model: Any
    normalize: Any = None

    def act(self, observation: Any) -> Any:
        """Give the greedy action for one observation, as the environment emits it."""
        seen = observation if self.normalize is None else self.normalize.normalize_obs(observation)
        return self.model.predict(seen, deterministic=True)[0]

    def save(self, path: str | Path) -> Path:
        """Copy the policy's file to `path` (`.zip` is added where missing)."""
        target = _zip_path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.path, target)
        return target

    def record(self, env_id: str | None = None, *, seed: int = 0, max_steps: int = 1000) -> Episode:
        """Play one greedy episode and keep what it looks like.

        Parameters
        ----------
        env_id : str, optional
            Another environment than the one trained on, with the same spaces.
        seed : int
            What the environment is reset with.
        max_steps : int
            Where to cut a long episode.

        Raises
        ------
        ValueError
            If the environment cannot be rendered to pictures.
        """
        from rlhp.envs import make_gymnasium

        name = env_id or self.request.env_id
        _without_devices()
        try:
            env = make_gymnasium(name, render_mode="rgb_array")
        except (ValueError, TypeError, ImportError) as error:
            raise ValueError(f"{name} cannot be rendered to pictures: {error}") from error
        try:
            observation, _ = env.reset(seed=seed)
            frames, total, done = [np.asarray(env.render())], 0.0, False
            while not done and len(frames) <= max_steps:
                observation, reward, terminated, truncated, _ = env.step(self.act(observation))
                frames.append(np.asarray(env.render()))
                total += float(reward)
                done = terminated or truncated
            fps = int(env.metadata.get("render_fps") or 30)
        finally:
            env.close()
        return Episode(np.stack(frames).astype(np.uint8), total, len(frames) - 1, fps)


def load_policy(path: str | Path) -> Policy:
    """Load a policy that a sweep, `train` or a widget saved.

    Warns where the file is unpickled, as stable-baselines3's are: load only what you trust.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not a policy of ours.
    """
    file = _zip_path(path)
    if not file.is_file():
        raise FileNotFoundError(f"no policy at {file}; give a `.zip` that was saved here.")
    try:
        with zipfile.ZipFile(file) as archive:
            request = RunRequest.from_json(archive.read(_REQUEST).decode())
            names = archive.namelist()
            statistics = archive.read(_NORMALIZE) if _NORMALIZE in names else None
    except (zipfile.BadZipFile, KeyError) as error:
        raise ValueError(f"{file} is not a policy that rlhp saved ({error}); give a `.zip` of ours.") from error
    if _PARAMETERS in names:
        from rlhp.trainers.compiled_policy import load_compiled

        return Policy(request, file, load_compiled(file, request))
    warnings.warn(f"loading a policy unpickles {file}; do so only with files you trust.", UserWarning, stacklevel=2)
    import stable_baselines3

    model = getattr(stable_baselines3, request.algorithm.upper()).load(file, device="cpu")
    return Policy(request, file, model, None if statistics is None else pickle.loads(statistics))


def save_model(model: BaseAlgorithm, path: str | Path, request: RunRequest) -> Path:
    """Write a trained model with the description of its run, by atomic rename; returns the `.zip`."""
    target = _zip_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.stem}.{os.getpid()}.tmp.zip")
    model.save(draft)
    with zipfile.ZipFile(draft, "a") as archive:
        archive.writestr(_REQUEST, json.dumps(json.loads(request.to_json()), indent=1))
        wrapper = model.get_vec_normalize_env()
        if wrapper is not None:
            archive.writestr(_NORMALIZE, pickle.dumps(wrapper))
    draft.replace(target)
    return target


def _without_devices() -> None:
    """Let pygame, which draws Gymnasium's classic environments, seek no sound card, nor a screen that is not there."""
    os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


def _zip_path(path: str | Path) -> Path:
    file = Path(path)
    return file if file.suffix == ".zip" else file.with_name(file.name + ".zip")
