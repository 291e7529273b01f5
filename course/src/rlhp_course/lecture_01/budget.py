"""Exercise 01.budget. A schedule for a budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp import schedules
from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the frame that the schedule must fit."""
    ax.axhspan(0, 0.05, xmin=0.5, color="C2", alpha=0.3)
    ax.plot([0], [1], "o", color="C0")
    ax.axvline(0.5, color="C7", linestyle=":")
    ax.text(0.52, 0.08, "at most 0.05 from here on")
    ax.text(0.08, 0.95, "begins at 1")
    ax.text(0.03, 0.4, "area under the curve: 0.20")
    ax.set(xlabel="progress", ylabel="epsilon", xlim=(0, 1), ylim=(0, 1.05))
    return (
        "The frame that the schedule must fit: it begins at 1, is at most 0.05 from half of training on, and the area "
        "under it is 0.20."
    )


exercise(
    "01.budget",
    title="A schedule for a budget",
    hints=(
        "In the explorer, hold shape, start and end and move `fraction` until the share of random steps is 20 %.",
        "For `Linear(1.0, 0.05, f)` the share is f * (1 + 0.05) / 2 + (1 - f) * 0.05. Solve for f.",
        "`schedule.mean()` gives the share, so you can test your answer yourself.",
    ),
    picture=_picture,
)


def _the_schedule(answer: Any) -> schedules.Schedule:
    schedule = answer()
    if not isinstance(schedule, schedules.Schedule):
        expect.fail(
            f"Give back a schedule, not a {type(schedule).__name__}: for instance "
            "`schedules.Linear(1.0, 0.05, fraction=...)`."
        )
    return schedule


@checks("01.budget", "begins at 1 and has come down by half-way")
def _frame(answer: Any) -> None:
    schedule = _the_schedule(answer)
    expect.true(
        math.isclose(schedule(0.0), 1.0, abs_tol=1e-6),
        f"It begins at {schedule(0.0):g}; it should begin at epsilon = 1.",
    )
    grid = np.linspace(0.0, 1.0, 1001)
    values = np.array([schedule(float(at)) for at in grid])
    expect.true(
        bool((values >= 0).all() and (values <= 1).all()), "Epsilon is a probability: it must stay between 0 and 1."
    )
    late = float(values[grid >= 0.5].max())
    expect.true(
        late <= 0.05 + 1e-6,
        (
            f"It should be at most 0.05 from half of training on; it is still {late:.3f} there. Choose a smaller "
            "`fraction`."
        ),
    )


@checks("01.budget", "spends 20 % of the steps", weight=2)
def _share(answer: Any) -> None:
    schedule = _the_schedule(answer)
    # What it does counts, not what its own `mean` says of it.
    share = float(np.mean([float(schedule((n + 0.5) / 2_000)) for n in range(2_000)]))
    expect.true(
        abs(share - 0.2) <= 0.005,
        f"It spends {round(100 * share, 4):g} % of the steps on random actions; 20 % are asked for (half a percent "
        "point up or down is fine). The share is the area under the curve, which is not the `fraction`.",
    )
