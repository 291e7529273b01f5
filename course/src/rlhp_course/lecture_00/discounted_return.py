"""Exercise 00.discounted_return. The return of an episode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the weights of four rewards."""
    weights = 0.5 ** np.arange(4)
    ax.bar(range(4), weights)
    ax.set(xlabel="step t", ylabel="weight of the reward", title="gamma = 0.5", xticks=range(4))
    for step, weight in enumerate(weights):
        ax.annotate(f"{weight:g}", (step, weight), ha="center", va="bottom")
    ax.set_ylim(0, 1.15)
    return "Four bars: with gamma 0.5 the first reward weighs 1, the second 0.5, the third 0.25, the fourth 0.125."


exercise(
    "00.discounted_return",
    title="The return of an episode",
    hints=(
        "The first reward counts in full: its weight is gamma to the power 0, which is 1.",
        "`enumerate(rewards)` gives each reward with its step t, counted from 0.",
        "With NumPy: `gamma ** np.arange(len(rewards))` are all the weights at once.",
    ),
    picture=_picture,
)


@checks("00.discounted_return", "the first reward in full, later ones less and less", weight=2)
def _discounted(answer: Any) -> None:
    got = answer([1.0, 2.0, 3.0], 0.5)
    if np.ndim(got) > 0:
        expect.fail(
            "The return is one number for the whole episode: add the weighted rewards up. "
            f"`discounted_return([1, 2, 3], 0.5)` gave {np.size(got)} {'number' if np.size(got) == 1 else 'numbers'}."
        )
    expect.close(
        got,
        2.75,
        "`discounted_return([1, 2, 3], 0.5)`",
        mistakes=(
            (6.0, "That is the plain sum: the answer does not use `gamma`."),
            (
                1.375,
                "All is multiplied by one `gamma` too many (off by one): the weight of the first reward is gamma ** 0 "
                "= 1.",
            ),
            (4.25, "The weights run backwards: the last reward counts in full, but it should be the first."),
            (3.0, "Every reward has the same weight: the weight must shrink with the step t, as gamma ** t."),
            (4.0, "gamma is multiplied by t: it should be raised to the power t."),
            (2.75 / 3, "A return is a sum, not a mean: do not divide by the number of steps."),
        ),
    )


@checks("00.discounted_return", "with gamma = 1 it is the plain sum")
def _undiscounted(answer: Any) -> None:
    expect.close(answer([1.0] * 40, 1.0), 40.0, "`discounted_return([1] * 40, 1)`")
