"""Whether a notebook can be handed in as it is: the cells that count, and what happened to them.

Reads the notebook file alone; neither nbgrader nor a kernel is needed. The course's build leaves a record of
the graded cells in the notebook's metadata, under ``rlhp``.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STUB = 'raise NotImplementedError("Write your answer here, then run the check below.")'
"""What the build puts in the place of a solution."""

WRITTEN_STUB = "Your answer here."
"""What the build puts in the place of a written answer."""

_TEXTS = ("kind", "name", "grade_id", "cell_type")

_KINDS = {
    "answer": "the answer cell",
    "check": "the check cell",
    "manual": "the written answer",
    "locked": "the read-only cell",
}


@dataclass(frozen=True)
class Problem:
    """Something that keeps a notebook from being graded as its author means it.

    Parameters
    ----------
    kind : str
        ``unreadable``, ``foreign``, ``duplicated``, ``split``, ``deleted``, ``rewritten`` (typed anew into
        another cell), ``retyped`` (code became text, text code), ``edited`` (a locked cell) or ``unmarked``.
    cells : tuple of int
        The cells concerned, counted from 1.
    message : str
        What happened and what to do.
    """

    kind: str
    cells: tuple[int, ...]
    message: str


@dataclass(frozen=True)
class Inspection:
    """What `inspect_notebook` found.

    Parameters
    ----------
    problems : tuple of Problem
        Empty when the notebook can be handed in.
    answered, unanswered : tuple of str
        Names of the exercises with and without an answer of the student's own.
    """

    problems: tuple[Problem, ...]
    answered: tuple[str, ...]
    unanswered: tuple[str, ...]


def inspect_notebook(path: str | Path) -> Inspection:
    """Look at a notebook file and say what would keep it from being graded.

    Parameters
    ----------
    path : path-like
        The student's ``.ipynb``.

    Returns
    -------
    Inspection

    Examples
    --------
    >>> inspect_notebook("nowhere.ipynb").problems[0].message
    'There is no file nowhere.ipynb here. Give the path of your notebook.'
    """
    path = Path(path)
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        return _unreadable(f"There is no file {path} here. Give the path of your notebook.")
    except ValueError:  # not UTF-8, or not JSON
        return _unreadable(
            f"{path.name} is not a notebook, or only part of one. Open it in JupyterLab, save it, and try again."
        )
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        return _unreadable(f"{path.name} is not a notebook: it has no cells.")
    return inspect_cells(notebook)


def inspect_cells(notebook: Mapping[str, Any]) -> Inspection:
    """Look at a notebook that has been read already.

    Parameters
    ----------
    notebook : mapping
        The notebook's JSON, or a ``NotebookNode``.

    Returns
    -------
    Inspection
    """
    cells = notebook["cells"]
    record = _record(notebook)
    if not record:
        problem = Problem(
            "foreign",
            (),
            "This notebook has no record of its exercises, so it is not one that the course gave out (or its "
            "metadata were removed). Copy your answers into a fresh copy of the notebook.",
        )
        return Inspection((problem,), (), ())
    places: dict[str, list[int]] = defaultdict(list)
    for index, cell in enumerate(cells):
        grade_id = _nbgrader(cell).get("grade_id")
        if grade_id:
            places[grade_id].append(index)
    problems: list[Problem] = []
    state: dict[str, bool] = {}
    for entry in record:
        indices = places.pop(entry["grade_id"], [])
        called = f"{_KINDS[entry['kind']]} of `{entry['name']}`"
        if not indices:
            problems.append(_missing(cells, entry, called))
        elif len(indices) > 1:
            problems.append(_several(cells, indices, entry, called))
        for index in indices[-1:]:
            problems += _one(cells[index], index, entry, called)
        if entry["kind"] in ("answer", "manual"):
            touched = [index for index in indices if not _is_untouched(cells[index])]
            state[entry["name"]] = state.get(entry["name"], True) and bool(touched)
    for grade_id, indices in places.items():
        problems.append(
            Problem(
                "unmarked",
                _counted(indices),
                f"{_where(indices)}: marked as graded under `{grade_id}`, which this lecture does not have. "
                "It will not be graded.",
            )
        )
    return Inspection(
        tuple(problems),
        tuple(name for name, answered in state.items() if answered),
        tuple(name for name, answered in state.items() if not answered),
    )


def recorded(notebook: Mapping[str, Any]) -> set[str]:
    """Return the marks (nbgrader's ``grade_id``) of the cells that a notebook was given out with."""
    return {str(entry["grade_id"]) for entry in _record(notebook)}


def checksum(cell: Mapping[str, Any]) -> str:
    """Compute the checksum by which nbgrader recognises a cell (a fingerprint, not a secret)."""
    meta = _nbgrader(cell)
    grade, solution = bool(meta.get("grade")), bool(meta.get("solution"))
    locked = not solution and (grade or bool(meta.get("locked")))
    parts = [source(cell), cell["cell_type"], str(grade), str(solution), str(locked), meta["grade_id"]]
    if grade:
        parts.append(str(float(meta["points"])))
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def source(cell: Mapping[str, Any]) -> str:
    """Text of a cell; a notebook file may hold it as one string or as lines."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)


def _record(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        record = notebook["metadata"]["rlhp"]["cells"]
        found = [dict(entry) for entry in record if entry["kind"] in _KINDS and entry["grade_id"] and entry["name"]]
    except (KeyError, TypeError, ValueError):
        return []
    return found if all(isinstance(entry.get(key), str) for entry in found for key in _TEXTS) else []


def _missing(cells: Sequence[Any], entry: Mapping[str, Any], called: str) -> Problem:
    for index, cell in enumerate(cells):
        if not _nbgrader(cell).get("grade_id") and _looks_like(cell, entry):
            return Problem(
                "rewritten",
                (index + 1,),
                f"Cell {index + 1} looks like {called}, typed or pasted into a new cell. Only the cell that "
                "came with the notebook is graded, and that one is gone: take a fresh copy of the notebook "
                "and put your answers into its own cells.",
            )
    return Problem(
        "deleted",
        (),
        f"{_capital(called)} was deleted. Take it back with Edit > Undo Cell Operation, or copy your answers "
        "into a fresh copy of the notebook.",
    )


def _several(cells: Sequence[Any], indices: Sequence[int], entry: Mapping[str, Any], called: str) -> Problem:
    texts = [source(cells[index]) for index in indices]
    neighbours = all(
        not source(cells[between]).strip() for between in range(indices[0], indices[-1]) if between not in indices
    )
    if neighbours and sum(_is_whole(text, entry) for text in texts) < 2 and texts[0] not in texts[1:]:
        return Problem(
            "split",
            _counted(indices),
            f"{_where(indices)}: {called} was split, and only its last piece is graded. Select the pieces "
            "together (click the first, Shift-click the last) and join them with Edit > Merge Selected "
            "Cells.",
        )
    return Problem(
        "duplicated",
        _counted(indices),
        f"{_where(indices)}: {called} is there {len(indices)} times, and only the last one counts. Keep your "
        "answer in the one that came with the notebook and delete the copies: select a copy, press Esc, then "
        "D twice (JupyterLab does not delete the one that came with the notebook).",
    )


def _one(cell: Mapping[str, Any], index: int, entry: Mapping[str, Any], called: str) -> list[Problem]:
    meant = entry["cell_type"]
    if cell.get("cell_type") != meant:
        key, word = ("Y", "code") if meant == "code" else ("M", "Markdown")
        return [
            Problem(
                "retyped",
                (index + 1,),
                f"Cell {index + 1}: {called} is no longer a {word} cell, so it does not run as it should. "
                f"Select it, press Esc, then {key}.",
            )
        ]
    meta = _nbgrader(cell)
    if entry["kind"] in ("check", "locked") and meta.get("checksum") not in (None, checksum_or_none(cell)):
        return [
            Problem(
                "edited",
                (index + 1,),
                f"Cell {index + 1}: {called} was changed. Grading puts the original back, so a check that "
                "passes now may fail then: undo your change, or take the cell from a fresh copy of the "
                "notebook.",
            )
        ]
    return []


def checksum_or_none(cell: Mapping[str, Any]) -> str | None:
    """Compute `checksum`, or None where the metadata are too damaged for it."""
    try:
        return checksum(cell)
    except (KeyError, TypeError, ValueError):
        return None


def _is_untouched(cell: Mapping[str, Any]) -> bool:
    return _nbgrader(cell).get("checksum") == checksum_or_none(cell) or not source(cell).strip()


def _is_whole(text: str, entry: Mapping[str, Any]) -> bool:
    """Whether a text could be the whole cell and not a piece of it."""
    if entry["kind"] == "answer":
        names = entry.get("defines")
        return isinstance(names, list) and bool(names) and all(f"def {name}(" in text for name in names)
    return entry["kind"] == "check" and f'check("{entry["name"]}"' in text


def _looks_like(cell: Mapping[str, Any], entry: Mapping[str, Any]) -> bool:
    return cell.get("cell_type") == "code" and _is_whole(source(cell), entry)


def _nbgrader(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = cell.get("metadata")
    found = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _counted(found: Sequence[int]) -> tuple[int, ...]:
    return tuple(index + 1 for index in found)


def _where(found: Sequence[int]) -> str:
    numbers = [str(index + 1) for index in found]
    return f"Cell {numbers[0]}" if len(numbers) == 1 else f"Cells {', '.join(numbers[:-1])} and {numbers[-1]}"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _unreadable(message: str) -> Inspection:
    return Inspection((Problem("unreadable", (), message),), (), ())
