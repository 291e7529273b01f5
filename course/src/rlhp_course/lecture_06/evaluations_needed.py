"""Exercise 06.evaluations_needed. What a better search saves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw two means and where the one reaches the other's end."""
    at = np.arange(1, 8)
    ax.plot(at, [1, 2, 4, 6, 6, 9, 12], "o-", label="ours")
    ax.plot(at, [0, 3, 3, 4, 5, 5, 6], "s--", label="theirs")
    ax.axhline(6, linestyle=":", color="C7")
    ax.axvline(4, linestyle=":", color="C7")
    ax.set(xlabel="evaluations", ylabel="mean score")
    ax.legend()
    return "Theirs ends at 6 after seven evaluations; ours is there after four."


exercise(
    "06.evaluations_needed",
    title="What a better search saves",
    hints=(
        "First average over the repetitions: `ours.mean(axis=0)`. What `theirs` ends at is one number.",
        "`np.flatnonzero(mean >= target)` gives the places where it is reached; the first one counts.",
        "Places count from 0, evaluations from 1. Where there is no place, give `np.nan`.",
    ),
    picture=_picture,
)

# Means [1, 2, 4, 6, 6, 9, 12] and an end of 6; single repetitions say otherwise.
_OURS = np.array([[0.0, 1, 2, 3, 5, 9, 14], [2.0, 3, 6, 9, 7, 9, 10]])
_THEIRS = np.array([[0.0, 3, 3, 4, 5, 7, 4], [0.0, 3, 3, 4, 5, 3, 8]])


def _is_nan(got: Any) -> bool:
    return isinstance(got, float) and bool(np.isnan(got))


@checks("06.evaluations_needed", "the first evaluation at which the mean is there", weight=2)
def _first(answer: Any) -> None:
    got = answer(_OURS, _THEIRS)
    expect.true(not _is_nan(got), "It is reached: the mean of ours is 6 after four evaluations, and theirs ends at 6.")
    expect.close(
        got,
        4.0,
        "Evaluations needed",
        mistakes=(
            (3.0, "Evaluations count from 1, places of an array from 0."),
            (6.0, "To be equal is enough: `>=`."),
            (5.0, "That is of the first repetition alone: average over all repetitions."),
            (1.0, "Compared is with what theirs has at the *end*, not at the same evaluation."),
            (7.0, "That is the highest of single repetitions; compare means."),
        ),
    )


@checks("06.evaluations_needed", "NaN where it never gets there")
def _never(answer: Any) -> None:
    got = answer(np.array([[1.0, 2.0], [1.0, 3.0]]), np.array([[5.0, 9.0]]))
    expect.true(_is_nan(got), f"It never gets there, and the answer is {got}: give `np.nan`.")


@checks("06.evaluations_needed", "other numbers of repetitions and evaluations")
def _shapes(answer: Any) -> None:
    got = answer(np.array([[5.0, 5.0, 5.0]]), np.array([[1.0], [3.0]]))
    expect.close(got, 1.0, "Evaluations needed where it is there at once")
