"""Exercise 04.largest_sweep. The largest sweep in a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw how the number of configurations follows the budget."""
    fits = np.arange(1, 40)
    ax.step(fits, 2 ** np.floor(np.log2(fits)), where="post")
    ax.plot(fits, fits, ":", color="0.5")
    ax.set(xlabel="configurations that fit into the budget", ylabel="configurations to sweep", yticks=[1, 8, 16, 32])
    return "A staircase that goes up at 1, 2, 4, 8, 16 and 32 and never above the line of what fits."


exercise(
    "04.largest_sweep",
    title="The largest sweep in a budget",
    hints=(
        "What does one configuration cost, in environment steps?",
        "So many configurations fit: `budget // (seeds * steps)`.",
        "The largest power of two that is not larger: `2 ** int(math.log2(...))`, or double until it no longer fits.",
    ),
    picture=_picture,
)


@checks("04.largest_sweep", "fits, and is a power of two")
def _fits(answer: Any) -> None:
    expect.close(
        answer(900_000, 5, 8_000),
        16,
        "`largest_sweep(900_000, seeds=5, steps=8_000)`",
        mistakes=(
            (22, "22 configurations fit, but Sobol points are even in blocks: give a power of two."),
            (32, "32 configurations take 1,280,000 steps: over the budget."),
            (64, "Every seed of a configuration costs its steps."),
            (131_072, "A run takes `steps` environment steps."),
            (8, "Twice as many fit as well."),
            (4, "That is the exponent: 2 to the power of 4."),
        ),
    )
    expect.close(
        answer(230_000, 2, 10_000),
        8,
        "`largest_sweep(230_000, seeds=2, steps=10_000)`",
        mistakes=((16, "That is the nearest power of two; 16 configurations take 320,000 steps."),),
    )


@checks("04.largest_sweep", "may spend the whole budget")
def _whole(answer: Any) -> None:
    expect.close(
        answer(320_000, 4, 10_000),
        8,
        "`largest_sweep(320_000, seeds=4, steps=10_000)`",
        mistakes=((4, "Eight configurations cost exactly the budget: that fits."),),
    )
