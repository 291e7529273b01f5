"""The page that a student gets back: nbgrader's own, with the exercises' names in place of "Test cell"."""

from __future__ import annotations

import html
import re
from typing import Any

from nbconvert.exporters import HTMLExporter

from rlhp.exercises.declare import find_exercise

_CHECK = "-check"


class Feedback(HTMLExporter):
    """nbgrader's feedback page that names the exercise of each check."""

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """Write the page of one graded notebook."""
        page, resources = super().from_notebook_node(nb, resources=resources, **kw)
        for cell in nb.cells:
            meta = cell.metadata.get("nbgrader") or {}
            if meta.get("grade"):
                page = _named(page, str(meta["grade_id"]), written=bool(meta.get("solution")))
        return page, resources


def _named(page: str, grade_id: str, *, written: bool) -> str:
    called = html.escape(label(grade_id) + (", written answer" if written else ""))
    page = re.sub(
        rf'(<a href="#{re.escape(grade_id)}">)[^<]*(</a>)', lambda found: found[1] + called + found[2], page, count=1
    )
    return page.replace(f"Grade cell: <code>{grade_id}</code>", f"Check: {called}")


def label(grade_id: str) -> str:
    """Name an exercise by its title and name, from the mark of its cell.

    Examples
    --------
    >>> label("00-iqm-check")
    'The interquartile mean (00.iqm)'
    >>> label("00-why")
    '00.why'
    """
    name = grade_id.removesuffix(_CHECK).replace("-", ".", 1)
    try:
        return f"{find_exercise(name).title} ({name})"
    except ValueError:  # a written answer, or declared where this process does not look
        return name
