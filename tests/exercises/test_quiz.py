from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from rlhp.exercises import quiz
from rlhp.exercises.declare import find_quiz, questions
from rlhp.exercises.question import Choice, Question

pytest.importorskip("ipywidgets")


@pytest.fixture(autouse=True)
def _declared() -> None:
    questions(
        "99.quiz",
        Question("Is `a` < b?", Choice("Yes.", "So it is.", right=True), Choice("No.", "Look at the sign.")),
        Question(
            "Which?",
            Choice("This", "Not this."),
            Choice("That", "Not that."),
            Choice("The other", "The other it is.", right=True),
        ),
    )


@pytest.fixture
def widget() -> Any:
    from rlhp.exercises._quiz_widget import QuizWidget

    return QuizWidget(find_quiz("99.quiz"))


def _answer(box: Any, index: int | None) -> str:
    box.radio.value = index
    box.button.click()
    return str(box.said.value)


def test_without_a_notebook_it_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    quiz("99.quiz")
    assert capsys.readouterr().out.splitlines() == [
        "Question 1 of 2: Is `a` < b?",
        "  A. Yes.",
        "  B. No.",
        "",
        "Question 2 of 2: Which?",
        "  A. This",
        "  B. That",
        "  C. The other",
        "",
        'Answer with letters in order: quiz("99.quiz", answers="aa")',
    ]


@pytest.mark.parametrize("answers", ["bc", "B C", ["b", "c"]])
def test_answers_as_letters_get_reasons(answers: Any, capsys: pytest.CaptureFixture[str]) -> None:
    quiz("99.quiz", answers=answers)
    out = capsys.readouterr().out
    assert "✗ B. No: not right. Look at the sign." in out
    assert "✓ C. The other: right. The other it is." in out
    assert "1 of 2 right." in out


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ("a", "has 2 questions, answers has 1 letter;"),
        (5, "answers is 5; give one letter"),
        ([1, 2], "give one letter"),
        (b"aa", "answers is b'aa'; give one letter"),
        ("ad", "unknown answer `D` for the question 'Which?'"),
    ],
)
def test_answers_must_fit(answers: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        quiz("99.quiz", answers=answers)


def test_widget_asks_one_question_at_a_time(widget: Any) -> None:
    def seen() -> list[bool]:
        return [box.layout.display != "none" for box in widget.boxes]

    assert seen() == [True, False]
    before = widget.children
    widget.forward.click()
    assert widget.position == 1
    assert seen() == [False, True]
    assert widget.children is before  # new children would lose the keyboard's focus
    widget.forward.click()
    assert seen() == [True, False]
    widget.back.click()
    assert seen() == [False, True]
    assert not widget.forward.disabled


def test_widget_can_ask_all_at_once() -> None:
    from rlhp.exercises._quiz_widget import QuizWidget

    shown = QuizWidget(find_quiz("99.quiz"), all_at_once=True)
    assert all(box.layout.display != "none" for box in shown.boxes)
    assert shown.forward not in [child for row in shown.children for child in getattr(row, "children", ())]


def test_every_choice_gets_its_reason(widget: Any) -> None:
    box = widget.boxes[0]
    assert "Choose one of the answers first." in _answer(box, None)
    wrong = _answer(box, 1)
    assert "✗ B. No: not right. Look at the sign." in wrong
    assert 'role="alert"' in wrong
    assert "✓ A. Yes: right. So it is." in _answer(box, 0)


def test_first_answers_count(widget: Any) -> None:
    _answer(widget.boxes[0], 1)
    assert "1 of 2 answered." in widget.status.value
    _answer(widget.boxes[0], 0)
    _answer(widget.boxes[1], 2)
    assert widget.n_right == 1
    assert "All answered: 1 of 2 right." in widget.status.value


def test_controls_are_labelled_and_texts_escaped(widget: Any) -> None:
    for control in (widget.back, widget.forward, widget.boxes[0].button):
        assert control.description
        assert control.tooltip
    assert "Tab moves, Space chooses" in widget.children[1].value
    heading = widget.boxes[0].children[0].value
    assert 'role="heading"' in heading
    assert "<strong>Question 1 of 2.</strong> Is <code>a</code> &lt; b?" in heading
    assert widget.boxes[0].radio.value is None
    assert [label for label, _ in widget.boxes[1].radio.options] == ["A. This", "B. That", "C. The other"]


def test_a_front_end_without_widgets_gets_the_text(widget: Any) -> None:
    bundle = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"].startswith("Question 1 of 2: Is `a` < b?")


def test_errors_in_callbacks_show(widget: Any) -> None:
    box = widget.boxes[0]
    box.question = None  # whatever may break
    assert "This quiz failed:" in _answer(box, 1)
    assert "AttributeError" in box.said.value


def test_without_ipywidgets_it_is_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from rlhp.exercises import _quizzes as quizzes

    class Shell:
        kernel = object()

    class IPython:
        @staticmethod
        def get_ipython() -> Shell:
            return Shell()

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    assert quizzes._widgets_can_be_shown()
    monkeypatch.setattr(quizzes.importlib.util, "find_spec", lambda name: None)
    assert not quizzes._widgets_can_be_shown()
