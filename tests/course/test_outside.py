"""A lecture written outside of this repository, as docs/extend/lecture.md has it: built, opened, checked and graded."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from tests.course.answers import CELL

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "extend" / "lecture.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```\{code-block\} \w+\n:caption: (\S+)\n\n(.*?)```", PAGE, re.DOTALL))
NAME = "50_entropy"


@dataclass(frozen=True)
class Outside:
    """The lecture's folder, and the environment in which it is installed."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str | Path, cwd: Path | None = None) -> str:
        """Run Python with these arguments."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd or self.folder.parent,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def outside(build: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Outside:
    """Write the page's files, install them as pip does, into a folder of their own, and build the lecture."""
    pytest.importorskip("hatchling")
    root = tmp_path_factory.mktemp("outside")
    for name, text in FILES.items():
        path = root / "ours" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "ours" / "our_lectures" / "__init__.py").touch()
    site = root / "site"
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "course", site)))
    environment = {**os.environ, "PYTHONPATH": paths, "IPYTHONDIR": str(root / "ipython"), "RLHP_SMALL": "1"}
    found = Outside(root / "ours", environment)
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    found.run("-m", "pip", "install", *options, "--target", site, found.folder)
    found.run(ROOT / "course" / "build.py", "--course", found.folder)
    return found


@pytest.fixture
def student(outside: Outside) -> nbformat.NotebookNode:
    return nbformat.read(outside.folder / f"{NAME}.ipynb", as_version=4)


def _wrong() -> tuple[str, str]:
    """Give the page's typical wrong answer: a piece of its message, and its text."""
    [block] = re.findall(r"```\{code-block\} python\n(# %% .*?)```", PAGE, re.DOTALL)
    head = CELL.match(block)
    assert head is not None
    return head["message"].strip('"'), block[head.end() :].strip()


def _solution(outside: Outside) -> str:
    instructor = nbformat.read(outside.folder / "build" / "source" / NAME / f"{NAME}.ipynb", as_version=4)
    return next(cell.source for cell in instructor.cells if cell.id == "50-entropy")


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
    message, wrong = _wrong()
    check = student.cells[-1].source
    student.cells += [new_code_cell(source) for source in (wrong, check, _solution(outside), check)]
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
    for who, answer in (("right", _solution(outside)), ("wrong", _wrong()[1]), ("untouched", student.cells[2].source)):
        student.cells[2].source = answer
        path = outside.folder / "build" / "submitted" / who / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(student, path)
    for step in ("generate_assignment", "autograde"):
        outside.run("-m", "nbgrader", step, NAME, cwd=outside.folder)
    with Gradebook(f"sqlite:///{outside.folder / 'build' / 'gradebook.db'}") as gradebook:
        scores = {one.student.id: one.score for one in gradebook.assignment_submissions(NAME)}
    assert scores == {"right": 2.0, "wrong": 0.0, "untouched": 0.0}
