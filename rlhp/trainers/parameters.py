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

from rlhp.trainers.policy_files import PARAMETERS, REQUEST
from rlhp.trainers.request import RunRequest

__all__ = ["load_parameters", "save_parameters"]


def save_parameters(parameters: Any, path: Path, request: RunRequest) -> Path:
    """Write a run's parameters with its description to a `.zip`, by atomic rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, *[np.asarray(leaf) for leaf in jax.tree.leaves(parameters)])
    draft = path.with_name(f".{path.stem}.{os.getpid()}.tmp.zip")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(REQUEST, json.dumps(json.loads(request.to_json()), indent=1))
        archive.writestr(PARAMETERS, buffer.getvalue())
    draft.replace(path)
    return path


def load_parameters(content: bytes, like: Any) -> Any:
    """Read the arrays of a policy file into the structure of `like`.

    Raises
    ------
    ValueError
        If they are others; whatever the reader of arrays raises, if there are none.
    """
    leaves, structure = jax.tree.flatten(like)
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays = [stored[name] for name in stored.files]
    if [(leaf.shape, leaf.dtype) for leaf in leaves] != [(array.shape, array.dtype) for array in arrays]:
        raise ValueError("its arrays have other shapes than its description says")
    return jax.tree.unflatten(structure, arrays)
