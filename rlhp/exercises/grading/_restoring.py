"""Put damaged cells right before autograding, and tell the student what was found."""

from __future__ import annotations

from typing import Any

import nbformat.v4
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from rlhp.exercises.grading._notes import add_note
from rlhp.exercises.grading._reading import UNREADABLE, put_in_form
from rlhp.exercises.notebook import inspect_cells, recorded

Node = Any  # nbformat's NotebookNode, which has no types


class RestoreCells(NbGraderPreprocessor):
    """Bring the cells that count back to what the gradebook knows of them.

    Without it nbgrader stops with a traceback at some damaged notebooks and leaves cells without a grade in
    others: deleted cells that carry points come back, cells that became text become code again, metadata that
    were changed are put right, and marks of cells that the assignment does not have are removed. Of a cell
    that is there several times the last counts, as nbgrader has it (its own step for that leaves metadata
    that its next one takes for those of an old version). What was found is written into a cell at the top, so
    that the feedback shows it.
    """

    def preprocess(self, nb: Node, resources: Any) -> tuple[Node, Any]:
        """Restore the cells of one submitted notebook."""
        names = resources["nbgrader"]
        if UNREADABLE in resources:
            self.log.warning("%s of %s: %s", names["notebook"], names["student"], resources[UNREADABLE])
            with Gradebook(names["db_url"]) as gradebook:
                take_back(gradebook, names["assignment"], names["student"])
            return nb, resources
        put_in_form(nb)
        found = inspect_cells(nb)
        with Gradebook(names["db_url"]) as gradebook:
            known = _known_cells(gradebook.find_notebook(names["notebook"], names["assignment"]))
        present = set()
        for cell in reversed(nb.cells):
            meta = cell.metadata.get("nbgrader")
            grade_id = meta.get("grade_id") if isinstance(meta, dict) else None
            if grade_id in known and grade_id not in present:
                _correct(cell, known[grade_id])
                present.add(grade_id)
            else:
                cell.metadata.pop("nbgrader", None)
        # At the end every function that the student did write is defined, wherever they wrote it.
        for grade_id, cell in known.items():
            if cell["meta"]["grade"] and grade_id not in present:
                nb.cells.append(_new_cell(cell))
        said = [problem.message for problem in found.problems]
        said += _of_another(names["notebook"], known, recorded(nb))
        if said:
            for line in said:
                self.log.warning("%s of %s: %s", names["notebook"], names["student"], line)
            add_note(nb, "Before grading, this notebook was put right:", said)
        return nb, resources


def _of_another(notebook: str, known: dict[str, dict[str, Any]], recorded_ids: set[str]) -> list[str]:
    """Say so where a sound notebook is one of another lecture, or of a version that lacks exercises."""
    graded = [grade_id for grade_id, cell in known.items() if cell["meta"]["grade"]]
    lacking = [grade_id for grade_id in graded if grade_id not in recorded_ids]
    if not recorded_ids or not lacking:
        return []
    if len(lacking) == len(graded):
        return [f"This is the notebook of another lecture than {notebook}: none of the exercises of that one is in it."]
    names = ", ".join(f"`{grade_id}`" for grade_id in lacking)
    return [f"This notebook comes from another version of {notebook}, without {names}: they are worth nothing in it."]


def take_back(gradebook: Any, lecture: str, student: str) -> None:
    """Take back what an earlier submission earned by itself: the one that is there now waits for a person.

    Parameters
    ----------
    gradebook : nbgrader.api.Gradebook
        Open.
    lecture, student : str
        Name of the lecture, which is that of its notebook, and of the student.
    """
    gradebook.update_or_create_student(student)
    gradebook.update_or_create_submission(lecture, student)
    for grade in gradebook.find_submission_notebook(lecture, lecture, student).grades:
        grade.auto_score, grade.needs_manual_grade = None, True
    gradebook.db.commit()


def _known_cells(notebook: Any) -> dict[str, dict[str, Any]]:
    """Cells of the assignment by grade id, in an order that does not depend on the database."""
    solutions = {cell.name for cell in notebook.solution_cells}
    points = {cell.name: cell.max_score for cell in notebook.grade_cells}
    known = {}
    for cell in sorted(notebook.source_cells, key=lambda cell: str(cell.name)):
        meta: dict[str, Any] = {
            "schema_version": 3,
            "grade": cell.name in points,
            "solution": cell.name in solutions,
            "locked": bool(cell.locked),
            "task": False,
            "grade_id": cell.name,
            "cell_type": cell.cell_type,
            "checksum": cell.checksum,
        }
        if cell.name in points:
            meta["points"] = points[cell.name]
        known[str(cell.name)] = {"meta": meta, "source": cell.source, "cell_type": cell.cell_type}
    return known


def _correct(cell: Node, known: dict[str, Any]) -> None:
    cell.metadata["nbgrader"] = nbformat.from_dict(known["meta"])
    if known["meta"]["locked"]:
        # The one handed in lacks the hidden tests, and may have been edited, which `inspect_cells` has told.
        cell.source = known["source"]
    if cell.cell_type == known["cell_type"]:
        return
    cell.cell_type = known["cell_type"]
    cell.pop("attachments", None)
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _new_cell(known: dict[str, Any]) -> Node:
    make = nbformat.v4.new_code_cell if known["cell_type"] == "code" else nbformat.v4.new_markdown_cell
    return make(known["source"], id=known["meta"]["grade_id"], metadata={"nbgrader": known["meta"]})
