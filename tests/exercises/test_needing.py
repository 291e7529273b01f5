"""Cells that use an answer; what they show in a notebook stands in test_in_a_kernel.py."""

from __future__ import annotations

from typing import Any

import pytest

from rlhp.exercises import needs
from rlhp.exercises.declare import exercise

CELL = "<ipython-input-1-abc>"  # where IPython says that the code of a cell stands


def run(source: str, **names: Any) -> dict[str, Any]:
    namespace = {"needs": needs, **names}
    exec(compile(source, CELL, "exec"), namespace)
    return namespace


@pytest.fixture(autouse=True)
def _two() -> None:
    exercise("99.two", title="Two", hints=("one and one",))
    exercise("99.three", title="Three", hints=("two and one",))


STUBS = "def two():\n    raise NotImplementedError\n\ndef three():\n    return two() + 1\n\n"


def test_an_answer_that_is_there_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("with needs('99.two'):\n    x = two()", two=lambda: 2)["x"] == 2
    assert capsys.readouterr().out == ""


def test_a_stub_is_told_in_a_line_and_the_next_cell_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(STUBS + "with needs('99.two'):\n    x = two()\ny = 3")["y"] == 3
    said = capsys.readouterr().out
    assert said.startswith("○ This cell uses your `two` (exercise `99.two`), which is not written yet.")
    assert said.count("\n") == 1


def test_of_several_answers_the_one_that_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    run(STUBS + "with needs('99.three', '99.two'):\n    three()")
    assert "uses your `two` (exercise `99.two`)" in capsys.readouterr().out
    run("def helper():\n    raise NotImplementedError\nwith needs('99.three', '99.two'):\n    helper()")
    assert "uses your `helper` (exercise `99.three` or `99.two`)" in capsys.readouterr().out


@pytest.mark.parametrize("error", [NotImplementedError("no such operator"), ValueError("wrong"), KeyboardInterrupt()])
def test_any_other_error_is_shown_as_ever(error: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    def library() -> None:
        raise error

    with pytest.raises(type(error)):
        run("with needs('99.two'):\n    library()", library=library)
    assert capsys.readouterr().out == ""


def test_names_are_those_of_exercises() -> None:
    with pytest.raises(ValueError, match=r"unknown exercise `99.tow`; did you mean `99.two`"):
        run("with needs('99.tow'):\n    pass")
    with pytest.raises(ValueError, match="name the exercises whose answers are used here"):
        run("with needs():\n    pass")
