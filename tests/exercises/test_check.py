from __future__ import annotations

import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

from rlhp.exercises import CheckFailed, NotAnswered, check, declare, expect
from rlhp.exercises._checking import judge
from rlhp.exercises.declare import checks, exercise, find_exercise


@pytest.fixture(autouse=True)
def _halve() -> None:
    exercise("99.halve", title="Halve", hints=("divide",), picture=lambda ax: "a picture")

    @checks("99.halve", "halves numbers", weight=3)
    def _number(answer: Any) -> None:
        expect.close(answer(3.0), 1.5, "`halve(3.0)`")

    @checks("99.halve", "halves arrays")
    def _array(answer: Any) -> None:
        expect.array(answer(np.ones(4)), (4,), "`halve(array)`")


def halve(x: Any) -> Any:
    """Right."""
    return x / 2


def _message(answer: Any) -> str:
    with pytest.raises(CheckFailed) as caught:
        check("99.halve", answer)
    return str(caught.value)


def test_right_answer_passes_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("99.halve", halve) is None
    out = capsys.readouterr()
    assert out.out.splitlines() == [
        "✓ Halve (99.halve): visible checks passed",
        "  ✓ halves numbers",
        "  ✓ halves arrays",
    ]
    assert out.err == ""


def test_wrong_answer_is_told_what_to_look_at(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CheckFailed, match=r"99.halve: `halve\(3.0\)` is 6; 1.5 was expected."):
        check("99.halve", lambda x: 2 * x)
    out = capsys.readouterr().out
    assert "✗ Halve (99.halve): not right yet\n  ✗ halves numbers\n  ✓ halves arrays" in out
    assert '`hint("99.halve")` gives a hint; `expected("99.halve")` shows' in out


def test_check_failed_is_an_assertion_with_a_short_traceback() -> None:
    with pytest.raises(AssertionError) as caught:
        check("99.halve", lambda x: 1 / 0)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [frame.name for frame in frames] == [
        "test_check_failed_is_an_assertion_with_a_short_traceback",
        "check",
    ]
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert caught.value._render_traceback_() == [f"CheckFailed: {caught.value}"]


def _stub(x: Any) -> Any:
    raise NotImplementedError("Write your answer here.")


def _with_stub_helper(x: Any) -> Any:
    return _stub(x)


@pytest.fixture
def grading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")


UNANSWERED = pytest.mark.parametrize("answer", [_stub, _with_stub_helper, ..., None, lambda x: ...])


@UNANSWERED
def test_unanswered_raises_while_grading(answer: Any, grading: None) -> None:
    with pytest.raises(NotAnswered, match=r"99.halve: not answered yet"):
        check("99.halve", answer)
    with pytest.raises(NotAnswered):
        check("99.halve", answer, points=4)


