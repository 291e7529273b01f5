"""Exercise 08.take. The configuration to take where the return is capped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SCORES = (490.0, 500.0, 495.0, 300.0, 494.0, 499.0)
_AREAS = (480.0, 200.0, 350.0, 490.0, 400.0, 300.0)


def _picture(ax: Axes) -> str:
    """Draw six configurations by score and area, the one to take filled."""
    ax.plot(_SCORES, _AREAS, "o", color="C0", markerfacecolor="white", markersize=8)
    ax.plot(_SCORES[2], _AREAS[2], "o", color="C0", markersize=8)
    ax.axvline(495, color="0.5", linestyle=":")
    ax.set(xlabel="score", ylabel="area under the learning curve")
    return "Six configurations: three reach 495, and of these the one with the largest area is taken."


exercise(
    "08.take",
    title="The configuration to take where the return is capped",
    hints=(
        "Who is good enough: `scores >= enough`. Who crashed has NaN, which compares as False.",
        "Put those who are not good enough out of the running: `np.where(scores >= enough, areas, -np.inf).argmax()`.",
        "If nobody is good enough, the highest score: `np.nanargmax(scores)`.",
    ),
    picture=_picture,
)


@checks("08.take", "lets the area decide between those that are good enough", weight=2)
def _tied(answer: Any) -> None:
    expect.equal(
        int(answer(np.array(_SCORES), np.array(_AREAS), 495.0)),
        2,
        "The place to take, of six configurations with `enough=495`",
        mistakes=(
            (1, "That is the highest score: from `enough` on scores are equal, and 500 is no better than 495."),
            (3, "That is the largest area of all, but it ends at 300: only those that reach `enough` are equal."),
            (5, "495 is `enough` itself, and counts: `>=`."),
            (0, "That is the largest sum of both: first the score decides, then the area."),
        ),
    )


@checks("08.take", "takes the highest score where none is good enough")
def _none(answer: Any) -> None:
    expect.equal(
        int(answer(np.array([-200.0, -90.0, -120.0]), np.array([-150.0, -180.0, -130.0]), -80.0)),
        1,
        "The place to take, where nobody reaches `enough`",
        mistakes=(
            (0, "Nobody reaches `enough`, and an `argmax` over nobody gives place 0."),
            (2, "That is the largest area. Where nobody is good enough, the score decides."),
        ),
    )


@checks("08.take", "never takes a crash")
def _crash(answer: Any) -> None:
    got = int(answer(np.array([np.nan, -300.0, -250.0]), np.array([np.nan, -350.0, -400.0]), -100.0))
    if got == 0:
        expect.fail("Place 0 crashed and is taken: `argmax` takes NaN for the largest. `np.nanargmax` leaves it out.")
    expect.equal(got, 2, "The place to take, where one crashed and nobody reaches `enough`")
