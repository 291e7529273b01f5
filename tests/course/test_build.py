"""The build says what is wrong with a lecture, gives the same bytes each time, and notices what differs."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

FIXTURE = Path(__file__).resolve().parent / "fixture"

ANSWER = """# %% answer="97.linear"
def linear(x):
    '''Doc.'''
    ### BEGIN SOLUTION
    return x
    ### END SOLUTION
"""
CHECK = (
    '# %% check="97.linear" points=2\ncheck("97.linear", linear)\n'
    "### BEGIN HIDDEN TESTS\nassert linear(2) == 2\n### END HIDDEN TESTS\n"
)
VISIBLE = CHECK.partition("###")[0]


def _lecture(folder: Path, text: str, name: str = "97_wrong") -> Path:
    path = folder / f"{name}.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ANSWER, "97_wrong.py: answer `97.linear` has no check cell"),
        (
            CHECK.replace("linear", "linaer"),
            "check `97.linaer` is declared by no lecture: unknown exercise `97.linaer`; did you mean `97.linear`",
        ),
        ('# %% anwser="97.linear"\n1', "97_wrong.py:1: unknown cell key `anwser`; did you mean `answer`"),
        ('# %% answer="97.linear" check="97.linear"\n1', "this one is answer and check"),
        ("# %% flod\n# Figure: one\n1", "97_wrong.py:1: unknown mark of a cell `flod`; did you mean `fold`"),
        ("# %% clame\nassert 1", "97_wrong.py:1: unknown mark of a cell `clame`; did you mean `claim`"),
        ("# %% claim\nx = 1", "97_wrong.py:1: a claim asserts something"),
        ("# %% claim\nassert", "97_wrong.py:1: a claim must be plain Python: invalid syntax, its line 1"),
        ("# %% claim [markdown]\n# Text", "97_wrong.py:1: a claim is a code cell without other marks"),
        (ANSWER.replace("# %%", "# %% claim full"), "97_wrong.py:1: a claim is a code cell without other marks"),
        ("# %% fold\nx = 1", "97_wrong.py:1: a folded cell begins with a comment, the one line of it that is shown"),
        ("# %% fold [markdown]\n# Text", "97_wrong.py:1: only a code cell without other marks can be folded"),
        (ANSWER.replace("# %%", "# %% fold"), "97_wrong.py:1: only a code cell without other marks can be folded"),
        ("# %%\n1\n\n# %% points=2\n1", "97_wrong.py:4: only a check or a manual cell has points"),
        (ANSWER.replace('linear"', 'linear" points=2'), "only a check or a manual cell has points"),
        (ANSWER.replace("97.linear", "96.linear"), "name '96.linear' must be `97.`"),
        (ANSWER.replace("97.linear", "97.Linear"), "name '97.Linear' must be `97.`"),
        (ANSWER + ANSWER, "97_wrong.py:7: there is a second answer cell for `97.linear`"),
        (ANSWER + CHECK + CHECK, "there is a second check cell for `97.linear`"),
        ('# %% [markdown] check="97.linear" points=1\n# text', "a cell with check= must be a code cell"),
        ('# %% manual="97.why" points=1\n1', "a cell with manual= must be markdown"),
        (CHECK.replace(" points=2", ""), "check `97.linear` needs points=, a positive number; got None"),
        (CHECK.replace("points=2", "points=0"), "needs points=, a positive number; got 0"),
        (CHECK.replace("points=2", 'points="2"'), "needs points=, a positive number; got '2'"),
        (f'# %% answer="97.{"a" * 70}"\n1', "is too long"),
        (ANSWER.replace("SOLUTION", "HIDDEN TESTS"), "hidden tests belong into a check cell"),
        (CHECK + "### BEGIN SOLUTION", "a solution belongs into an answer or a manual cell"),
        (ANSWER.replace("return x", "return"[:3] + " x"), "an answer cell must be plain Python"),
        (ANSWER.replace("### END SOLUTION", ""), "a region from `### BEGIN SOLUTION` to `### END SOLUTION`"),
        (
            ANSWER.replace("BEGIN", "X").replace("END", "BEGIN").replace("X", "END"),
            "a region from `### BEGIN SOLUTION` to `### END SOLUTION`",
        ),
        (
            '# %% answer="97.linear"\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n',
            "the solution region must stand inside a function",
        ),
        (ANSWER.replace("    '''Doc.'''\n", ""), "`linear` in an answer needs a docstring"),
        (
            CHECK.replace('check("97.linear', 'check("97.liner'),
            'a check cell starts with `check("97.linear", the_answer)`',
        ),
        (CHECK.replace('check("97.linear", linear)', "x = 1"), "a check cell starts with"),
        (CHECK.replace("linear)", "linear", 1), "a check cell must be plain Python"),
        (CHECK.replace("linear)", "linear, points=3)"), "must be the cell's own points=2"),
        (
            ANSWER + CHECK + "\n# %%\ny = linear(2)\n",
            '97_wrong.py:13: `linear` is the answer to `97.linear`: write `with needs("97.linear"):` above',
        ),
        (VISIBLE + "print(1)", "nothing but hidden tests may follow the check"),
        (VISIBLE, "97_wrong.py:1: a check needs a hidden test"),
        (VISIBLE.replace("linear)", "linear, points=2)"), "a check needs a hidden test"),
        (CHECK.replace("assert linear(2) == 2", "linear(2)"), "a check needs a hidden test"),
        (
            CHECK.replace("linear(2) == 2", "linear(data) == helper(2)"),
            "hidden tests use `data`, `helper`, which the notebook may have changed",
        ),
        (
            "# %%\n### BEGIN SOLUTION\n1\n### END SOLUTION",
            "`BEGIN SOLUTION` stands in a cell that is not marked",
        ),
        (
            "# %%\n### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS",
            "that is not marked: add answer= or check=",
        ),
    ],
)
def test_what_is_wrong_with_a_lecture(build: ModuleType, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(build.LectureError) as caught:
        build.instructor_notebook(_lecture(tmp_path, text))
    assert message in str(caught.value)


def test_a_folded_cell_opens_folded(build: ModuleType, tmp_path: Path) -> None:
    text = "# %% [markdown]\n# # Head\n\n# %% fold\n# Figure: one\n1\n\n# %%\n2\n\n" + ANSWER + "\n" + CHECK
    cells = build.instructor_notebook(_lecture(tmp_path, text)).cells
    assert [cell.metadata.get("jupyter") for cell in cells] == [None, {"source_hidden": True}, None, None, None]
    student = build.student_notebooks({"97_wrong": build.instructor_notebook(_lecture(tmp_path, text))})["97_wrong"]
    assert student.cells[1].metadata.jupyter == {"source_hidden": True}


CLAIMS = "# %%\nx = 2\n\n# %% claim\nx_ = x\nassert x_ == 2\n\n# %% claim full\nassert x == 3\n"


def test_no_notebook_has_a_claim_and_whoever_runs_a_lecture_puts_it_in(build: ModuleType, tmp_path: Path) -> None:
    lecture = _lecture(tmp_path, CLAIMS)
    assert [cell.source for cell in build.instructor_notebook(lecture).cells] == ["x = 2"]
    some, every = (build.instructor_notebook(lecture, claimed=of) for of in (["claim"], ["claim", "claim full"]))
    assert [[cell.metadata.get("claim") for cell in one.cells] for one in (some, every)] == [
        [None, "claim"],
        [None, "claim", "claim full"],
    ]
    names: dict = {}
    for cell in some.cells:
        exec(cell.source, names)
    assert set(names) - {"__builtins__"} == {"x"}, "a claim leaves no names behind"
    with pytest.raises(AssertionError, match=r"^97_wrong.py:8: x == 3, but it is 2 and 3$"):
        exec(every.cells[-1].source, names)


def test_a_claim_that_does_not_hold_stops_the_full_lecture(
    build: ModuleType, course: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RLHP_SMALL", "0")
    path = course.lectures[0]
    path.write_text(
        "# %% [markdown]\n# # 97\n\n# %%\nx = 2\n\n" + CLAIMS + "\n" + ANSWER + "\n" + CHECK, encoding="utf-8"
    )
    assert build.main(["97", "--html", "--force"], course) == 1
    assert "97_fixture: AssertionError: 97_fixture.py:14: x == 3, but it is 2 and 3" in capsys.readouterr().err
    assert not course.html("97_fixture").exists()


def test_a_lectures_file_name(build: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(build.LectureError, match=r"a lecture is called NN_topic.py"):
        build.instructor_notebook(_lecture(tmp_path, "", "97_Wrong"))


def test_nbgraders_refusal_is_passed_on(build: ModuleType, tmp_path: Path) -> None:
    unfinished = ANSWER + CHECK + "### BEGIN HIDDEN TESTS\nassert True\n"
    notebook = build.instructor_notebook(_lecture(tmp_path, unfinished))
    with pytest.raises(build.LectureError, match=r"97_wrong: nbgrader could not make.*\n(.*\n)*.*No end hidden tests"):
        build.student_notebooks({"97_wrong": notebook})


@pytest.fixture
def course(build: ModuleType, built: dict[Path, bytes], tmp_path: Path) -> object:
    """A copy of the fixture course with its student notebook."""
    shutil.copytree(FIXTURE / "lectures", tmp_path / "lectures")
    paths = build.Paths(tmp_path)
    paths.student("97_fixture").write_bytes(built[build.Paths(FIXTURE).student("97_fixture")])
    return paths


def test_same_bytes_each_time(build: ModuleType, built: dict[Path, bytes], course: object) -> None:
    again = build.build(course)
    assert {path.name: content for path, content in again.items() if path.parent == course.course} == {
        "97_fixture.ipynb": built[build.Paths(FIXTURE).student("97_fixture")]
    }
    content = again[course.student("97_fixture")]
    assert b"\r" not in content
    assert content.endswith(b"}\n")


def test_a_change_elsewhere_renames_no_cell(build: ModuleType, tmp_path: Path) -> None:
    cells = "# %% [markdown]\n# # One\n\n# %%\n1\n\n# %%\n1\n"
    before = [cell.id for cell in build.instructor_notebook(_lecture(tmp_path, cells)).cells]
    after = [cell.id for cell in build.instructor_notebook(_lecture(tmp_path, "# %%\n2\n\n" + cells)).cells]
    assert after[1:] == before
    assert len(set(after)) == 4


def test_check_accepts_what_was_built(build: ModuleType, course: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--check"], course) == 0
    assert capsys.readouterr().out == ""
    assert not (course.course / "build").exists()


def test_check_names_what_differs(build: ModuleType, course: object, capsys: pytest.CaptureFixture[str]) -> None:
    path = course.student("97_fixture")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source += "\nMore."
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="x")]
    gone = notebook.cells.pop(5)
    notebook.cells.append(nbformat.v4.new_code_cell("1 + 1", id="mine"))
    nbformat.write(notebook, path)
    (course.course / "96_old.ipynb").write_text("{}", encoding="utf-8")
    assert build.main(["--check"], course) == 1
    out = capsys.readouterr().out
    assert "97_fixture.ipynb: cell 5fa593c776ff differs: -More." in out
    assert f"97_fixture.ipynb: cell {notebook.cells[1].id} differs in its metadata or outputs" in out
    assert f"97_fixture.ipynb: cell {gone.id} is new: 'expected(\"97.linear\")'" in out
    assert "97_fixture.ipynb: cell mine is gone: '1 + 1'" in out
    assert "96_old.ipynb has no lecture any more" in out
    assert out.endswith("Run: python course/build.py\n")
    path.unlink()
    assert "97_fixture.ipynb is missing" in build.differences(course)
    path.write_text("{", encoding="utf-8")
    assert "97_fixture.ipynb cannot be read as a notebook" in build.differences(course)


def test_check_notices_the_order_of_cells(build: ModuleType, course: object) -> None:
    path = course.student("97_fixture")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.reverse()
    nbformat.write(notebook, path)
    assert build.differences(course) == ["97_fixture.ipynb differs in its order of cells, its metadata or its layout"]


def _source(course: object, text: str) -> None:
    """Change the lecture, so that a build has something new to write."""
    path = course.lectures[0]
    path.write_text(path.read_text(encoding="utf-8").replace("\n# # ", f"\n# # {text}: ", 1), encoding="utf-8")


def test_a_build_does_not_overwrite_answers(
    build: ModuleType, course: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.course)
    path = course.student("97_fixture")
    notebook = nbformat.read(path, as_version=4)
    next(
        cell for cell in notebook.cells if "NotImplementedError" in cell.source
    ).source = "def linear(x):\n    return x"
    nbformat.write(notebook, path)
    answered = path.read_bytes()
    assert build.main([], course) == 1
    assert path.read_bytes() == answered
    assert not (course.course / "build").exists()
    said = capsys.readouterr().err
    assert said.startswith("97_fixture.ipynb: no build wrote what stands there. It may be somebody's answers")
    assert said.endswith("overwrites them: make course ARGS=--force\n")
    assert build.main(["--force"], course) == 0
    assert path.read_bytes() != answered
    assert build.differences(course) == []


@pytest.mark.parametrize("text", ["", "{", "<<<<<<< HEAD\n{}", '{"cells": []}'])
def test_a_build_does_not_overwrite_what_it_cannot_know(build: ModuleType, course: object, text: str) -> None:
    path = course.student("97_fixture")
    path.write_text(text, encoding="utf-8")
    assert build.main([], course) == 1
    assert path.read_text(encoding="utf-8") == text


def test_a_build_overwrites_the_build_before_it(build: ModuleType, course: object) -> None:
    _source(course, "Newer")
    assert build.differences(course)
    assert build.main([], course) == 0  # not committed in between: no version control is asked
    _source(course, "Newest")
    path = course.student("97_fixture")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="x")]  # it was only run
    nbformat.write(notebook, path)
    assert build.main([], course) == 0
    assert "Newest: Newer: " in path.read_text(encoding="utf-8")


def test_lectures_are_chosen_by_name_or_number(build: ModuleType, course: object) -> None:
    for name in ("97", "97_fixture", "97_fixture.py", "lectures/97_fixture.py"):
        assert [path.stem for path in build.chosen(course, [name])] == ["97_fixture"]
    with pytest.raises(build.LectureError, match="unknown lecture `97_fixtur`; did you mean `97_fixture`"):
        build.chosen(course, ["97_fixtur"])


def test_command_line_builds_and_executes(
    build: ModuleType, course: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.course)
    assert build.main(["97", "--html"], course) == 0
    assert capsys.readouterr().out.splitlines() == [
        "wrote build/source/97_fixture/97_fixture.ipynb",
        "same  97_fixture.ipynb",
        "wrote build/html/97_fixture.html",
    ]
    page = course.html("97_fixture").read_text(encoding="utf-8")
    assert "visible checks passed" in page
    assert "10 steps" in page
    assert "_claim" not in page
    assert "Question 1 of 2: Why should epsilon fall?" in page
    assert not re.search(r"<script[^>]*src=", page)
    source = json.loads(course.instructor("97_fixture").read_text(encoding="utf-8"))
    assert "BEGIN SOLUTION" in str(source["cells"])
    assert build.main(["98"], course) == 1
    assert "unknown lecture `98`" in capsys.readouterr().err
