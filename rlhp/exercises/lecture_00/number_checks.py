"""Checks of lecture 00: what an episode earns, and how often the network changes."""

from __future__ import annotations

from typing import Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_00 import hints, number_answers, pictures

# 1. The return of an episode ---------------------------------------------------------------------------------

exercise(
    "00.discounted_return",
    title="The return of an episode",
    hints=hints.DISCOUNTED_RETURN,
    picture=pictures.discounted_return,
    wrong_answers=number_answers.DISCOUNTED_RETURN,
)


@checks("00.discounted_return", "the first reward in full, later ones less and less", weight=2)
def _discounted(answer: Any) -> None:
    got = answer([1.0, 2.0, 3.0], 0.5)
    if np.ndim(got) > 0:
        expect.fail(
            "The return is one number for the whole episode: add the weighted rewards up. "
            f"`discounted_return([1, 2, 3], 0.5)` gave {np.size(got)} numbers."
        )
    expect.close(
        got,
        2.75,
        "`discounted_return([1, 2, 3], 0.5)`",
        mistakes=(
            (6.0, "That is the plain sum: the answer does not use `gamma`."),
            (
                1.375,
                "All is multiplied by one `gamma` too many (off by one): the weight of the first reward is gamma ** 0 "
                "= 1.",
            ),
            (4.25, "The weights run backwards: the last reward counts in full, but it should be the first."),
            (3.0, "Every reward has the same weight: the weight must shrink with the step t, as gamma ** t."),
            (4.0, "gamma is multiplied by t: it should be raised to the power t."),
            (2.75 / 3, "A return is a sum, not a mean: do not divide by the number of steps."),
        ),
    )


@checks("00.discounted_return", "with gamma = 1 it is the plain sum")
def _undiscounted(answer: Any) -> None:
    expect.close(answer([1.0] * 40, 1.0), 40.0, "`discounted_return([1] * 40, 1)`")


# 2. How often does the network change? ------------------------------------------------------------------------

exercise(
    "00.gradient_steps",
    title="How often does the network change?",
    hints=hints.GRADIENT_STEPS,
    picture=pictures.gradient_steps,
    wrong_answers=number_answers.GRADIENT_STEPS,
)


@checks("00.gradient_steps", "rollouts, epochs and minibatches", weight=2)
def _count_updates(answer: Any) -> None:
    expect.close(
        answer(10_000, 4, 128, 64, 10),
        1600,
        "`gradient_steps(10_000, n_envs=4, n_steps=128, batch_size=64, n_epochs=10)`",
        mistakes=(
            (1520, "That rounds the number of rollouts down (`//`): PPO finishes the rollout it began, so round up."),
            (1562.5, "That counts a part of a rollout; PPO finishes the rollout it began, so round up."),
            (1580, "A rollout is `n_steps` in *each* of the environments: `n_envs` is missing."),
            (160, "Each rollout is used `n_epochs` times."),
            (200, "Each epoch has a gradient step for every minibatch of `batch_size`, not one in all."),
        ),
    )


@checks("00.gradient_steps", "a small last minibatch counts as well")
def _rest(answer: Any) -> None:
    expect.close(
        answer(100, 1, 100, 64, 1),
        2,
        "`gradient_steps(100, n_envs=1, n_steps=100, batch_size=64, n_epochs=1)`",
        mistakes=(
            (
                1,
                "100 transitions are a minibatch of 64 and one of 36: the rest of a rollout is a minibatch too, so "
                "round up.",
            ),
        ),
    )
