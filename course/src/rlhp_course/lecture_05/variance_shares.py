"""Exercise 05.variance_shares. Whose variance is it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw three made-up shares that add up to 1."""
    shares, names = [0.55, 0.25, 0.2], ["A", "B", "A and B together"]
    ax.barh(names[::-1], shares[::-1], color=["C2", "C1", "C0"], hatch="//")
    ax.set(xlabel="share of the variance (made up)", xlim=(0, 1))
    return "Three bars, of A, of B and of both together, that add up to 1; the numbers are made up."


exercise(
    "05.variance_shares",
    title="Whose variance is it?",
    hints=(
        "What would you expect to earn if you knew the value of A and nothing of B? That is a mean over the columns.",
        "The share of A is the variance of these means over the variance of all scores, `scores.var()`.",
        "The same for B with the other axis; what is left of 1 belongs to both together.",
    ),
    picture=_picture,
)

# Row means 3 and 5, column means 2, 8 and 2, variance 11 in all: 1 of A, 8 of B, 2 of both.
_SCORES = np.array([[0.0, 6.0, 3.0], [4.0, 10.0, 1.0]])


@checks("05.variance_shares", "splits the variance of a table", weight=2)
def _table(answer: Any) -> None:
    shares = expect.array(answer(_SCORES), (3,), "`variance_shares(...)`", axes=("of A, of B, of both",))
    expect.close(
        shares,
        np.array([1.0, 8.0, 2.0]) / 11,
        "The shares of A, B and both",
        mistakes=(
            (np.array([8.0, 1.0, 2.0]) / 11, "A and B are swapped: A is along the rows, so average over the columns."),
            (np.array([1.0, 8.0, 2.0]), "Those are variances; divide by the variance of all scores."),
            (np.array([10.0, 3.0, -2.0]) / 11, "That is the variance *within* rows, which B makes; take it of means."),
            (
                [1 / np.sqrt(11), np.sqrt(8 / 11), 1 - (1 + np.sqrt(8)) / np.sqrt(11)],
                "Those are standard deviations, which do not add up; take variances.",
            ),
            (
                np.array([2.0, 12.0, -0.8]) / 13.2,
                "`ddof=1` is for samples; here every value counts, and only with `ddof=0` do the parts add up.",
            ),
            (
                np.array([1.0, 8.0, 0.0]) / 9,
                "The main effects are divided by their sum: what both do together is gone.",
            ),
        ),
    )


@checks("05.variance_shares", "nothing together where effects only add up")
def _additive(answer: Any) -> None:
    shares = np.asarray(answer(np.add.outer([0.0, 3.0], [1.0, 1.0, 1.0, 5.0])), dtype=float)
    expect.close(
        shares,
        [3 / 7, 4 / 7, 0.0],
        "The shares in a table of sums",
        mistakes=(([4 / 7, 3 / 7, 0.0], "A and B are swapped in a table with more columns than rows."),),
    )


@checks("05.variance_shares", "everything together where neither does anything alone")
def _together(answer: Any) -> None:
    shares = np.asarray(answer(np.array([[1.0, -1.0], [-1.0, 1.0]])), dtype=float)
    expect.close(shares, [0.0, 0.0, 1.0], "The shares where only the right pair helps", atol=1e-9)
