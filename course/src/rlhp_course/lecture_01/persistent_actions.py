"""Exercise 01.persistent_actions. Hold on to a random action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw actions held for one step and for four."""
    ax.step(
        range(12), [2, 0, 1, 1, 2, 0, 0, 2, 1, 0, 2, 1], where="post", color="C1", linestyle="--", label="repeat = 1"
    )
    ax.step(range(12), [0, 0, 0, 0, 2, 2, 2, 2, 1, 1, 1, 1], where="post", color="C0", label="repeat = 4")
    ax.set(xlabel="step", ylabel="action", yticks=[0, 1, 2])
    ax.set_ylim(-0.2, 2.9)
    ax.legend(loc="upper center", ncols=2)
    return (
        "With repeat 1 the action changes at almost every step; with repeat 4 each drawn action is held for four steps."
    )


exercise(
    "01.persistent_actions",
    title="Hold on to a random action",
    hints=(
        "Draw fewer actions than steps, then repeat each of them: `np.repeat`.",
        "When `repeat` does not divide `n_steps`, draw one more action and cut the rest off.",
        (
            "`rng.integers(n_actions, size=...)` draws from 0 to n_actions - 1. The size rounds up: "
            "`math.ceil(n_steps / repeat)`."
        ),
    ),
    picture=_picture,
)


@checks("01.persistent_actions", "draws from the generator that it is given")
def _own_generator(answer: Any) -> None:
    expect.seeded(answer, 40, 3, 4)


@checks("01.persistent_actions", "as many actions as steps")
def _as_many(answer: Any) -> None:
    got = np.asarray(expect.seeded(answer, 11, 3, 2))
    expect.true(got.shape == (11,), f"11 steps need 11 actions; with `repeat=2` there are {got.size} actions.")


@checks("01.persistent_actions", "holds each action", weight=2)
def _holds(answer: Any) -> None:
    got = np.asarray(expect.seeded(answer, 400, 3, 4))
    expect.true(got.shape == (400,), f"400 steps need 400 actions; there are {got.size}.")
    blocks = got.reshape(100, 4)
    held = bool((blocks == blocks[:, :1]).all())
    if not held and np.array_equal(got[:-4], got[4:]):
        expect.fail("The same four actions come again and again (`np.tile`); each should be held (`np.repeat`).")
    expect.true(held, "With `repeat=4` the action should stay for four steps; here it changes at every step.")
    expect.true(set(got.tolist()) <= {0, 1, 2}, "With three actions they are numbered from 0: 0, 1, 2.")
    expect.true(
        set(got.tolist()) == {0, 1, 2}, "One of the three actions is never drawn: `rng.integers(3)` gives 0, 1, 2."
    )
