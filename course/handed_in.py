"""Where students' notebooks lie, and how those with odd names come to where nbgrader looks for them.

nbgrader looks for ``submitted/STUDENT/NN_topic/NN_topic.ipynb``. Platforms and students name files otherwise. What can
be told is put right: whose a notebook is, by its folder or its name; of which lecture it is, by what the build wrote
into it. Where two notebooks could be meant, none is taken, and a line says so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# nbgrader takes names for patterns, in which these stand for others.
_PATTERNS = str.maketrans("[]*?", "()__")

# What browsers, JupyterLab and file managers put behind the name of a second copy.
_COPY = re.compile(r"(\s*\(\d+\)|[-_ ]+Copy\s*\d*)+$", re.IGNORECASE)

_MOST_NAMED = 10


class NothingHandedIn(ValueError):
    """There is nothing to grade; the message says where it belongs."""


@dataclass(frozen=True)
class HandedIn:
    """What there is to grade.

    Parameters
    ----------
    notebooks : dict
        Student to the notebook, where nbgrader looks for it.
    told : list of str
        What was put right, left out or could not be decided, a line each.
    undecided : list of str
        Students of whom nothing was taken: it could be one of several, or lies where nbgrader does not look.
    """

    notebooks: dict[str, Path]
    told: list[str]
    undecided: list[str]


def place(submitted: Path, student: str, lecture: str) -> Path:
    """Return where nbgrader looks for a student's notebook."""
    return submitted / student / lecture / f"{lecture}.ipynb"


def look(submitted: Path, lecture: str) -> HandedIn:
    """Find the notebooks of a lecture below ``submitted``, and move those with odd names to their place.

    Parameters
    ----------
    submitted : Path
        nbgrader's folder, with one folder a student.
    lecture : str
        Name of the lecture, ``"00_your_first_agent"``.

    Raises
    ------
    NothingHandedIn
        If there is no notebook of this lecture.
    """
    found = HandedIn({}, [], [])
    for path in sorted(submitted.glob("*.ipynb")):
        found.told.append(
            f"{path.name} lies in no student's folder, so it is not graded; move it to "
            f"{_short(place(submitted, 'STUDENT', lecture))}."
        )
    folders = sorted(path for path in submitted.glob("*") if path.is_dir() and path.name[0] != ".")
    found.told.extend(_alike([folder.name for folder in folders if any(folder.glob(f"{lecture}/*.ipynb"))]))
    for folder in folders:
        if folder.name != folder.name.translate(_PATTERNS):
            found.undecided.append(folder.name)
            found.told.append(f"{folder.name}: nbgrader cannot read a folder of that name; leave out []*?.")
            continue
        own = place(submitted, folder.name, lecture)
        of_it = [path for path in _notebooks(folder) if path != own and _is_of(path, lecture, own.parent)]
        if own.is_file():
            found.notebooks[folder.name] = own
            found.told.extend(f"{folder.name}: {path.name} lies there too and is not graded." for path in of_it)
        elif len(of_it) == 1:
            own.parent.mkdir(exist_ok=True)
            shutil.move(of_it[0], own)
            found.notebooks[folder.name] = own
            found.told.append(f"{folder.name}: {of_it[0].name} is graded as {own.name}, which is its name now.")
        elif of_it:
            found.undecided.append(folder.name)
            names = ", ".join(str(path.relative_to(folder)) for path in of_it)
            found.told.append(
                f"{folder.name}: which one is meant? {names}. Call it {own.relative_to(folder)}, and grade again."
            )
    if not found.notebooks and not found.undecided:
        said = "".join(f"\n{line}" for line in found.told)
        raise NothingHandedIn(
            f"nobody has handed in {lecture}. Put each notebook where it is looked for, "
            f"{_short(place(submitted, 'STUDENT', lecture))}, or name the folder in which they lie, one a student "
            f"(STUDENT.ipynb or STUDENT/anything.ipynb): --from FOLDER.{said}"
        )
    return found


