"""Runs in a folder: as `Runs.save` writes them, and as a sweep has stored what it finished."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from rlhp import __version__
from rlhp.chunks import CHUNKS, read_folder
from rlhp.parquet import write_frames


def read(folder: Path) -> tuple[dict[str, pd.DataFrame], Path | None]:
    """Return the frames that a folder holds, and where its policies lie, if it keeps some; see `Runs.load`."""
    if folder.is_file():
        raise ValueError(f"`path` is {folder}, a file; give the folder that `Runs.save` or a sweep wrote.")
    policies = folder / "policies"
    return read_folder(folder), policies if policies.is_dir() else None


def write(folder: Path, frames: Mapping[str, pd.DataFrame]) -> None:
    """Write frames into a folder that is no sweep's; see `Runs.save`."""
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"`path` is {folder}, a file; give a folder.")
    if (folder / CHUNKS).is_dir():
        raise ValueError(f"`path` is {folder}, where a sweep keeps its runs; give another folder.")
    write_frames(folder, frames, {"rlhp_version": __version__})
