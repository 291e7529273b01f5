"""Exercise 03.iqm. The interquartile mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw sorted scores, the middle half filled."""
    scores = np.array([10, 40, 55, 60, 75, 90, 130, 480])
    kept = (np.arange(8) >= 2) & (np.arange(8) < 6)
    ax.bar(np.arange(8)[kept], scores[kept], color="C0", label="kept")
    ax.bar(np.arange(8)[~kept], scores[~kept], color="white", edgecolor="C0", hatch="//", label="left out")
    ax.axhline(scores[kept].mean(), color="C1", label="IQM")
    ax.axhline(scores.mean(), color="C2", linestyle="--", label="mean")
    ax.set(xlabel="runs, sorted", ylabel="score")
    ax.legend(fontsize=8)
    return "Eight sorted scores; the middle four are kept. One very high score lifts the mean, but not the IQM."


exercise(
    "03.iqm",
    title="The interquartile mean",
    hints=(
        "Sort first; then the middle half is a slice.",
        "With n runs, `n // 4` of them go at either end: none of three runs, one of four to seven, two of eight.",
        "`middle = np.sort(scores)[cut : len(scores) - cut]`, and its mean.",
    ),
    picture=_picture,
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
