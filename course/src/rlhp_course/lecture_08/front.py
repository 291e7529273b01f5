"""Exercise 08.front. Which configurations no other one beats."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# A return, where more is better, and a cost, where less is.
_SCORES = ((5.0, 10.0), (4.0, 5.0), (3.0, 8.0), (5.0, 12.0), (2.0, 2.0), (4.0, 5.0))
_ON = [True, True, False, False, True, True]


def _picture(ax: Axes) -> str:
    """Draw made-up configurations, the front filled."""
    for (gain, cost), on in zip(_SCORES, _ON, strict=True):
        ax.plot(cost, gain, "D" if on else "o", color="C1" if on else "0.7", markersize=8)
    ax.set(xlabel="cost, less is better", ylabel="return, more is better")
    return "Six configurations by return and cost: the four on the front are marked, two of them in one place."


exercise(
    "08.front",
    title="Which configurations no other one beats",
    hints=(
        "Make more the better in every column first: `gains = scores * better`.",
        "Row `other` beats row `one` if it is as good in all, `(other >= one).all()`, and better in one, "
        "`(other > one).any()`.",
        "Say of each row that none of the rows beats it: `not any(...)`. A row with NaN is not on the front.",
    ),
    picture=_picture,
)


def _given(answer: Any, scores: Any, better: Any) -> list[bool]:
    got = answer(np.array(scores, dtype=float), np.array(better))
    values = np.asarray(got)
    if values.dtype != bool and not set(np.unique(values)) <= {0, 1}:
        expect.fail("Give one truth value for each row, not the places of the rows that are on the front.")
    if values.shape != (len(scores),):
        expect.fail(
            f"The result has shape {values.shape}; one truth value for each of {len(scores)} rows was expected."
        )
    return [bool(one) for one in values]


@checks("08.front", "knows which way each objective is better", weight=2)
def _both(answer: Any) -> None:
    expect.equal(
        _given(answer, _SCORES, [1, -1]),
        _ON,
        "What is on the front, of six configurations by return and cost",
        mistakes=(
            (
                [False, False, False, True, False, False],
                "More counts as better in both, but the second is a cost: that praises whoever spends most.",
            ),
            ([False, False, True, True, True, False], "The signs are turned round: the front of the worst ones."),
            (
                [True, True, False, True, True, True],
                "Row 3 has the return of row 0 at a higher cost, so it is beaten: as good in all and better in *one*.",
            ),
            ([False] * 6, "Nobody is on it: a row is as good as itself, so ask for better in one as well."),
            (
                [True, False, False, False, True, False],
                "Rows 1 and 5 are equal, and each throws the other out: neither is *better* in anything.",
            ),
            (
                [True, True, False, False, True, False],
                "Row 5 is missing: it equals row 1. Who is equal beats nobody, so both are on the front.",
            ),
        ),
    )


@checks("08.front", "works for three objectives")
def _three(answer: Any) -> None:
    expect.equal(
        _given(answer, [[1, 1, 5], [2, 2, 9], [2, 2, 4], [0, 3, 6]], [1, 1, -1]),
        [False, False, True, True],
        "What is on the front of three objectives, the last one a cost",
        mistakes=(
            ([False, True, True, True], "Row 1 is as good as row 2 in two and costs more: look at every column."),
        ),
    )


@checks("08.front", "never puts a crash on it")
def _crash(answer: Any) -> None:
    got = _given(answer, [[1.0, 2.0], [np.nan, 9.0], [0.5, 1.0]], [1, 1])
    if got[1]:
        expect.fail("Row 1 crashed, and it is on the front: NaN compares as False, so that nobody seems to beat it.")
    expect.equal(got, [True, False, False], "What is on the front where one of three crashed")
