"""Exercise 04.honest_best. The winner, and what it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw both scores over the number of tuning seeds, with made-up numbers."""
    n = np.arange(1, 10)
    ax.plot(n, 80 + 18 / n, "s--", color="C1", label="tuning seeds")
    ax.plot(n, 80 - 10 / n, "o-", color="C0", label="other seeds")
    ax.set(xlabel="tuning seeds", ylabel="score of the chosen configuration")
    ax.legend()
    return (
        "The winner's score on the seeds that chose it starts far above its score on the other seeds; with more tuning "
        "seeds the two come closer. The numbers are made up."
    )


exercise(
    "04.honest_best",
    title="The winner, and what it is worth",
    hints=(
        "Split the columns: the first `n_tuning` seeds choose, the others judge.",
        "A configuration's score is the mean over seeds: which axis is that, in an array [configurations, seeds]?",
        "`np.argmax` of the tuning means gives the row; both numbers are means of that row.",
    ),
    picture=_picture,
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
