"""How a lecture declares its exercises and quizzes, and how a name finds its declaration.

A lecture's declarations stand in a room of their own, ``rlhp/exercises/lecture_NN/``, which is imported when one of
its names is asked for.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rlhp import arguments
from rlhp.errors import unknown_name
from rlhp.exercises.answers import FUNCTION, VALUE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SECONDS = 10.0
"""How long the check of an answer may take, unless its exercise says otherwise."""

_NAME = re.compile(r"\d\d\.[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Part:
    """One thing that a check looks at.

    Parameters
    ----------
    label : str
        What the part looks at, in words that finish "the answer ...".
    test : callable
        Takes the answer; raises through `rlhp.exercises.expect` when it is not right.
    weight : float
        The part's share of the points where a check gives partial credit.
    """

    label: str
    test: Callable[[Any], object]
    weight: float = 1.0


@dataclass(frozen=True)
class Exercise:
    """An exercise as `exercise` declared it, with the parts that `checks` added."""

    name: str
    title: str
    hints: tuple[str, ...]
    picture: Callable[[Axes], str] | None
    wrong_answers: Mapping[str, tuple[Any, str]]
    returns_none: bool
    takes: str
    declared_at: str
    seconds: float = SECONDS
    parts: tuple[Part, ...] = ()


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
            raise ValueError(f"question {text!r} has {n_right} right choices; mark exactly one right=True")
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


_exercises: dict[str, Exercise] = {}
_quizzes: dict[str, Quiz] = {}


def exercise(
    name: str,
    *,
    title: str,
    hints: tuple[str, ...],
    picture: Callable[[Axes], str] | None = None,
    wrong_answers: Mapping[str, tuple[Any, str]] | None = None,
    returns_none: bool = False,
    takes: str = FUNCTION,
    seconds: float = SECONDS,
) -> None:
    """Declare an exercise.

    Parameters
    ----------
    name : str
        Two digits of the lecture, a dot, and a lower-case name: ``"01.linear_epsilon"``.
    title : str
        Shown in verdicts and above hints.
    hints : tuple of str
        From a nudge to nearly the answer; at least one.
    picture : callable, optional
        Takes a Matplotlib ``Axes``, draws what a right answer looks like and returns the picture's alt text.
    wrong_answers : mapping, optional
        Label of a typical wrong answer to ``(answer, piece of the message it must get)``. Tests prove it.
    returns_none : bool
        Whether None is a right result; otherwise a function that returns None is asked for its return.
    takes : {"function", "value"}
        What is an answer: a function (or a list of several), or a value. Where a function is asked for, anything else
        is told what it is.
    seconds : float
        How long the whole check may take, in seconds of the clock: 10, and more where a right answer trains or
        draws thousands of times. What runs longer is stopped and told that it did not end.

    Raises
    ------
    ValueError
        When the name is malformed or already declared, no hint is given, `takes` is something else, or `seconds`
        is not positive.

    Examples
    --------
    >>> from rlhp.exercises import expect
    >>> exercise("98.two", title="Two", hints=("It is even.",), wrong_answers={"one": (lambda: 1, "is 1")})
    >>> @checks("98.two", "is two")
    ... def _is_two(answer):
    ...     expect.equal(answer(), 2, "`two()`")
    """
    declared_at = _caller()
    _validate_name("exercise", name)
    if isinstance(hints, str) or not hints or not all(hint.strip() for hint in hints):
        raise ValueError(f"exercise `{name}` needs a tuple of at least one hint, and none of them empty")
    _refuse_second("exercise", name, _exercises, declared_at)
    takes = arguments.choice("takes", takes, (FUNCTION, VALUE))
    seconds = arguments.real("seconds", seconds, above=0)
    _exercises[name] = Exercise(
        name, title, tuple(hints), picture, dict(wrong_answers or {}), returns_none, takes, declared_at, seconds
    )


_Test = TypeVar("_Test", bound=Callable[[Any], object])


def checks(name: str, label: str, *, weight: float = 1.0) -> Callable[[_Test], _Test]:
    """Add a part to the check of an exercise; parts run in the order in which they are declared.

    Parameters
    ----------
    name : str
        The exercise, declared before.
    label : str
        What the part looks at, in words that finish "the answer ...": ``"stays at its end"``.
    weight : float
        Share of the points where the check gives partial credit.

    Returns
    -------
    callable
        The decorator of a function that takes the answer.

    Raises
    ------
    ValueError
        When the exercise is not declared, the label is empty or taken, or the weight is not positive.

    Examples
    --------
    >>> exercise("98.three", title="Three", hints=("One more than two.",))
    >>> @checks("98.three", "is odd")
    ... def _odd(answer):
    ...     expect.true(answer() % 2 == 1, "An odd number was expected.")
    """
    if name not in _exercises:
        raise ValueError(unknown_name("exercise", name, _exercises, hint="Declare it first: exercise(...)."))
    if not label.strip() or any(part.label == label for part in _exercises[name].parts):
        raise ValueError(f"a part of `{name}` needs a label of its own; got {label!r}")
    if not weight > 0:
        raise ValueError(f"the weight of {label!r} in `{name}` must be positive; got {weight}")

    def add(test: _Test) -> _Test:
        entry = _exercises[name]
        _exercises[name] = replace(entry, parts=(*entry.parts, Part(label, test, float(weight))))
        return test

    return add


def questions(name: str, *asked: Question) -> None:
    """Declare a quiz.

    Parameters
    ----------
    name : str
        For example ``"01.quiz"``.
    *asked : Question
        At least one.

    Raises
    ------
    ValueError
        When the name is malformed or already declared, or there is no question.

    Examples
    --------
    >>> questions("98.quiz", Question("1 + 1?", Choice("2", "Yes.", right=True), Choice("3", "Too many.")))
    """
    declared_at = _caller()
    _validate_name("quiz", name)
    if not asked:
        raise ValueError(f"quiz `{name}` has no question")
    _refuse_second("quiz", name, _quizzes, declared_at)
    _quizzes[name] = Quiz(name, asked, declared_at)


def find_exercise(name: str) -> Exercise:
    """Look an exercise up by its name.

    Raises
    ------
    ValueError
        When there is none; the message gives the nearest valid name.
    """
    _import_lecture(name)
    if name not in _exercises:
        raise ValueError(unknown_name("exercise", name, _valid(name, exercises())))
    return _exercises[name]


def find_quiz(name: str) -> Quiz:
    """Look a quiz up by its name.

    Raises
    ------
    ValueError
        When there is none; the message gives the nearest valid name.
    """
    _import_lecture(name)
    if name not in _quizzes:
        raise ValueError(unknown_name("quiz", name, _valid(name, quizzes())))
    return _quizzes[name]


def exercises() -> dict[str, Exercise]:
    """Every exercise of every lecture, by name."""
    _import_all()
    return dict(sorted(_exercises.items()))


def quizzes() -> dict[str, Quiz]:
    """Every quiz of every lecture, by name."""
    _import_all()
    return dict(sorted(_quizzes.items()))


def _lecture_modules() -> list[str]:
    found = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(module.name for module in found if re.fullmatch(r"lecture_\d\d", module.name))


def _import_lecture(name: str) -> None:
    number = str(name)[:2]
    if f"lecture_{number}" in _lecture_modules():
        importlib.import_module(f"rlhp.exercises.lecture_{number}")


def _import_all() -> None:
    for module in _lecture_modules():
        importlib.import_module(f"rlhp.exercises.{module}")


def _valid(name: str, known: Mapping[str, object]) -> list[str]:
    """Names of the same lecture where there are some: a list that can be read."""
    same_lecture = [candidate for candidate in known if candidate[:2] == str(name)[:2]]
    return same_lecture or list(known)


def _validate_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{kind} name {name!r} must be two digits, a dot and lower-case words: `01.linear_epsilon`")


def _refuse_second(kind: str, name: str, known: Mapping[str, Exercise] | Mapping[str, Quiz], declared_at: str) -> None:
    if name in known and known[name].declared_at != declared_at:
        raise ValueError(f"{kind} `{name}` is declared twice: {known[name].declared_at} and {declared_at}")


def _caller() -> str:
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
