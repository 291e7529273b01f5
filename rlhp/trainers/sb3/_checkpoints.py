"""Checkpoints of a run in training: enough to go on as if nothing had happened.

A checkpoint is a folder `step_<n>` with the model and its optimiser (`model.zip`), the replay buffer, the random
streams and, where they can be pickled, the environments in mid-episode. It is written whole or not at all. Only the
newest keeps the large parts; of older ones the model and the evaluations stay.
"""

from __future__ import annotations

import json
import pickle
import random
import shutil
import warnings
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pandas as pd
import torch
from stable_baselines3.common.base_class import BaseAlgorithm
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm
from stable_baselines3.common.vec_env import VecNormalize

from rlhp.trainers._request import RunRequest

__all__ = ["newest_checkpoint", "restore", "write_checkpoint"]

_LARGE = ("replay_buffer.pkl", "environments.pkl", "state.pkl")


def write_checkpoint(folder: Path, model: BaseAlgorithm, state: dict[str, Any]) -> Path:
    """Write a checkpoint of `model` under `folder`, by atomic rename, and return where it stands.

    Call it between rollouts only: a half-filled rollout is not saved. A checkpoint of the same run at that step
    from which one can resume stays: nothing is removed that the next line could fail to replace.
    """
    target = folder / f"step_{model.num_timesteps:09d}"
    draft = folder / f".{target.name}.tmp"
    described = target / "request.json"
    if (target / "state.pkl").is_file() and described.read_text() == state["request"] + "\n":
        return target
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    model.save(draft / "model.zip")
    if isinstance(model, OffPolicyAlgorithm):
        model.save_replay_buffer(draft / "replay_buffer.pkl")
    (draft / "environments.pkl").write_bytes(_pickled_environments(model))
    streams = {
        "python": random.getstate(),
        "numpy": np.random.get_state(),  # noqa: NPY002 - the stream SB3 draws from
        "torch": torch.get_rng_state(),
        "actions": model.action_space,
    }
    (draft / "state.pkl").write_bytes(pickle.dumps({**state, "streams": streams}))
    (draft / "request.json").write_text(state["request"] + "\n")
    pd.DataFrame(state["rows"]).to_csv(draft / "evals.csv", index=False)
    shutil.rmtree(target, ignore_errors=True)
    draft.replace(target)
    for older in sorted(folder.glob("step_*"))[:-1]:
        for name in _LARGE:
            (older / name).unlink(missing_ok=True)
    return target


def newest_checkpoint(folder: Path) -> Path:
    """Return the newest checkpoint in a run's checkpoint folder, or `folder` itself if it is a checkpoint.

    Raises
    ------
    FileNotFoundError
        If there is none.
    """
    if (folder / "model.zip").is_file():
        return folder
    complete = [one for one in sorted(folder.glob("**/step_*")) if (one / "state.pkl").is_file()]
    if not complete:
        raise FileNotFoundError(
            f"no checkpoint at {folder}; give a folder that `Logging(checkpoint_every=...)` wrote to."
        )
    return max(complete, key=lambda one: one.name)


def restore(
    folder: Path, cls: type[BaseAlgorithm], fresh: BaseAlgorithm, request: RunRequest
) -> tuple[BaseAlgorithm, dict[str, Any]]:
    """Load a checkpoint into a model that goes on where it stood.

    Warns that the files are unpickled, and where the environments could not be saved: the run then goes on with a new
    episode, and its curve differs from the uninterrupted one.

    Raises
    ------
    ValueError
        If the checkpoint is of another run, or is one of the older ones that kept only its model.
    """
    folder = newest_checkpoint(folder)
    if not (folder / "state.pkl").is_file():
        raise ValueError(f"{folder} kept only its model; resume from the newest checkpoint beside it.")
    theirs = json.loads((folder / "request.json").read_text())
    mine = json.loads(request.to_json())
    differing = [name for name in mine if mine[name] != theirs.get(name)]
    if differing:
        name = differing[0]
        raise ValueError(
            f"{folder} is a checkpoint of another run: its `{name}` is {theirs.get(name)!r}, yours {mine[name]!r}; "
            f"call `train` with the same arguments as before."
        )
    warnings.warn(f"resuming unpickles {folder}; do so only with files you trust.", UserWarning, stacklevel=4)
    state = pickle.loads((folder / "state.pkl").read_bytes())
    saved = pickle.loads((folder / "environments.pkl").read_bytes())
    venv = fresh.get_env()
    if saved is not None:
        venv = saved["venv"]
        if saved["normalize"] is not None:
            saved["normalize"].set_venv(venv)
            saved["normalize"].returns = saved["returns"]
            venv = saved["normalize"]
    model = cls.load(folder / "model.zip", env=venv, device="cpu", force_reset=saved is None)
    if saved is None:
        message = f"{request.env_id} cannot be saved in mid-episode; the run goes on with a new episode."
        warnings.warn(message, UserWarning, stacklevel=4)
        state["episodes_read"] = [0] * len(state["episodes_read"])
    if isinstance(model, OffPolicyAlgorithm):
        model.load_replay_buffer(folder / "replay_buffer.pkl")
    random.setstate(state["streams"]["python"])
    np.random.set_state(state["streams"]["numpy"])  # noqa: NPY002 - the stream SB3 draws from
    torch.set_rng_state(state["streams"]["torch"])
    model.action_space = state["streams"]["actions"]  # loading has seeded it anew
    return model, state


def _pickled_environments(model: BaseAlgorithm) -> bytes:
    venv = model.get_env()
    normalize = venv if isinstance(venv, VecNormalize) else None
    inner = normalize.venv if normalize is not None else venv
    # VecNormalize leaves its running returns out of its pickle.
    returns = normalize.returns if normalize is not None else None
    try:
        return bytes(cloudpickle.dumps({"venv": inner, "normalize": normalize, "returns": returns}))
    except Exception:  # whatever an environment's simulator raises when asked for its inner state
        return pickle.dumps(None)
