"""Checks of lecture 01: epsilon at every step of training, and random actions that last."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_01 import acting_answers, hints, pictures

# 4. Find the silent bug ---------------------------------------------------------------------------------------

exercise(
    "01.silent_bug",
    title="Find the silent bug: an agent that never stops exploring",
    hints=hints.SILENT_BUG,
    picture=pictures.silent_bug,
    wrong_answers=acting_answers.SILENT_BUG,
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


# 5. Persistent exploration ------------------------------------------------------------------------------------

exercise(
    "01.persistent_actions",
    title="Hold on to a random action",
    hints=hints.PERSISTENT_ACTIONS,
    picture=pictures.persistent_actions,
    wrong_answers=acting_answers.PERSISTENT_ACTIONS,
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
