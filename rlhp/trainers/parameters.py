"""The trained parameters of a run of the compiled engine, as a file that holds numbers only."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import jax
import numpy as np

from rlhp.trainers.request import RunRequest

__all__ = ["ARRAYS", "REQUEST", "load_parameters", "save_parameters"]

REQUEST, ARRAYS = "rlhp_request.json", "rlhp_parameters.npz"


def save_parameters(parameters: Any, path: Path, request: RunRequest) -> Path:
    """Write a run's parameters with its description to a `.zip`, by atomic rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, *[np.asarray(leaf) for leaf in jax.tree.leaves(parameters)])
    draft = path.with_name(f".{path.stem}.{os.getpid()}.tmp.zip")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(REQUEST, json.dumps(json.loads(request.to_json()), indent=1))
        archive.writestr(ARRAYS, buffer.getvalue())
    draft.replace(path)
    return path


def load_parameters(path: Path, like: Any) -> Any:
    """Read parameters into the structure of `like`.

    Raises
    ------
    ValueError
        If the file holds something else.
    """
    with zipfile.ZipFile(path) as archive:
        stored = np.load(io.BytesIO(archive.read(ARRAYS)), allow_pickle=False)
    leaves, structure = jax.tree.flatten(like)
    arrays = [stored[name] for name in stored.files]
    if [leaf.shape for leaf in leaves] != [array.shape for array in arrays]:
        raise ValueError(f"{path} holds parameters of other shapes than its description says; it is damaged.")
    return jax.tree.unflatten(structure, arrays)
