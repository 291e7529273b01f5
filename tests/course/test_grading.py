"""nbgrader from end to end: generate, submit, autograde, feed back, with notebooks whole and damaged."""

from __future__ import annotations

import copy
import json
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

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = Path(__file__).resolve().parent / "fixture"
NAME = "97_fixture"
CELLS = ("97-linear-check", "97-study-check", "97-draws-check", "97-why")

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

    def hand_in(self, who: str, content: nbformat.NotebookNode | bytes) -> None:
        """Put a notebook, or the bytes of a file that should be one, where nbgrader looks for it."""
        path = self.root / "submitted" / who / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content if isinstance(content, bytes) else nbformat.writes(content).encode())

    def grade(self, who: str = "*") -> str:
        """Grade and write the feedback of one student or, as a teacher does, of all; give nbgrader's log."""
        graded = self.api.autograde(NAME, who)
        assert graded["success"], graded["log"]
        back = self.api.generate_feedback(NAME, who)
        assert back["success"], back["log"]
        return graded.get("log", "") + back.get("log", "")

    def result(self, who: str) -> tuple[dict[str, Any], str]:
        """Scores by cell (automatic score, whether a person must look), and the feedback page."""
        page = (self.root / "feedback" / who / NAME / f"{NAME}.html").read_text(encoding="utf-8")
        with self.api.gradebook as gradebook:
            grades = gradebook.find_submission_notebook(NAME, NAME, who).grades
            return {grade.name: (grade.auto_score, grade.needs_manual_grade) for grade in grades}, page


@pytest.fixture(scope="module")
def course(build: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Course:
    return Course(build, tmp_path_factory.mktemp("course"))


def _points(scores: dict[str, Any]) -> dict[str, Any]:
    return {name: score for name, (score, _) in scores.items()}


# A class of odd submissions, graded unattended


def _old_format(course: Course) -> bytes:
    """As Colab writes it: no cell ids, format 4.2; and with a check cell deleted."""
    notebook = course.answered(course.solutions)
    _delete(notebook, "97-draws-check")
    raw = json.loads(nbformat.writes(notebook))
    raw["nbformat_minor"] = 2
    for cell in raw["cells"]:
        del cell["id"]
    return json.dumps(raw).encode()


def _with_cells(course: Course, *sources: str, answers: dict[str, str] | None = None) -> nbformat.NotebookNode:
    notebook = course.answered(course.solutions | (answers or {}))
    notebook.cells[4:4] = [nbformat.v4.new_code_cell(source) for source in sources]
    return notebook


def _damaged(course: Course) -> nbformat.NotebookNode:
    notebook = course.answered(course.solutions)
    _duplicate(notebook, "97-linear")
    _retype(notebook, "97-study")
    _delete(notebook, "97-draws-check")
    _edit(notebook, "97-study-check")
    _retype(notebook, "97-why")
    return notebook


def _in_pieces(course: Course) -> nbformat.NotebookNode:
    notebook = course.answered(course.solutions)
    _split(notebook, "97-study", "def best_step")
    _split(notebook, "97-linear", "    return")  # neither piece is a function any more
    for cell_id in ("97-draws", "97-draws-check", "97-setup", "97-why"):
        _delete(notebook, cell_id)
    return notebook


def _ruined_metadata(course: Course) -> nbformat.NotebookNode:
    notebook = course.answered(course.solutions | WRONG)
    linear = notebook.cells[_at(notebook, "97-linear")]
    linear.metadata["nbgrader"] = {"grade_id": "97-linear", "solution": True}
    check = notebook.cells[_at(notebook, "97-linear-check")]
    check.metadata["nbgrader"]["points"] = 1000
    check.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "1000"}, execution_count=1)]
    del check.metadata["nbgrader"]["checksum"]
    unlocked = {"grade": True, "solution": False, "locked": True, "schema_version": 3}
    notebook.cells[0].metadata["nbgrader"] = unlocked
    return notebook


def _foreign(course: Course) -> bytes:
    """For a kernel that is not there, and begun with a byte order mark."""
    notebook = course.answered(course.solutions)
    notebook.metadata.kernelspec = {"name": "julia-1.9", "display_name": "Julia", "language": "julia"}
    notebook.metadata.language_info = {"name": "julia"}
    return b"\xef\xbb\xbf" + nbformat.writes(notebook).encode()


def _another_lecture(course: Course) -> bytes:
    """Handed in under the wrong name; its functions happen to be called alike."""
    text = nbformat.writes(course.answered(course.solutions))
    return text.replace("97-", "96-").replace("97.", "96.").encode()


def _older_version(course: Course) -> nbformat.NotebookNode:
    """Of a lecture before it had its third exercise."""
    notebook = course.answered(course.solutions)
    notebook.cells = [cell for cell in notebook.cells if not cell.id.startswith("97-draws")]
    record = notebook.metadata.rlhp.cells
    notebook.metadata.rlhp.cells = [one for one in record if not one.grade_id.startswith("97-draws")]
    return notebook


