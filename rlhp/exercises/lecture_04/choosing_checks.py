"""Checks of lecture 04: what the best of n draws is worth, and what the winner is worth on other seeds."""

from __future__ import annotations

from typing import Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_04 import choosing_answers, hints, pictures

# 1. The best of n ---------------------------------------------------------------------------------------------

exercise(
    "04.expected_best",
    title="How good is the best of n?",
    hints=hints.EXPECTED_BEST,
    picture=pictures.expected_best,
    wrong_answers=choosing_answers.EXPECTED_BEST,
)


@checks("04.expected_best", "expects the best of two draws", weight=2)
def _two(answer: Any) -> None:
    # The scores 1, 2, 4, 8 are the larger of two draws in 1, 3, 5 and 7 of 16 cases.
    expect.close(
        answer(np.array([2.0, 1.0, 8.0, 4.0]), 2),
        5.1875,
        "`expected_best([2, 1, 8, 4], 2)`",
        mistakes=(
            (8.0, "That is the best of all four; two draws often miss it."),
            (3.75, "That is the mean, which is what *one* draw gives."),
            (2.0, "Those are the first n, in the order in which they happen to stand."),
            (6.0, "That is the mean of the n best; draws are not that lucky."),
            (4.0, "That is a quantile, near the best of n, but not its mean."),
            (34 / 6, "That is drawn without replacement; here every draw is from all scores, with replacement."),
            (4.5625, "The scores must be sorted before they are weighed."),
            (2.3125, "That is the worst of n: the scores are sorted downwards."),
            (10.8125, "More than the best there is: `(i / N) ** n` is the chance that the best is *not larger*."),
            (5.625, "`((i - 1) / N) ** n` is the chance that none of the larger ones, nor this one, was drawn."),
            (6.046875, "The best of three: one draw too many."),
        ),
    )


@checks("04.expected_best", "is the mean for one draw, and never more than the best")
def _ends(answer: Any) -> None:
    scores = np.array([-5.0, 20.0, 0.0])
    expect.close(answer(scores, 1), 5.0, "`expected_best([-5, 20, 0], 1)`: the best of one draw is the mean, it")
    expect.close(answer(scores, 200), 20.0, "The best of 200 draws from three scores", rtol=1e-9)
    expect.close(answer(np.array([7.0]), 3), 7.0, "The best of three draws from one score")


# 2. The winner on other seeds ---------------------------------------------------------------------------------

exercise(
    "04.honest_best",
    title="The winner, and what it is worth",
    hints=hints.HONEST_BEST,
    picture=pictures.honest_best,
    wrong_answers=choosing_answers.HONEST_BEST,
)

# Rows are configurations; the first three seeds choose row 0, and every wrong way of choosing another one.
_SCORES = np.array(
    [
        [10.0, 10.0, 10.0, 4.0, 6.0],
        [9.0, 9.0, 9.0, 30.0, 30.0],
        [2.0, 2.0, 2.0, 35.0, 35.0],
        [20.0, 3.0, 3.0, 5.0, 5.0],
        [8.0, 8.0, 8.0, 7.0, 9.0],
        [0.0, 25.0, 0.0, 5.0, 5.0],
        [0.0, 1.0, 1.0, 8.0, 8.0],
    ]
)
_CHOSEN = (
    (1, "That is the choice with all seeds; those that are to judge must have no part in it."),
    (2, "That is the choice of the seeds that should judge; the first `n_tuning` choose."),
    (3, "That is what the first seed alone would choose. One seed lies."),
    (4, "Is that a seed? The mean over seeds is along axis 1; the maximum of it is a row."),
    (5, "That is the configuration with the luckiest single run, not with the best mean."),
    (6, "That is the lowest mean: `argmin` in place of `argmax`."),
)


@checks("04.honest_best", "lets the tuning seeds choose")
def _choice(answer: Any) -> None:
    row = _three(answer, _SCORES, 3)[0]
    expect.equal(row, 0, "The row that the first three seeds choose", mistakes=_CHOSEN)


@checks("04.honest_best", "lets the other seeds judge", weight=2)
def _judged(answer: Any) -> None:
    _, tuned, honest = _three(answer, _SCORES, 3)
    if (tuned, honest) == (5.0, 10.0):
        expect.fail("The two scores are swapped: first the one of the tuning seeds.")
    expect.close(
        tuned,
        10.0,
        "Its score on the tuning seeds",
        mistakes=((8.0, "That is over all seeds; the first number belongs to the tuning seeds alone."),),
    )
    expect.close(
        honest,
        5.0,
        "Its score on the other seeds",
        mistakes=(
            (10.0, "It is judged with the same seeds that chose it: that is the winner's luck, not its worth."),
            (8.0, "The tuning seeds are among the judges; leave them out."),
            (35.0, "That is the best of the judges' scores: a second choice, and lucky again."),
        ),
    )


def _three(answer: Any, scores: np.ndarray, n_tuning: int) -> tuple[int, float, float]:
    got = answer(scores.copy(), n_tuning)
    expect.true(
        isinstance(got, tuple | list) and len(got) == 3,
        "Give back three things: the row, its score on the tuning seeds, and its score on the other seeds.",
    )
    return int(got[0]), float(got[1]), float(got[2])
