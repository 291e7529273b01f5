"""Importances and fits on disk, by what they were computed from: those that come with the data, then the user's own."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace

from rlhp import datasets
from rlhp.folders import kept_folder
from rlhp.importance import Importance, Settled, files
from rlhp.runs import Runs

__all__ = ["FITS", "FitStore", "digest"]

FITS = "fits"  # the folder among this project's data, and the one in the user's cache


class FitStore:
    """Keeps results in files that are named after everything that decides them.

    Parameters
    ----------
    space : ConfigurationSpace
    common : mapping
        What all results share: plain values.
    own : path, optional
        Where results are written; by default in the user's cache folder.
    shipped : path or None
        Where others are looked for first; by default among this project's data.
    """

    def __init__(
        self,
        space: ConfigurationSpace,
        common: Mapping[str, Any],
        *,
        own: str | Path | None = None,
        shipped: str | Path | None = "",
    ) -> None:
        self._common = {"version": files.VERSION, "space": space.to_serialized_dict(), **common}
        self._own = kept_folder(FITS) if own is None else Path(own)
        self._shipped = _beside_the_data() if shipped == "" else None if shipped is None else Path(shipped)

    def name(self, runs: str, what: Mapping[str, Any]) -> str:
        """Name the file of a result: `runs` is their digest, `what` holds plain values."""
        asked = json.dumps([self._common, runs, dict(what)], sort_keys=True, default=repr)
        return hashlib.sha256(asked.encode()).hexdigest()[:32] + ".json.gz"

    def get(self, name: str) -> Importance | Settled | None:
        """Read a result; None where it is not there, or cannot be read and has to be made again."""
        for folder in (self._shipped, self._own):
            found = files.read(folder / name) if folder is not None else None
            if found is not None:
                return found
        return None

    def put(self, name: str, result: Importance | Settled) -> None:
        """Keep a result; where the disk takes nothing, it is computed again the next time."""
        with contextlib.suppress(OSError, TypeError):
            files.write(self._own / name, result)


def digest(runs: Runs) -> str:
    """Return a hash of everything in runs that an importance can depend on: their order is a part of it.

    Parameters
    ----------
    runs : Runs
    """
    found = hashlib.sha256()
    for frame in (runs.table.reset_index().drop(columns=["error"]), runs.evals):
        for name, column in frame.items():
            found.update(f"{name}\0{len(column)}\0".encode())
            found.update(_bytes(column))
    return found.hexdigest()


def _bytes(column: pd.Series) -> bytes:
    if column.dtype.kind in "iufb":
        return np.ascontiguousarray(column.to_numpy(np.float64)).tobytes()
    # Numbers and texts that read the same are told apart, missing values are all alike.
    cells = ["" if cell is None or cell is pd.NA or cell != cell else repr(cell) for cell in column.tolist()]
    return "\0".join(cells).encode()


def _beside_the_data() -> Path | None:
    try:
        folder = datasets.home() / FITS
    except FileNotFoundError:
        return None
    return folder if folder.is_dir() else None
