"""Importances in files: written and read without pickle, so that opening one runs nothing."""

from __future__ import annotations

import gzip
import json
import os
import uuid
import zlib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rlhp.importance._result import Importance
from rlhp.importance._seed_noise import SeedNoise
from rlhp.importance._settled import Settled

__all__ = ["VERSION", "read", "write"]

# Of what the methods compute: raise it when one of them gives other numbers than before, so that files with the old
# ones are left alone and computed anew.
VERSION = 2
_FORMAT = 1
_CLASSES = {one.__name__: one for one in (Importance, SeedNoise, Settled)}
_KIND = "is"

Kept = Importance | Settled


def write(path: str | Path, result: Kept) -> Path:
    """Write a result; a reader sees the old file or the new one, never half of one.

    Parameters
    ----------
    path : path
        Its folder is made if there is none.
    result : Importance or Settled

    Raises
    ------
    OSError
        If it cannot be written.
    TypeError
        If the result holds something that cannot be kept.
    """
    path = Path(path)
    # Equal results are equal bytes: no name and no time inside.
    text = json.dumps({"format": _FORMAT, "result": _encoded(result)}, separators=(",", ":"))
    content = gzip.compress(text.encode(), mtime=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def read(path: str | Path) -> Kept | None:
    """Read a result; None where there is no file, or it is damaged or of another format.

    Parameters
    ----------
    path : path
    """
    try:
        held = json.loads(gzip.decompress(Path(path).read_bytes()))
        result = _decoded(held["result"]) if held["format"] == _FORMAT else None
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zlib.error):
        return None
    return result if isinstance(result, Importance | Settled) else None


def _encoded(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return {_KIND: "array", "shape": value.shape, "items": value.astype(np.float64).ravel().tolist()}
    if isinstance(value, pd.DataFrame):
        return {_KIND: "frame", "items": [[name, _encoded(tuple(column.tolist()))] for name, column in value.items()]}
    if isinstance(value, tuple | list):
        return {_KIND: "tuple", "items": [_encoded(one) for one in value]}
    if isinstance(value, Mapping):
        return {_KIND: "mapping", "items": [[_encoded(key), _encoded(one)] for key, one in value.items()]}
    name = type(value).__name__
    if name not in _CLASSES:
        raise TypeError(f"a {name} cannot be kept in a file.")
    return {_KIND: name, "items": [[one.name, _encoded(getattr(value, one.name))] for one in fields(value)]}


def _decoded(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kind, items = value[_KIND], value["items"]
    if kind == "array":
        return np.array(items, dtype=np.float64).reshape(value["shape"])
    if kind == "frame":
        return pd.DataFrame({name: list(_decoded(column)) for name, column in items})
    if kind == "tuple":
        return tuple(_decoded(one) for one in items)
    pairs = {_decoded(key): _decoded(one) for key, one in items}
    if kind == "mapping":
        return pairs
    made = _CLASSES[kind]
    if set(pairs) != {one.name for one in fields(made)}:
        raise ValueError("written by another version")
    return made(**pairs)
