"""A lecture written outside of this repository, as docs/extend/lecture.md has it: built, opened, checked and graded."""

from __future__ import annotations

import re
from types import ModuleType

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from tests.course.outside import FILES, NAME, PAGE, ROOT, Outside, install, wrong


@pytest.fixture(scope="module")
def outside(build: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Outside:
    pytest.importorskip("hatchling")
    return install(tmp_path_factory.mktemp("outside"))


@pytest.fixture
def student(outside: Outside) -> nbformat.NotebookNode:
    return nbformat.read(outside.folder / f"{NAME}.ipynb", as_version=4)


def test_the_page_names_its_files() -> None:
    assert set(FILES) == {
        "pyproject.toml",
        "our_lectures/lecture_50/entropy.py",
        "our_lectures/lecture_50/quiz.md",
        f"lectures/{NAME}.py",
    }
    table = PAGE.partition("## One that joins this project")[2].partition("No list of lectures")[0]
    assert len(re.findall(r"^\| `", table, re.MULTILINE)) <= 8, "adding a lecture touches at most eight files"


def test_it_is_built(student: nbformat.NotebookNode) -> None:
    assert [cell.cell_type for cell in student.cells] == ["markdown", "code", "code", "code"]
    assert "SOLUTION" not in (text := "\n".join(cell.source for cell in student.cells))
    assert "HIDDEN TESTS" not in text
    assert student.cells[-1].metadata.nbgrader.locked


def test_it_is_opened_and_checked(
    build: ModuleType, outside: Outside, student: nbformat.NotebookNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PYTHONPATH", "IPYTHONDIR"):
        monkeypatch.setenv(name, outside.environment[name])
    message, answer = wrong()
    check = student.cells[-1].source
    student.cells += [new_code_cell(source) for source in (answer, check, outside.solution, check)]
    done = build.execute(student, outside.folder, allow_errors=True)
    shown = [
        " ".join(str(output.get("data", {}).get("text/plain", "")) for output in cell.get("outputs", []))
        for cell in done.cells
    ]
    assert "Hint 1 of 2: Each action adds minus its probability" in shown[1]
    assert "Question 1 of 1: When is the entropy of a policy highest?" in shown[1]
    assert "not answered yet" in shown[3]
    assert message in shown[5]
    assert "visible checks passed" in shown[7]
    errors = [[output.ename for output in cell.get("outputs", []) if "ename" in output] for cell in done.cells]
    assert errors == [[], [], [], [], [], ["CheckFailed"], [], []]  # an untouched check shows its card: Run All goes on


def test_it_is_graded(outside: Outside, student: nbformat.NotebookNode) -> None:
    from nbgrader.api import Gradebook

    config = (ROOT / "course" / "nbgrader_config.py").read_text(encoding="utf-8")
    (outside.folder / "nbgrader_config.py").write_text(config, encoding="utf-8")
    for who, answer in (("right", outside.solution), ("wrong", wrong()[1]), ("untouched", student.cells[2].source)):
        student.cells[2].source = answer
        path = outside.folder / "build" / "submitted" / who / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(student, path)
    for step in ("generate_assignment", "autograde"):
        outside.run("-m", "nbgrader", step, NAME, cwd=outside.folder)
    with Gradebook(f"sqlite:///{outside.folder / 'build' / 'gradebook.db'}") as gradebook:
        scores = {one.student.id: one.score for one in gradebook.assignment_submissions(NAME)}
    assert scores == {"right": 2.0, "wrong": 0.0, "untouched": 0.0}
