"""What the grader has to say about a notebook as a whole, in a cell at its top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
