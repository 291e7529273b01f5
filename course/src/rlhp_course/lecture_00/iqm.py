"""Exercise 00.iqm. The interquartile mean."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw which of eight runs the mean of the middle half counts."""
    values = [0, 0, 1, 2, 3, 10, 20, 500]
    colours = ["C7"] * 2 + ["C0"] * 4 + ["C7"] * 2
    ax.bar(range(8), values, color=colours)
    ax.set(xlabel="runs, sorted", ylabel="return", ylim=(0, 25))
    ax.annotate("500", (7, 24), ha="center", va="top", color="white")
    ax.set_title("mean of the middle half (blue) = 4")
    return (
        "Eight sorted returns 0, 0, 1, 2, 3, 10, 20, 500. The lowest two and the highest two are grey; the mean of the "
        "middle four, 1, 2, 3 and 10, is 4."
    )


exercise(
    "00.iqm",
    title="The interquartile mean",
    hints=(
        "Sort first: `np.sort(returns)`.",
        "Drop `n // 4` of the lowest and as many of the highest.",
        "`values[k:-k]` is empty when k is 0; `values[k : n - k]` is not.",
    ),
    picture=_picture,
)


@checks("00.iqm", "the mean of the middle half", weight=2)
def _middle_half(answer: Any) -> None:
    expect.close(
        answer(np.array([20.0, 1.0, 500.0, 0.0, 3.0, 10.0, 0.0, 2.0])),
        4.0,
        "`iqm([20, 1, 500, 0, 3, 10, 0, 2])`",
        mistakes=(
            (67.0, "That is the plain mean: one lucky run of 500 pulls it up."),
            (2.5, "That is the median: the interquartile mean averages over the whole middle half."),
            (128.25, "Those are the middle ones of the list as it came: sort the returns first."),
            (16 / 6, "That drops only the highest quarter; drop the lowest quarter as well."),
            (536 / 6, "That drops only the lowest quarter; drop the highest quarter as well."),
            (36 / 6, "That drops a quarter in all; drop a quarter on each side, so that the middle half is left."),
        ),
    )


@checks("00.iqm", "with few seeds too")
def _few(answer: Any) -> None:
    expect.close(answer(np.array([4.0, 1.0, 100.0, 2.0, 3.0])), 3.0, "`iqm([4, 1, 100, 2, 3])`")
    three = answer(np.array([1.0, 2.0, 6.0]))
    if np.size(three) == 0 or not math.isclose(float(three), 3.0):
        expect.fail(
            "With fewer than four returns nothing is dropped: `iqm([1, 2, 6])` should be 3. "
            f"It gave {three}. Look at what your slice does when the number to drop is 0."
        )
