"""Exercise 01.silent_bug. Find the silent bug: an agent that never stops exploring."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw epsilon over training, buggy and repaired."""
    ax.plot([0, 100], [1.0, 0.93], "--", color="C1", label="buggy")
    ax.plot([0, 50, 100], [1.0, 0.05, 0.05], color="C0", label="repaired")
    ax.set(xlabel="per cent of the environment steps", ylabel="epsilon", ylim=(0, 1.05))
    ax.legend()
    return "The buggy epsilon hardly leaves 1; the repaired one falls to 0.05 at half of the environment steps."


exercise(
    "01.silent_bug",
    title="Find the silent bug: an agent that never stops exploring",
    hints=(
        "What is the largest `progress` that the buggy function ever computes?",
        "`episode` counts episodes and `total_steps` counts environment steps: their ratio is not a share of anything.",
        "Keep a counter of environment steps that goes up by one for every epsilon you write down.",
    ),
    picture=_picture,
)

_LENGTHS = (10, 30, 60, 100)  # 200 steps in four episodes that grow longer, as those of a learning agent do


def _log(answer: Any, lengths: list[int]) -> Any:
    got = answer(lengths, 200)
    expect.true(
        np.size(got) == 200,
        f"{len(lengths)} episodes with 200 steps in all need an epsilon for every environment step, 200; there are "
        f"{np.size(got)}.",
    )
    return np.asarray(got, dtype=float)


@checks("01.silent_bug", "one epsilon for each environment step")
def _one_a_step(answer: Any) -> None:
    _log(answer, list(_LENGTHS))


@checks("01.silent_bug", "falls with every step, whatever the episodes", weight=2)
def _per_step(answer: Any) -> None:
    got = _log(answer, list(_LENGTHS))
    expect.true(
        math.isclose(got[0], 1.0, abs_tol=1e-9),
        f"At the very first step no training is done yet, so epsilon should be 1; it is {got[0]:.4f} (off by one?).",
    )
    if np.ptp(got) < 1e-9:
        expect.fail("Epsilon never moves at all: is the progress rounded down to a whole number, as `//` does?")
    expect.true(
        bool((np.diff(got) <= 1e-12).all()),
        "Epsilon jumps back up when an episode begins: count the steps of training, not those of the episode.",
    )
    expect.true(
        got[-1] < 0.06,
        (
            f"Epsilon never comes down: it is still {got[-1]:.2f} at the last step. Which two things does "
            "`progress` divide?"
        ),
    )
    if got[5] < 0.06:
        expect.fail("Epsilon is at its end within the first few steps: is the progress in percent?")
    if got[20] == got[30]:
        expect.fail("Epsilon is the same for a whole episode; it should fall with every step, also within an episode.")
    expect.close(got[[50, 99, 150]], [0.525, 0.0595, 0.05], "epsilon at the steps 50, 99 and 150 of 200")


@checks("01.silent_bug", "the number of episodes does not matter")
def _any_episodes(answer: Any) -> None:
    many = _log(answer, [20] * 10)
    few = _log(answer, [100, 100])
    expect.close(many, few, "epsilon with ten episodes of 20 steps, against two of 100")
