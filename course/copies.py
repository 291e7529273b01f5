"""A student's own copies of the lectures, in my_course/: `make lab` brings them and never overwrites an answer.

| the copy in my_course/ ... | `make lab` |
|---|---|
| is not there (new, deleted, renamed) | writes the lecture there |
| is of the lecture as it stands, answered or not | leaves it |
| is of an older lecture, nothing written into it | replaces it |
| is of an older lecture, written into; or cannot be read | leaves it, and puts the newer lecture beside it |

A notebook in course/ that somebody wrote into is copied into my_course/ as well, and never touched. A build says
in a notebook's metadata what it wrote (a digest of the cells, not of outputs or layout), so a file tells by itself
whether somebody wrote into it, wherever it was copied or renamed to. Nothing is ever deleted.

Needs nothing but Python: it runs before anything is installed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LECTURES = "[0-9][0-9]_*.ipynb"
MEMORY = Path(".rlhp")  # in my_course: what was put there before, and the lock; JupyterLab does not show it


class CopyError(OSError):
    """The copies cannot be made; the message says what to do."""


# --- what a notebook file holds ---


def digest(notebook: Mapping[str, Any]) -> str:
    """Digest of what people write in a notebook: text, kind, order and grading marks of its cells.

    Outputs, blank cells, ids and whatever else an editor adds in saving leave it as it is.
    """
    told = []
    for cell in notebook["cells"]:
        source = cell.get("source", "")
        source = source if isinstance(source, str) else "".join(source)
        marks = cell.get("metadata", {}).get("nbgrader")
        if source.strip() or marks or cell.get("attachments"):
            told.append([cell["cell_type"], source, marks, cell.get("attachments")])
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Held:
    """What a notebook file holds.

    Parameters
    ----------
    data : bytes
        The file.
    now : str
        `digest` of its cells; empty where the file cannot be read as a notebook.
    built : str
        The digest that the build wrote into it; empty where there is none.
    """

    data: bytes
    now: str
    built: str

    @property
    def written_into(self) -> bool:
        """Whether the file holds anything that the build did not write."""
        return not self.now or self.now != self.built


def look(path: Path) -> Held:
    """Read a notebook file, whatever it holds."""
    data = path.read_bytes()
    try:
        notebook = json.loads(data.decode("utf-8-sig"))
        now = digest(notebook)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Held(data, "", "")
    metadata = notebook.get("metadata")
    record = metadata.get("rlhp") if isinstance(metadata, dict) else None
    built = record.get("build") if isinstance(record, dict) else None
    return Held(data, now, built if isinstance(built, str) else "")


def write(path: Path, data: bytes) -> None:
    """Put a file there in one move: whoever stops this at any moment finds the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _mode(path))  # a temporary file is its owner's alone
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _mode(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


# --- bringing the copies ---


def bring(course: Path, mine: Path) -> list[str]:
    """Bring a student's folder to what the course has, without losing a word that somebody wrote.

    Parameters
    ----------
    course : Path
        The folder with the built notebooks.
    mine : Path
        The student's folder; made where it is missing.

    Returns
    -------
    list of str
        What the student should know, a line each; empty where there is nothing to tell.

    Raises
    ------
    CopyError
        When the folder cannot be made or written.
    """
    with _writable(mine):
        (mine / MEMORY).mkdir(parents=True, exist_ok=True)
        if not os.access(mine, os.W_OK):
            raise PermissionError("it is read-only")
        for unfinished in mine.glob(".*.part"):  # of a call that was killed
            unfinished.unlink()
        folder = _Folder(course.name, mine, _remembered(mine))
        told = []
        for lecture in sorted(course.glob(LECTURES)):
            try:
                told += folder.bring(lecture)
            except (PermissionError, IsADirectoryError):  # one file that is open elsewhere (Windows), or not ours
                told.append(f"{_shown(mine, lecture.name)} cannot be read or written just now; it stays as it is.")
        write(mine / MEMORY / "seen.json", json.dumps(folder.seen, indent=1).encode())
    return told


class _Folder:
    """A student's folder, and what was put into it before: `seen` is what a deleted file was, so as not to nag."""

    def __init__(self, course: str, mine: Path, seen: dict[str, dict[str, str]]) -> None:
        self.course = course
        self.mine = mine
        self.seen = seen

    def bring(self, path: Path) -> list[str]:
        lecture, own = look(path), self.mine / path.name
        if not lecture.now:
            return [
                f"{self.course}/{path.name} cannot be read as a notebook, so there is no fresh copy of it. If it holds "
                f"nothing of yours, `git checkout -- {self.course}/{path.name}` brings it back."
            ]
        if lecture.written_into:
            return self._pick_up(lecture, own)
        if not own.exists():
            write(own, lecture.data)
            return []
        copy = look(own)
        if lecture.built in (copy.built, copy.now):
            return []
        if not copy.written_into:
            self._replace(own, copy, lecture)
            return [f"{_shown(self.mine, own.name)} is newer now; nothing was written into the older one."]
        return self._put_beside(lecture, own, copy)

    def _put_beside(self, lecture: Held, own: Path, copy: Held) -> list[str]:
        if self.seen["offered"].get(own.name) == lecture.built:
            return []
        for place in _names(own, "newer"):
            there = look(place) if place.exists() else None
            if there is None:
                write(place, lecture.data)
            elif lecture.built in (there.built, there.now):
                self.seen["offered"][own.name] = lecture.built
                return []
            elif not there.written_into:
                self._replace(place, there, lecture)
            else:
                continue
            break
        self.seen["offered"][own.name] = lecture.built
        why = "holds your answers and stays" if copy.now else "cannot be read as a notebook and stays as it is"
        return [f"{_shown(self.mine, own.name)} {why}; the newer lecture is beside it: {place.name}"]

    def _pick_up(self, lecture: Held, own: Path) -> list[str]:
        """Copy what somebody wrote into a notebook of the course itself."""
        there = look(own) if own.exists() else None
        if there is not None and lecture.now in (there.now, self.seen["picked_up"].get(own.name)):
            return []
        place = own
        if there is None:
            write(own, lecture.data)
        elif not there.written_into:
            self._replace(own, there, lecture)
        else:
            place = next(name for name in _names(own, "from_course") if not name.exists())
            write(place, lecture.data)
        self.seen["picked_up"][own.name] = lecture.now
        return [
            f"What you wrote into {self.course}/{own.name} is now in {_shown(self.mine, place.name)}: go on there. "
            f"(`git checkout -- {self.course}/{own.name}` then makes room for newer lectures.)"
        ]

    def _replace(self, path: Path, old: Held, new: Held) -> None:
        if path.read_bytes() == old.data:  # else somebody saved in the meantime: it is left to the next call
            write(path, new.data)


def _names(own: Path, word: str) -> Iterator[Path]:
    """Names beside a notebook, valid on every system: 00_x_newer.ipynb, 00_x_newer_2.ipynb, ..."""
    number = 1
    while True:
        yield own.with_name(f"{own.stem}_{word}{'' if number == 1 else f'_{number}'}.ipynb")
        number += 1


def _remembered(mine: Path) -> dict[str, dict[str, str]]:
    """What was offered and picked up before; a memory that is lost costs a file too many, never an answer."""
    seen: dict[str, dict[str, str]] = {"offered": {}, "picked_up": {}}
    try:
        found = json.loads((mine / MEMORY / "seen.json").read_text(encoding="utf-8"))
        for key in seen:
            seen[key] = {str(name): str(value) for name, value in found[key].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass
    return seen


def _shown(mine: Path, name: str) -> str:
    return f"{mine.name}/{name}"


@contextlib.contextmanager
def _writable(mine: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CopyError(
            f"your copies of the lectures cannot be written into {mine}: {error.strerror or error}. Make room or the "
            "right to write there; or copy the whole project to a folder of your own and start there."
        ) from error


# --- one JupyterLab at a time is what newer lectures wait for ---


def take(mine: Path) -> Any:
    """Take the folder for oneself, for as long as the process lives.

    Returns
    -------
    file, or None
        Keep the file open; None says that another process has the folder.
    """
    with _writable(mine):
        (mine / MEMORY).mkdir(parents=True, exist_ok=True)
        file = (mine / MEMORY / "lock").open("a")
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        file.close()
        return None
    except OSError:  # a file system without locks: go on as if alone
        pass
    return file
