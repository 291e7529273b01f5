"""nbgrader from end to end: generate, submit, autograde, feed back, with notebooks whole and damaged."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

from rlhp.exercises.notebook import checksum, inspect_cells

FIXTURE = Path(__file__).resolve().parent / "fixture"
NAME = "97_fixture"

WRONG = {
    "97-linear": "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n    return start + (end - start) "
    "* progress\n",
    "97-study": "def mean_curve(returns):\n    return returns.mean(axis=0)\n\n\ndef best_step(returns):\n    "
    "return 3\n",
    "97-draws": "def draws(n, *, rng):\n    return np.random.rand(n)\n",
    "97-why": "Because it looks nice.",
}
# Passes what can be seen, and not the hidden tests; warns on the way, which must not cost points elsewhere.
SLY = {
    "97-linear": (
        "def linear(progress, start=1.0, end=0.05, fraction=0.5):\n"
        "    return 1.0 - 0.95 * np.minimum(np.asarray(progress) / 0.5, 1.0)\n"
    ),
    "97-draws": (
        "import sys\nimport warnings\n\n\ndef draws(n, *, rng):\n    warnings.warn('slow')\n"
        "    print('noise', file=sys.stderr)\n    return rng.random(n)\n"
    ),
}


class Course:
    """A course in a temporary folder, graded by nbgrader with the course's own configuration."""

    def __init__(self, build: ModuleType, root: Path) -> None:
        paths = build.Paths(root)
        shutil.copytree(FIXTURE / "lectures", root / "lectures")
        for path, content in build.build(paths).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.root = root / "build"
        self.api = build.nbgrader_api(self.root)
        generated = self.api.generate_assignment(NAME)
        assert generated["success"], generated["log"]
        self.student = nbformat.read(paths.student(NAME), as_version=4)
        self.instructor = nbformat.read(paths.instructor(NAME), as_version=4)

    def answered(self, sources: dict[str, str]) -> nbformat.NotebookNode:
        """The student notebook with the text of some cells replaced."""
        notebook = copy.deepcopy(self.student)
        for cell in notebook.cells:
            cell.source = sources.get(cell.id, cell.source)
        return notebook

    @property
    def solutions(self) -> dict[str, str]:
        """Texts of the cells that hold solutions."""
        return {
            cell.id: cell.source for cell in self.instructor.cells if cell.metadata.get("nbgrader", {}).get("solution")
        }

    def grade(self, who: str, notebook: nbformat.NotebookNode) -> tuple[dict[str, Any], str, str]:
        """Hand a notebook in; give scores by cell, the feedback page and the log."""
        path = self.root / "submitted" / who / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
        graded = self.api.autograde(NAME, who)
        assert graded["success"], graded["log"]
        back = self.api.generate_feedback(NAME, who)
        assert back["success"], back["log"]
        page = (self.root / "feedback" / who / NAME / f"{NAME}.html").read_text(encoding="utf-8")
        with self.api.gradebook as gradebook:
            grades = gradebook.find_submission_notebook(NAME, NAME, who).grades
            scores = {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in grades}
        return scores, page, graded["log"]


