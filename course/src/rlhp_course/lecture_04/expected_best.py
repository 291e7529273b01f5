"""Exercise 04.expected_best. How good is the best of n?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the curve for the numbers from 1 to 100."""
    n = np.arange(1, 33)
    ax.plot(n, 100 * n / (n + 1), "o-", markersize=3)
    ax.axhline(100, color="0.5", linestyle=":")
    ax.set(xlabel="n", ylabel="expected best of n", ylim=(40, 104))
    return "For scores spread evenly from 0 to 100 the curve starts at 50, rises ever more slowly, and nears 100."


exercise(
    "04.expected_best",
    title="How good is the best of n?",
    hints=(
        "Sort the scores. When is the i-th smallest of N the best of n draws?",
        "All n draws are among the i smallest with probability `(i / N) ** n`.",
        "The i-th smallest is the best with probability `(i / N) ** n - ((i - 1) / N) ** n`; weigh the scores with it.",
    ),
    picture=_picture,
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
