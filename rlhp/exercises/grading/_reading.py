"""Open whatever was handed in: old formats, damaged cells, and files that are no notebook."""

from __future__ import annotations

import json
import re
from typing import Any

import nbformat
import nbformat.v4
from nbconvert.exporters import NotebookExporter

from rlhp.exercises.grading._notes import NOTE_ID, add_note

Node = Any  # nbformat's NotebookNode, which has no types

UNREADABLE = "rlhp_unreadable"
"""Key in nbconvert's resources that says why a file could not be read."""

NOT_READ = "This file could not be read as a notebook"
"""How the note on a file begins that could not be read."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ReadSubmission(NotebookExporter):
    """Read a submission, whatever its format; `RestoreCells` brings it into the form of the newest.

    A file that is no notebook becomes one that says so, and is not graded.
    """

    def from_file(self, file_stream: Any, resources: Any = None, **kw: Any) -> tuple[Node, Any]:
        """Convert a submission; see `read`."""
        try:
            notebook = read(_content(file_stream))
            for cell in notebook.cells:
                if isinstance(cell, dict):
                    cell["source"] = _text(cell.get("source", ""))
        except ValueError as error:
            notebook = nbformat.v4.new_notebook()
            said = f"{NOT_READ} ({error}), so it was not graded. Open your notebook in "
            said += "JupyterLab, see that it looks right, save it, and hand it in again."
            add_note(notebook, "Not graded", [said])
            resources[UNREADABLE] = said
        made: tuple[Node, Any] = self.from_notebook_node(notebook, resources=resources, **kw)
        return made


def _content(file_stream: Any) -> str:
    try:
        return str(file_stream.read())
    except UnicodeDecodeError:
        raise ValueError("it is not text in UTF-8") from None


def read(text: str) -> Node:
    """Read a notebook's JSON, of any format that Jupyter ever had.

    Parameters
    ----------
    text : str
        Content of the file, perhaps after a byte order mark.

    Returns
    -------
    NotebookNode
        Of format 4, as it was written: it may not keep to the format.

    Raises
    ------
    ValueError
        When it is no notebook; the message says what it is instead.

    Examples
    --------
    >>> read('{"cells": [{"cell_type": "code", "source": "a = 1"}], "nbformat": 4}').cells[0].source
    'a = 1'
    """
    text = text.lstrip("\ufeff")
    if not text.strip():
        raise ValueError("it is empty")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON, or only a part of it") from None
    if not isinstance(raw, dict) or not (isinstance(raw.get("cells"), list) or raw.get("worksheets")):
        raise ValueError("it is JSON, but without cells")
    try:
        return nbformat.from_dict(raw) if raw.get("nbformat") == 4 else nbformat.reads(text, as_version=4)
    except Exception as error:
        raise ValueError(f"its format, {raw.get('nbformat')!r}, cannot be read: {error}") from None


def put_in_form(nb: Node) -> None:
    """Bring every cell of a submission into the form that format 4.5 asks for; what it showed is left out.

    Formats before 4.5 have no cell ids, and editors write cells without metadata or outputs.

    Examples
    --------
    >>> old = read('{"cells": [{"cell_type": "code", "source": ["a = 1"]}], "nbformat": 4, "nbformat_minor": 2}')
    >>> put_in_form(old)
    >>> old.cells[0].id, old.nbformat_minor
    ('cell-1', 5)
    """
    cells = [_cell(cell) for cell in nb.cells if isinstance(cell, dict)]
    seen = {NOTE_ID}
    for number, cell in enumerate(cells, 1):
        if cell.id in seen:
            cell.id = f"cell-{number}"
        while cell.id in seen:
            cell.id = f"{cell.id[:50]}-again"
        seen.add(cell.id)
    metadata = nb.get("metadata")
    kept = {"rlhp": metadata["rlhp"]} if isinstance(metadata, dict) and "rlhp" in metadata else {}
    nb.cells, nb.metadata = cells, nbformat.from_dict(kept)
    nb.nbformat, nb.nbformat_minor = 4, 5


def _cell(raw: dict[str, Any]) -> Node:
    metadata = raw.get("metadata")
    graded = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    is_mark = isinstance(graded, dict) and isinstance(graded.get("grade_id"), str)
    kept = {"nbgrader": nbformat.from_dict(graded)} if is_mark else {}
    cell_id = raw.get("id")
    if not isinstance(cell_id, str) or not _ID.fullmatch(cell_id):
        cell_id = NOTE_ID  # taken, so that it gets a number
    makers = {"code": nbformat.v4.new_code_cell, "raw": nbformat.v4.new_raw_cell}
    make = makers.get(str(raw.get("cell_type")), nbformat.v4.new_markdown_cell)
    return make(_text(raw.get("source", "")), id=cell_id, metadata=kept)


def _text(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)