@pytest.fixture(scope="module")
def course(build: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(build, tmp_path_factory.mktemp("course"))


def _points(scores: dict[str, Any]) -> dict[str, Any]:
    return {name: score for name, (score, _) in scores.items()}


def test_right_answers_get_every_point(course: Course) -> None:
    scores, page, _ = course.grade("right", course.answered(course.solutions))
    assert scores == {
        "97-linear-check": (2.0, False),
        "97-study-check": (3.0, False),
        "97-draws-check": (1.5, False),
        "97-why": (None, True),  # a person reads it
    }
    assert "visible checks passed" in page


def test_wrong_answers_get_what_they_earn(course: Course) -> None:
    scores, page, _ = course.grade("wrong", course.answered(WRONG))
    assert scores == {
        "97-linear-check": (0.0, False),
        "97-study-check": (2.0, False),  # two thirds of its weight
        "97-draws-check": (0.0, False),
        "97-why": (None, True),
    }
    assert "It falls over all of training" in page
    assert "That is the last step, not the best." in page
    assert "draws from the global generator of" in page


def test_empty_answers_get_nothing(course: Course) -> None:
    scores, page, _ = course.grade("empty", course.answered({}))
    assert _points(scores) == dict.fromkeys(("97-linear-check", "97-study-check", "97-draws-check", "97-why"), 0.0)
    assert "not answered yet" in page


def test_hidden_tests_count_and_warnings_do_not(course: Course) -> None:
    scores, page, _ = course.grade("sly", course.answered(course.solutions | SLY))
    assert _points(scores) == {
        "97-linear-check": 0.0,
        "97-study-check": 3.0,
        "97-draws-check": 1.5,
        "97-why": None,
    }
    assert "While running, your code warned" in page


def test_release_is_what_nbgrader_itself_makes(course: Course) -> None:
    released = nbformat.read(course.root / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    assert released.cells == course.student.cells
    course.student.metadata.rlhp.pop("build", None)  # which build it is, known once it is made
    assert released.metadata == course.student.metadata


def test_checksum_is_nbgraders(course: Course) -> None:
    from nbgrader.utils import compute_checksum

    graded = [cell for cell in course.student.cells if "nbgrader" in cell.metadata]
    assert len(graded) == 8
    for cell in graded:
        assert checksum(cell) == compute_checksum(cell) == cell.metadata.nbgrader.checksum


# Damage: what students do to cells


def _at(notebook: nbformat.NotebookNode, cell_id: str) -> int:
    return [cell.id for cell in notebook.cells].index(cell_id)


def _duplicate(notebook: nbformat.NotebookNode, cell_id: str) -> None:
    index = _at(notebook, cell_id)
    double = copy.deepcopy(notebook.cells[index])
    double.id = f"{cell_id}-again"
    notebook.cells.insert(index, double)


def _split(notebook: nbformat.NotebookNode, cell_id: str, at: str) -> None:
    index = _at(notebook, cell_id)
    first, second = copy.deepcopy(notebook.cells[index]), notebook.cells[index]
    first.id = f"{cell_id}-half"
    place = second.source.index(at)
    first.source, second.source = second.source[:place].rstrip(), second.source[place:]
    notebook.cells.insert(index, first)


def _delete(notebook: nbformat.NotebookNode, cell_id: str) -> None:
    del notebook.cells[_at(notebook, cell_id)]


def _retype(notebook: nbformat.NotebookNode, cell_id: str) -> None:
    cell = notebook.cells[_at(notebook, cell_id)]
    if cell.cell_type == "code":
        cell.cell_type = "markdown"
        del cell["outputs"]
        del cell["execution_count"]
        cell["attachments"] = {}
    else:
        cell.cell_type = "code"
        cell["outputs"], cell["execution_count"] = [], None


def _rewrite(notebook: nbformat.NotebookNode, cell_id: str) -> None:
    index = _at(notebook, cell_id)
    notebook.cells[index] = nbformat.v4.new_code_cell(notebook.cells[index].source)


def _edit(notebook: nbformat.NotebookNode, cell_id: str) -> None:
    notebook.cells[_at(notebook, cell_id)].source = "print('passed')"


def _mark(notebook: nbformat.NotebookNode, cell_id: str) -> None:
    notebook.cells[_at(notebook, cell_id)].metadata.nbgrader.grade_id = "97-mine"


DAMAGE: dict[str, tuple[Callable[[nbformat.NotebookNode], None], list[str], str]] = {
    "answer twice": (lambda nb: _duplicate(nb, "97-linear"), ["duplicated"], "there 2 times"),
    "check twice": (
        lambda nb: _duplicate(nb, "97-linear-check"),
        ["duplicated"],
        "the check cell of `97.linear`",
    ),
    "answer split": (lambda nb: _split(nb, "97-linear", "    return"), ["split"], "Merge Selected Cells"),
    "answer split between functions": (
        lambda nb: _split(nb, "97-study", "def best_step"),
        ["split"],
        "the answer cell of `97.study` was split",
    ),
    "answer deleted": (
        lambda nb: _delete(nb, "97-linear"),
        ["deleted"],
        "The answer cell of `97.linear` was deleted",
    ),
    "check deleted": (
        lambda nb: _delete(nb, "97-linear-check"),
        ["deleted"],
        "The check cell of `97.linear`",
    ),
    "answer typed anew": (lambda nb: _rewrite(nb, "97-linear"), ["rewritten"], "into a new cell"),
    "check typed anew": (
        lambda nb: _rewrite(nb, "97-linear-check"),
        ["rewritten"],
        "the check cell of `97.linear`",
    ),
    "answer to text": (lambda nb: _retype(nb, "97-linear"), ["retyped"], "press Esc, then Y"),
    "check to text": (lambda nb: _retype(nb, "97-linear-check"), ["retyped"], "no longer a code cell"),
    "written answer to code": (lambda nb: _retype(nb, "97-why"), ["retyped"], "press Esc, then M"),
    "check edited": (lambda nb: _edit(nb, "97-linear-check"), ["edited"], "puts the original back"),
    "set-up edited": (lambda nb: _edit(nb, "97-setup"), ["edited"], "the read-only cell of `97.setup`"),
    "strange mark": (lambda nb: _mark(nb, "97-setup"), ["deleted", "unmarked"], "`97-mine`"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_told_to_the_student(course: Course, damage: str) -> None:
    break_it, kinds, piece = DAMAGE[damage]
    notebook = course.answered(course.solutions)
    assert inspect_cells(notebook).problems == ()
    break_it(notebook)
    found = inspect_cells(notebook)
    assert [problem.kind for problem in found.problems] == kinds
    assert piece in " ".join(problem.message for problem in found.problems)


def test_damaged_notebook_is_graded_and_explained(course: Course) -> None:
    notebook = course.answered(course.solutions)
    _duplicate(notebook, "97-linear")
    _retype(notebook, "97-study")
    _delete(notebook, "97-draws-check")
    _edit(notebook, "97-study-check")
    _retype(notebook, "97-why")
    scores, page, log = course.grade("damaged", notebook)
    assert _points(scores) == {
        "97-linear-check": 2.0,
        "97-study-check": 3.0,
        "97-draws-check": 1.5,
        "97-why": None,
    }
    assert "Traceback" not in log
    assert "this notebook was put right" in page
    assert "The check cell of <code>97.draws</code> was deleted" in page


def test_notebook_in_pieces_is_graded_and_explained(course: Course) -> None:
    notebook = course.answered(course.solutions)
    _split(notebook, "97-study", "def best_step")
    _split(notebook, "97-linear", "    return")  # neither piece is a function any more
    _delete(notebook, "97-draws")
    _delete(notebook, "97-draws-check")
    _delete(notebook, "97-setup")
    _delete(notebook, "97-why")
    scores, page, log = course.grade("pieces", notebook)
    assert _points(scores) == {
        "97-linear-check": 0.0,
        "97-study-check": 3.0,
        "97-draws-check": 0.0,
        "97-why": 0.0,
    }
    assert "Traceback" not in log
    for name in ("97.draws", "97.setup", "97.why"):
        assert f"of <code>{name}</code> was deleted" in page


def test_ruined_metadata_are_put_right(course: Course) -> None:
    notebook = course.answered(course.solutions)
    linear = notebook.cells[_at(notebook, "97-linear")]
    linear.metadata["nbgrader"] = {"grade_id": "97-linear", "solution": True}
    check = notebook.cells[_at(notebook, "97-linear-check")]
    check.metadata["nbgrader"]["points"] = 1000
    del check.metadata["nbgrader"]["checksum"]
    notebook.cells[0].metadata["nbgrader"] = {
        "grade": True,
        "solution": False,
        "locked": True,
        "schema_version": 3,
    }
    scores, _, log = course.grade("ruined", notebook)
    assert _points(scores)["97-linear-check"] == 2.0
    assert "Traceback" not in log


def test_nbgrader_validates_the_release_inverted(course: Course, tmp_path: Path) -> None:
    from nbgrader.validator import Validator

    nbformat.write(course.student, tmp_path / "empty.ipynb")
    nbformat.write(course.answered(course.solutions), tmp_path / "right.ipynb")
    assert Validator(invert=True).validate(str(tmp_path / "empty.ipynb")) == {}
    assert Validator().validate(str(tmp_path / "right.ipynb")) == {}


def test_nbgraders_command_finds_the_configuration(build: ModuleType, tmp_path: Path) -> None:
    shutil.copy(build.HERE / "nbgrader_config.py", tmp_path)
    shutil.copytree(FIXTURE / "lectures", tmp_path / "lectures")
    paths = build.Paths(tmp_path)
    for path, content in build.build(paths).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    # Not even the environment's own programs are on PATH, as where it was never activated.
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", NAME],
        cwd=tmp_path,
        env=os.environ | {"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    released = nbformat.read(tmp_path / "build" / "release" / NAME / f"{NAME}.ipynb", as_version=4)
    assert released.cells == nbformat.read(paths.student(NAME), as_version=4).cells
