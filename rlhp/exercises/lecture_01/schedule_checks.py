"""Checks of lecture 01: a schedule's shape, what it spends, and one for a budget."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import CheckFailed, expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_01 import hints, pictures, schedule_answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from rlhp.schedules import Schedule

# 1. A straight line -------------------------------------------------------------------------------------------

exercise(
    "01.linear_epsilon",
    title="Linear epsilon",
    hints=hints.LINEAR_EPSILON,
    picture=pictures.linear_epsilon,
    wrong_answers=schedule_answers.LINEAR_EPSILON,
)


@checks("01.linear_epsilon", "falls in a straight line", weight=2)
def _slope(answer: Any) -> None:
    early = answer(0.125)
    if np.size(early) == 1 and math.isclose(float(np.ravel(early)[0]), 1.0):
        if math.isclose(float(np.ravel(answer(0.75))[0]), 0.525):
            expect.fail("Epsilon begins to fall only at `fraction`; it should begin at once and be done at `fraction`.")
        expect.fail("An eighth into training epsilon has not moved at all. Does `//` cut the share down to 0?")
    expect.close(
        early,
        0.7625,
        "`linear_epsilon(0.125)`",
        mistakes=(
            (0.88125, "Epsilon falls over the whole of training: divide `progress` by `fraction`."),
            (0.75, "Epsilon falls to 0: it should fall to `end`."),
            (0.2875, "Epsilon rises: it should begin at `start` and come down to `end`."),
            (0.05, "Epsilon is at its end at once: `fraction` is a fraction between 0 and 1, not per cent."),
        ),
    )


@checks("01.linear_epsilon", "reaches its end at `fraction` and stays there")
def _foot(answer: Any) -> None:
    expect.close(answer(0.5), 0.05, "`linear_epsilon(0.5)`")
    expect.close(
        answer(1.0),
        0.05,
        "`linear_epsilon(1.0)`",
        mistakes=(
            (
                -0.9,
                "After `fraction` epsilon goes on falling, to -0.9, which is no probability: stop the share at 1.",
            ),
        ),
    )


@checks("01.linear_epsilon", "takes an array")
def _array(answer: Any) -> None:
    try:
        got = answer(np.array([0.0, 0.125, 0.5, 1.0]))
    except CheckFailed as failure:
        expect.fail(
            "It works for one number, but not yet for an array of them: `min(...)` and `if` look at single numbers, "
            f"`np.minimum` at both. {failure}"
        )
    expect.close(
        expect.array(got, (4,), "`linear_epsilon(array)`"), [1.0, 0.7625, 0.05, 0.05], "`linear_epsilon(array)`"
    )


# 2. What a schedule spends ------------------------------------------------------------------------------------

exercise(
    "01.exploratory_steps",
    title="What a schedule spends",
    hints=hints.EXPLORATORY_STEPS,
    picture=pictures.exploratory_steps,
    wrong_answers=schedule_answers.EXPLORATORY_STEPS,
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


# 3. A schedule for a budget -----------------------------------------------------------------------------------

exercise(
    "01.budget",
    title="A schedule for a budget",
    hints=hints.BUDGET,
    picture=pictures.budget,
    wrong_answers=schedule_answers.BUDGET,
)


def _the_schedule(answer: Any) -> Schedule:
    from rlhp import schedules

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
