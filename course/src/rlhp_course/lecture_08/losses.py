"""Exercise 08.losses. What it costs to take a setting from another environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SCORES = np.array([[500.0, -300.0, 0.5], [420.0, -90.0, 0.2], [100.0, -400.0, 0.9]])
_LOSSES = np.diag(_SCORES) - _SCORES


def _picture(ax: Axes) -> str:
    """Draw the losses of made-up settings, each column by its own largest."""
    ax.imshow(_LOSSES / _LOSSES.max(axis=0), cmap="cividis")
    ax.set(xticks=range(3), yticks=range(3), xlabel="tested on", ylabel="tuned on")
    for i, j in np.ndindex(3, 3):
        ax.text(j, i, f"{_LOSSES[i, j]:g}", ha="center", va="center", color="white" if i == j else "C1")
    return "A square of losses: 0 along the diagonal, where a setting is tested on the environment it was tuned on."


exercise(
    "08.losses",
    title="What it costs to take a setting from elsewhere",
    hints=(
        "`np.diag(scores)` are the scores in the own environment, one for each *column*.",
        "The loss is own less foreign, so that a worse setting has a positive loss.",
        "`np.diag(scores) - scores`: an array [n] is subtracted along the last axis, the columns.",
    ),
    picture=_picture,
)


@checks("08.losses", "compares within each environment", weight=2)
def _within(answer: Any) -> None:
    expect.close(
        answer(_SCORES.copy()),
        _LOSSES,
        "The losses of three settings",
        mistakes=(
            (
                np.diag(_SCORES)[:, None] - _SCORES,
                "Returns of different environments are subtracted. Compare within a *column*: who was tuned there?",
            ),
            (-_LOSSES, "The sign is turned round: a loss is positive where the foreign setting is worse."),
            (_LOSSES.T, "Rows and columns are swapped: a row is what was tuned on, a column what is tested on."),
            (
                _SCORES.max(axis=1, keepdims=True) - _SCORES,
                "The best of each row is the yardstick; it has to be the score that was tuned in place.",
            ),
            (_SCORES[0] - _SCORES, "Only the first setting is the yardstick; each column has its own."),
        ),
    )


@checks("08.losses", "may be negative")
def _negative(answer: Any) -> None:
    expect.close(
        answer(np.array([[1.0, 5.0], [2.0, 4.0]])),
        [[0.0, -1.0], [-1.0, 0.0]],
        "The losses where the foreign settings are better",
        mistakes=(
            (
                [[0.0, 0.0], [0.0, 0.0]],
                "Losses below 0 are cut off. A foreign setting can be better: the own one was tuned with few seeds.",
            ),
            ([[0.0, 1.0], [1.0, 0.0]], "Only the size is left. A foreign setting that is better has a loss below 0."),
        ),
    )
