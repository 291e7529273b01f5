"""The immediate verdict on an answer."""

from __future__ import annotations

import contextlib
import io
import time
import warnings
from collections.abc import Iterator
from functools import partial
from numbers import Real
from typing import Any

from rlhp.exercises import _verdicts as verdicts
from rlhp.exercises._answers import guard, not_a_function
from rlhp.exercises._failures import CheckFailed, NotAnswered
from rlhp.exercises._limits import TimeUp, within
from rlhp.exercises._occasions import grading_now
from rlhp.exercises._verdicts import EMPTY, FAILED, PASSED, SKIPPED, Outcome, Verdict
from rlhp.exercises.declare import Exercise, Part, find_exercise


class Score(float):
    """Points earned: a float that graders read, shown in words in a notebook."""

    points: float

    def __new__(cls, earned: float, points: float) -> Score:
        """Keep what was to be earned beside what was."""
        score = super().__new__(cls, earned)
        score.points = points
        return score

    def _repr_html_(self) -> str:
        return f"<p>{float(self):g} of {self.points:g} points</p>"


def check(name: str, answer: Any, *, points: float | None = None) -> Score | None:
    """Look at an answer and say at once whether it is right, and what to look at when it is not.

    Parameters
    ----------
    name : str
        The exercise, such as ``"01.linear_epsilon"``.
    answer : object
        The student's function or value.
    points : float, optional
        Give partial credit: every part that passes earns its share of these points, which are returned; only
        a wrong answer that earns nothing raises. Without it the answer is right or not.

    Returns
    -------
    Score or None
        The points earned, where `points` is given.

    Raises
    ------
    CheckFailed
        When the answer is not right, or runs for longer than its exercise allows.
    NotAnswered
        When it is still the stub, and a grader runs the notebook. To a student the verdict is only shown, so that
        Run All goes on through the lecture.
    ValueError
        When there is no such exercise (the message gives the nearest name), it has nothing to check, or
        `points` is not positive.

    Examples
    --------
    >>> from rlhp.exercises import expect
    >>> from rlhp.exercises.declare import checks, exercise
    >>> exercise("98.even", title="An even number", hints=("Two is one.",))
    >>> @checks("98.even", "is even")
    ... def _even(answer):
    ...     expect.true(answer() % 2 == 0, "Divide it by two: what is left?")
    >>> check("98.even", lambda: 4)
    ✓ An even number (98.even): visible checks passed
      ✓ is even
    """
    entry = find_exercise(name)
    if not entry.parts:
        raise ValueError(f"exercise `{name}` has nothing to check; declare it with `@checks({name!r}, ...)`")
    is_number = isinstance(points, Real) and not isinstance(points, bool)
    if points is not None and not (is_number and points > 0):
        raise ValueError(f"points must be a positive number; got {points!r}")
    verdict = judge(entry, answer)
    verdicts.show(verdict)
    if verdict.state == PASSED:
        return None if points is None else Score(points, points)
    if verdict.state == EMPTY:
        if grading_now():
            raise NotAnswered(f"{name}: not answered yet")
        return None if points is None else Score(0.0, points)
    if points is not None and verdict.share > 0.0:
        return Score(round(points * verdict.share, 2), points)
    raise CheckFailed(f"{name}: {verdict.message}")


def judge(entry: Exercise, answer: Any) -> Verdict:
    """Run every part of an exercise's check on an answer, without showing or raising anything.

    Parameters
    ----------
    entry : Exercise
        From `rlhp.exercises.declare.find_exercise`.
    answer : object
        The student's function or value.

    Returns
    -------
    Verdict
    """
    outcomes: list[Outcome] = []
    until = time.monotonic() + entry.seconds
    with quiet() as captured:
        for part in entry.parts:
            try:
                within(max(until - time.monotonic(), 0.01), partial(_look_at, entry, part, answer))
            except TimeUp as late:
                outcomes.append(Outcome(part.label, FAILED, _too_long(entry, late), part.weight))
                break
            except NotAnswered as failure:
                if not outcomes:
                    return _unanswered(entry, str(failure))
                outcomes.append(Outcome(part.label, FAILED, f"Part of it is {failure}", part.weight))
            except CheckFailed as failure:
                outcomes.append(Outcome(part.label, FAILED, str(failure), part.weight))
            except Exception as error:  # the part did what cannot be done with what the answer gave back
                outcomes.append(Outcome(part.label, FAILED, _stopped(error), part.weight))
            else:
                outcomes.append(Outcome(part.label, PASSED, weight=part.weight))
    outcomes += [Outcome(part.label, SKIPPED, weight=part.weight) for part in entry.parts[len(outcomes) :]]
    right = all(outcome.state == PASSED for outcome in outcomes)
    return Verdict(
        entry.name,
        entry.title,
        tuple(outcomes),
        PASSED if right else FAILED,
        note=_note(captured),
        help="" if right else _help(entry),
    )


def _look_at(entry: Exercise, part: Part, answer: Any) -> None:
    guarded = guard(answer, returns_none=entry.returns_none, takes=entry.takes)
    try:
        part.test(guarded)
    except TypeError as error:
        # Of one function and several, the check alone knows which it calls.
        if type(guarded) in (list, tuple) and str(error) == f"'{type(guarded).__name__}' object is not callable":
            raise CheckFailed(not_a_function(answer)) from None
        raise


def _too_long(entry: Exercise, late: TimeUp) -> str:
    return (
        f"{late.call or 'Your answer'} was still running when the {entry.seconds:g} s of this check were over, "
        f"so it was stopped.{late.place}\nDoes every loop come to an end?"
    )


def _stopped(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    headline = ": ".join([type(error).__name__, *lines[:1]])
    return (
        f"The check cannot go on with what your answer gives back ({headline}). Is it of the kind and shape that the "
        "exercise asks for, with the names it asks for?"
    )


def _unanswered(entry: Exercise, message: str) -> Verdict:
    outcomes = tuple(Outcome(part.label, SKIPPED, weight=part.weight) for part in entry.parts)
    message = message.removeprefix("not answered yet. ")
    return Verdict(entry.name, entry.title, outcomes, EMPTY, note=message, help=_help(entry))


def _help(entry: Exercise) -> str:
    picture = f'; `expected("{entry.name}")` shows what a right answer looks like' if entry.picture else ""
    return f'`hint("{entry.name}")` gives a hint{picture}.'


@contextlib.contextmanager
def quiet() -> Iterator[list[str]]:
    """Keep the answer's warnings and standard error out of the cell: nbgrader takes them for a failure."""
    captured: list[str] = []
    stream = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stderr(stream):
        warnings.simplefilter("default")
        yield captured
    captured += [f"{warning.category.__name__}: {warning.message}" for warning in caught]
    captured += [line for line in stream.getvalue().splitlines() if line.strip()]


def _note(captured: list[str]) -> str:
    if not captured:
        return ""
    lines = list(dict.fromkeys(captured))
    more = f" (and {len(lines) - 3} more)" if len(lines) > 3 else ""
    return "While running, your code warned: " + "; ".join(lines[:3]) + more
