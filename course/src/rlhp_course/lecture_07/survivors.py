"""Exercise 07.survivors. Who goes on to the next rung."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the scores of a rung, those that go on filled."""
    scores, on = np.array([3.0, 9.0, 1.0, 8.0, 2.0]), np.array([1, 3])
    ax.bar(range(5), scores, color=["C0" if i in on else "0.8" for i in range(5)])
    ax.text(5, 0.3, "crashed", ha="center", rotation=90)
    ax.set(xlabel="place", ylabel="score", xlim=(-0.6, 5.6))
    return "Six configurations on a rung: the two with the highest scores go on, a crashed one has no score."


exercise(
    "07.survivors",
    title="Who goes on",
    hints=(
        "Look at the sound ones only: `[i for i in range(len(scores)) if not np.isnan(scores[i])]`.",
        "`np.argsort(scores)[::-1]` puts NaN *first*. Sort the sound ones: `sorted(sound, key=lambda i: -scores[i])`.",
        "How many: `max(1, len(scores) // eta)`, of all on the rung.",
    ),
    picture=_picture,
)


def _on(answer: Any, scores: list[float], eta: int) -> list[int]:
    got = answer(np.array(scores), eta)
    expect.true(
        not isinstance(got, int | float | np.integer), "Give back a list of places, even if it has one or none."
    )
    return [int(one) for one in got]


@checks("07.survivors", "lets the best go on, and never a crash", weight=2)
def _best(answer: Any) -> None:
    expect.equal(
        _on(answer, [3.0, np.nan, 9.0, 1.0, 9.0, 4.0], 3),
        [2, 4],
        "The places of those that go on, of six with one crash",
        mistakes=(
            (
                [1, 4],
                "Place 1 crashed, and it goes on! `argsort` puts NaN last, so that turning the order puts it first.",
            ),
            ([1, 2], "Place 1 crashed, and it goes on: leave NaN out before you sort."),
            ([3, 0], "Those are the worst: sort the other way round."),
            ([4, 2], "Of equals the earlier one stands first; a turned-round `argsort` turns equals round too."),
            ([9, 9], "Those are scores; the *places* were asked for."),
            ([2], "One of the five sound ones goes on; it is one in `eta` of *all* on the rung, the crash included."),
            ([2, 4, 5], "Three go on: that is half. One in `eta` goes on."),
            ([2, 4, 5, 0], "Those are the ones that are *not* stopped if one in `eta` stops; one in `eta` goes on."),
            ([0, 2], "Those are the first ones above a mean; the best were asked for."),
        ),
    )


@checks("07.survivors", "keeps one, of costs too")
def _one(answer: Any) -> None:
    expect.equal(
        _on(answer, [-5.0, -1.0], 3),
        [1],
        "The place that goes on, of the two scores -5 and -1 with `eta=3`",
        mistakes=(
            ([], "Nobody goes on: one at least does."),
            ([0], "-5 is worse than -1: a return is a score, higher is better, also below 0."),
        ),
    )


@checks("07.survivors", "lets nobody go on where all crashed")
def _none(answer: Any) -> None:
    if _on(answer, [np.nan, np.nan, np.nan], 3):
        expect.fail("All three crashed, and one goes on: `max(1, ...)` must not bring back a crash.")
    expect.equal(
        _on(answer, [np.nan, 2.0, np.nan, np.nan], 2),
        [1],
        "The places of those that go on, of four with three crashes and `eta=2`",
    )
