"""Exercise 00.upset. How often does one seed point the wrong way?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the table of all pairs."""
    good, bad = [500, 480, 300], [500, 200]
    for i, left in enumerate(good):
        for j, right in enumerate(bad):
            share = 1.0 if right > left else 0.5 if right == left else 0.0
            ax.text(j, i, f"{share:g}", ha="center", va="center", fontsize=14)
    ax.set(
        xticks=[0, 1], xticklabels=bad, yticks=[0, 1, 2], yticklabels=good, xlim=(-0.5, 1.5), ylim=(2.5, -0.5),
        xlabel="returns of `worse`", ylabel="returns of `better`",
    )  # fmt: skip
    return (
        "A table of all six pairs. With its 500 the worse configuration wins against 480 and 300 (1 each) and ties "
        "with 500 (one half). With its 200 it loses all three comparisons (0 each). Together 2.5 of 6."
    )


exercise(
    "00.upset",
    title="How often does one seed point the wrong way?",
    hints=(
        "Compare *every* return of `worse` with *every* return of `better`: with 3 and 2 seeds that makes 6 pairs.",
        "`np.asarray(worse)[:, None] > np.asarray(better)[None, :]` is a table of True and False, one for each pair.",
        "A tie decides nothing: count it as half. The answer is the mean of the table.",
    ),
    picture=_picture,
)


@checks("00.upset", "every pair of seeds, ties half", weight=2)
def _upset(answer: Any) -> None:
    expect.close(
        answer([500.0, 480.0, 300.0], [500.0, 200.0]),
        2.5 / 6,
        "`upset([500, 480, 300], [500, 200])`",
        mistakes=(
            (2 / 6, "That counts ties as nothing: a tie is half an upset."),
            (3 / 6, "That counts ties in full: a tie is half an upset."),
            (3.5 / 6, "That is how often `better` wins; an upset is a win of `worse`."),
            (
                0.25,
                "That compares the lists side by side; compare every return of one with every return of the other.",
            ),
            (0.0, "That compares two averages; the question is about *single* seeds: compare every pair."),
            (2.5, "That is the number of upsets; divide by the number of pairs."),
        ),
    )


@checks("00.upset", "no upset, and nothing but upsets")
def _extremes(answer: Any) -> None:
    expect.close(answer([5.0, 6.0], [1.0, 2.0, 3.0]), 0.0, "`upset([5, 6], [1, 2, 3])`")
    expect.close(answer([1.0, 2.0, 3.0], [5.0, 6.0]), 1.0, "`upset([1, 2, 3], [5, 6])`")
