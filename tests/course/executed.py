"""A lecture is run once, in one kernel, as the grader does it; everything that a test asks of that stands here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell

ROOT = Path(__file__).resolve().parents[2]
# An explorer compiles what it may have to train as soon as it is shown. Nobody presses a button here.
STILL = "from rlhp.widgets.background._warming import WarmUp\nWarmUp._work = lambda self: None\ndel WarmUp"

Cells = list[Any]


@dataclass(frozen=True)
class Executed:
    """The cells of a lecture as they ran.

    Attributes
    ----------
    solved : list of cells
        With the solutions and the quick claims, as whoever graded the model answer would see them.
    unanswered : list of cells
        Then, in the same kernel, what differs in the student's notebook, run as a student does who runs all and answers
        nothing: stubs, their checks, and what uses them. All other cells are the same and use no answer (the build sees
        to that), so they have run already.
    graded : list of cells
        The checks once more, as the grader judges the stubs.
    told : list of cells
        And once more as nbgrader alone would run them: the check itself knows that it is grading.
    """

    solved: Cells
    unanswered: Cells
    graded: Cells
    told: Cells

    @cached_property
    def stderr(self) -> list[str]:
        """What the solved lecture wrote there, but for what a busy machine is told."""
        shown = (output for cell in self.solved for output in cell.get("outputs", []))
        told = (output.text for output in shown if output.get("name") == "stderr")
        return [text for text in told if "RuntimeWarning: no progress for 60 s" not in text]


def run(build: ModuleType, lecture: Path, student: Any) -> Executed:
    """Run a lecture and then, in the same kernel, what a student has in place of its solutions."""
    from nbgrader.utils import is_grade

    from rlhp.exercises.grading import RunSubmission

    instructor = build.instructor_notebook(lecture, claimed=("claim",))
    code = [cell for cell in student.cells if cell.cell_type == "code"]
    differs = [cell for cell in code if "nbgrader" in cell.metadata or "with needs(" in cell.source]
    checks = [cell for cell in instructor.cells if cell.cell_type == "code" and is_grade(cell)]
    own = [cell for cell in code if is_grade(cell)]
    parts = {
        "solved": instructor.cells,
        "unanswered": [new_code_cell(cell.source, id=f"unanswered-{n}") for n, cell in enumerate(differs)],
        "graded": [new_code_cell(c.source, id=f"graded-{n}", metadata=c.metadata) for n, c in enumerate(checks)],
        "told": [new_code_cell("import os\nos.environ['NBGRADER_EXECUTION'] = 'autograde'")]
        + [new_code_cell(cell.source, id=f"told-{n}") for n, cell in enumerate(own)],
    }
    cells = [new_code_cell(STILL), *(cell for part in parts.values() for cell in part)]
    whole = nbformat.v4.new_notebook(cells=cells)
    # Its check cells are the examiner's, under names that it brings along.
    done, _ = RunSubmission(timeout=600).preprocess(whole, {"metadata": {"path": str(ROOT / "course")}})
    cells = iter(done.cells[1:])
    ran = {name: [next(cells) for _ in part] for name, part in parts.items()}
    return Executed(ran["solved"], ran["unanswered"], ran["graded"], ran["told"][1:])


def errors(cells: Cells) -> list[str]:
    """Give the errors that cells ended in, each with its kind."""
    shown = (output for cell in cells for output in cell.get("outputs", []))
    return [f"{output.ename}: {output.evalue}" for output in shown if output.output_type == "error"]


def text(cell: Any) -> str:
    """Give what a cell shows, as text."""
    return "\n".join(str(output.get("data", {}).get("text/plain", "")) for output in cell.outputs)
