"""Exercise 07.starts. How many configurations each bracket of Hyperband begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the numbers for eta 3 and ratio 81."""
    ax.bar(["s = 4", "3", "2", "1", "0"], [81, 34, 15, 8, 5])
    ax.set(xlabel="bracket", ylabel="configurations that begin")
    return "Five brackets begin 81, 34, 15, 8 and 5 configurations, for eta 3 and a ratio of 81."


exercise(
    "07.starts",
    title="How many begin",
    hints=(
        "First s_max: go up while `eta ** (s_max + 1) <= ratio`, in whole numbers.",
        "The bracket s begins (s_max + 1) * eta**s / (s + 1), rounded up.",
        "Rounded up in whole numbers: `-(-a // b)`. The list goes from s_max down to 0.",
    ),
    picture=_picture,
)


def _list(answer: Any, eta: int, ratio: int) -> list[Any]:
    got = answer(eta, ratio)
    expect.true(isinstance(got, list | tuple | np.ndarray), "Give back a list, a number for each bracket.")
    return [float(one) for one in got]


@checks("07.starts", "agrees with the paper", weight=2)
def _paper(answer: Any) -> None:
    expect.equal(
        _list(answer, 3, 81),
        [81, 34, 15, 8, 5],
        "`starts(3, 81)`",
        mistakes=(
            ([81, 33, 15, 7, 5], "Rounded down: the paper rounds up."),
            ([5, 8, 15, 34, 81], "The order is turned round: the most daring bracket first, from s_max down to 0."),
            ([81, 27, 9, 3, 1], "Those are powers of eta: what is missing is the factor (s_max + 1) / (s + 1)."),
            ([65, 27, 12, 6, 4], "The factor is (s_max + 1), not s_max: that many brackets there are."),
            ([81, 34, 15, 8], "One bracket is missing: s = 0, which trains everything to the end."),
            ([81, 33.75, 15, 7.5, 5], "Not rounded: nobody trains a part of a configuration."),
            ([405, 135, 45, 15, 5], "Not divided by (s + 1): the daring brackets would cost far more than the others."),
        ),
    )  # fmt: skip


@checks("07.starts", "takes exact powers for what they are, and others too")
def _powers(answer: Any) -> None:
    got = _list(answer, 3, 243)
    if len(got) == 5:
        expect.fail(
            "`starts(3, 243)` has five brackets, and 243 is 3 to the 5th: `math.log(243, 3)` is 4.999... Count in "
            "whole numbers."
        )
    expect.equal(got, [243, 98, 41, 18, 9, 6], "`starts(3, 243)`")
    expect.equal(
        _list(answer, 4, 20),
        [16, 6, 3],
        "`starts(4, 20)`",
        mistakes=(([64, 22, 8, 4], "s_max is the largest s with eta**s *at most* `ratio`: 64 is above 20."),),
    )
    expect.equal(_list(answer, 2, 1), [1], "`starts(2, 1)`: one rung, one bracket")
