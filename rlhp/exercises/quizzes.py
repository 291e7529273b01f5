"""Quizzes: a widget where ipywidgets can draw one, plain text anywhere else."""

from __future__ import annotations

import importlib.util
import string
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from rlhp.errors import unknown_name
from rlhp.exercises import verdicts
from rlhp.exercises.declare import Question, Quiz, find_quiz
from rlhp.exercises.verdicts import FAILED, PASSED, SIGNS

LETTERS = string.ascii_uppercase


@dataclass(frozen=True, repr=False)
class QuizText:
    """A quiz as text, with the reasons once answers are given."""

    asked: Quiz
    answers: tuple[int, ...] | None = None

    def __repr__(self) -> str:
        blocks = []
        for number, question in enumerate(self.asked.questions):
            lines = [f"Question {number + 1} of {len(self.asked.questions)}: {question.text}"]
            if self.answers is None:
                lines += [f"  {LETTERS[i]}. {choice.text}" for i, choice in enumerate(question.choices)]
            else:
                lines.append(f"  {feedback(question, self.answers[number])}")
            blocks.append("\n".join(lines))
        if self.answers is None:
            some = "a" * len(self.asked.questions)
            blocks.append(f'Answer with letters in order: quiz("{self.asked.name}", answers="{some}")')
        else:
            blocks.append(summary(self.n_right, len(self.asked.questions)))
        return "\n\n".join(blocks)

    @property
    def n_right(self) -> int:
        """How many of the given answers are right."""
        pairs = zip(self.asked.questions, self.answers or (), strict=False)
        return sum(question.right == index for question, index in pairs)

    def _repr_html_(self) -> str:
        return "".join(f"<p>{verdicts.markup(block)}</p>" for block in repr(self).split("\n\n"))


def quiz(name: str, *, all_at_once: bool = False, answers: str | Iterable[str] | None = None) -> None:
    """Show a quiz that gives a reason for every choice.

    Parameters
    ----------
    name : str
        The quiz, such as ``"01.quiz"``.
    all_at_once : bool
        Show every question below the other in place of one at a time.
    answers : str or iterable of str, optional
        Letters of the chosen answers in order, such as ``"bac"``: tells the verdicts, without widgets.

    Raises
    ------
    ValueError
        When there is no such quiz (the message gives the nearest name), or `answers` does not fit it.

    Examples
    --------
    >>> from rlhp.exercises.declare import Choice, Question, questions
    >>> questions("98.sum", Question("1 + 1?", Choice("2", "Yes.", right=True), Choice("3", "One too many.")))
    >>> quiz("98.sum", answers="b")
    Question 1 of 1: 1 + 1?
      ✗ B. 3: not right. One too many.
    <BLANKLINE>
    0 of 1 right.
    """
    asked = find_quiz(name)
    if answers is not None:
        verdicts.show(QuizText(asked, _indices(asked, answers)))
    elif _widgets_can_be_shown():
        from rlhp.exercises.quiz_widget import QuizWidget

        verdicts.show(QuizWidget(asked, all_at_once=all_at_once))
    else:
        verdicts.show(QuizText(asked))


def feedback(question: Question, index: int) -> str:
    """Say whether a choice is right, and why."""
    choice = question.choices[index]
    state, said = (PASSED, "right.") if choice.right else (FAILED, "not right.")
    text = choice.text.rstrip(".")
    return f"{SIGNS[state]} {LETTERS[index]}. {text}: {said} {choice.reason}"


def summary(n_right: int, n_questions: int) -> str:
    """Say how many answers are right."""
    return f"{n_right} of {n_questions} right."


def _widgets_can_be_shown() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    # A terminal's shell has no front end for widgets; a kernel has, or shows the text that comes with them.
    return getattr(shell, "kernel", None) is not None and importlib.util.find_spec("ipywidgets") is not None


def _indices(asked: Quiz, answers: str | Iterable[str]) -> tuple[int, ...]:
    letters = [letter.strip().upper() for letter in answers if letter.strip()]
    if len(letters) != len(asked.questions):
        raise ValueError(
            f"quiz `{asked.name}` has {len(asked.questions)} questions, answers has {len(letters)} letters; "
            "give one letter for each question, in order"
        )
    indices = []
    for question, letter in zip(asked.questions, letters, strict=True):
        valid = LETTERS[: len(question.choices)]
        if letter not in list(valid):
            raise ValueError(unknown_name("answer", letter, valid, where=f"the question {question.text!r}"))
        indices.append(valid.index(letter))
    return tuple(indices)
