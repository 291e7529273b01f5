"""Exercise 08.area. The hypervolume of two objectives: the area that a front covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# (5, 1), (2, 3) and (1, 4) are the front; one is beaten, and one lies beyond the reference.
_POINTS = ((2.0, 3.0), (5.0, 1.0), (2.0, 1.0), (1.0, 4.0), (-1.0, 6.0))


def _picture(ax: Axes) -> str:
    """Draw the area that three points cover."""
    for x, y in ((5, 1), (2, 3), (1, 4)):
        ax.fill([0, x, x, 0], [0, 0, y, y], color="C0", alpha=0.3, linewidth=0)
        ax.plot(x, y, "D", color="C0", markersize=8)
    ax.set(xlabel="first objective", ylabel="second objective", xlim=(-0.3, 5.5), ylim=(-0.3, 4.6))
    return "Three points, and the stairs of the boxes between each of them and the reference point at 0."


exercise(
    "08.area",
    title="The area that a front covers",
    hints=(
        "Subtract the reference, and keep the points that are above 0 in *both*.",
        "Sort them by the first objective, the largest first. Each one adds a strip: as wide as its first objective.",
        "The strip is as high as the second objective rises above the highest one so far; 0 if it does not.",
    ),
    picture=_picture,
)


@checks("08.area", "counts what is covered once", weight=2)
def _once(answer: Any) -> None:
    expect.close(
        answer(np.array(_POINTS), np.zeros(2)),
        10.0,
        "The area of five points above the reference (0, 0)",
        mistakes=(
            (17.0, "That is the sum of the boxes: where they overlap, they count twice."),
            (11.0, "Boxes are summed, with overlaps counted twice, and (-1, 6) as a negative box."),
            (20.0, "That is the box around all of them. In its corner there is nothing: no point has 5 and 4."),
            (30.0, "That is the box around all points, even of (-1, 6), which is worse than the reference."),
            (8.0, "(-1, 6) is worse than the reference in one objective: leave it out, or it takes area away."),
            (9.5, "Straight lines between the points promise what nobody measured: the area has stairs."),
            (6.0, "That is the largest box alone; the others add what it does not cover."),
        ),
    )


@checks("08.area", "begins at the reference")
def _reference(answer: Any) -> None:
    expect.close(
        answer(np.array(_POINTS), np.array([1.0, 0.0])),
        6.0,
        "The area of the same points above the reference (1, 0)",
        mistakes=((10.0, "The reference has no part in it: measure every side from the reference, not from 0."),),
    )


@checks("08.area", "is 0 where nobody beats the reference")
def _nobody(answer: Any) -> None:
    expect.close(answer(np.array([[1.0, 1.0], [0.0, 3.0]]), np.array([2.0, 2.0])), 0.0, "The area above (2, 2)")
