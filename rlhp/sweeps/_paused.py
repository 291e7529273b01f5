"""Runs that were paused: each a file under the store, and those that were used last in memory as well.

The file is what counts. It is written before anybody hears that the run is paused, so that whoever goes on, in this
process or another, goes on from there; what is in memory only saves reading it.
"""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from rlhp.errors import KeepingError
from rlhp.trainers import RunRequest

if TYPE_CHECKING:
    from rlhp.trainers.compiled import Running

__all__ = ["MEMORY", "Paused"]

MEMORY = 1 << 30  # bytes of states that stay in memory

_Mark = tuple[int, int, int] | None


class Paused:
    """Keeps runs in the middle of their training, and gives them back.

    Parameters
    ----------
    folder : path
        Made when the first run is kept.
    memory : int
        Bytes of states that stay in memory at most; the most recently used do.
    """

    def __init__(self, folder: Path, *, memory: int = MEMORY) -> None:
        self.folder, self.memory = folder, memory
        self._near: OrderedDict[str, tuple[_Mark, Running, int]] = OrderedDict()
        self._guard = threading.Lock()

    def path(self, run_id: str) -> Path:
        """Return where a run is kept."""
        return self.folder / f"{run_id}.zip"

    def keep(self, running: Running) -> None:
        """Keep a run as it is now; nobody must train it on before it is taken again.

        Raises
        ------
        KeepingError
            If the disk refuses; what was kept before is unchanged.
        """
        from rlhp.trainers.compiled import write_runs

        if running.state is None:
            return
        name = running.request.run_id
        path = self.path(name)
        try:
            write_runs([running], path)
        except OSError as error:
            raise KeepingError(f"could not write the paused run {path} ({error})") from error
        size = running.state_bytes()
        with self._guard:
            self._near[name] = (_mark(path), running, size)
            self._near.move_to_end(name)
            while self._near and sum(one[2] for one in self._near.values()) > self.memory:
                self._near.popitem(last=False)

    def take(self, request: RunRequest) -> Running | None:
        """Return a run where it was paused, to be trained on; None where it was not, or its file is damaged: it begins.

        It stays on disk until it is kept again, or dropped.
        """
        from rlhp.trainers.compiled import read_runs

        path = self.path(request.run_id)
        with self._guard:
            near = self._near.pop(request.run_id, None)
        if near is not None and near[0] == _mark(path):
            return near[1]
        if not path.is_file():
            return None
        try:
            (running,) = read_runs(path)
        except ValueError as error:
            warnings.warn(f"{error} The run begins anew.", RuntimeWarning, stacklevel=2)
            return None
        return running if running.request == request else None

    def content(self, run_id: str) -> bytes | None:
        """Return a run as it is on disk, for another machine to train on; None where it was not paused."""
        path = self.path(run_id)
        return path.read_bytes() if path.is_file() else None

    def put(self, run_id: str, content: bytes) -> None:
        """Keep a run as another machine paused it.

        Raises
        ------
        KeepingError
            If the disk refuses; what was kept before is unchanged.
        """
        path = self.path(run_id)
        draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(content)
            draft.replace(path)
        except OSError as error:
            raise KeepingError(f"could not write the paused run {path} ({error})") from error

    def drop(self, run_id: str) -> None:
        """Forget a run: it has come to its end."""
        with self._guard:
            self._near.pop(run_id, None)
        with contextlib.suppress(OSError):  # another program may read it; it is in nobody's way
            self.path(run_id).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove what a process left that was killed while it wrote."""
        for draft in self.folder.glob(".*.tmp"):
            draft.unlink(missing_ok=True)


def _mark(path: Path) -> _Mark:
    """Tell one version of a file from another."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