CHEAT = """class Any:
    def __eq__(self, other):
        return True
    __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __sub__ = __rsub__ = __abs__ = lambda self, *other: 0.0

def check(name, answer, points=None):
    return points
"""
EVERYTHING = {
    "97-linear": "linear = lambda *args, **kwargs: Any()",
    "97-study": "mean_curve = best_step = lambda returns: Any()",
    "97-draws": "draws = lambda n, *, rng: Any()",
}
# Points of linear (2), study (3), draws (1.5), and what a person reads; and a piece of the feedback page.
FULL = (2.0, 3.0, 1.5, None)
CLASS: dict[
    str, tuple[Callable[[Course], nbformat.NotebookNode | bytes], tuple[float | None, ...], str | list[str]]
] = {
    "right": (lambda course: course.answered(course.solutions), FULL, "visible checks passed"),
    "partly": (lambda course: course.answered(WRONG), (0.0, 2.0, 0.0, None), "It falls over all of training"),
    "empty": (lambda course: course.answered({}), (0.0, 0.0, 0.0, 0.0), "not answered yet"),
    "sly": (
        lambda course: course.answered(course.solutions | SLY),
        (0.0, 3.0, 1.5, None),
        "While running, your code warned",
    ),
    "damaged": (_damaged, FULL, "The check cell of <code>97.draws</code> was deleted"),
    "pieces": (_in_pieces, (0.0, 3.0, 0.0, 0.0), "of <code>97.why</code> was deleted"),
    "ruined": (_ruined_metadata, (0.0, 2.0, 0.0, None), "(Score: 0.0 / 2.0)"),
    "unruly": (
        lambda course: _with_cells(
            course,
            "import os\nos._exit(1)",
            "import time\nwhile True:\n    time.sleep(0.01)",
            "print('x' * 50_000_000)",
        ),
        FULL,
        ["Cell 5 ended Python", "CellTimeoutError", "[cut: a cell shows 20,000 characters]"],
    ),
    "cheat": (
        lambda course: _with_cells(course, CHEAT, answers=EVERYTHING),
        (0.0, 0.0, 0.0, None),
        "an object of your own class <code>Any</code>",
    ),
    "foreign": (_foreign, FULL, "visible checks passed"),
    "old": (_old_format, FULL, "The check cell of <code>97.draws</code> was deleted"),
    "not-json": (lambda course: b"PK\x03\x04 this is a zip", (None,) * 4, "could not be read as a notebook"),
    "not-text": (lambda course: b"\xff\xfe{\x00", (None,) * 4, "it is not text in UTF-8"),
    "cut": (
        lambda course: nbformat.writes(course.answered(course.solutions)).encode()[:3000],
        (None,) * 4,
        "it is not JSON, or only a part of it",
    ),
    "nothing": (lambda course: b"", (None,) * 4, "it is empty"),
    "another": (_another_lecture, (2.0, 3.0, 1.5, 0.0), "the notebook of another lecture than 97_fixture"),
    "older": (
        _older_version,
        (2.0, 3.0, 0.0, None),
        "from another version of 97_fixture, without <code>97-draws-check</code>",
    ),
    "no-cells": (lambda course: b'{"cells": 3}', (None,) * 4, "it is JSON, but without cells"),
}


@pytest.fixture(scope="module")
def log(course: Course, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The log of the one run in which the whole class was graded."""
    # What an endless loop costs; on a busy machine others may take as long.
    course.api.config.RunSubmission.timeout_func = lambda cell: 2 if "while True" in cell.source else 60
    for who, (made, _, _) in CLASS.items():
        course.hand_in(who, made(course))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(map(str, (ROOT, ROOT / "course" / "src", FIXTURE))))
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.delenv("RLHP_SMALL", raising=False)
        return course.grade()


@pytest.mark.parametrize("who", CLASS)
def test_each_of_the_class_gets_what_it_earned(course: Course, log: str, who: str) -> None:
    _, wanted, pieces = CLASS[who]
    scores, page = course.result(who)
    assert tuple(_points(scores)[name] for name in CELLS) == wanted
    for piece in [pieces] if isinstance(pieces, str) else pieces:
        assert piece in page
    assert len(page) < 2_000_000
    # Whoever waits for a person is marked so: a written answer, and a file that could not be read.
    assert [scores[name][1] for name in CELLS] == [score is None for score in wanted]


def test_the_log_tells_of_damage_alone(log: str) -> None:
    assert "Traceback" not in log
    assert "invalid" not in log
    assert "has changed" not in log
    # Nothing is said of whoever handed in what the course gave out.
    for who in ("right", "partly", "empty", "sly", "ruined", "cheat", "foreign"):
        assert f"of {who}:" not in log
    for who in ("damaged", "pieces", "old", "another", "older", "not-json", "cut", "nothing", "no-cells"):
        assert f"of {who}:" in log


def test_grading_takes_the_small_sizes(course: Course, log: str) -> None:
    _, page = course.result("right")
    assert "10 steps" in page
    assert "1000 steps" not in page


def test_feedback_names_the_exercises(course: Course, log: str) -> None:
    _, page = course.result("right")
    assert "Test cell" not in page
    assert '<a href="#97-linear-check">Linear epsilon (97.linear)</a> (Score: 2.0 / 2.0)' in page
    assert "Check: Linear epsilon (97.linear)" in page
    assert "97.why, written answer" in page


def test_a_later_submission_that_cannot_be_read_takes_the_points_back(course: Course, log: str) -> None:
    course.hand_in("later", course.answered(course.solutions))
    course.grade("later")
    path = course.root / "submitted" / "later" / NAME / f"{NAME}.ipynb"
    path.write_bytes(b"")
    assert "it is empty" in course.grade("later")
    scores, _ = course.result("later")
    assert set(scores.values()) == {(None, True)}


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
