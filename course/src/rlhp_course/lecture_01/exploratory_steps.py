"""Exercise 01.exploratory_steps. What a schedule spends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the area under a schedule."""
    progress = np.array([0.0, 0.8, 1.0])
    epsilon = np.array([1.0, 0.05, 0.05])
    ax.plot(progress, epsilon)
    ax.fill_between(progress, epsilon, alpha=0.3)
    ax.text(0.05, 0.15, "area = 0.43\ntimes 10,000 steps\n= 4,300 random actions")
    ax.set(xlabel="progress (share of training done)", ylabel="epsilon", ylim=(0, 1.05))
    return "The area under the linear schedule from 1 to 0.05 over 80 % of training is 0.43: 4,300 of 10,000 steps."


exercise(
    "01.exploratory_steps",
    title="What a schedule spends",
    hints=(
        (
            "At step t the progress is t / steps, and epsilon at that progress is the *expected* number of "
            "random actions there."
        ),
        "Add them up over all steps: t = 0, 1, ..., steps - 1.",
        "`sum(epsilon(t / steps) for t in range(steps))`, or the mean of epsilon on a fine grid times `steps`.",
    ),
    picture=_picture,
)


class _Epsilon:
    """Epsilon for the exercise: takes numbers and arrays, refuses what is no progress, remembers what it was asked."""

    def __init__(self, of_one: Callable[[float], float]) -> None:
        self._of_one = of_one
        self.asked: list[float] = []

    def __call__(self, progress: Any) -> Any:
        values = [float(one) for one in np.ravel(progress)]
        for one in values:
            if not 0.0 <= one <= 1.0:
                expect.fail(
                    f"`epsilon` was asked for {one:g}: it takes the progress, a number from 0 to 1, not a step number."
                )
        self.asked += values
        results = [self._of_one(one) for one in values]
        return results[0] if np.ndim(progress) == 0 else np.array(results).reshape(np.shape(progress))


def _falling(progress: float) -> float:
    """Linear from 1 to 0.05 over the first 80 % of training."""
    return 1.0 - 0.95 * min(progress / 0.8, 1.0)


@checks("01.exploratory_steps", "the area under the schedule, in steps", weight=2)
def _spent(answer: Any) -> None:
    epsilon = _Epsilon(_falling)
    got = answer(epsilon, 10_000)
    if len(epsilon.asked) > 1 and not any(epsilon.asked):
        expect.fail("The progress was 0 at every step: `//` cuts it down to a whole number; divide with `/`.")
    expect.close(
        got,
        4300.0,
        "`exploratory_steps(linear from 1 to 0.05 over 80 %, 10_000)`",
        rtol=2e-3,
        mistakes=(
            (10_000.0, "That uses only the first value of epsilon, 1, for every step."),
            (500.0, "That uses only the last value of epsilon for every step."),
            (4062.5, "That uses the value half-way through training for every step; add up those of all steps."),
            (
                5250.0,
                "That is the mean of the first and the last value: right for a line that falls to the very end, but "
                "this one is flat for the last fifth.",
            ),
            (0.43, "That is the share of steps; the question is how many steps: times `steps`."),
            (5700.0, "Those are the greedy steps; count the random ones."),
        ),
    )


@checks("01.exploratory_steps", "for any shape")
def _any_shape(answer: Any) -> None:
    always = _Epsilon(lambda progress: 0.3)
    expect.close(answer(always, 500), 150.0, "`exploratory_steps(always 0.3, 500)`", rtol=2e-3)
    dropping = _Epsilon(lambda progress: 1.0 if progress < 0.25 else 0.5)
    expect.close(answer(dropping, 8_000), 5000.0, "`exploratory_steps(1 for a quarter, then 0.5, 8_000)`", rtol=2e-3)
