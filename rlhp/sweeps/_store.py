"""The crash-safe store of a sweep: finished runs on disk, whatever happens to the process.

Each finished chunk of runs is written once, as a folder under `chunks/` that appears by one rename (`rlhp.chunks`).
Nothing is ever written over. At the end of a sweep chunks are joined into larger ones: the larger one stands before
the smaller ones go. `Runs.load` reads the folder at any time.
"""

from __future__ import annotations

import json
import math
import shutil
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rlhp import __version__, arguments, chunks
from rlhp.parquet import SPEC, CorruptError, files_of_runs, orphans, read_spec
from rlhp.runs import Runs
from rlhp.sweeps._paused import Paused

__all__ = ["Store", "opened"]


class Store:
    """Finished runs of one or more sweeps in a folder.

    Parameters
    ----------
    folder : path
        Made if it is not there.

    Raises
    ------
    ValueError
        If it is a file, or cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> store = Store(tempfile.mkdtemp())
    >>> store.write(Runs.from_table([{"gamma": 0.9}], [1.0])).parent.name, len(store.read())
    ('chunks', 1)
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = arguments.path("out", folder)
        self.chunks = self.folder / chunks.CHUNKS
        self.policies = self.folder / "policies"
        self.checkpoints = self.folder / "checkpoints"
        self.paused = Paused(self.folder / "paused")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise ValueError(f"`out` is {self.folder}, but {error.filename} is a file; give a folder.") from error
        except OSError as error:
            raise ValueError(f"`out` is {self.folder}, which cannot be made ({error}); give another folder.") from error
        # A session claims the folder in one thread and gives it back in another.
        self._lock = FileLock(self.folder / chunks.LOCK, thread_local=False)

    def acquire(self) -> None:
        """Claim the folder for this process; the system frees it when the process ends, however it ends.

        Raises
        ------
        RuntimeError
            If another process holds it.
        ValueError
            If nothing can be written there, or it holds Parquet files of runs that nothing names.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise RuntimeError(
                f"another sweep is writing to {self.folder}; wait for it to end, or give another `out=`."
            ) from error
        except OSError as error:
            raise ValueError(
                f"`out` is {self.folder}, where nothing can be written ({error}); give another folder. "
                f"`Runs.load` reads what is there."
            ) from error
        try:
            if orphans(self.folder):
                read_spec(self.folder)
            for draft in self.chunks.glob(".*"):
                shutil.rmtree(draft, ignore_errors=True)
            for draft in self.policies.glob(".*.tmp.zip"):
                draft.unlink(missing_ok=True)
            self.paused.tidy()
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Return the folder back."""
        self._lock.release()

    def write(self, runs: Runs) -> Path:
        """Add a chunk of finished runs; once this returns, they are there whatever happens.

        Raises
        ------
        OSError
            If the disk refuses; what was there before is unchanged.
        """
        return self._append(_frames(runs))

    def read(self) -> Runs | None:
        """Return all runs in the store, None if there are none; of a run held twice, the later one.

        What is corrupt is set aside, with a warning.
        """
        return self._joined(lambda chunk: True)

    def held(
        self,
        run_ids: Collection[str],
        *,
        retry_failed: bool,
        need_policies: bool,
        goals: Mapping[str, int] | None = None,
    ) -> Runs | None:
        """Return those of `run_ids` that need no training; None where all do.

        Runs that were stopped before their end are left out, but for those that were evaluated at the step of `goals`
        or later; with `retry_failed`, failed runs are; with `need_policies`, runs whose policy is not kept. What is
        corrupt is set aside, with a warning.
        """
        wanted = set(run_ids)
        runs = self._joined(lambda chunk: not wanted.isdisjoint(chunks.ids_in(chunk)))
        if runs is None:
            return None
        status = runs.table["status"]
        far: set[str] = set()
        if goals is not None:
            reached = runs.evals.groupby("run_id")["step"].max()
            far = {str(name) for name, step in reached.items() if step >= goals.get(str(name), math.inf)}
        names = [name for name in runs.table.index if name in wanted and (status[name] != "stopped" or name in far)]
        if retry_failed:
            names = [name for name in names if status[name] != "failed"]
        if need_policies:
            # A file that was cut short has no directory at its end.
            kept = {name for name in names if zipfile.is_zipfile(self.policy(name))}
            names = [name for name in names if status[name] != "finished" or name in kept]
        return runs.select(names) if names else None

    def compact(self) -> None:
        """Join chunks: the newest ones, as long as the next older one has less than twice their runs.

        So a run is written again a few times at most, however many calls have added to the store, and there are never
        many chunks. It is housekeeping: where it does not succeed, it warns, and all stays as it was.
        """
        try:
            self._compact()
        except (OSError, ValueError) as error:
            warnings.warn(f"the chunks in {self.folder} stay as they are: {error}", RuntimeWarning, stacklevel=2)

    def policy(self, run_id: str) -> Path:
        """Return where the policy of a run is kept."""
        return self.policies / f"{run_id}.zip"

    def note(self, call: dict[str, Any]) -> None:
        """Add what was asked for, and with which versions, to `sweeps.jsonl`.

        Raises
        ------
        RuntimeError
            If the disk refuses: nothing that is trained could be kept either.
        """
        line = json.dumps(call).encode() + b"\n"
        path = self.folder / "sweeps.jsonl"
        try:
            with path.open("ab+") as file:
                if file.tell():
                    file.seek(-1, 2)
                    if file.read(1) != b"\n":  # the line before was cut; this one is whole
                        line = b"\n" + line
                file.write(line)
        except OSError as error:
            raise RuntimeError(
                f"the sweep cannot begin: could not write {path} ({error}). What is in {self.folder} is unchanged."
            ) from error

    # --- the parts -------------------------------------------------------------------------------------------------

    def _append(self, frames: chunks.Frames, replaces: Collection[str] = ()) -> Path:
        return chunks.append(self.folder, frames, {"rlhp_version": __version__}, replaces=sorted(replaces))

    def _joined(self, wanted: Callable[[Path], bool]) -> Runs | None:
        """Join what is in the folder's own files, written by `Runs.save` or an older rlhp, and in the chunks."""
        own = [self._sound(self.folder, chunks.read)] if (self.folder / SPEC).exists() else []
        parts = [*own, *(self._sound(chunk, chunks.read) for chunk in self._standing(wanted))]
        sound = [part for part in parts if part is not None]
        if not sound:
            return None
        frames = chunks.newest(sound)
        return Runs(frames["table"], frames["evals"], frames["history"])

    def _standing(self, wanted: Callable[[Path], bool]) -> list[Path]:
        return [chunk for chunk in chunks.standing(self.folder) if self._sound(chunk, wanted)]

    def _compact(self) -> None:
        sizes = {chunk: self._sound(chunk, lambda one: len(chunks.ids_in(one))) for chunk in self._standing(bool)}
        several: list[Path] = []
        total = 0
        for chunk in reversed(sizes):
            size = sizes[chunk]
            if size is None:
                continue
            if several and size >= 2 * total:
                break
            several.insert(0, chunk)
            total += size
        parts = [self._sound(chunk, chunks.read) for chunk in several] if len(several) > 1 else []
        if any(part is None for part in parts):
            return  # what the corrupt one had replaced may stand again, in its own place of the order
        # Left by a process that was killed here; it must not count again once the chunk that names it goes.
        dead = sorted(set(chunks.listed(self.folder)) - set(chunks.standing(self.folder)))
        gone = [*several, *dead] if parts else dead
        if parts:
            self._append(chunks.newest(parts), [chunk.name for chunk in gone])
        chunks.remove(gone)

    def _sound(self, folder: Path, ask: Callable[[Path], Any]) -> Any:
        """Ask something of a chunk; where it is corrupt, set it aside and give None."""
        try:
            return ask(folder)
        except (CorruptError, FileNotFoundError) as error:
            place = self._set_aside(folder)
            warnings.warn(
                f"{error} It is kept at {place} (mended, it can be moved back), and its runs count as missing: a "
                f"sweep that asks for them trains them again.",
                RuntimeWarning,
                stacklevel=5,
            )
            return None

    def _set_aside(self, folder: Path) -> Path:
        """Move what is corrupt out of the way, to where somebody may still mend it."""
        aside = self.folder / "set_aside"
        name = folder.name if folder != self.folder else "merged"
        number = 0
        while (target := aside / f"{name}{f'-{number}' if number else ''}").exists():
            number += 1
        try:
            if folder != self.folder:
                aside.mkdir(exist_ok=True)
                folder.rename(target)
            else:
                target.mkdir(parents=True)
                # The spec goes last: a folder without one is not touched any more.
                for file in [*files_of_runs(folder), folder / SPEC]:
                    file.rename(target / file.name)
        except OSError:
            return folder  # it stays where it is, and is passed over
        return target


def opened(out: str | Path | Store | None) -> tuple[Store, tempfile.TemporaryDirectory[str] | None]:
    """Return the store of a session, and the folder that goes with it where nobody named one."""
    if out is None:
        temporary = tempfile.TemporaryDirectory(prefix="rlhp-")
        return Store(temporary.name), temporary
    return (out if isinstance(out, Store) else Store(out)), None


def _frames(runs: Runs) -> chunks.Frames:
    return {"table": runs.table, "evals": runs.evals, "history": runs.history}
