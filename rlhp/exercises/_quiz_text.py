"""A quiz in words, where no widget can be drawn and beside every widget."""

from __future__ import annotations

import string
from dataclasses import dataclass

from rlhp.exercises import _verdicts as verdicts
from rlhp.exercises._verdicts import FAILED, PASSED, SIGNS
from rlhp.exercises.question import Question, Quiz

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


def feedback(question: Question, index: int) -> str:
    """Return whether a choice is right, and why."""
    choice = question.choices[index]
    state, said = (PASSED, "right.") if choice.right else (FAILED, "not right.")
    text = choice.text.rstrip(".")
    return f"{SIGNS[state]} {LETTERS[index]}. {text}: {said} {choice.reason}"


def summary(n_right: int, n_questions: int) -> str:
    """Return how many answers are right."""
    return f"{n_right} of {n_questions} right."
