"""Exercise 05.seed_noise. The share of the seed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw what the share does as configurations move apart."""
    apart = np.array([0.0, 0.5, 1.0, 2.0, 4.0])
    ax.plot(apart, 1 / (1 + apart**2), "o-")
    ax.set(xlabel="spread between configurations over that between seeds", ylabel="share of noise", ylim=(0, 1.05))
    return "The share is 1 where configurations do not differ, and falls to 0 as they move apart."


exercise(
    "05.seed_noise",
    title="The share of the seed",
    hints=(
        "Within: `scores.var(axis=1, ddof=1)` is the variance between the seeds of each configuration; average it.",
        "The variance of the configurations' means, `ddof=1`, holds a part of that noise: a mean of S seeds still has "
        "the variance within / S.",
        "Take that part off, let nothing be below 0, and give within / (within + between).",
    ),
    picture=_picture,
)

# Three configurations, two seeds: variances 2, 2 and 32, means 2, 6 and 7.
_SCORES = np.array([[1.0, 3.0], [5.0, 7.0], [3.0, 11.0]])


@checks("05.seed_noise", "within over within and between", weight=2)
def _share(answer: Any) -> None:
    expect.close(
        answer(_SCORES),
        12 / 13,
        "The share of seed noise of three configurations with two seeds",
        mistakes=(
            (12 / 19, "The variance of the means holds noise of its own: take within / n_seeds off."),
            (1.0, "Too much was taken off: a mean over S seeds has the S-th part of the noise."),
            (12 / 7, "Too much was taken off, and below 0: a mean over S seeds has the S-th part of the noise."),
            (6 / 10, "With few seeds, `ddof=0` makes their variance too small: `ddof=1` within configurations."),
            (6 / (6 + 14 / 3 - 3), "`ddof=0` makes both variances too small: these are samples, take `ddof=1`."),
            (10 / (10 + 14 / 3), "That is along the wrong axis: seeds are the columns, `axis=1`."),
            (1 / 13, "That is the share of the configurations; asked is the rest."),
            (12 / 12.8, "That divides by the variance of all runs, which is not the sum of the two parts."),
            (
                np.sqrt(12) / (np.sqrt(12) + 1),
                "Those are standard deviations, which do not add up; take variances.",
            ),
        ),
    )


@checks("05.seed_noise", "all of it where the means do not differ")
def _pure_noise(answer: Any) -> None:
    expect.close(
        answer(np.array([[0.0, 2.0], [2.0, 0.0], [0.0, 2.0]])),
        1.0,
        "The share where all means are equal",
        mistakes=((2.0, "Nothing can be below 0: chance makes means differ less than noise would have them."),),
    )


@checks("05.seed_noise", "none of it where all seeds agree")
def _no_noise(answer: Any) -> None:
    expect.close(answer(np.array([[1.0, 1.0, 1.0], [4.0, 4.0, 4.0]])), 0.0, "The share where seeds change nothing")
