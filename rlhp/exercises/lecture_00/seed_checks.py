"""Checks of lecture 00: what one seed hides, and what several of them tell."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_00 import hints, pictures, seed_answers

# 3. Find the silent bug ---------------------------------------------------------------------------------------

exercise(
    "00.silent_bug",
    title="Find the silent bug: an evaluation that never varies",
    hints=hints.SILENT_BUG,
    picture=pictures.silent_bug,
    wrong_answers=seed_answers.SILENT_BUG,
)


class _Walk:
    """A tiny environment: the start is drawn at reset, each step earns it, and some episodes end by a time limit."""

    def __init__(self) -> None:
        self.seeds: list[int | None] = []
        self._rng = np.random.default_rng()
        self._over = True

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        self.seeds.append(seed)
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._start, self._t, self._over = float(self._rng.integers(1, 1_000_000)), 0, False
        return np.array([self._start]), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if self._over:
            expect.fail(
                "An episode was stepped after its end: it is over when it is `terminated` *or* `truncated` (time "
                "limit), and the next one begins with `env.reset()`."
            )
        self._t += 1
        terminated = self._t == 3 and self._start % 2 == 0
        truncated = self._t == 5
        self._over = terminated or truncated
        return np.array([self._start]), self._start, terminated, truncated, {}


def _act(observation: Any) -> int:
    return 0


def _returns(answer: Any, env: _Walk, seed: int) -> list[float]:
    returns = answer(_act, env, 6, seed)
    if np.ndim(returns) == 0:
        expect.fail("Give back a list with the return of every episode, as the buggy version does, not one number.")
    return list(returns)


@checks("00.silent_bug", "one return for each episode")
def _one_each(answer: Any) -> None:
    returns = _returns(answer, _Walk(), 0)
    expect.true(len(returns) == 6, f"With `n_episodes=6` there should be 6 episodes, not {len(returns)}.")


@checks("00.silent_bug", "the episodes are different ones", weight=2)
def _different(answer: Any) -> None:
    env = _Walk()
    returns = _returns(answer, env, 0)
    expect.true(
        len(set(returns)) > 1,
        "All six returns are equal: every reset starts the same episode again, so six episodes tell no more than one. "
        f"`env.reset` was called with the seeds {env.seeds}.",
    )


@checks("00.silent_bug", "the same seed gives the same returns")
def _reproducible(answer: Any) -> None:
    env = _Walk()
    first, second = _returns(answer, env, 3), _returns(answer, _Walk(), 3)
    expect.true(
        any(seed is not None for seed in env.seeds),
        (
            "The seed was never given to the environment, so nobody can repeat this evaluation: pass it to the first "
            "reset."
        ),
    )
    expect.true(first == second, "Twice the same seed gave different returns: where else does chance come in?")
    expect.true(
        first != _returns(answer, _Walk(), 4),
        "Another seed gave the very same returns: use the `seed` that is passed in, not one of your own.",
    )


# 4. One seed lies ---------------------------------------------------------------------------------------------

exercise(
    "00.upset",
    title="How often does one seed point the wrong way?",
    hints=hints.UPSET,
    picture=pictures.upset,
    wrong_answers=seed_answers.UPSET,
)


@checks("00.upset", "every pair of seeds, ties half", weight=2)
def _upset(answer: Any) -> None:
    expect.close(
        answer([500.0, 480.0, 300.0], [500.0, 200.0]),
        2.5 / 6,
        "`upset([500, 480, 300], [500, 200])`",
        mistakes=(
            (2 / 6, "That counts ties as nothing: a tie is half an upset."),
            (3 / 6, "That counts ties in full: a tie is half an upset."),
            (3.5 / 6, "That is how often `better` wins; an upset is a win of `worse`."),
            (
                0.25,
                "That compares the lists side by side; compare every return of one with every return of the other.",
            ),
            (0.0, "That compares two averages; the question is about *single* seeds: compare every pair."),
            (2.5, "That is the number of upsets; divide by the number of pairs."),
        ),
    )


@checks("00.upset", "no upset, and nothing but upsets")
def _extremes(answer: Any) -> None:
    expect.close(answer([5.0, 6.0], [1.0, 2.0, 3.0]), 0.0, "`upset([5, 6], [1, 2, 3])`")
    expect.close(answer([1.0, 2.0, 3.0], [5.0, 6.0]), 1.0, "`upset([1, 2, 3], [5, 6])`")


# 5. The interquartile mean ------------------------------------------------------------------------------------

exercise(
    "00.iqm",
    title="The interquartile mean",
    hints=hints.IQM,
    picture=pictures.iqm,
    wrong_answers=seed_answers.IQM,
)


@checks("00.iqm", "the mean of the middle half", weight=2)
def _middle_half(answer: Any) -> None:
    expect.close(
        answer(np.array([20.0, 1.0, 500.0, 0.0, 3.0, 10.0, 0.0, 2.0])),
        4.0,
        "`iqm([20, 1, 500, 0, 3, 10, 0, 2])`",
        mistakes=(
            (67.0, "That is the plain mean: one lucky run of 500 pulls it up."),
            (2.5, "That is the median: the interquartile mean averages over the whole middle half."),
            (128.25, "Those are the middle ones of the list as it came: sort the returns first."),
            (16 / 6, "That drops only the highest quarter; drop the lowest quarter as well."),
            (536 / 6, "That drops only the lowest quarter; drop the highest quarter as well."),
            (36 / 6, "That drops a quarter in all; drop a quarter on each side, so that the middle half is left."),
        ),
    )


@checks("00.iqm", "with few seeds too")
def _few(answer: Any) -> None:
    expect.close(answer(np.array([4.0, 1.0, 100.0, 2.0, 3.0])), 3.0, "`iqm([4, 1, 100, 2, 3])`")
    three = answer(np.array([1.0, 2.0, 6.0]))
    if np.size(three) == 0 or not math.isclose(float(three), 3.0):
        expect.fail(
            "With fewer than four returns nothing is dropped: `iqm([1, 2, 6])` should be 3. "
            f"It gave {three}. Look at what your slice does when the number to drop is 0."
        )
