from __future__ import annotations

import re
from typing import Any

import pytest

from rlhp.exercises import check, hint, quiz
from rlhp.exercises.declare import checks, exercise, find_exercise, questions
from rlhp.exercises.question import Choice, Question

RIGHT = Choice("yes", "It is.", right=True)
WRONG = Choice("no", "It is not.")


def test_parts_keep_their_order_and_weight() -> None:
    exercise("99.sum", title="Sum", hints=("add",))

    @checks("99.sum", "is a number", weight=2)
    def _number(answer: object) -> None: ...

    @checks("99.sum", "is right")
    def _right(answer: object) -> None: ...

    parts = find_exercise("99.sum").parts
    assert [(part.label, part.weight) for part in parts] == [("is a number", 2.0), ("is right", 1.0)]


@pytest.mark.parametrize("name", ["sum", "99_sum", "99.Sum", "9.sum", "99.", "99.a-b"])
def test_names_have_one_form(name: str) -> None:
    with pytest.raises(ValueError, match="two digits, a dot and lower-case words"):
        exercise(name, title="Sum", hints=("add",))


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), "10"])
def test_a_check_takes_a_positive_number_of_seconds(seconds: Any) -> None:
    with pytest.raises(ValueError, match=r"`seconds` is .* a finite number above 0"):
        exercise("99.sum", title="Sum", hints=("add",), seconds=seconds)


@pytest.mark.parametrize("hints", [(), ("",), "a text alone"])
def test_an_exercise_needs_hints(hints: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="at least one hint"):
        exercise("99.sum", title="Sum", hints=hints)


def test_a_name_is_declared_once() -> None:
    exercise("99.sum", title="Sum", hints=("add",))
    with pytest.raises(ValueError, match=r"`99.sum` is declared twice: .*test_declare.py:\d+ and .*test_declare"):
        exercise("99.sum", title="Another", hints=("add",))


def test_a_module_may_be_loaded_again() -> None:
    for _ in range(2):
        exercise("99.sum", title="Sum", hints=("add",))


def test_checks_need_a_declared_exercise() -> None:
    exercise("99.sum", title="Sum", hints=("add",))
    with pytest.raises(ValueError, match=r"unknown exercise `99.sums`; did you mean `99.sum`.*Declare it first"):
        checks("99.sums", "is right")


@pytest.mark.parametrize("label", ["", "  ", "is right"])
def test_a_part_needs_a_label_of_its_own(label: str) -> None:
    exercise("99.sum", title="Sum", hints=("add",))
    checks("99.sum", "is right")(lambda answer: None)
    with pytest.raises(ValueError, match="needs a label of its own"):
        checks("99.sum", label)


@pytest.mark.parametrize("weight", [0, -1, float("nan")])
def test_a_weight_is_positive(weight: float) -> None:
    exercise("99.sum", title="Sum", hints=("add",))
    with pytest.raises(ValueError, match="must be positive"):
        checks("99.sum", "is right", weight=weight)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ((RIGHT,), "has 1 choices; give 2 to 8"),
        ((WRONG, WRONG), "has 0 right choices"),
        ((RIGHT, RIGHT), "has 2 right choices"),
        ((RIGHT, Choice("no", " ")), "needs a text and a reason"),
    ],
)
def test_questions_are_complete(choices: tuple[Choice, ...], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        Question("Is it?", *choices)


def test_a_question_needs_a_text() -> None:
    with pytest.raises(ValueError, match="needs a text"):
        Question(" ", RIGHT, WRONG)


def test_a_quiz_needs_a_question() -> None:
    with pytest.raises(ValueError, match="has no question"):
        questions("99.quiz")


def test_unknown_names_give_the_nearest() -> None:
    exercise("99.linear_epsilon", title="Epsilon", hints=("fall",))
    questions("99.quiz", Question("Is it?", RIGHT, WRONG))
    with pytest.raises(ValueError, match=r"unknown exercise `99.linear_epsilom`; did you mean `99.linear_epsilon`"):
        check("99.linear_epsilom", None)
    with pytest.raises(ValueError, match=r"unknown exercise `99.linear`.*Valid: 99.linear_epsilon"):
        hint("99.linear")
    with pytest.raises(ValueError, match=r"unknown quiz `99.quizz`; did you mean `99.quiz`"):
        quiz("99.quizz")
