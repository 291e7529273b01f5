"""The policy of a run of the compiled engine: kept as a file of plain numbers, read again, and acted with."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import jax
import numpy as np

from rlhp.agents import streams
from rlhp.trainers._policy_files import PARAMETERS, REQUEST, PolicyFile
from rlhp.trainers._request import RunRequest
from rlhp.trainers.compiled._recipes import prepared

__all__ = ["CompiledPolicy", "load_compiled", "load_parameters", "save_parameters"]


class CompiledPolicy:
    """Greedy actions from trained parameters, behind the same call as stable-baselines3's models.

    Parameters
    ----------
    parameters : pytree of arrays
        What the run learned.
    act : callable
        ``act(parameters, observations [n, ...]) -> actions [n, ...]``.
    """

    def __init__(self, parameters: Any, act: Any) -> None:
        self.parameters = parameters
        self._act = jax.jit(act)

    def predict(self, observation: Any, deterministic: bool = True) -> tuple[Any, None]:
        """Return the action for one observation, as the environment takes it; the None is stable-baselines3's state.

        Raises
        ------
        ValueError
            If a random action is asked for.
        """
        if not deterministic:
            raise ValueError("a policy of the compiled engine acts greedily; `deterministic=False` is not there.")
        action = np.asarray(self._act(self.parameters, np.asarray(observation)[None]))[0]
        return (int(action) if action.ndim == 0 else action), None


def load_compiled(read: PolicyFile) -> CompiledPolicy:
    """Return the policy of a file; nothing is unpickled."""
    found = prepared(read.request)
    agent = found.recipe.agent()

    def parameters(words: Any) -> Any:
        return agent.parameters(agent.init(streams.from_words(words), found.traced, found.loops).weights)

    shapes = jax.eval_shape(parameters, np.zeros(2, np.uint32))
    return CompiledPolicy(load_parameters(read.parts[PARAMETERS], shapes), agent.act)


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
