"""A folder of runs that only grows: numbered chunks, each written once and never written over.

    out/chunks/000001-9f0c2b7a61d8e345/    a folder that `write_frames` wrote
    out/chunks/000002-.../                 a later one
    out/chunks/.000003-.../                one in the making, or one on its way out

A chunk appears by one rename, whole. Of a run that stands in several chunks the latest version counts, so that nothing
has to be removed to make a change; of a run that was paused, the one that came furthest. A chunk may name others that
it `replaces`, whose runs it holds: they count no more, whether they are there or not, so that several become one
without a moment in which neither stands.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from rlhp.parquet import SPEC, CorruptError, orphans, read_frames, read_spec, settle, write_frames

__all__ = [
    "CHUNKS",
    "LOCK",
    "append",
    "ids_in",
    "listed",
    "newest",
    "parting",
    "read",
    "read_folder",
    "remove",
    "standing",
]

CHUNKS = "chunks"
LOCK = ".lock"  # who writes holds it; it stays
_NUMBERED = re.compile(r"\.?(\d+)-[0-9a-f]{16}")
# A later version of a run stands before an earlier one, unless the earlier came further: a run that is trained once
# more and fails, or is stopped, takes nothing from the result there was.
_STANDING = {"stopped": 0, "failed": 1, "diverged": 2, "finished": 2}
_TRIES = 5

Frames = dict[str, pd.DataFrame]


def append(
    folder: Path, frames: Mapping[str, pd.DataFrame], spec: Mapping[str, Any], *, replaces: Sequence[str] = ()
) -> Path:
    """Write a chunk after all that are there; after a crash it is there whole or not at all.

    Parameters
    ----------
    folder : path
        That of the store.
    frames : mapping
        `table`, `evals` and `history`.
    spec : mapping
        What else to note in its `spec.json`.
    replaces : sequence of str
        Names of chunks whose runs this one holds.

    Raises
    ------
    OSError
        If the disk refuses; nothing has changed then.
    """
    chunks = folder / CHUNKS
    chunks.mkdir(parents=True, exist_ok=True)
    matches = [_NUMBERED.fullmatch(one.name) for one in chunks.iterdir()]
    number = 1 + max((int(match[1]) for match in matches if match), default=0)
    # No two chunks have one name, whoever writes and whatever a chunk was called before.
    target = chunks / f"{number:06d}-{secrets.token_hex(8)}"
    draft = chunks / f".{target.name}"
    ids = {"runs": [str(one) for one in frames["table"].index], "replaces": list(replaces)}
    try:
        write_frames(draft, frames, {**spec, **ids})
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    settle(chunks)
    return target


def listed(folder: Path) -> list[Path]:
    """List all chunks of a store, oldest first; those named otherwise come from an older rlhp and stand before."""
    chunks = folder / CHUNKS
    if not chunks.is_dir():
        return []
    return sorted((one for one in chunks.iterdir() if one.name[0] != "." and one.is_dir()), key=_place)


def standing(folder: Path) -> list[Path]:
    """List the chunks of a store that count, oldest first: those that no other replaces."""
    found = listed(folder)
    gone = {name for one in found for name in _replaced_by(one)}
    return [one for one in found if one.name not in gone]


def ids_in(chunk: Path) -> list[str]:
    """List the ids of the runs in a chunk; the same errors as `read`."""
    spec = read_spec(chunk)
    noted = spec.get("runs")
    if isinstance(noted, list) and len(noted) == spec["files"]["table"].get("rows"):
        return [str(one) for one in noted]
    return [str(one) for one in read(chunk)["table"].index]


def read(folder: Path) -> Frames:
    """Read the frames of a chunk, or of any folder that `write_frames` wrote; `Runs` checks what they hold.

    Raises
    ------
    FileNotFoundError
        If there are none.
    CorruptError
        If they are not what was written; the message names the file.
    """
    frames, _ = read_frames(folder)
    table = frames["table"]
    sound = "run_id" in table and "status" in table and set(table["status"]) <= set(_STANDING)
    if not sound or any("run_id" not in frames[name] for name in ("evals", "history")):
        raise CorruptError(f"{folder / SPEC} names files that are no runs; restore it from a copy.")
    return {**frames, "table": table.set_index("run_id")}


def read_folder(folder: Path) -> Frames:
    """Read all runs in a folder: those in its own files, and those in its chunks.

    A sweep may be writing there meanwhile: what is read is then the state of one moment, not of two.

    Raises
    ------
    FileNotFoundError
        If there are none.
    CorruptError
        If something is not what was written; the message names the file.
    """
    for left in reversed(range(_TRIES)):
        # What vanishes from this list while it is read stands in a later chunk, or a later spec, already.
        before, spec = standing(folder), _content(folder / SPEC)
        try:
            parts = [read(chunk) for chunk in before]
            if not (parts or (folder / SPEC).exists() or orphans(folder)) and (folder / LOCK).exists():
                raise FileNotFoundError(
                    f"no runs at {folder}: no run of the sweep in {folder.name} is finished yet; the same call goes on."
                )
            if (folder / SPEC).exists() or orphans(folder) or not parts:
                parts = [read(folder), *parts]
            return newest(parts)
        except (CorruptError, FileNotFoundError) as error:
            if not left or (standing(folder), _content(folder / SPEC)) == (before, spec):
                if before and isinstance(error, CorruptError):
                    again = "Or make the call of the sweep again: it sets this aside and trains only what is lost."
                    raise CorruptError(f"{error} {again}") from error
                raise
    raise AssertionError("unreachable")


def newest(parts: Sequence[Frames]) -> Frames:
    """Join frames of runs, oldest first; of a run that stands in several the latest version is kept.

    A version that was stopped or failed never takes the place of a result. Of versions that were stopped the one that
    was trained further is kept, where the later is the beginning of the earlier.
    """
    if len(parts) == 1:
        return dict(parts[0])
    versions = pd.DataFrame(
        [
            (run, number, _STANDING[status])
            for number, part in enumerate(parts)
            for run, status in part["table"]["status"].items()
        ],
        columns=["run", "part", "standing"],
    )
    best = versions.sort_values(["standing", "part"], kind="stable").drop_duplicates("run", keep="last")
    furthest = _furthest(parts, versions)
    best = best.assign(part=[furthest.get(run, part) for run, part in zip(best["run"], best["part"], strict=True)])
    kept = {number: set(group["run"]) for number, group in best.groupby("part")}
    joined: dict[str, list[pd.DataFrame]] = {"table": [], "evals": [], "history": []}
    for number, part in enumerate(parts):
        mine = kept.get(number, set())
        joined["table"].append(part["table"][part["table"].index.isin(mine)])
        for name in ("evals", "history"):
            joined[name].append(part[name][part[name]["run_id"].isin(mine)])
    frames = {name: _stacked(several) for name, several in joined.items()}
    return {**frames, "table": frames["table"].loc[versions["run"].drop_duplicates()].rename_axis("run_id")}


def parting(one: pd.DataFrame, other: pd.DataFrame) -> int | None:
    """Return the first step at which two versions of a run part ways, None where one is the beginning of the other.

    Parameters
    ----------
    one, other : DataFrame
        The evaluations of one run in either, by step; what only one of them measured is not compared.
    """
    length = min(len(one), len(other))
    columns = [name for name in one.columns if name in other.columns]
    left, right = (frame[columns].iloc[:length].reset_index(drop=True) for frame in (one, other))
    if left.equals(right):
        return None
    same = ((left == right) | (left.isna() & right.isna())).all(axis=1)
    if same.all():
        return None  # equal values of other types
    return int(min(frame["step"].iloc[int(same.argmin())] for frame in (left, right)))


def remove(chunks: Iterable[Path]) -> None:
    """Remove chunks that another replaces; what cannot be removed stays, and counts no more."""
    for chunk in chunks:
        gone = chunk.with_name(f".{chunk.name}")
        with contextlib.suppress(OSError):  # another program may read it
            chunk.rename(gone)  # at once: a chunk is never seen in parts
            shutil.rmtree(gone, ignore_errors=True)


def _furthest(parts: Sequence[Frames], versions: pd.DataFrame) -> dict[str, int]:
    """Say in which part each run stands best that nobody trained to its end: the latest, if no earlier went further."""
    ended = set(versions.loc[versions["standing"] > 0, "run"])
    paused = versions[~versions["run"].isin(ended)]
    twice = set(paused.loc[paused["run"].duplicated(), "run"])
    found: dict[str, int] = dict(zip(paused["run"], paused["part"], strict=True))
    curves: dict[str, pd.DataFrame] = {}
    for number, part in enumerate(parts):
        again = [str(run) for run in part["table"].index if run in twice]
        evals = part["evals"]
        mine = {str(run): rows for run, rows in evals[evals["run_id"].isin(again)].groupby("run_id")}
        for run in again:
            new, old = mine.get(run, evals.iloc[:0]), curves.get(run)
            if old is None or len(new) >= len(old) or parting(new, old) is not None:
                found[run], curves[run] = number, new
    return found


def _place(chunk: Path) -> tuple[int, float, str]:
    match = _NUMBERED.fullmatch(chunk.name)
    if match:
        return int(match[1]), 0.0, chunk.name
    try:
        return 0, (chunk / SPEC).stat().st_mtime, chunk.name
    except OSError:
        return 0, 0.0, chunk.name


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _replaced_by(chunk: Path) -> Collection[str]:
    try:
        names = read_spec(chunk).get("replaces", [])
    except (ValueError, OSError):
        return ()  # whoever reads it will say so
    return names if isinstance(names, list) else ()


def _stacked(several: list[pd.DataFrame]) -> pd.DataFrame:
    whole = [frame for frame in several if len(frame)] or several[:1]
    return pd.concat(whole, ignore_index=whole[0].index.name != "run_id")