@UNANSWERED
def test_unanswered_is_only_shown_to_a_student(answer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("99.halve", answer) is None
    out = capsys.readouterr().out
    assert out.startswith("○ Halve (99.halve): not answered yet\nWrite your answer in place of")
    assert "✗" not in out
    assert check("99.halve", answer, points=4) == 0.0


def test_answered_in_part() -> None:
    def half_done(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            raise NotImplementedError
        return x / 2

    assert _message(half_done) == "99.halve: Part of it is " + (
        "not answered yet. Write your answer in place of `raise NotImplementedError(...)`, run that cell, "
        "then this one."
    )


def test_not_implemented_by_a_library_is_an_error() -> None:
    def abstract(x: Any) -> Any:
        import io

        return io.RawIOBase().fileno() if x else NotImplementedError

    class Library:
        pass

    assert "UnsupportedOperation" in _message(abstract)

    namespace: dict[str, Any] = {}
    code = "def deep(x):\n    raise NotImplementedError('no such operator')\n"
    exec(compile(code, "/usr/lib/python3/site-packages/library.py", "exec"), namespace)
    message = _message(lambda x: namespace["deep"](x))
    assert "raised NotImplementedError: no such operator" in message


def test_an_exception_is_reported_with_the_students_line() -> None:
    def broken(x: Any) -> Any:
        total = 0
        return x / total

    lines = _message(broken).splitlines()
    assert lines[0] == "99.halve: `broken(3.0)` raised ZeroDivisionError: float division by zero"
    assert lines[1].endswith("in `broken`: `return x / total`")
    assert lines[1].startswith("Line ")


def test_an_exception_below_a_library_names_the_students_line_that_called_it() -> None:
    def calls_numpy(x: Any) -> Any:
        return np.linalg.inv(np.zeros((2, 2)))

    assert "in `calls_numpy`: `return np.linalg.inv(np.zeros((2, 2)))`" in _message(calls_numpy)


def test_leaving_python_does_not_leave_the_check() -> None:
    def leaves(x: Any) -> Any:
        sys.exit("bye")

    assert "`leaves(3.0)` raised SystemExit: bye" in _message(leaves)


def test_interrupting_goes_through() -> None:
    def interrupted(x: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("99.halve", interrupted)


def test_forgotten_return() -> None:
    def forgets(x: Any) -> Any:
        x / 2

    assert _message(forgets) == (
        "99.halve: `forgets(3.0)` returned None. Does every way through it end with `return ...`?"
    )


def test_changed_arguments() -> None:
    def mine(x: Any, y: Any) -> Any:
        return x / y

    message = _message(mine)
    assert "The check calls `mine(3.0)`, but yours is `def mine(x: 'Any', y: 'Any') -> 'Any'`" in message
    assert "missing a required argument: 'y'" in message


def test_partial_and_builtin_functions_are_answers() -> None:
    def divide(x: Any, y: Any) -> Any:
        return x / y

    check("99.halve", partial(divide, y=2))
    assert "`abs(3.0)`" not in _message(abs)
    assert "is 3; 1.5 was expected" in _message(abs)


def test_none_may_be_right() -> None:
    exercise("99.acts", title="Acts", hints=("act",), returns_none=True)

    @checks("99.acts", "acts")
    def _acts(answer: Any) -> None:
        bag: list[int] = []
        answer(bag)
        expect.equal(bag, [1], "`bag`")

    check("99.acts", lambda bag: bag.append(1))


def test_values_are_answers_too() -> None:
    exercise("99.value", title="Value", hints=("three",), takes="value")

    @checks("99.value", "is three")
    def _three(answer: Any) -> None:
        expect.equal(answer, 3, "the value")

    check("99.value", 3)
    with pytest.raises(CheckFailed, match="the value is 4; 3 was expected"):
        check("99.value", 4)


@pytest.mark.parametrize(
    ("answer", "earned"),
    [(halve, 4.0), (lambda x: float(np.mean(x)) / 2, 3.0), (lambda x: x, 1.0)],
)
def test_partial_credit(answer: Callable[[Any], Any], earned: float) -> None:
    score = check("99.halve", answer, points=4)
    assert score == earned
    assert repr(score) == repr(earned)  # what graders read
    assert score is not None
    assert score._repr_html_() == f"<p>{earned:g} of 4 points</p>"


def test_no_credit_raises_as_without_points() -> None:
    with pytest.raises(CheckFailed):
        check("99.halve", lambda x: "half", points=4)


def _endless(x: Any) -> Any:
    while True:
        x = x / 2


def _endless_but_careful(x: Any) -> Any:
    while True:
        try:
            x = x / 2
        except Exception:
            pass


def _endless_and_greedy(x: Any) -> Any:
    while True:
        try:
            _stub(x)
        except:  # noqa: E722
            pass


def _asleep(x: Any) -> Any:
    time.sleep(60)


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the check of 99.halve take a quarter of a second."""
    monkeypatch.setitem(declare._exercises, "99.halve", replace(find_exercise("99.halve"), seconds=0.25))


@pytest.mark.parametrize("answer", [_endless, _endless_but_careful, _endless_and_greedy, _asleep])
def test_an_endless_loop_is_stopped_and_told(answer: Any, brief: None, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    message = _message(answer)
    assert time.monotonic() - began < (60.0 if answer is _endless_and_greedy else 5.0)
    lines = message.splitlines()
    assert lines[0] == (
        f"99.halve: `{answer.__name__}(3.0)` was still running when the 0.25 s of this check were over, "
        "so it was stopped."
    )
    assert lines[1].startswith("Line ")
    assert f"in `{answer.__name__}`: `" in lines[1] or "in `_stub`: `" in lines[1]
    assert lines[2] == "Does every loop come to an end?"
    assert "  · halves arrays" in capsys.readouterr().out, "what comes after it is not looked at"


def test_an_answer_that_ends_keeps_what_it_earned_before_the_endless_part(brief: None) -> None:
    assert check("99.halve", lambda x: x / 2 if isinstance(x, float) else _endless(x), points=4) == 3.0


def test_points_are_positive() -> None:
    with pytest.raises(ValueError, match="points must be a positive number; got 0"):
        check("99.halve", halve, points=0)


def test_an_exercise_without_parts_cannot_be_checked() -> None:
    exercise("99.bare", title="Bare", hints=("nothing",))
    with pytest.raises(ValueError, match="has nothing to check"):
        check("99.bare", halve)


def test_noise_of_the_answer_stays_out_of_the_cell(capsys: pytest.CaptureFixture[str]) -> None:
    def noisy(x: Any) -> Any:
        warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
        print("progress 50%", file=sys.stderr)
        return x / 2

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check("99.halve", noisy)
    out = capsys.readouterr()
    assert out.err == ""
    assert "While running, your code warned: DeprecationWarning: deprecated; progress 50%" in out.out


def test_html_says_by_sign_and_word_what_colour_says() -> None:
    def wrong(x: Any) -> Any:
        return "<b>" if isinstance(x, float) else x

    verdict = judge(find_exercise("99.halve"), wrong)
    html = verdict._repr_html_()
    assert 'role="status"' in html
    assert "not right yet" in html
    assert html.count("✗") == 2
    assert html.count("✓") == 1
    assert "<small>(not yet)</small>" in html
    assert "<small>(passed)</small>" in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html
    assert "<code>halve(3.0)</code>" in html


@pytest.mark.parametrize("answer", [[], (), [lambda: 1]])
def test_a_list_where_one_function_is_asked_for_is_told(answer: Any) -> None:
    kind = type(answer).__name__
    verdict = judge(find_exercise("00.discounted_return"), answer)
    assert verdict.message.startswith(f"A function is expected here; this is a {kind} (")


def test_points_that_are_no_number_are_refused() -> None:
    with pytest.raises(ValueError, match="points must be a positive number; got 'x'"):
        check("00.discounted_return", lambda: 1, points="x")  # type: ignore[arg-type]
