"""What a quiz is made of: questions, their choices, and a reason for each choice."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choice:
    """One choice of a quiz question.

    Parameters
    ----------
    text : str
        The choice.
    reason : str
        Why it is right or wrong; shown once the question has been answered.
    right : bool
        Whether it is the right one.
    """

    text: str
    reason: str
    right: bool = False


@dataclass(frozen=True, init=False)
class Question:
    """A quiz question with two to eight choices, exactly one of them right.

    Parameters
    ----------
    text : str
        The question.
    *choices : Choice
        In the order in which they are shown.

    Raises
    ------
    ValueError
        When the number of choices or of right choices is wrong, or a text or a reason is empty.

    Examples
    --------
    >>> question = Question("One seed?", Choice("Yes", "It lies."), Choice("No", "It lies.", right=True))
    >>> question.right
    1
    """

    text: str
    choices: tuple[Choice, ...]

    def __init__(self, text: str, *choices: Choice) -> None:
        if not text.strip():
            raise ValueError("a quiz question needs a text")
        if not 2 <= len(choices) <= 8:
            raise ValueError(f"question {text!r} has {len(choices)} choices; give 2 to 8")
        n_right = sum(choice.right for choice in choices)
        if n_right != 1:
            raise ValueError(f"question {text!r} has {n_right} right choices; mark exactly one as right")
        for choice in choices:
            if not choice.text.strip() or not choice.reason.strip():
                raise ValueError(f"question {text!r}: every choice needs a text and a reason, right or wrong")
        object.__setattr__(self, "text", text)
        object.__setattr__(self, "choices", choices)

    @property
    def right(self) -> int:
        """Index of the right choice."""
        return next(index for index, choice in enumerate(self.choices) if choice.right)


@dataclass(frozen=True)
class Quiz:
    """The questions of one quiz."""

    name: str
    questions: tuple[Question, ...]
    declared_at: str = field(default="", compare=False)
