"""Exercise 05.may_lead. Who may lead, and when to name nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw intervals and the line that decides."""
    share, low, high = np.array([0.5, 0.4, 0.3, 0.1]), [0.42, 0.3, 0.2, 0.05], [0.58, 0.5, 0.4, 0.15]
    place = np.arange(4)[::-1]
    ax.errorbar(share, place, xerr=[share - low, high - share], fmt="o", capsize=4)
    ax.axvline(0.42, linestyle="--", color="C7")
    ax.set(xlabel="share (made up)", yticks=place, yticklabels=["first", "second", "third", "fourth"])
    return "Four shares with intervals; only the second's reaches over the line where the first one's begins."


exercise(
    "05.may_lead",
    title="Who may lead, and when to name nobody",
    hints=(
        "First ask whether anything may be ranked: `if not r2 >= least_r2` is true for NaN as well.",
        "Sort by `share`, largest first; the first row is the leader, and its `low` is where its interval begins.",
        "Whoever's `high` is at least that `low` may be the leader too. Give their names as a list.",
    ),
    picture=_picture,
)

_TABLE = pd.DataFrame(
    [
        ("d", 0.28, 0.26, 0.29),
        ("b", 0.35, 0.28, 0.55),
        ("f", 0.02, 0.00, 0.31),
        ("a", 0.40, 0.30, 0.50),
        ("e", 0.10, 0.05, 0.15),
        ("c", 0.25, 0.15, 0.41),
    ],
    columns=["name", "share", "low", "high"],
)


def _names(answer: Any, r2: float, **options: Any) -> list[str]:
    got = answer(_TABLE.copy(), r2, **options)
    expect.true(not isinstance(got, str | pd.DataFrame), "Give back a list of names, even if it has one or none.")
    return [str(name) for name in got]


@checks("05.may_lead", "names everyone whose interval reaches into that of the first", weight=2)
def _reaching(answer: Any) -> None:
    got = _names(answer, 0.8)
    if not got:
        expect.fail("With an R2 of 0.8 the fit is good enough, and somebody leads.")
    expect.equal(
        got,
        ["a", "b", "c", "f"],
        "Who may lead",
        mistakes=(
            (["a"], "That is the leader alone; others have intervals that reach into its own."),
            (["b", "c", "f"], "The leader itself may lead, too."),
            (["a", "b"], "A share is a guess: compare the *upper end* of an interval with the leader's lower end."),
            (["a", "b", "c"], "The leader's share is a guess as well: compare with the *lower end* of its interval."),
            (["b", "f", "a", "c"], "The right names, in the order of the table; put the largest share first."),
            (["f", "c", "b", "a"], "The right names, but the smallest share stands first."),
            (
                ["a", "b", "d", "c", "f"],
                "The leader is who has the largest share, not the highest upper end.",
            ),
            (["a", "b", "d", "c", "e", "f"], "That is everybody; `d` and `e` end below where the leader begins."),
        ),
    )


@checks("05.may_lead", "names nobody where the fit is too poor")
def _refusing(answer: Any) -> None:
    if _names(answer, 0.29) != []:
        expect.fail("With an R2 of 0.29, below `least_r2`, there is nothing to rank: give an empty list.")
    if _names(answer, 0.5, least_r2=0.6) != []:
        expect.fail("`least_r2` is 0.6 here and R2 0.5: compare with the argument, not with 0.3.")
    expect.true(_names(answer, 0.3) != [], "An R2 of exactly `least_r2` is enough.")


@checks("05.may_lead", "names nobody where the fit is not known")
def _unknown(answer: Any) -> None:
    if _names(answer, float("nan")) != []:
        expect.fail("The R2 is NaN, and NaN is below nothing: ask `not r2 >= least_r2`.")