def take_in(folder: Path, submitted: Path, lecture: str) -> HandedIn:
    """Copy the notebooks of a folder to where nbgrader looks for them; a later copy takes an earlier one's place.

    Parameters
    ----------
    folder : Path
        One notebook a student: ``STUDENT.ipynb``, perhaps with the lecture's name in it, or ``STUDENT/anything.ipynb``.
    submitted : Path
        nbgrader's folder.
    lecture : str
        Name of the lecture.

    Returns
    -------
    HandedIn
        What was copied, what was left out, and of whom nothing was taken.

    Raises
    ------
    NothingHandedIn
        If the folder is not there or holds no notebook of this lecture.
    """
    if not folder.is_dir():
        what = "a file; unpack it and name the folder" if folder.is_file() else "not there; is it spelt right?"
        raise NothingHandedIn(f"the folder {folder} is {what}")
    given: dict[str, list[Path]] = {}
    found, others = HandedIn({}, [], []), []
    spelt = {_key(path.name): path.name for path in sorted(submitted.glob("*")) if path.is_dir()}
    for path in _notebooks(folder):
        student = _whose(path.relative_to(folder), lecture)
        said = written_for(path)
        if said not in (None, lecture):
            others.append(str(said))
        elif not student:
            found.told.append(f"{path.relative_to(folder)} does not say whose it is; name it STUDENT.ipynb.")
        else:
            given.setdefault(spelt.setdefault(_key(student), student), []).append(path)
    found.told.extend(_not_looked_at(folder))
    if others:
        found.told.append(f"{len(others)} of other lectures are left out: {', '.join(sorted(set(others)))}.")
    if not given:
        raise NothingHandedIn("\n".join([f"the folder {folder} holds no notebook of {lecture}.", *found.told]))
    for student, paths in sorted(given.items()):
        if len(paths) > 1:
            names = ", ".join(str(path.relative_to(folder)) for path in paths)
            found.undecided.append(student)
            found.told.append(f"{student}: which one is meant? {names}. Leave one there, and grade again.")
            continue
        own = place(submitted, student, lecture)
        own.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(paths[0], own)
        found.notebooks[student] = own
    return found


def written_for(path: Path) -> str | None:
    """Return the lecture that a notebook was made for, as its metadata say; None where they do not."""
    try:
        said = json.loads(path.read_text(encoding="utf-8-sig"))["metadata"]["rlhp"]["lecture"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return said if isinstance(said, str) else None


def _is_of(path: Path, lecture: str, folder: Path) -> bool:
    """Return whether a notebook is of a lecture: it says so, or says nothing and lies in the lecture's folder."""
    said = written_for(path)
    return said == lecture or (path.parent == folder and said is None)


def _whose(path: Path, lecture: str) -> str:
    """Return the student that a path names: its first folder, or the file's name without the lecture's.

    Without what marks a second copy: ``joe (1).ipynb`` is joe's, as is ``joe.ipynb``.
    """
    name = path.parts[0]
    if len(path.parts) == 1:
        name = re.sub(rf"[ _.-]*{re.escape(lecture)}(\s*\(\d+\))?[ _.-]*", "", _COPY.sub("", path.stem))
        name = _COPY.sub("", name)
    return unicodedata.normalize("NFC", name).translate(_PATTERNS).strip()


def _key(student: str) -> str:
    """Give what is the same for names that differ by case, or by how an accent is written: one student's."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", student).casefold())


def _alike(students: list[str]) -> Iterator[str]:
    """Say which folders have names that differ by no more than that."""
    by_key: dict[str, list[str]] = {}
    for student in students:
        by_key.setdefault(_key(student), []).append(student)
    for same in by_key.values():
        if len(same) > 1:
            yield f"{', '.join(same)}: names that look the same, graded as {len(same)} students. Is it one? Keep one."


def _not_looked_at(folder: Path) -> Iterator[str]:
    """Name the files that are no notebooks by their ending: archives, and notebooks that were renamed."""
    names = [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".ipynb" and not _is_hidden(path.relative_to(folder))
    ]
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        yield (
            f"Not looked at: {', '.join(names[:_MOST_NAMED])}{more}. A notebook's name ends in .ipynb; unpack archives."
        )


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _notebooks(folder: Path) -> Iterator[Path]:
    """Give the notebooks at and below a folder, without JupyterLab's own copies."""
    for path in sorted(folder.rglob("*.ipynb")):
        if path.is_file() and path.suffix == ".ipynb" and not _is_hidden(path.relative_to(folder)):
            yield path


def _short(path: Path) -> str:
    return os.path.relpath(path).replace(os.sep, "/")
