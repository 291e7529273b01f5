"""Quizzes: a widget where ipywidgets can draw one, plain text anywhere else."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from typing import Any

from rlhp.errors import unknown_name
from rlhp.exercises import _verdicts as verdicts
from rlhp.exercises._quiz_text import LETTERS, QuizText
from rlhp.exercises.declare import find_quiz
from rlhp.exercises.question import Quiz


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
    >>> from rlhp.exercises.declare import questions
    >>> from rlhp.exercises.question import Choice, Question
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
        from rlhp.exercises._quiz_widget import QuizWidget

        verdicts.show(QuizWidget(asked, all_at_once=all_at_once))
    else:
        verdicts.show(QuizText(asked))


def _widgets_can_be_shown() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    # A terminal's shell has no front end for widgets; a kernel has, or shows the text that comes with them.
    return getattr(shell, "kernel", None) is not None and importlib.util.find_spec("ipywidgets") is not None


def _indices(asked: Quiz, answers: Any) -> tuple[int, ...]:
    given = list(answers) if isinstance(answers, Iterable) and not isinstance(answers, bytes) else [answers]
    if not all(isinstance(letter, str) for letter in given):
        raise ValueError(f'answers is {answers!r}; give one letter for each question, in order, such as "bac"')
    letters = [letter.strip().upper() for letter in given if letter.strip()]
    if len(letters) != len(asked.questions):
        raise ValueError(
            f"quiz `{asked.name}` has {_count(len(asked.questions), 'question')}, answers has "
            f"{_count(len(letters), 'letter')}; give one letter for each question, in order"
        )
    indices = []
    for question, letter in zip(asked.questions, letters, strict=True):
        valid = LETTERS[: len(question.choices)]
        if letter not in list(valid):
            raise ValueError(unknown_name("answer", letter, valid, where=f"the question {question.text!r}"))
        indices.append(valid.index(letter))
    return tuple(indices)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
