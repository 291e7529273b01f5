"""Exercise 03.three_scores. Three numbers of one curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw a curve and the three numbers that are read off it."""
    steps, returns = np.array([2, 4, 6, 12]), np.array([20.0, 180.0, 120.0, 150.0])
    ax.plot(steps, returns, "o-", color="C0", label="evaluations")
    ax.fill_between(steps, 0, returns, color="C0", alpha=0.15, label="area")
    ax.plot(4, 180, "^", color="C1", markersize=11, label="best")
    ax.plot(12, 150, "s", color="C2", markersize=9, label="final")
    area = np.trapezoid(returns, steps) / 10
    ax.hlines(area, 2, 12, color="C0", linestyle="--", label="area / steps covered")
    ax.set(xlabel="steps (thousands)", ylabel="return", ylim=(0, None))
    ax.legend(fontsize=8, loc="lower right")
    return (
        "A curve of four evaluations at unequal distances. The best is the second, the final one is the last. The area "
        "below the straight lines between them, divided by the steps covered, is a height in between."
    )


exercise(
    "03.three_scores",
    title="Three numbers of one curve",
    hints=(
        "The first two are a line each: the last entry of `returns`, and the largest.",
        "Between two evaluations take the straight line: `np.trapezoid(returns, steps)` is the area below all of them.",
        "An area has the unit return times steps. Divide it by the steps it covers: `steps[-1] - steps[0]`.",
    ),
    picture=_picture,
)

_STEPS, _RETURNS = np.array([2_000, 4_000, 10_000]), np.array([10.0, 50.0, 20.0])

_KEYS = ("final", "best", "auc")


def _found(answer: Any, steps: Any = _STEPS, returns: Any = _RETURNS) -> Any:
    got = answer(steps.copy(), returns.copy())
    if not isinstance(got, dict):
        expect.fail(f"Give back a dictionary with the keys {', '.join(_KEYS)}; it is a {type(got).__name__}.")
    for key in _KEYS:
        expect.true(key in got, f"The dictionary has no key `{key}`; it has {', '.join(map(repr, got)) or 'none'}.")
    return got


@checks("03.three_scores", "the final return")
def _final(answer: Any) -> None:
    expect.close(
        _found(answer)["final"],
        20.0,
        "`final` of the returns 10, 50, 20",
        mistakes=(
            (10.0, "That is the *first* evaluation; asked is the last one."),
            (50.0, "That is the best, not the last: the agent that is left at the end earns 20."),
            (35.0, "That averages the last two; a good idea against noise, but asked is the last one."),
        ),
    )


@checks("03.three_scores", "the best return at any time")
def _best(answer: Any) -> None:
    expect.close(
        _found(answer)["best"],
        50.0,
        "`best` of the returns 10, 50, 20",
        mistakes=(
            (1.0, "That is the position of the best; asked is its return: `max`, not `argmax`."),
            (4_000.0, "That is *when* the best was seen; asked is its return."),
        ),
    )


@checks("03.three_scores", "the area under the curve, as an average", weight=2)
def _area(answer: Any) -> None:
    expect.close(
        _found(answer)["auc"],
        33.75,
        "`auc` of the returns 10, 50, 20 at the steps 2,000, 4,000 and 10,000",
        mistakes=(
            (
                80 / 3,
                "That is the mean of the evaluations, as if they were equally far apart; the last stretch is three "
                "times as long.",
            ),
            (270_000.0, "That is an area, return times steps: divide it by the steps it covers."),
            (27.0, "Divide by `steps[-1] - steps[0]`: before the first evaluation nothing is known."),
            (90_000.0, "Divide by the steps covered, not by the number of evaluations."),
            (32.5, "That forgets `steps`: `np.trapezoid(returns, steps)`."),
            (40.0, "Those are rectangles: between two evaluations take the straight line, `np.trapezoid`."),
            (28.0, "That makes up a return of 0 at step 0; nothing was measured there."),
        ),
    )


@checks("03.three_scores", "the area of another curve")
def _another(answer: Any) -> None:
    got = _found(answer, np.array([0, 100]), np.array([-200.0, -100.0]))
    expect.close(got["auc"], -150.0, "`auc` of the returns -200 and -100 at the steps 0 and 100")
