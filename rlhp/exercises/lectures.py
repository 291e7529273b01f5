"""Where lectures come from: installed distributions offer them under the entry points ``rlhp.lectures``.

An entry point names a package. In it each folder ``lecture_NN`` is a lecture, each module there declares an exercise
(`rlhp.exercises.declare`), and each ``quiz*.md`` is a quiz (`rlhp.exercises._quiz_file`). This room knows no lecture by
name, so that a teacher adds one from outside::

    [project.entry-points."rlhp.lectures"]
    ours = "our_lectures"
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path

GROUP = "rlhp.lectures"

only: tuple[str, ...] | None = None
"""Packages to look into in place of those that are installed; a grader notes them before a notebook runs."""

_FOLDER = re.compile(r"lecture_(\d\d)")


@dataclass(frozen=True)
class Lecture:
    """One lecture's declarations.

    Parameters
    ----------
    number : str
        Its two digits.
    package : str
        Dotted name of the package that holds its modules.
    folder : Path
        Where that lies.
    """

    number: str
    package: str
    folder: Path

    def load(self) -> None:
        """Import its modules, which declare its exercises."""
        for path in sorted(self.folder.glob("*.py")):
            if path.stem != "__init__":
                importlib.import_module(f"{self.package}.{path.stem}")

    @property
    def quizzes(self) -> dict[str, Path]:
        """Name of each quiz, such as ``"01.quiz"``, and its file."""
        return {f"{self.number}.{path.stem}": path for path in sorted(self.folder.glob("quiz*.md"))}


def packages() -> tuple[str, ...]:
    """Name the packages with lectures that are offered here, each once.

    Returns
    -------
    tuple of str
        Dotted names, in alphabetical order.
    """
    if only is not None:
        return only
    return tuple(sorted({point.value for point in entry_points(group=GROUP)}))


def find() -> list[Lecture]:
    """Find all lectures, without importing any.

    Returns
    -------
    list of Lecture
        By number; two packages may add to one lecture.
    """
    found = [
        Lecture(name[1], f"{package}.{folder.name}", folder)
        for package in packages()
        for root in _folders(package)
        for folder in root.iterdir()
        if (name := _FOLDER.fullmatch(folder.name)) and folder.is_dir()
    ]
    return sorted(found, key=lambda lecture: (lecture.number, lecture.package))


def glossaries() -> list[Path]:
    """Find the glossaries that packages with lectures bring."""
    found = (root / "glossary.md" for package in packages() for root in _folders(package))
    return [path for path in found if path.is_file()]


def advice() -> str:
    """Return what to do where lectures are missing; nothing where all that are offered are there."""
    offered = packages()
    if not offered:
        return (
            "No lectures are installed here: `make lab` in the project's folder does it, as does "
            "`pip install --editable ./course`."
        )
    missing = [package for package in offered if not _folders(package)]
    if not missing:
        return ""
    return f"{_listed(missing)} should hold lectures and cannot be found: install what offers them again."


def _folders(package: str) -> list[Path]:
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:  # the package above it is missing
        return []
    places = (spec.submodule_search_locations if spec else None) or ()
    return [Path(place) for place in places if Path(place).is_dir()]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
