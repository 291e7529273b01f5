"""Checks of lecture 02: what a batch costs, how noisy it is, and what an n-step target is made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_02 import hints, number_answers, pictures

# 1. The replay ratio ------------------------------------------------------------------------------------------

exercise(
    "02.replay_ratio",
    title="The replay ratio",
    hints=hints.REPLAY_RATIO,
    picture=pictures.replay_ratio,
    wrong_answers=number_answers.REPLAY_RATIO,
)


@checks("02.replay_ratio", "learnt from, over collected", weight=2)
def _ratio(answer: Any) -> None:
    expect.close(
        answer(48, 6, 5, 2),
        20.0,
        "`replay_ratio(48, 6, 5, 2)`",
        mistakes=(
            (0.05, "That is upside down: collected over learnt from."),
            (4.0, "`gradient_steps` is missing: five batches are learnt from in a round, not one."),
            (40.0, "`n_envs` is missing: two environments collect in a round."),
            (80.0, "`n_envs` multiplies, but more environments collect more: it belongs below."),
            (240.0, "Those are the transitions learnt from in all of one round; divide by those that come in."),
            (5 / 12, "That counts updates; each of them learns from a whole batch."),
            (720.0, "`train_freq` is in the numerator; the rarer the training, the smaller the ratio."),
            (0.8, "`gradient_steps` divides, but more gradient steps learn from more."),
        ),
    )


@checks("02.replay_ratio", "need not be a whole number")
def _fraction(answer: Any) -> None:
    expect.close(
        answer(10, 4),
        2.5,
        "`replay_ratio(10, 4)`",
        mistakes=((2.0, "`//` cuts down to whole numbers: divide with `/`."),),
    )
    expect.close(answer(32, 4), 8.0, "`replay_ratio(32, 4)`")


# 2. How noisy a batch is --------------------------------------------------------------------------------------

# Four examples with two parameters: mean (2, 2), variances 1 and 4, so that single examples lie sqrt(5) off.
_GRADIENTS = np.array([[1.0, 0.0], [3.0, 0.0], [1.0, 4.0], [3.0, 4.0]])
_MANY, _BATCH = 20_000, 20

exercise(
    "02.gradient_noise",
    title="How noisy is the gradient of a batch?",
    hints=hints.GRADIENT_NOISE,
    picture=pictures.gradient_noise,
    wrong_answers=number_answers.GRADIENT_NOISE,
    seconds=60,  # a loop over examples in plain Python takes seconds
)


@checks("02.gradient_noise", "draws its batches from the generator that it is given")
def _own_generator(answer: Any) -> None:
    expect.seeded(answer, np.array([[0.0, 0.0], [1.0, 0.0], [5.0, 2.0]]), 2, 7)


@checks("02.gradient_noise", "the distance of batches of 20 from the mean of all", weight=2)
def _distance(answer: Any) -> None:
    first, *others = (
        expect.number(answer(_GRADIENTS, _BATCH, _MANY, rng=np.random.default_rng(seed)), "`gradient_noise(...)`")
        for seed in range(4)
    )
    if abs(first) < 0.05 and max(map(abs, others)) < 0.05:
        if min(first, *others) < 0:
            expect.fail("Differences of both signs cancel: square them before you add them up.")
        expect.fail("That averages over the batches; average over the examples *within* each batch (the middle axis).")
    if max(map(abs, others)) > 1.1 * min(map(abs, [first, *others])):
        expect.fail(
            f"Twenty thousand batches should average chance away, but another seed changes the result from "
            f"{first:.2f} to {max(others, key=lambda other: abs(other - first)):.2f}: is it a single batch?"
        )
    expect.close(
        first,
        0.5,
        "The noise of batches of 20",
        rtol=0.03,
        mistakes=(
            (54.66, "That takes the sum of a batch; its gradient is the mean over its examples."),
            (math.sqrt(5), "That is the noise of single examples: draw `batch_size` of them for each batch."),
            (
                math.sqrt(8.25),
                "That is the distance from 0; the question is the distance from the mean of all examples.",
            ),
            (0.25, "That is the mean *squared* distance; take the square root."),
            (math.sqrt(0.125), "The squares are averaged over the parameters; a distance adds them up."),
            (
                0.437,
                "That is the mean distance; asked is the root of the mean *squared* distance.",
            ),
        ),
    )


@checks("02.gradient_noise", "four times the batch size, half the noise")
def _root_law(answer: Any) -> None:
    small, large = (
        expect.number(answer(_GRADIENTS, size, _MANY, rng=np.random.default_rng(0)), "`gradient_noise(...)`")
        for size in (2, 8)
    )
    expect.true(large > 0, "The noise of batches of 8 is 0: are the batches drawn at random?")
    expect.close(
        small / large, 2.0, "The noise of batches of 2, over that of batches of 8", rtol=0.05,
        mistakes=((4.0, "It falls like 1/B: is a square root missing?"),),
    )  # fmt: skip


# 3. The n-step target -----------------------------------------------------------------------------------------

exercise(
    "02.n_step_target",
    title="The target of n steps",
    hints=hints.N_STEP_TARGET,
    picture=pictures.n_step_target,
    wrong_answers=number_answers.N_STEP_TARGET,
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
