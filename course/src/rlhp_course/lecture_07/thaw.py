"""Exercise 07.thaw. Which paused run goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw two forecasts and the best so far."""
    at = np.linspace(0, 20, 200)
    for middle, spread, label in ((9, 1, "nearly as good, sure"), (7, 4, "worse, unsure")):
        ax.plot(at, np.exp(-0.5 * ((at - middle) / spread) ** 2) / spread, label=label)
    ax.axvline(10, color="0.4", linestyle="--", label="best so far")
    ax.set(xlabel="return at the end", ylabel="density (made up)")
    ax.legend()
    return "Two forecasts: a narrow one just below the best so far, and a wide one that reaches far above it."


exercise(
    "07.thaw",
    title="Whom to thaw",
    hints=(
        "Of each run: `np.maximum(draws - best, 0).mean()`. Draws below the best count as 0, not as a loss.",
        "Divide by the steps that the run still needs: improvement is bought with steps.",
        "`np.argmax` of that gives the place; if the largest is 0, the answer is -1.",
    ),
    picture=_picture,
)

# With 8 as the best so far each mistake below picks another run.
_DRAWS = (
    [11.0] * 4, [0.0, 0.0, 0.0, 40.0], [4.0, 4.0, 4.0, 16.0], [7.0] * 4, [8.1] * 4, [9.0] * 4, [-30.0] * 5 + [43.0],
)  # fmt: skip
_LEFT = (100, 100, 10, 1, 5, 10, 300)
_CHOSEN = (
    (0, "That run has the highest mean. What counts is how far draws go *above* the best, and what it costs."),
    (1, "That run has much to gain, but needs 100 steps: divide by `left`."),
    (3, "That run is nearly at its end, and none of its draws is above the best: it has nothing to gain."),
    (4, "That run is *sure* to improve, by 0.1: weigh each draw with how far it is above the best."),
    (5, "Draws below the best must count as 0: `np.maximum(draws - best, 0)` before the mean, not after."),
    (6, "That run has the single highest draw; the mean over the draws was asked."),
)


@checks("07.thaw", "weighs what may be gained with what it costs", weight=2)
def _best(answer: Any) -> None:
    got = answer([np.array(one) for one in _DRAWS], 8.0, list(_LEFT))
    expect.true(got != -1, "Several runs may improve on the best; give the place of one.")
    expect.equal(float(got), 2.0, "The place of the run to thaw", mistakes=_CHOSEN)


@checks("07.thaw", "thaws nobody where nothing is to be gained")
def _nobody(answer: Any) -> None:
    got = answer([np.array([1.0, 2.0]), np.array([0.0, 3.0])], 3.0, [10, 20])
    expect.true(got == -1, f"No draw is above the best, 3, and yet run {got} is thawed: give -1.")
    worse = answer([np.array([-9.0, -8.0]), np.array([-7.0, -3.0])], -5.0, [10, 10])
    expect.true(worse != -1, "The best so far is -5, and a draw of -3 is above it: returns may be negative.")
    expect.equal(float(worse), 1.0, "The place of the run to thaw, of two with negative returns")
