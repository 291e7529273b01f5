"""`make grade`: from a folder of submissions to points, feedback and a table."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from tests.course.conftest import FIXTURE, INSTALLED, load

ROOT = Path(__file__).resolve().parents[2]
NAME = "97_fixture"


@pytest.fixture(scope="module")
def handed_in(build: ModuleType) -> ModuleType:
    return load("handed_in", ROOT / "course" / "handed_in.py")


@pytest.fixture(scope="module")
def grade(build: ModuleType, handed_in: ModuleType) -> ModuleType:
    """The script course/grade.py as a module; what it finds beside it is loaded."""
    return load("course_grade", ROOT / "course" / "grade.py")


def course(root: Path) -> Path:
    shutil.copytree(FIXTURE / "lectures", root / "lectures")
    return root


def put(path: Path, lecture: str | None = NAME) -> Path:
    """Write a notebook that says of which lecture it is, or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {} if lecture is None else {"rlhp": {"lecture": lecture}}
    path.write_text(json.dumps({"cells": [], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


# A class of three, graded once: an answer that is wrong and a loop without end; no notebook; one of two.


@pytest.fixture(scope="module")
def graded(
    build: ModuleType, grade: ModuleType, built: dict[Path, bytes], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a course whose submissions were graded, as `make grade` does it; what it printed lies in it."""
    root = course(tmp_path_factory.mktemp("graded"))
    given = root / "given"
    paths = build.Paths(FIXTURE)
    notebook = nbformat.reads(built[paths.student(NAME)].decode(), as_version=4)
    solutions = {
        cell.id: cell.source
        for cell in nbformat.reads(built[paths.instructor(NAME)].decode(), as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for cell in notebook.cells:
        cell.source = solutions.get(cell.id, cell.source)
        if cell.id == "97-draws":
            cell.source = "def draws(n, *, rng):\n    return np.random.rand(n)\n"
    notebook.cells.insert(4, nbformat.v4.new_code_cell("import time\nwhile True:\n    time.sleep(0.01)"))
    (given / "ada [1]").mkdir(parents=True)
    nbformat.write(notebook, given / "ada [1]" / "final (2).ipynb")
    (given / f"bob_{NAME}.ipynb").write_bytes(b"")
    put(given / "eve" / "a.ipynb")
    put(given / "eve" / "b.ipynb")
    put(given / "eve" / "c.ipynb", "00_your_first_agent")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(map(str, INSTALLED)))
        patch.setenv("IPYTHONDIR", str(root / "ipython"))
        patch.delenv("RLHP_SMALL", raising=False)
        for call, more in enumerate((["--from", str(given)], [])):
            printed = root / f"printed_{call}.txt"
            with printed.open("w") as out, pytest.MonkeyPatch.context() as streams:
                streams.setattr("sys.stdout", out)
                streams.setattr("sys.stderr", out)
                code = grade.main([NAME[:2], "--seconds", "6", *more], build.Paths(root))
                print("exit code", code)
            when = (root / "build" / "autograded" / "ada (1)" / NAME / f"{NAME}.ipynb").stat().st_mtime_ns
            (root / f"graded_{call}.txt").write_text(str(when))
    return root


def test_a_class_is_graded_in_one_call(graded: Path) -> None:
    printed = (graded / "printed_0.txt").read_text()
    assert f"built {NAME}" in printed
    said = printed[printed.index("student") :]
    rows = [" ".join(line.split()) for line in said.splitlines()[:3]]
    assert rows == [
        "student score what failed",
        "ada (1) 5 of 7.5 97.draws (0 of 1.5); to read by hand: 97.why",
        "bob 0 of 7.5 to read by hand: 97.draws, 97.linear, 97.study, 97.why",
    ]
    assert "ada (1): Cell 5 did not end in time and was interrupted." in said
    assert "bob: This file could not be read as a notebook (it is empty), so it was not graded." in said
    assert "eve: which one is meant?" in printed
    assert "1 of other lectures are left out: 00_your_first_agent." in printed
    assert printed.endswith("eve: not graded, see above\nexit code 1\n")
    for student in ("ada (1)", "bob"):
        assert (graded / "build" / "feedback" / student / NAME / f"{NAME}.html").exists()


def test_what_has_not_changed_is_not_run_again(graded: Path) -> None:
    first, again = ((graded / f"printed_{call}.txt").read_text() for call in (0, 1))
    assert "built" not in again
    tables = [printed[printed.index("student") : printed.index("Feedback")] for printed in (first, again)]
    assert tables[0] == tables[1]
    assert (graded / "graded_0.txt").read_text() == (graded / "graded_1.txt").read_text()


def test_a_file_that_is_no_notebook_makes_the_command_fail(graded: Path) -> None:
    again = (graded / "printed_1.txt").read_text()
    assert "eve" not in again
    assert again.endswith("exit code 1\n")


def test_no_warning_of_the_kernel_stands_in_a_line_of_progress(graded: Path, capfd) -> None:
    from rlhp.exercises.grading import RunSubmission

    cell = nbformat.v4.new_code_cell("1 + 1")
    RunSubmission(timeout=60).preprocess(nbformat.v4.new_notebook(cells=[cell]), {"metadata": {"path": str(graded)}})
    assert cell.outputs
    assert "WARNING" not in capfd.readouterr().err


def test_one_that_cannot_be_graded_takes_back_what_an_earlier_one_earned(
    build: ModuleType, grade: ModuleType, graded: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    root = tmp_path / "course"
    shutil.copytree(graded, root)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, INSTALLED)))
    paths = build.Paths(root)
    ada = root / "build" / "submitted" / "ada (1)" / NAME / f"{NAME}.ipynb"
    notebook = nbformat.read(ada, as_version=4)
    bent = "import os, shutil\nhere = os.getcwd()\nos.chdir('/')\nshutil.rmtree(here, ignore_errors=True)"
    notebook.cells[4].source = bent
    nbformat.write(notebook, ada)
    with build.nbgrader_api(root / "build").gradebook as gradebook:
        for kept in gradebook.find_submission_notebook(NAME, NAME, "bob").grades:
            if kept.name == "97-draws-check":
                kept.manual_score = 99.0
        gradebook.db.commit()
    assert grade.main([NAME[:2]], paths) == 1
    said = capsys.readouterr()
    assert "ada (1): 97_fixture.ipynb could not be graded. It has no points now" in said.err
    assert "FileNotFoundError" in said.err
    assert len(said.err.splitlines()) == 2
    assert "MORE POINTS THAN THERE ARE: 97.draws (99 of 1.5)" in said.out
    with build.nbgrader_api(root / "build").gradebook as gradebook:
        assert gradebook.find_submission_notebook(NAME, NAME, "ada (1)").score == 0.0
    assert not (root / "build" / "feedback" / "ada (1)" / NAME).exists()


# What is said where there is nothing to grade


def test_an_unknown_lecture_is_refused_with_the_nearest(build, grade, tmp_path, capsys) -> None:
    assert grade.main(["97_fixtur"], build.Paths(course(tmp_path))) == 1
    assert f"unknown lecture `97_fixtur`; did you mean `{NAME}`?" in capsys.readouterr().err
    (tmp_path / "lectures" / "01_two.py").touch()
    for number, meant in (("1", "01"), ("001", "01")):
        assert grade.main([number], build.Paths(tmp_path)) == 1
        assert f"unknown lecture `{number}`; did you mean `{meant}`?" in capsys.readouterr().err
    (tmp_path / "lectures" / "01_two.py").unlink()
    assert grade.main([], build.Paths(tmp_path)) == 1
    assert f"which lecture? make grade LECTURE=00, or python make.py grade 00. There are: {NAME}." in (
        capsys.readouterr().err
    )
    assert grade.main(["97", "--seconds", "0"], build.Paths(tmp_path)) == 1
    assert "--seconds is 0; give a whole number of at least 1." in capsys.readouterr().err


def test_without_submissions_it_says_where_they_belong(build, grade, tmp_path, capsys) -> None:
    paths = build.Paths(course(tmp_path))
    assert grade.main(["97"], paths) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"make grade: nobody has handed in {NAME}.")
    assert f"build/submitted/STUDENT/{NAME}/{NAME}.ipynb" in said
    assert "--from FOLDER" in said
    put(tmp_path / "build" / "submitted" / "ada.ipynb")
    assert grade.main(["97"], paths) == 1
    assert "ada.ipynb lies in no student's folder" in capsys.readouterr().err
    assert not (tmp_path / "build" / "source").exists(), "nothing is built for nobody"


def test_a_folder_that_is_not_there_is_told(handed_in, tmp_path) -> None:
    with pytest.raises(handed_in.NothingHandedIn, match=r"is not there; is it spelt right\?"):
        handed_in.take_in(tmp_path / "nowhere", tmp_path / "submitted", NAME)
    (tmp_path / "all.zip").touch()
    with pytest.raises(handed_in.NothingHandedIn, match="is a file; unpack it"):
        handed_in.take_in(tmp_path / "all.zip", tmp_path / "submitted", NAME)
    put(tmp_path / "given" / "ada.ipynb", "01_another")
    with pytest.raises(handed_in.NothingHandedIn, match=f"holds no notebook of {NAME}.\n1 of other lectures"):
        handed_in.take_in(tmp_path / "given", tmp_path / "submitted", NAME)


# Odd names


def test_whose_a_notebook_is_stands_in_its_path(handed_in, tmp_path) -> None:
    given, submitted = tmp_path / "given", tmp_path / "submitted"
    for name in ("ada.ipynb", f"bob_{NAME}.ipynb", f"{NAME} - eve.ipynb", "mia/deep/anything.ipynb", f"{NAME}.ipynb"):
        put(given / name)
    put(given / "mia" / ".ipynb_checkpoints" / "anything-checkpoint.ipynb")
    told = handed_in.take_in(given, submitted, NAME).told
    assert told == [f"{NAME}.ipynb does not say whose it is; name it STUDENT.ipynb."]
    assert sorted(path.name for path in submitted.iterdir()) == ["ada", "bob", "eve", "mia"]
    assert all(handed_in.place(submitted, who, NAME).is_file() for who in ("ada", "bob", "eve", "mia"))


def test_a_browsers_copy_is_no_second_student(handed_in, tmp_path) -> None:
    given, submitted = tmp_path / "given", tmp_path / "submitted"
    names = ("joe.ipynb", "joe (1).ipynb", f"kim_{NAME} (1).ipynb", f"{NAME}(2).ipynb", f"{NAME} (3) - eve.ipynb")
    for name in (*names, "mia-Copy1.ipynb", "Ada.ipynb", "ada.ipynb", "Zoe\u0308.ipynb", "Zo\xeb/a.ipynb", "Bo.ipynb"):
        put(given / name)
    put(submitted / "bo" / NAME / f"{NAME}.ipynb")
    found = handed_in.take_in(given, submitted, NAME)
    assert sorted(path.name for path in submitted.iterdir()) == ["bo", "eve", "kim", "mia"]
    assert sorted(found.undecided) == ["Ada", "Zo\xeb", "joe"]
    assert f"{NAME}(2).ipynb does not say whose it is; name it STUDENT.ipynb." in found.told
    assert "joe: which one is meant? joe (1).ipynb, joe.ipynb. Leave one there, and grade again." in found.told
    put(submitted / "Bo" / NAME / f"{NAME}.ipynb")
    same = "Bo, bo: names that look the same, graded as 2 students. Is it one? Keep one."
    assert same in handed_in.look(submitted, NAME).told


def test_what_is_not_looked_at_is_named(handed_in, tmp_path) -> None:
    given = tmp_path / "given"
    for name in ("all.zip", "UPPER.IPYNB", "trail.ipynb .txt", ".hidden"):
        put(given / name)
    named = "Not looked at: UPPER.IPYNB, all.zip, trail.ipynb .txt. A notebook's name ends in .ipynb; unpack archives."
    with pytest.raises(handed_in.NothingHandedIn, match=named):
        handed_in.take_in(given, tmp_path / "submitted", NAME)
    put(given / "ada.ipynb")
    assert handed_in.take_in(given, tmp_path / "submitted", NAME).told == [named]


def test_a_notebook_with_an_odd_name_comes_to_its_place(handed_in, tmp_path) -> None:
    put(tmp_path / "ada" / "my answers.ipynb")
    put(tmp_path / "bob" / NAME / "Untitled.ipynb", None)
    put(tmp_path / "eve" / NAME / f"{NAME}.ipynb")
    put(tmp_path / "eve" / NAME / f"{NAME}-Copy1.ipynb")
    put(tmp_path / "mia" / "something.ipynb", None)  # of which lecture, nobody knows
    put(tmp_path / "zoe" / f"{NAME}(1).ipynb")
    put(tmp_path / "zoe" / f"{NAME}(2).ipynb")
    put(tmp_path / "z*" / f"{NAME}.ipynb")
    found = handed_in.look(tmp_path, NAME)
    assert list(found.notebooks) == ["ada", "bob", "eve"]
    assert all(path == handed_in.place(tmp_path, who, NAME) and path.is_file() for who, path in found.notebooks.items())
    assert found.undecided == ["z*", "zoe"]
    assert found.told == [
        f"ada: my answers.ipynb is graded as {NAME}.ipynb, which is its name now.",
        f"bob: Untitled.ipynb is graded as {NAME}.ipynb, which is its name now.",
        f"eve: {NAME}-Copy1.ipynb lies there too and is not graded.",
        "z*: nbgrader cannot read a folder of that name; leave out []*?.",
        f"zoe: which one is meant? {NAME}(1).ipynb, {NAME}(2).ipynb. Call it {NAME}/{NAME}.ipynb, and grade again.",
    ]
    assert handed_in.look(tmp_path, NAME).told == found.told[2:]


def test_a_lecture_that_cannot_be_taken_in_is_told_in_nbgraders_words(build, grade, tmp_path, monkeypatch) -> None:
    class Refuses:
        def __init__(self) -> None:
            self.gradebook = self

        def __enter__(self):
            self.assignments = []
            return self

        def __exit__(self, *_) -> None:
            pass

        def generate_assignment(self, name: str, *, force: bool):
            return {"success": False, "log": "[ERROR] Cannot remove cells with existing submissions"}

    paths = build.Paths(course(tmp_path))
    with pytest.raises(grade.GradingError, match=f"cannot take {NAME} into its gradebook:\n    .ERROR. Cannot remove"):
        grade.prepare(paths, Refuses(), paths.lectures[0])
