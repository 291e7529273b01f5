"""The crash-safe store of a sweep: finished runs on disk, whatever happens to the process.

Each finished chunk of runs is a folder under `chunks/`, written beside and moved in by one rename. At the end of a
sweep the chunks are merged into the folder itself, which `Runs.load` reads.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rlhp.runs import Runs, concat

__all__ = ["Store"]


class Store:
    """Finished runs of one or more sweeps in a folder.

    Parameters
    ----------
    folder : path
        Made if it is not there.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.chunks = self.folder / "chunks"
        self.policies = self.folder / "policies"
        self.checkpoints = self.folder / "checkpoints"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self.folder / ".lock")

    def acquire(self) -> None:
        """Claim the folder for this process; the system frees it when the process ends, however it ends.

        Raises
        ------
        RuntimeError
            If another process holds it.
        """
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise RuntimeError(
                f"another sweep is writing to {self.folder}; wait for it to end, or give another `out=`."
            ) from error
        for draft in self.chunks.glob(".*"):
            shutil.rmtree(draft, ignore_errors=True)

    def release(self) -> None:
        """Give the folder back."""
        self._lock.release()

    def write(self, runs: Runs) -> Path:
        """Add a chunk of finished runs; after a crash it is there whole or not at all."""
        name = str(runs.table.index[0])
        draft, target = self.chunks / f".{name}.{os.getpid()}", self.chunks / name
        runs.save(draft)
        shutil.rmtree(target, ignore_errors=True)
        draft.replace(target)
        return target

    def read(self) -> Runs | None:
        """Give all runs in the store, None if there are none; of a run held twice, the later one."""
        fresh = [Runs.load(chunk) for chunk in sorted(self.chunks.glob("[!.]*"))]
        if not (self.folder / "spec.json").is_file():
            return concat(fresh) if fresh else None
        merged = Runs.load(self.folder)
        renewed = {run for chunk in fresh for run in chunk.table.index}
        return concat([merged.select([run for run in merged.table.index if run not in renewed]), *fresh])

    def compact(self) -> None:
        """Merge the chunks into the folder's own files."""
        chunks = list(self.chunks.glob("[!.]*"))
        runs = self.read() if chunks else None
        if runs is None:
            return
        runs.save(self.folder)
        for chunk in chunks:
            shutil.rmtree(chunk, ignore_errors=True)

    def held(self, run_ids: Collection[str], *, retry_failed: bool, need_policies: bool) -> Runs | None:
        """Give those of `run_ids` that need no training; None where all do.

        With `retry_failed`, failed runs are left out; with `need_policies`, runs whose policy is not kept.
        """
        runs = self.read()
        if runs is None:
            return None
        status = runs.table["status"]
        wanted = set(run_ids)
        names = [name for name in runs.table.index if name in wanted]
        if retry_failed:
            names = [name for name in names if status[name] != "failed"]
        if need_policies:
            names = [name for name in names if status[name] != "finished" or self.policy(name).is_file()]
        return runs.select(names) if names else None

    def policy(self, run_id: str) -> Path:
        """Say where the policy of a run is kept."""
        return self.policies / f"{run_id}.zip"

    def note(self, call: dict[str, Any]) -> None:
        """Add what was asked for, and with which versions, to `sweeps.jsonl`."""
        with (self.folder / "sweeps.jsonl").open("a") as file:
            file.write(json.dumps(call) + "\n")
