"""Checks of lecture 03: from a curve to a number, and from many numbers to one."""

from __future__ import annotations

from typing import Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_03 import hints, number_answers, pictures

# 1. Three numbers of one curve --------------------------------------------------------------------------------

exercise(
    "03.three_scores",
    title="Three numbers of one curve",
    hints=hints.THREE_SCORES,
    picture=pictures.three_scores,
    wrong_answers=number_answers.THREE_SCORES,
)

_STEPS, _RETURNS = np.array([2_000, 4_000, 10_000]), np.array([10.0, 50.0, 20.0])
_KEYS = ("final", "best", "auc")


def _found(answer: Any, steps: Any = _STEPS, returns: Any = _RETURNS) -> Any:
    got = answer(steps.copy(), returns.copy())
    if not isinstance(got, dict):
        expect.fail(f"Give back a dictionary with the keys {', '.join(_KEYS)}; it is a {type(got).__name__}.")
    for key in _KEYS:
        expect.true(key in got, f"The dictionary has no key `{key}`; it has {', '.join(map(repr, got)) or 'none'}.")
    return got


@checks("03.three_scores", "the final return")
def _final(answer: Any) -> None:
    expect.close(
        _found(answer)["final"],
        20.0,
        "`final` of the returns 10, 50, 20",
        mistakes=(
            (10.0, "That is the *first* evaluation; asked is the last one."),
            (50.0, "That is the best, not the last: the agent that is left at the end earns 20."),
            (35.0, "That averages the last two; a good idea against noise, but asked is the last one."),
        ),
    )


@checks("03.three_scores", "the best return at any time")
def _best(answer: Any) -> None:
    expect.close(
        _found(answer)["best"],
        50.0,
        "`best` of the returns 10, 50, 20",
        mistakes=(
            (1.0, "That is the position of the best; asked is its return: `max`, not `argmax`."),
            (4_000.0, "That is *when* the best was seen; asked is its return."),
        ),
    )


@checks("03.three_scores", "the area under the curve, as an average", weight=2)
def _area(answer: Any) -> None:
    expect.close(
        _found(answer)["auc"],
        33.75,
        "`auc` of the returns 10, 50, 20 at the steps 2,000, 4,000 and 10,000",
        mistakes=(
            (
                80 / 3,
                "That is the mean of the evaluations, as if they were equally far apart; the last stretch is three "
                "times as long.",
            ),
            (270_000.0, "That is an area, return times steps: divide it by the steps it covers."),
            (27.0, "Divide by `steps[-1] - steps[0]`: before the first evaluation nothing is known."),
            (90_000.0, "Divide by the steps covered, not by the number of evaluations."),
            (32.5, "That forgets `steps`: `np.trapezoid(returns, steps)`."),
            (40.0, "Those are rectangles: between two evaluations take the straight line, `np.trapezoid`."),
            (28.0, "That makes up a return of 0 at step 0; nothing was measured there."),
        ),
    )


@checks("03.three_scores", "the area of another curve")
def _another(answer: Any) -> None:
    got = _found(answer, np.array([0, 100]), np.array([-200.0, -100.0]))
    expect.close(got["auc"], -150.0, "`auc` of the returns -200 and -100 at the steps 0 and 100")


# 2. The interquartile mean ------------------------------------------------------------------------------------

exercise(
    "03.iqm",
    title="The interquartile mean",
    hints=hints.IQM,
    picture=pictures.iqm,
    wrong_answers=number_answers.IQM,
)

_EIGHT = np.array([9.0, 0.0, 100.0, 2.0, 1.0, 10.0, 4.0, 3.0])
_TEN = np.array([60.0, 0.0, 5.0, 1.0, 2.0, 50.0, 20.0, 3.0, 0.0, 4.0])


@checks("03.iqm", "the mean of the middle half", weight=2)
def _middle(answer: Any) -> None:
    got = expect.unchanged(answer, _EIGHT.copy())
    expect.close(
        expect.number(got, "`iqm` of eight scores"),
        4.5,
        "`iqm` of the scores 9, 0, 100, 2, 1, 10, 4, 3",
        mistakes=(
            (16.125, "That is the plain mean: one score of 100 decides it."),
            (3.5, "That is the median; the interquartile mean averages the middle *half*."),
            (28.25, "The scores were not sorted: the middle of the list is not the middle of the scores."),
            (19 / 6, "The lowest quarter is still in: leave out as many at either end."),
            (128 / 6, "The highest quarter is still in: leave out as many at either end."),
            (29 / 6, "Too few are left out: a quarter of the runs at *either* end, two of eight."),
            (7.5, "That is the interquartile *range*, a spread; asked is the mean of what lies in it."),
            (5.5, "That averages only the two quartiles; average all scores between them."),
            (18.0, "That is the sum of the middle half; divide it by their number."),
        ),
    )


@checks("03.iqm", "numbers of runs that four does not divide")
def _other_numbers(answer: Any) -> None:
    expect.close(
        answer(_TEN.copy()),
        35 / 6,
        "`iqm` of ten scores",
        mistakes=((3.5, "A quarter of ten is two and a half, rounded down: two runs go at either end, not three."),),
    )
    expect.close(answer(np.array([3.0, 1.0, 8.0])), 4.0, "`iqm` of three scores, none of which is left out")
