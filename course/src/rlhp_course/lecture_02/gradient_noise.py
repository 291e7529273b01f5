"""Exercise 02.gradient_noise. How noisy is the gradient of a batch?"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Four examples with two parameters: mean (2, 2), variances 1 and 4, so that single examples lie sqrt(5) off.
_GRADIENTS = np.array([[1.0, 0.0], [3.0, 0.0], [1.0, 4.0], [3.0, 4.0]])

_MANY, _BATCH = 20_000, 20


def _picture(ax: Axes) -> str:
    """Draw the noise of a batch's mean over its size."""
    sizes = np.array([1, 4, 16, 64, 256])
    ax.loglog(sizes, 2 / np.sqrt(sizes), "o-")
    ax.set(xlabel="batch size", ylabel="noise of the mean gradient", xticks=sizes, xticklabels=sizes)
    ax.minorticks_off()
    return "On logarithmic axes a straight line downwards: four times the batch size halves the noise."


exercise(
    "02.gradient_noise",
    title="How noisy is the gradient of a batch?",
    hints=(
        "`rng.integers(len(gradients), size=(n_batches, batch_size))` draws all batches at once, with replacement.",
        (
            "`gradients[drawn]` then has the shape [n_batches, batch_size, parameters]; average over the "
            "examples of a batch."
        ),
        (
            "Subtract the mean over *all* examples, square, add up over the parameters, average over batches, "
            "take the root."
        ),
    ),
    picture=_picture,
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
