"""How the frames of `Runs` stand on disk: a folder of Parquet files and the `spec.json` that names them."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["SPEC", "CorruptError", "files_of_runs", "orphans", "read_frames", "read_spec", "settle", "write_frames"]

SCHEMA_VERSION = 3  # 2: the column `n_updates`; 3: labels in the history, members of populations
SPEC = "spec.json"
FRAMES = ("table", "evals", "history")
_OURS = re.compile(rf"({'|'.join(FRAMES)})-[0-9a-f]{{12}}\.parquet")
# What a system answers that cannot bring a folder to the disk by itself; it then does so in its own time.
_NO_SETTLING = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES, errno.EPERM, errno.EISDIR}


class CorruptError(ValueError):
    """What stands on disk is not what was written there."""


def write_frames(folder: Path, frames: Mapping[str, pd.DataFrame], spec: Mapping[str, Any]) -> None:
    """Write frames as Parquet and, last and by atomic rename, the `spec.json` that names them.

    Parquet files are named by their content, so that an older version in the same folder stays whole until the new
    `spec.json` stands; a crash or a full disk leaves the old or the new state, never a mixture. What is removed then is
    what the older `spec.json` named, and nothing else.

    Raises
    ------
    ValueError
        If the folder holds Parquet files of runs and no `spec.json` that can be read: they might be somebody's only
        copy.
    OSError
        If the disk refuses; what was there before is unchanged.
    """
    older = _named(read_spec(folder)) if (folder / SPEC).exists() else set()
    if not older:
        _refuse_orphans(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for name, frame in frames.items():
        disk, as_json = _to_disk(frame)
        buffer = io.BytesIO()
        disk.to_parquet(buffer, engine="pyarrow", compression="zstd", index=False)
        digest = hashlib.sha256(buffer.getvalue()).hexdigest()
        path = folder / f"{name}-{digest[:12]}.parquet"
        _write_atomically(path, buffer.getvalue())
        files[name] = {"file": path.name, "sha256": digest, "rows": len(frame), "json_columns": as_json}
    settle(folder)  # the files must be there before anything says so
    whole = {"format": "rlhp.runs", "schema_version": SCHEMA_VERSION, **spec, "files": files}
    _write_atomically(folder / SPEC, (json.dumps(whole, indent=2) + "\n").encode())
    settle(folder)
    for stale in older - {str(entry["file"]) for entry in files.values()}:
        with contextlib.suppress(OSError):  # another program may have it open; it is in nobody's way
            (folder / stale).unlink(missing_ok=True)


def read_frames(folder: Path) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Read what `write_frames` wrote: the frames and the spec.

    Raises
    ------
    FileNotFoundError
        If the folder holds no runs.
    CorruptError
        If the spec or a file is corrupt or incomplete.
    ValueError
        If it is of a newer schema than this version reads.
    """
    spec = read_spec(folder)
    frames = {}
    for name, entry in spec["files"].items():
        file = folder / entry["file"]
        content = file.read_bytes() if file.is_file() else None
        if content is None or hashlib.sha256(content).hexdigest() != entry["sha256"]:
            what = "is missing" if content is None else "is corrupt (its checksum differs from spec.json)"
            raise CorruptError(f"{file} {what}; restore it from a copy or train the runs again.")
        try:
            frames[name] = _from_disk(pd.read_parquet(io.BytesIO(content), engine="pyarrow"), entry["json_columns"])
        except Exception as error:  # pyarrow has many; the checksum was right, so the file was written like this
            raise CorruptError(f"{file} is corrupt ({error}); restore it from a copy.") from error
    return frames, spec


