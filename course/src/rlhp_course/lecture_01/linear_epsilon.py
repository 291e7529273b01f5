"""Exercise 01.linear_epsilon. Linear epsilon."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import CheckFailed, expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw a straight line to half of training."""
    ax.plot([0.0, 0.5, 1.0], [1.0, 0.05, 0.05])
    ax.set(xlabel="progress (share of training done)", ylabel="epsilon", ylim=(0, 1.05))
    return "Epsilon falls in a straight line from 1 at the start to 0.05 at half of training and stays there."


exercise(
    "01.linear_epsilon",
    title="Linear epsilon",
    hints=(
        "How far down the slope are you? That share is `progress / fraction`: 0 at the start, 1 at the foot.",
        "Past the foot the share must stay 1. `np.minimum` does it for numbers and for arrays.",
        "Go that share of the way from `start` to `end`: `start + share * (end - start)`.",
    ),
    picture=_picture,
)


@checks("01.linear_epsilon", "falls in a straight line", weight=2)
def _slope(answer: Any) -> None:
    early = answer(0.125)
    if np.size(early) == 1 and math.isclose(float(np.ravel(early)[0]), 1.0):
        if math.isclose(float(np.ravel(answer(0.75))[0]), 0.525):
            expect.fail("Epsilon begins to fall only at `fraction`; it should begin at once and be done at `fraction`.")
        expect.fail("An eighth into training epsilon has not moved at all. Does `//` cut the share down to 0?")
    expect.close(
        early,
        0.7625,
        "`linear_epsilon(0.125)`",
        mistakes=(
            (0.88125, "Epsilon falls over the whole of training: divide `progress` by `fraction`."),
            (0.75, "Epsilon falls to 0: it should fall to `end`."),
            (0.2875, "Epsilon rises: it should begin at `start` and come down to `end`."),
            (0.05, "Epsilon is at its end at once: `fraction` is a fraction between 0 and 1, not per cent."),
        ),
    )


@checks("01.linear_epsilon", "reaches its end at `fraction` and stays there")
def _foot(answer: Any) -> None:
    expect.close(answer(0.5), 0.05, "`linear_epsilon(0.5)`")
    expect.close(
        answer(1.0),
        0.05,
        "`linear_epsilon(1.0)`",
        mistakes=(
            (
                -0.9,
                "After `fraction` epsilon goes on falling, to -0.9, which is no probability: stop the share at 1.",
            ),
        ),
    )


@checks("01.linear_epsilon", "takes an array")
def _array(answer: Any) -> None:
    try:
        got = answer(np.array([0.0, 0.125, 0.5, 1.0]))
    except CheckFailed as failure:
        expect.fail(
            "It works for one number, but not yet for an array of them: `min(...)` and `if` look at single numbers, "
            f"`np.minimum` at both. {failure}"
        )
    expect.close(
        expect.array(got, (4,), "`linear_epsilon(array)`"), [1.0, 0.7625, 0.05, 0.05], "`linear_epsilon(array)`"
    )
