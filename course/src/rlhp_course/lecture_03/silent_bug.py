"""Exercise 03.silent_bug. Find the silent bug: an interval that is too sure of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw two intervals of the same runs."""
    ax.plot([200, 255], [1, 1], color="C1", linewidth=3)
    ax.plot([150, 310], [0, 0], color="C0", linewidth=3)
    ax.plot([228, 228], [0, 1], "o", color="black")
    ax.set_yticks([0, 1], ["repaired", "buggy"])
    ax.set(xlabel="mean area under the curve (made up)", ylim=(-0.6, 1.6), xlim=(100, 360))
    return "Two intervals around one estimate: the repaired one is about three times as wide as the buggy one."


exercise(
    "03.silent_bug",
    title="Find the silent bug: an interval that is too sure of itself",
    hints=(
        "Give it runs that never change, such as `np.repeat([[0.0], [10.0]] * 4, 50, axis=1)`. How wide should it be?",
        "Look at the shape of `drawn`. For how many evaluations of a resampled run is a run drawn anew?",
        "Draw a whole run at once: `rng.integers(runs, size=(n_boot, runs))`, and `curves[drawn]` takes their curves.",
    ),
    picture=_picture,
)

_BOOT = 4_000

# Eight runs that never change, four at 0 and four at 10: their mean is 5, and a resample of eight has a mean of at
# most 1.25 with probability 0.035, of 0 with 0.004. So the interval goes from 1.25 to 8.75.
_FLAT = np.repeat([[0.0], [10.0]] * 4, 40, axis=1)

# Eight runs that are all alike, and move: whoever resamples runs finds no spread at all.
_ALIKE = np.repeat([np.linspace(0.0, 10.0, 40)], 8, axis=0)


def _ends(answer: Any, curves: Any) -> Any:
    got = answer(curves.copy(), _BOOT, rng=np.random.default_rng(0))
    values = np.asarray(got, dtype=np.float64)
    if values.shape != (2,):
        expect.fail(f"An interval has two numbers, its lower and its upper end; the shape is {values.shape}.")
    if values[0] > values[1]:
        expect.fail(f"The lower end comes first; it is {values[0]:.3g} to {values[1]:.3g}.")
    return values


@checks("03.silent_bug", "draws from the generator that it is given")
def _own_generator(answer: Any) -> None:
    expect.seeded(answer, np.array([[0.0, 1.0], [3.0, 7.0], [5.0, 2.0]]), 20, varies=False)


@checks("03.silent_bug", "the interval of runs that never change", weight=2)
def _flat(answer: Any) -> None:
    low, high = _ends(answer, _FLAT)
    width = high - low
    if width < 0.01:
        alike = _ends(answer, _ALIKE)
        if alike[1] - alike[0] > 0.01:
            expect.fail(
                "Runs that never change, at 0 and at 10, get an interval without width: that resampled the evaluations "
                "of a run. What is drawn anew must be the runs."
            )
        expect.fail(
            "Every resample has the same mean: it seems to hold each run exactly once, drawn without replacement."
        )
    if width < 2.5:
        expect.fail(
            f"Runs at 0 and at 10 get the interval {low:.2f} to {high:.2f}, far too narrow: every evaluation of a "
            f"resampled run comes from another run, so that errors cancel which never cancel in a run."
        )
    if low < 1.2 and high > 8.8:
        wide = _ends(answer, np.repeat(np.arange(20.0)[:, None], 3, axis=1))
        if wide[0] < 1 and wide[1] > 18:
            expect.fail("The interval is as wide as the runs: a resample holds as many runs as there are, not one.")
        expect.fail("That is the whole range of the resamples; leave out 2.5 % of them at either end.")
    expect.close(
        [low, high],
        [1.25, 8.75],
        "The interval of eight runs, four always at 0 and four always at 10,",
        atol=0.01,
        mistakes=(
            ([2.5, 7.5], "That is an interval of 90 %: 2.5 % are to be left out at either end."),
            ([3.75, 6.25], "That is the middle half of the resamples; asked are 95 % of them."),
        ),
    )


@checks("03.silent_bug", "the mean over all of training, not over its end")
def _all_evaluations(answer: Any) -> None:
    low, high = _ends(answer, _ALIKE)
    expect.close(
        [low, high],
        [5.0, 5.0],
        "The interval of eight runs that rise alike from 0 to 10",
        atol=1e-6,
        mistakes=(([10.0, 10.0], "That is of the last evaluation only; asked is the mean over all of them."),),
    )
