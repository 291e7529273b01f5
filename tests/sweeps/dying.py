"""A process that dies, or a disk that refuses, at any operation on files."""

from __future__ import annotations

import contextlib
import errno
import io
import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

CHANGES = ("mkdir", "rename", "replace", "unlink", "remove", "rmdir", "fsync", "link", "symlink")


class Killed(BaseException):
    """The process is no more: nothing catches this, and nothing on disk changes any more."""


class Disk:
    """Counts the operations that change what is on disk, and fails at one of them.

    Where the process is killed, every later operation fails too, so that nothing that would tidy up does; where the
    disk is full, only what needs room fails, from then on.
    """

    def __init__(self, at: int | None, *, full: bool = False) -> None:
        self.at, self.full, self.count = at, full, 0

    @property
    def failed(self) -> bool:
        return self.at is not None and self.count > self.at

    def operation(self, *, needs_room: bool = False) -> None:
        if not self.full or needs_room:
            self.count += 1
        if not self.failed:
            return
        if not self.full:
            raise Killed
        if needs_room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class Half:
    """A file of which only a part reaches the disk when the process dies while it writes."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self._file, self._disk = file, disk

    def write(self, content: Any) -> int:
        try:
            self._disk.operation(needs_room=True)
        except BaseException:
            self._file.write(content[: len(content) // 2])
            self._file.close()
            raise
        return int(self._file.write(content))

    def __enter__(self) -> Half:
        return self

    def __exit__(self, *reason: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@contextlib.contextmanager
def failing(at: int | None, *, full: bool = False) -> Iterator[Disk]:
    """Let the `at`-th operation on files be the last one."""
    disk, real_open = Disk(at, full=full), io.open
    patches = []

    def counted(name: str) -> Any:
        real = getattr(os, name)

        def change(*args: Any, **kwargs: Any) -> Any:
            disk.operation(needs_room=name in ("mkdir", "fsync"))
            return None if name == "fsync" else real(*args, **kwargs)  # it takes long, and proves nothing here

        return change

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        found = real_open(file, mode, *args, **kwargs) if not set(mode) & set("wax+") else None
        if found is None:
            disk.operation(needs_room=True)
            found = Half(real_open(file, mode, *args, **kwargs), disk)
        return found

    for name in CHANGES:
        patches.append(mock.patch.object(os, name, counted(name)))
    patches.append(mock.patch.object(io, "open", opened))
    with contextlib.ExitStack() as stack:
        for patch in patches:
            stack.enter_context(patch)
        yield disk
