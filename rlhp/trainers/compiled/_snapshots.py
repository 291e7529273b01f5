"""Runs in the middle of their training as one file of plain numbers and text, from which they go on bit for bit.

The file is a zip: `runs.json` describes the runs, and every array of a state is an entry in NumPy's own format. Of
arrays that are filled as a run goes on, the part that is still as empty as at the beginning is left out.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from rlhp.agents import streams
from rlhp.agents.agent import State
from rlhp.frames import encode_value
from rlhp.trainers._request import RunRequest
from rlhp.trainers.compiled._programs import state_like
from rlhp.trainers.compiled._running import Running

__all__ = ["read_runs", "write_runs"]

_DESCRIPTION, _VERSION = "runs.json", 2  # 2: missed evaluations
_MOST_TEXT = 1 << 28  # bytes of a description; a run's is a few hundred and two hundred for each evaluation


def write_runs(runs: Sequence[Running], path: Path) -> Path:
    """Write runs to a file, by atomic rename; they can be trained on meanwhile in no other thread."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            described = [_write(archive, number, run) for number, run in enumerate(runs)]
            archive.writestr(_DESCRIPTION, json.dumps({"version": _VERSION, "runs": described}))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def read_runs(path: Path) -> list[Running]:
    """Read what `write_runs` wrote; nothing is unpickled.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is damaged, something else, or written by another version.
    """
    if not path.is_file():
        raise FileNotFoundError(f"no snapshot at {path}; give a file that `snapshot` wrote.")
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(_DESCRIPTION).file_size > _MOST_TEXT:
                raise ValueError("its description is too long")
            told = json.loads(archive.read(_DESCRIPTION))
            if told["version"] != _VERSION:
                raise ValueError(f"it is of version {told['version']}, and this reads version {_VERSION}")
            return [_read(archive, number, one) for number, one in enumerate(told["runs"])]
    except Exception as error:  # a damaged or foreign archive raises whatever its reader happens to
        what = str(error) or type(error).__name__
        raise ValueError(f"{path} is not a snapshot that can be read ({what}); give a file of `snapshot`.") from error


_PLAIN = (
    *("status", "error", "rows", "history", "step", "missed"),
    *("iterations", "n_updates", "open", "healthy", "updates_before"),
)


def _write(archive: zipfile.ZipFile, number: int, run: Running) -> dict[str, Any]:
    if run.state is not None:
        empty = dict(zip(_places(run.state), _leaves(run.prepared.recipe.agent().memory()), strict=True))
        for place, leaf in enumerate(_leaves(run.state)):
            with archive.open(_entry(number, place), "w", force_zip64=True) as file:
                kept = _filled(leaf, empty[place]) if place in empty else leaf
                np.lib.format.write_array(file, kept, allow_pickle=False)
    return {
        "request": json.loads(run.request.to_json()),
        "assigned": {name: encode_value(value) for name, value in run.assigned.items()},
        "begun": run.state is not None,
        "wall_time_s": run.wall_time_s,
        "cpu_time_s": run.cpu_time_s,
        **{name: getattr(run, name) for name in _PLAIN},
    }


def _read(archive: zipfile.ZipFile, number: int, told: dict[str, Any]) -> Running:
    run = Running(RunRequest.from_json(json.dumps(told["request"])))
    if told["assigned"]:
        run.assign(told["assigned"])
    for name in _PLAIN:
        kind = type(getattr(run, name))
        if not isinstance(told[name], kind):
            raise ValueError(f"`{name}` of run {run.request.run_id} is no {kind.__name__}")
        setattr(run, name, told[name])
    run.spent(told["wall_time_s"], told["cpu_time_s"])
    if told["begun"]:
        run.state = _state(archive, number, run)
    return run


def _state(archive: zipfile.ZipFile, number: int, run: Running) -> State:
    """Read the arrays of a run into the structure that its program has."""
    like = state_like(run.prepared)
    empty = dict(zip(_places(like), _leaves(run.prepared.recipe.agent().memory()), strict=True))
    wanted, structure = jax.tree.flatten(like)
    if len(wanted) != sum(name.startswith(_entry(number)) for name in archive.namelist()):
        raise ValueError(f"run {run.request.run_id} has other arrays than its program: another version wrote them")
    leaves = []
    for place, one in enumerate(wanted):
        with archive.open(_entry(number, place)) as file:
            array = np.lib.format.read_array(file, allow_pickle=False)
        if place in empty and array.ndim:
            array = np.concatenate([array, empty[place][len(array) :]])
        is_key = _is_key(one)
        numbers = jax.eval_shape(jax.random.key_data, one) if is_key else one
        if (array.shape, array.dtype) != (numbers.shape, numbers.dtype):
            raise ValueError(
                f"run {run.request.run_id} has {array.dtype}{list(array.shape)} where its program has "
                f"{numbers.dtype}{list(numbers.shape)}: another version wrote it"
            )
        made = jnp.array(array)
        leaves.append(streams.from_words(made) if is_key else made)
    state: State = jax.tree.unflatten(structure, leaves)
    return state


def _places(state: State) -> range:
    """Return where among the leaves of a state its memory stands."""
    first = len(jax.tree.leaves((state.key, state.weights, state.optimizer)))
    return range(first, first + len(jax.tree.leaves(state.memory)))


def _leaves(tree: Any) -> list[np.ndarray]:
    """Return the arrays of a pytree in order; keys as the numbers that they are."""
    return [np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf) for leaf in jax.tree.leaves(tree)]


def _is_key(leaf: Any) -> bool:
    return bool(jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key))


def _filled(leaf: np.ndarray, empty: np.ndarray) -> np.ndarray:
    """Cut what is at the end as it was in the beginning, bit by bit."""
    if leaf.ndim == 0 or leaf.size == 0:
        return leaf
    changed = _bytes(leaf) != _bytes(empty)
    return leaf[: len(leaf) - int(np.argmax(changed.any(axis=1)[::-1])) if changed.any() else 0]


def _bytes(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array).view(np.uint8).reshape(len(array), -1)


def _entry(number: int, place: int | None = None) -> str:
    return f"{number}/" if place is None else f"{number}/{place}.npy"
