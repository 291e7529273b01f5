"""What the grader has to say about a notebook as a whole, in a cell at its top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import nbformat.v4

Node = Any  # nbformat's NotebookNode, which has no types

NOTE_ID = "rlhp-put-right"


def add_note(nb: Node, headline: str, messages: Sequence[str]) -> None:
    """Say something at the top of a notebook; several notes share one cell."""
    text = "\n".join([f"**{headline}**", "", *(f"- {message}" for message in messages)])
    if nb.cells and nb.cells[0].get("id") == NOTE_ID:
        nb.cells[0].source += "\n\n" + text
    else:
        nb.cells.insert(0, nbformat.v4.new_markdown_cell(text, id=NOTE_ID))


def notes(path: Path) -> list[str]:
    """Return what the grader had to say of a graded notebook, a line each, for whoever grades a class.

    Parameters
    ----------
    path : Path
        The notebook as it was autograded.

    Returns
    -------
    list of str
        What was put right, at which cells Python was lost, and which cells were interrupted because they did not end.
    """
    cells = nbformat.read(path, as_version=4).cells
    said = [
        line.removeprefix("- ")
        for cell in cells
        if cell.get("id") == NOTE_ID
        for line in cell.source.splitlines()
        if line.startswith("- ")
    ]
    return said + [
        f"Cell {number(cells, index)} did not end in time and was interrupted."
        for index, cell in enumerate(cells)
        if any(one.get("ename") == "CellTimeoutError" for one in cell.get("outputs", ()))
    ]


def number(cells: Sequence[Node], index: int) -> int:
    """Count a cell as the student does: from 1, and without the notes of the grader."""
    return 1 + sum(1 for cell in cells[:index] if cell.get("id") != NOTE_ID)
