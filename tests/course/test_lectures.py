"""Every lecture, proved both ways: solutions pass, stubs do not, typical mistakes are told what they are."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

from course import copies
from course.reading import LONG_SENTENCE, n_words, sentences
from rlhp.exercises._checking import judge
from rlhp.exercises._glossary import read_glossary
from rlhp.exercises._hinting import draw_picture
from rlhp.exercises.declare import exercises, find_exercise, quizzes
from tests.course.answers import WRONG, wrong_answers
from tests.course.executed import Executed, errors, run, text

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = Path(__file__).resolve().parent / "fixture"
LECTURES = sorted((ROOT / "course" / "lectures").glob("[0-9][0-9]_*.py"))
ALL = [*LECTURES, *sorted((FIXTURE / "lectures").glob("*.py"))]
EXERCISES = [name for name in exercises() if not name.startswith("98.")]  # 98 is what doctests declare

by_name = pytest.mark.parametrize("lecture", ALL, ids=lambda path: path.stem)


def _instructor(build: ModuleType, built: dict[Path, bytes], lecture: Path) -> nbformat.NotebookNode:
    course = build.Paths(lecture.parent.parent)
    return nbformat.reads(built[course.instructor(lecture.stem)].decode(), as_version=4)


def _student(build: ModuleType, built: dict[Path, bytes], lecture: Path) -> nbformat.NotebookNode:
    course = build.Paths(lecture.parent.parent)
    return nbformat.reads(built[course.student(lecture.stem)].decode(), as_version=4)


@pytest.fixture(scope="module")
def executed(build: ModuleType, built: dict[Path, bytes]) -> Callable[[Path], Executed]:
    """Give what a lecture did when it ran; the first test that asks runs it."""
    return cache(lambda lecture: run(build, lecture, _student(build, built, lecture)))


@by_name
def test_solutions_pass(executed: Callable[[Path], Executed], lecture: Path) -> None:
    from nbgrader.utils import determine_grade, is_grade

    solved = executed(lecture).solved
    assert errors([cell for cell in solved if "claim" not in cell.metadata]) == []
    graded = [cell for cell in solved if cell.cell_type == "code" and is_grade(cell)]
    assert graded
    for cell in graded:
        score, points = determine_grade(cell)
        assert score == points, cell.source


@by_name
def test_a_lecture_writes_nothing_to_stderr(executed: Callable[[Path], Executed], lecture: Path) -> None:
    assert executed(lecture).stderr == []


@by_name
def test_every_picture_says_in_words_what_it_shows(executed: Callable[[Path], Executed], lecture: Path) -> None:
    """Each one something of its own."""
    cells = [cell for cell in executed(lecture).solved if cell.cell_type == "code"]
    shown = [(cell.source, output.data) for cell in cells for output in cell.outputs if "data" in output]
    mute = [source for source, data in shown if any(kind.startswith("image/") for kind in data)]
    assert mute == [], "a bare figure has no words for those who do not see it: `show(ax, alt)`"
    alts = []
    for source, data in shown:
        for tag in re.findall(r"<img\b[^>]*>", str(data.get("text/html", ""))):
            alt = re.search(r'\balt="([^"]*)"', tag)
            assert alt is not None, source
            assert n_words(html.unescape(alt[1])) >= 5, f"{alt[1]!r} says little of the picture of\n{source}"
            alts.append(alt[1])
    assert len(set(alts)) == len(alts), [alt for alt in alts if alts.count(alt) > 1]


@by_name
def test_what_a_lecture_says_of_measured_data_holds(executed: Callable[[Path], Executed], lecture: Path) -> None:
    """The claims that hold at small sizes too; `make course-full` holds all of them."""
    claims = [cell for cell in executed(lecture).solved if "claim" in cell.metadata]
    assert errors(claims) == []
    assert claims, "a lecture says something of measured data: put a `# %% claim` beside the sentence"


@by_name
def test_run_all_goes_through_without_answers(executed: Callable[[Path], Executed], lecture: Path) -> None:
    unanswered = executed(lecture).unanswered
    assert errors(unanswered) == []
    checks = [cell for cell in unanswered if cell.source.startswith("check(")]
    assert checks
    for cell in checks:
        assert "not answered yet" in text(cell)
    for cell in unanswered:
        if "with needs(" in cell.source:
            assert "which is not written yet" in text(cell), cell.source


@by_name
def test_stubs_are_worth_nothing_as_not_answered(executed: Callable[[Path], Executed], lecture: Path) -> None:
    from nbgrader.utils import determine_grade

    one = executed(lecture)
    names = {name for name in EXERCISES if name[:2] == lecture.name[:2]}
    assert len(one.graded) == len(one.told) == len(names)
    for cell in one.graded:
        assert determine_grade(cell)[0] == 0, cell.source
    for cell in (*one.graded, *one.told):
        [said] = errors([cell])
        assert said.startswith("NotAnswered: "), cell.source
        assert "not answered yet" in said


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda path: path.stem)
def test_student_notebook_equals_a_rebuild(build: ModuleType, built: dict[Path, bytes], lecture: Path) -> None:
    committed = build.Paths().student(lecture.stem)
    assert committed.exists(), "run: python course/build.py"
    if committed.read_bytes() != built[committed]:
        pytest.fail("\n".join(build.differences(build.Paths(), [lecture.stem])) + "\nrun: python course/build.py")


def test_hints_explain_the_words_of_the_site(built: dict[Path, bytes]) -> None:
    committed = ROOT / "course" / "src" / "rlhp_course" / "glossary.md"
    assert committed.read_bytes() == built[committed] == (ROOT / "docs" / "glossary.md").read_bytes(), (
        "run: make course"
    )
    words = list(read_glossary(committed.read_text(encoding="utf-8")))
    assert len(words) > 100
    marked = [word.terms for word in words if re.search(r"\{[a-z]+\}`|\]\(|\$", word.text)]
    assert marked == [], "a hint shows plain text, so these say it without links, roles and equations"


def test_no_student_notebook_without_a_lecture(build: ModuleType) -> None:
    notebooks = {path.stem for path in (ROOT / "course").glob("[0-9][0-9]_*.ipynb")}
    assert notebooks <= {lecture.stem for lecture in LECTURES}


@by_name
def test_student_notebook_gives_nothing_away(build: ModuleType, built: dict[Path, bytes], lecture: Path) -> None:
    student, instructor = _student(build, built, lecture), _instructor(build, built, lecture)
    text = "\n".join(cell.source for cell in student.cells)
    assert "SOLUTION" not in text
    assert "HIDDEN TESTS" not in text
    assert all(not cell.get("outputs") for cell in student.cells)
    assert student.metadata.kernelspec.name == "python3"
    assert student.metadata.rlhp.pop("build") == copies.digest(student)
    assert student.metadata == instructor.metadata
    ids = [cell.id for cell in student.cells]
    assert ids == [cell.id for cell in instructor.cells]
    assert len(set(ids)) == len(ids)
    for cell in student.cells:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("grade") and not meta.get("solution"):
            assert cell.metadata.editable is False
            assert cell.metadata.deletable is False
            assert meta["locked"]
            assert len(meta["checksum"]) == 32


@by_name
def test_every_check_has_hidden_tests(build: ModuleType, built: dict[Path, bytes], lecture: Path) -> None:
    cells = [cell for cell in _instructor(build, built, lecture).cells if cell.get("id", "").endswith("-check")]
    assert cells
    for cell in cells:
        hidden = cell.source.partition("### BEGIN HIDDEN TESTS")[2].partition("### END HIDDEN TESTS")[0]
        assert "\nassert " in hidden, cell.source


@by_name
def test_lecture_has_one_first_heading(build: ModuleType, built: dict[Path, bytes], lecture: Path) -> None:
    cells = _student(build, built, lecture).cells
    headings = [
        line
        for cell in cells
        if cell.cell_type == "markdown"
        for line in cell.source.splitlines()
        if line.startswith("# ")
    ]
    assert len(headings) == 1
    assert cells[0].source.startswith("# ")


@by_name
def test_every_declared_exercise_is_in_its_lecture(build: ModuleType, built: dict[Path, bytes], lecture: Path) -> None:
    record = _student(build, built, lecture).metadata.rlhp.cells
    checked = {entry.name for entry in record if entry.kind == "check"}
    assert checked == {name for name in EXERCISES if name[:2] == lecture.name[:2]}


@pytest.mark.parametrize("name", EXERCISES)
def test_typical_wrong_answers_each_get_their_own_message(name: str) -> None:
    messages = {}
    for wrong in wrong_answers(name):
        verdict = judge(find_exercise(name), wrong.answer())
        assert verdict.state == "failed", f"{wrong.label} passes"
        assert wrong.message in verdict.message, f"{wrong.label} got: {verdict.message}"
        messages[wrong.label] = verdict.message
    assert len(messages) == len(wrong_answers(name)), "two wrong answers have one label"
    # The name of a function is no difference: what is told must differ.
    assert len(set(messages.values())) == len(messages), messages


def test_no_wrong_answer_without_its_exercise() -> None:
    kept = {f"{path.parent.name[-2:]}.{path.stem}" for path in WRONG.glob("lecture_*/*.py")}
    assert kept == set(EXERCISES)


def test_one_exercise_is_one_file_named_after_it() -> None:
    for name in EXERCISES:
        path = Path(find_exercise(name).declared_at.rpartition(":")[0])
        assert f"{path.parent.name}/{path.name}" == f"lecture_{name[:2]}/{name[3:]}.py"
    ours = {
        f"{path.parent.name[-2:]}.{path.stem}" for path in (ROOT / "course" / "src" / "rlhp_course").glob("*/[!_]*.py")
    }
    assert ours <= set(EXERCISES), "what several exercises share gets a line here"


@pytest.mark.parametrize("name", EXERCISES)
def test_help_is_there(name: str) -> None:
    entry = find_exercise(name)
    assert entry.hints
    assert entry.title
    assert entry.parts
    texts = list(entry.hints)
    if entry.picture is not None:
        picture = draw_picture(entry)
        assert picture.png.startswith(b"\x89PNG")
        assert n_words(picture.alt) >= 5
        texts.append(picture.alt)
    long = [one for text in texts for one in sentences(text) if n_words(one) > LONG_SENTENCE]
    assert long == [], "a hint or a picture's words that are read twice"


@pytest.mark.parametrize("name", [name for name in quizzes() if not name.startswith("98.")])
def test_quiz_choices_have_reasons_of_their_own(name: str) -> None:
    for question in quizzes()[name].questions:
        reasons = [choice.reason for choice in question.choices]
        assert len(set(reasons)) == len(reasons), question.text
        assert len({choice.text for choice in question.choices}) == len(question.choices)
        texts = [question.text, *(choice.text for choice in question.choices), *reasons]
        assert [one for text in texts for one in sentences(text) if n_words(one) > LONG_SENTENCE] == []


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda path: path.stem)
def test_lecture_has_a_quiz_of_three_to_five_questions(lecture: Path) -> None:
    number = lecture.name[:2]
    questions = [question for name, quiz in quizzes().items() if name[:2] == number for question in quiz.questions]
    assert 3 <= len(questions) <= 8
