"""Exercise 06.silent_bug. Find the silent bug: the search that loves crashes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw what a searcher is told of six runs, of which two crashed."""
    runs = np.arange(6)
    ax.plot(runs, [-900, 0, -300, -1_200, 0, -600], "s--", color="C1", label="buggy")
    ax.plot(runs, [-900, -1_200, -300, -1_200, -1_200, -600], "o-", color="C0", label="repaired")
    ax.set(xlabel="configuration", ylabel="what the searcher is told", xticks=runs)
    ax.legend()
    return "Two of six runs crashed: buggy, they are told as the best of all; repaired, as the worst that finished."


exercise(
    "06.silent_bug",
    title="Find the silent bug: the search that loves crashes",
    hints=(
        "Print `told([-900, nan, -300])`. Which of the three would you recommend?",
        "A return of 0 is poor on CartPole and better than perfect on Pendulum. Take nothing that is fixed beforehand.",
        "`np.where(np.isfinite(scores), scores, worst)`, with `worst` the least of the scores that are finite.",
    ),
    picture=_picture,
)

_SCORES = np.array([-900.0, np.nan, -300.0, -1_200.0, np.nan, -600.0])


@checks("06.silent_bug", "a crash counts as the worst that finished", weight=2)
def _worst(answer: Any) -> None:
    got = expect.array(answer(_SCORES.copy()), (6,), "`fixed_told(...)`", axes=("configuration",))
    if np.isnan(got).any():
        expect.fail("There is still NaN in it: a mean or a maximum of that is NaN.")
    if np.isinf(got).any():
        expect.fail("An infinite score leaves no finite mean to standardise by; take a finite one.")
    for value, why in (
        (0.0, "The crashes still count as 0, better than every run that finished."),
        (-300.0, "The crashes count as the best."),
        (-750.0, "The crashes count as the average: the search will come back to them."),
    ):
        expect.true(not np.allclose(got[[1, 4]], value), why)
    if got[1] < -1_201:
        expect.fail(
            f"A crash counts as {got[1]:g}: far below all others it squeezes their differences to nothing. "
            f"The least that finished is enough."
        )
    expect.close(got, [-900.0, -1_200.0, -300.0, -1_200.0, -1_200.0, -600.0], "What the searcher is told")


@checks("06.silent_bug", "whatever the sign of the returns")
def _positive(answer: Any) -> None:
    got = expect.array(answer(np.array([200.0, np.nan, 90.0])), (3,), "`fixed_told(...)`")
    expect.close(
        got,
        [200.0, 90.0, 90.0],
        "What the searcher is told of returns above 0",
        mistakes=(([200.0, -90.0, 90.0], "The sign is turned round: take the least score, whatever its sign."),),
    )


@checks("06.silent_bug", "leaves the results as they were")
def _untouched(answer: Any) -> None:
    expect.unchanged(answer, _SCORES.copy())