def read_spec(folder: Path) -> dict[str, Any]:
    """Read the `spec.json` of a folder and check its shape.

    Raises
    ------
    FileNotFoundError
        If there is none, and no runs.
    CorruptError
        If it is not one that `write_frames` wrote, or is missing where there are Parquet files of runs.
    ValueError
        If it is of a newer schema than this version reads.
    """
    path = folder / SPEC
    if not path.is_file():
        _refuse_orphans(folder)
        raise FileNotFoundError(f"no runs at {folder}: `{SPEC}` is missing; give a folder written by `Runs.save`.")
    try:
        spec = json.loads(path.read_bytes())
        version = spec["schema_version"]
        if isinstance(version, int) and version > SCHEMA_VERSION:
            raise _Newer
        wrong = _fault(spec)
    except _Newer:
        raise ValueError(
            f"{folder} was written by a newer rlhp (schema {version}; this version reads up to {SCHEMA_VERSION}); "
            f"upgrade rlhp."
        ) from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        wrong = f"{type(error).__name__}: {error}"
    if wrong:
        raise CorruptError(f"{path} is corrupt ({wrong}); restore it from a copy or train the runs again.")
    return dict(spec)


def files_of_runs(folder: Path) -> list[Path]:
    """List the Parquet files in a folder that are named as `write_frames` names them."""
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.glob("*.parquet") if _OURS.fullmatch(file.name))


def orphans(folder: Path) -> list[Path]:
    """List the Parquet files of runs in a folder without a `spec.json`, which alone says how to read them."""
    return [] if (folder / SPEC).exists() else files_of_runs(folder)


def settle(folder: Path) -> None:
    """Bring the names in a folder to the disk, so that they survive a loss of power; where the system can."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _NO_SETTLING:
            raise OSError(f"could not write {folder} ({error}).") from error


class _Newer(Exception):
    """A version of the schema that is yet to come."""


def _fault(spec: Any) -> str:
    """Say what is wrong with the shape of a spec; nothing where it is right."""
    if spec.get("format", "rlhp.runs") != "rlhp.runs":
        return f"its format is {spec['format']!r}"
    if type(spec["schema_version"]) is not int or spec["schema_version"] < 1:
        return f"its schema_version is {spec['schema_version']!r}"
    if not isinstance(spec["files"], dict) or set(spec["files"]) != set(FRAMES):
        return f"`files` must name {', '.join(FRAMES)}"
    for name, entry in spec["files"].items():
        columns = entry["json_columns"]
        if not isinstance(columns, list) or not all(isinstance(one, str) for one in columns):
            return f"`json_columns` of {name} is no list of columns"
        # A name and not a path: a folder that somebody sent must not lead out of itself.
        if not isinstance(entry["file"], str) or not _OURS.fullmatch(entry["file"]):
            return f"`file` of {name} is {entry['file']!r}"
    return ""


def _named(spec: Mapping[str, Any]) -> set[str]:
    return {str(entry["file"]) for entry in spec["files"].values()}


def _refuse_orphans(folder: Path) -> None:
    found = orphans(folder)
    if found:
        raise CorruptError(
            f"{folder} holds Parquet files of runs ({found[0].name}) but no `{SPEC}`, which says how to read them, so "
            f"nothing there is touched; put `{SPEC}` back from a copy, or give another folder. If they are what a "
            f"save left that was killed, remove them."
        )


def _to_disk(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Parquet columns have one type; a column that mixes several is written as JSON text, cell by cell."""
    disk = frame.reset_index() if frame.index.name == "run_id" else frame.copy()
    mixed = [name for name in disk.columns if disk[name].dtype == object]
    for name in mixed:
        cells = [None if value is None else json.dumps(value) for value in disk[name]]
        disk[name] = pd.Series(cells, dtype="str", index=disk.index)
    return disk, mixed


def _from_disk(frame: pd.DataFrame, mixed: list[str]) -> pd.DataFrame:
    for name in mixed:
        cells = [None if pd.isna(value) else json.loads(value) for value in frame[name]]
        frame[name] = pd.Series(cells, dtype="object", index=frame.index)
    return frame


def _write_atomically(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise OSError(f"could not write {path} ({error}); what was there before is unchanged.") from error
