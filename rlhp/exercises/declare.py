"""How a lecture declares its exercises and quizzes, and how a name finds its declaration.

A lecture's declarations stand in packages beside this one (`rlhp.exercises.lectures` finds them); a lecture is
imported when one of its names is asked for.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from rlhp import arguments
from rlhp.errors import unknown_name
from rlhp.exercises import lectures
from rlhp.exercises._answers import FUNCTION, VALUE
from rlhp.exercises._quiz_file import read_quiz
from rlhp.exercises.question import Question, Quiz

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
    returns_none: bool
    takes: str
    declared_at: str
    seconds: float = SECONDS
    parts: tuple[Part, ...] = ()


_exercises: dict[str, Exercise] = {}
_quizzes: dict[str, Quiz] = {}
_loaded: set[lectures.Lecture] = set()


def exercise(
    name: str,
    *,
    title: str,
    hints: tuple[str, ...],
    picture: Callable[[Axes], str] | None = None,
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
    >>> exercise("98.two", title="Two", hints=("It is even.",))
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
    _exercises[name] = Exercise(name, title, tuple(hints), picture, returns_none, takes, declared_at, seconds)


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
    """Declare a quiz; that of a lecture stands in a ``quiz.md`` and needs no call.

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
    >>> from rlhp.exercises.question import Choice, Question
    >>> questions("98.quiz", Question("1 + 1?", Choice("2", "Yes.", right=True), Choice("3", "Too many.")))
    """
    if not asked:
        raise ValueError(f"quiz `{name}` has no question")
    _declare_quiz(name, asked, _caller())


def find_exercise(name: str) -> Exercise:
    """Look an exercise up by its name.

    Raises
    ------
    ValueError
        When there is none; the message gives the nearest valid name.
    """
    if name not in _exercises:
        valid = exercises(_lecture(name)) or exercises()
        if name not in valid:
            raise ValueError(unknown_name("exercise", name, valid, hint=lectures.advice()))
    return _exercises[name]


def find_quiz(name: str) -> Quiz:
    """Look a quiz up by its name.

    Raises
    ------
    ValueError
        When there is none; the message gives the nearest valid name.
    """
    if name not in _quizzes:
        valid = quizzes(_lecture(name)) or quizzes()
        if name not in valid:
            raise ValueError(unknown_name("quiz", name, valid, hint=lectures.advice()))
    return _quizzes[name]


def exercises(lecture: str = "") -> dict[str, Exercise]:
    """Every exercise by name, of the lecture with a number such as ``"01"`` or of all."""
    _load(lecture)
    return {name: entry for name, entry in sorted(_exercises.items()) if name.startswith(lecture)}


def quizzes(lecture: str = "") -> dict[str, Quiz]:
    """Every quiz by name, of the lecture with a number such as ``"01"`` or of all."""
    _load(lecture)
    return {name: quiz for name, quiz in sorted(_quizzes.items()) if name.startswith(lecture)}


def _lecture(name: object) -> str:
    return str(name)[:2]


def _load(number: str) -> None:
    """Import the lectures of a number, or all of them where it is empty, and read their quizzes."""
    for lecture in lectures.find():
        if lecture not in _loaded and number in ("", lecture.number):
            lecture.load()
            for name, path in lecture.quizzes.items():
                _declare_quiz(name, read_quiz(path), str(path))
            _loaded.add(lecture)


def _declare_quiz(name: str, asked: tuple[Question, ...], declared_at: str) -> None:
    _validate_name("quiz", name)
    _refuse_second("quiz", name, _quizzes, declared_at)
    _quizzes[name] = Quiz(name, asked, declared_at)


def _validate_name(kind: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{kind} name {name!r} must be two digits, a dot and lower-case words: `01.linear_epsilon`")


def _refuse_second(kind: str, name: str, known: Mapping[str, Exercise] | Mapping[str, Quiz], declared_at: str) -> None:
    if name in known and known[name].declared_at != declared_at:
        raise ValueError(f"{kind} `{name}` is declared twice: {known[name].declared_at} and {declared_at}")


def _caller() -> str:
    frame = sys._getframe(2)
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
