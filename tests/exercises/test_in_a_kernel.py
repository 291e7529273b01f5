"""What a notebook shows: HTML verdicts, one line in place of a traceback, a widget, and no standard error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

nbclient = pytest.importorskip("nbclient")
ROOT = Path(__file__).resolve().parents[2]

SETUP = """
import sys
import warnings

from rlhp.exercises import check, expect, expected, hint, needs, quiz
from rlhp.exercises.declare import checks, exercise, questions
from rlhp.exercises.question import Choice, Question

exercise("99.halve", title="Halve", hints=("divide", "by two"), picture=lambda ax: "a picture of halves", seconds=0.5)

@checks("99.halve", "halves")
def _halves(answer):
    expect.close(answer(3.0), 1.5, "`halve(3.0)`")

questions("99.quiz", Question("Is it?", Choice("yes", "It is.", right=True), Choice("no", "It is not.")))
"""

CELLS = {
    "setup": SETUP,
    "stub": "def halve(x):\n    raise NotImplementedError('Write your answer here.')",
    "unanswered": "check('99.halve', halve)",
    "uses": "with needs('99.halve'):\n    print('half of 3 is', halve(3.0))",
    "library": "import io\nwith needs('99.halve'):\n    io.IOBase().fileno()\n    raise NotImplementedError",
    "graded": "import os\nos.environ['NBGRADER_EXECUTION'] = 'autograde'\ncheck('99.halve', halve)",
    "endless": "del os.environ['NBGRADER_EXECUTION']\ndef halve(x):\n    while True:\n        x = x / 2",
    "stopped": "check('99.halve', halve)",
    "broken": "def helper(x):\n    return x / 0\n\ndef halve(x):\n    return helper(x)",
    "reported": "check('99.halve', halve)",
    "right": "def halve(x):\n    warnings.warn('odd')\n    print('noise', file=sys.stderr)\n    return x / 2",
    "used": "with needs('99.halve'):\n    print('half of 3 is', 3.0 / 2)",
    "passed": "check('99.halve', halve)",
    "partly": "check('99.halve', halve, points=2)",
    "hint": "hint('99.halve')",
    "picture": "expected('99.halve')",
    "quiz": "quiz('99.quiz')",
}


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        cells = [nbformat.v4.new_code_cell(source, id=name) for name, source in CELLS.items()]
        notebook = nbformat.v4.new_notebook(cells=cells)
        client = nbclient.NotebookClient(notebook, allow_errors=True, kernel_name="python3", timeout=60)
        return {cell.id: cell.outputs for cell in client.execute().cells}


def test_nothing_is_written_to_standard_error(outputs: dict[str, list[Any]]) -> None:
    assert outputs["setup"] == []
    assert outputs["stub"] == []
    assert not [output for cell in outputs.values() for output in cell if output.get("name") == "stderr"]


def test_unanswered_is_shown_and_no_error(outputs: dict[str, list[Any]]) -> None:
    (shown,) = outputs["unanswered"]
    assert "not answered yet" in shown.data["text/html"]


def test_a_cell_that_uses_the_answer_says_what_is_missing(outputs: dict[str, list[Any]]) -> None:
    (shown,) = outputs["uses"]
    assert shown.data["text/plain"] == (
        "○ This cell uses your `halve` (exercise `99.halve`), which is not written yet. Write it, run its cell, then "
        "this one; or read on: the lecture goes on without it."
    )
    assert "your <code>halve</code> (exercise <code>99.halve</code>)" in shown.data["text/html"]
    assert outputs["used"][0].text == "half of 3 is 1.5\n"


def test_another_error_in_such_a_cell_is_an_error(outputs: dict[str, list[Any]]) -> None:
    (error,) = outputs["library"]
    assert error.ename == "UnsupportedOperation"


def test_an_endless_loop_does_not_take_the_kernel_with_it(outputs: dict[str, list[Any]]) -> None:
    shown, error = outputs["stopped"]
    assert error.ename == "CheckFailed"
    assert "`halve(3.0)` was still running when the 0.5 s of this check were over, so it was stopped." in error.evalue
    assert "of the cell, in `halve`: `" in error.evalue
    assert "Does every loop come to an end?" in shown.data["text/html"]


def test_unanswered_raises_while_grading(outputs: dict[str, list[Any]]) -> None:
    shown, error = outputs["graded"]
    assert "not answered yet" in shown.data["text/html"]
    assert error.ename == "NotAnswered"
    assert error.traceback == ["NotAnswered: 99.halve: not answered yet"]


def test_an_exception_is_told_with_the_line_of_the_cell(outputs: dict[str, list[Any]]) -> None:
    shown, error = outputs["reported"]
    message = (
        "`halve(3.0)` raised ZeroDivisionError: float division by zero\nLine 2 of the cell, in `helper`: `return x / 0`"
    )
    assert error.evalue == f"99.halve: {message}"
    assert error.traceback == [f"CheckFailed: 99.halve: {message}"]
    assert "<code>return x / 0</code>" in shown.data["text/html"]
    assert "✗" in shown.data["text/plain"]


def test_passed(outputs: dict[str, list[Any]]) -> None:
    (shown,) = outputs["passed"]
    assert "visible checks passed" in shown.data["text/html"]
    assert "UserWarning: odd; noise" in shown.data["text/html"]


def test_points_are_the_value_of_the_cell(outputs: dict[str, list[Any]]) -> None:
    _, value = outputs["partly"]
    assert value.output_type == "execute_result"
    assert value.data["text/plain"] == "2.0"
    assert value.data["text/html"] == "<p>2 of 2 points</p>"


def test_help(outputs: dict[str, list[Any]]) -> None:
    assert outputs["hint"][0].data["text/html"].count("<details") == 2
    assert 'alt="a picture of halves"' in outputs["picture"][0].data["text/html"]


def test_quiz_is_a_widget_with_a_text_form(outputs: dict[str, list[Any]]) -> None:
    data = outputs["quiz"][0].data
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"].startswith("Question 1 of 1: Is it?")
