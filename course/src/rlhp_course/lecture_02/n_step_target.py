"""Exercise 02.n_step_target. The target of n steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the weights that rewards and value get."""
    steps = np.arange(6)
    ax.bar(steps[:5], 0.8 ** steps[:5], color="C0", label="rewards")
    ax.bar([5], [0.8**5], color="C1", hatch="//", label="value of the state 5 steps on")
    ax.set(xlabel="steps ahead", ylabel="weight in the target", title="gamma = 0.8, n = 5, no episode ends")
    ax.legend()
    return "The weights fall by the factor gamma from 1 for the first reward to gamma to the fifth for the value."


exercise(
    "02.n_step_target",
    title="The target of n steps",
    hints=(
        "Walk along the rewards and keep two numbers: the sum so far, and the discount that the next reward gets.",
        "After each reward the discount shrinks by a factor `gamma`. Where an episode ends, nothing more is added.",
        "If no step ended the episode, the value joins with the discount that is left, `gamma ** n`.",
    ),
    picture=_picture,
)


@checks("02.n_step_target", "rewards and value, each with its discount", weight=2)
def _goes_on(answer: Any) -> None:
    expect.close(
        answer(np.array([1.0, 2.0, 4.0]), np.array([False, False, False]), 100.0, 0.5),
        15.5,
        "The target of the rewards 1, 2, 4 and the value 100, with gamma 0.5",
        mistakes=(
            (53.0, "The value is discounted as if it were one step away; it is three."),
            (103.0, "The value is not discounted at all."),
            (28.0, "The discount of the value is off by one: it is `gamma ** 3` after three rewards."),
            (3.0, "That leaves the value out: the episode went on after these steps."),
            (19.5, "The rewards are not discounted."),
            (14.0, "The first reward is discounted already; it comes at once, with weight 1."),
            (51.0, "That uses only the first reward and then the value: the target of *one* step."),
        ),
    )


@checks("02.n_step_target", "stops where the episode ends")
def _ends(answer: Any) -> None:
    what = "The same where the second step ended the episode"
    expect.close(
        answer(np.array([1.0, 2.0, 4.0]), np.array([False, True, False]), 100.0, 0.5),
        2.0,
        what,
        mistakes=(
            (15.5, "It counts the value of a state that the episode never reached, and what comes before it."),
            (3.0, "The 4 belongs to the next episode: nothing counts after the end."),
            (1.0, "The reward of the step that ended it still counts."),
        ),
    )
    expect.close(
        answer(np.array([5.0]), np.array([True]), 100.0, 0.9), 5.0, "The target of one step that ends the episode"
    )
    expect.close(answer(np.array([5.0]), np.array([False]), 100.0, 0.9), 95.0, "The target of one step that goes on")
