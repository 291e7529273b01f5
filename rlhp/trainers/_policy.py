"""A trained policy: act with it, watch it, keep it.

The policy file of a run of stable-baselines3 is that library's own `.zip` (its `load` reads it too, and unpickles it)
with the run's description and, where training normalised observations, their statistics added. That of a run of the
compiled engine holds the description and plain arrays. Neither is unpickled here, see `policy_files`.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rlhp import arguments
from rlhp.trainers._env_parameters import values_of
from rlhp.trainers._episode import Episode, record
from rlhp.trainers._policy_files import NORMALIZE, PARAMETERS, REQUEST, WEIGHTS, Normalizer, read_policy_file
from rlhp.trainers._request import RunRequest

if TYPE_CHECKING:
    from stable_baselines3.common.base_class import BaseAlgorithm
    from stable_baselines3.common.vec_env import VecNormalize

__all__ = ["Policy", "load_policy", "save_model"]


@dataclass(frozen=True)
class Policy:
    """A trained policy, from `load_policy`."""

    request: RunRequest
    path: Path
    model: Any
    normalize: Normalizer | None = None

    def act(self, observation: Any) -> Any:
        """Return the greedy action for one observation, as the environment emits it."""
        seen = observation if self.normalize is None else self.normalize.normalize_obs(observation)
        return self.model.predict(seen, deterministic=True)[0]

    def save(self, path: str | Path) -> Path:
        """Copy the policy's file to `path` (`.zip` is added where missing)."""
        target = _zip_path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.path, target)
        return target

    def record(self, env_id: str | None = None, *, seed: int = 0, max_steps: int = 1000) -> Episode:
        """Play one greedy episode, in the world that training ended in, and keep what it looks like.

        Parameters
        ----------
        env_id : str, optional
            Another environment than the one trained on, with the same spaces, in its default world.
        seed : int
            What the environment is reset with.
        max_steps : int
            Where to cut a long episode.

        Raises
        ------
        ValueError
            If the environment cannot be rendered to pictures.
        """
        name = env_id or self.request.env_id
        world = values_of(self.request.config) if name == self.request.env_id else None
        return record(name, self.act, seed=seed, max_steps=max_steps, world=world)


def load_policy(path: str | Path, *, trust: bool = False) -> Policy:
    """Load a policy that a sweep, `train` or a widget saved.

    Nothing is unpickled: networks are built from the description of the run and take their numbers from the file, those
    of stable-baselines3 too. A file can still name a Python module, where its environment's id is ``module:EnvId``.

    Parameters
    ----------
    path : path
        The `.zip` (the ending may be left out).
    trust : bool
        Whether a module that the file names may be imported, which runs it. Needed only where it is not imported
        already: not in the program that trained the policy.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not a policy of ours, is damaged, or needs `trust=True`.

    Examples
    --------
    >>> rlhp.load_policy("results/policies/0a1b2c3d4e5f6a7b.zip").record().to_gif()  # doctest: +SKIP
    """
    file, trust = _zip_path(arguments.path("path", path)), arguments.flag("trust", trust)
    if not file.is_file():
        raise FileNotFoundError(f"no policy at {file}; give a `.zip` that was saved here.")
    read = read_policy_file(file, trust=trust)
    engine = "jax" if PARAMETERS in read.parts else "sb3"
    if read.request.engine != engine:
        raise ValueError(f"{file} is damaged: it says engine={read.request.engine!r} and holds numbers of {engine!r}.")
    try:
        if engine == "jax":
            from rlhp.trainers.compiled._policies import load_compiled

            return Policy(read.request, file, load_compiled(read))
        from rlhp.trainers.sb3._model import load_network

        statistics = read.parts.get(NORMALIZE)
        normalize = None if statistics is None else Normalizer.from_bytes(statistics)
        return Policy(read.request, file, load_network(read.request, read.parts[WEIGHTS]), normalize)
    except ImportError:
        raise
    except Exception as error:  # readers of arrays and of weights raise whatever a damaged part leads to
        first = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise ValueError(f"{file} holds no parameters of the policy that it describes ({first}).") from error


def save_model(model: BaseAlgorithm, path: str | Path, request: RunRequest) -> Path:
    """Write a trained model with the description of its run, by atomic rename; returns the `.zip`."""
    target = _zip_path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.stem}.{os.getpid()}.tmp.zip")
    model.save(draft)
    with zipfile.ZipFile(draft, "a") as archive:
        archive.writestr(REQUEST, json.dumps(json.loads(request.to_json()), indent=1))
        wrapper = model.get_vec_normalize_env()
        if wrapper is not None:
            archive.writestr(NORMALIZE, _statistics(wrapper).to_bytes())
    draft.replace(target)
    return target


def _statistics(wrapper: VecNormalize) -> Normalizer:
    rms = wrapper.obs_rms
    parts = rms if isinstance(rms, dict) else {"": rms}
    mean, var = ({name: getattr(one, what) for name, one in parts.items()} for what in ("mean", "var"))
    return Normalizer(mean, var, wrapper.epsilon, wrapper.clip_obs)


def _zip_path(path: str | Path) -> Path:
    file = Path(path)
    return file if file.suffix == ".zip" else file.with_name(file.name + ".zip")
