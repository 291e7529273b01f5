"""Exercise 02.replay_ratio. The replay ratio."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the ratio over the batch size, for two training frequencies."""
    sizes = np.array([8, 16, 32, 64, 128, 256, 512])
    ax.loglog(sizes, sizes / 4, "o-", label="train_freq = 4")
    ax.loglog(sizes, sizes / 16, "s--", label="train_freq = 16")
    ax.set(xlabel="batch size", ylabel="replay ratio", xticks=sizes, xticklabels=sizes)
    ax.minorticks_off()
    ax.legend(title="one gradient step, one environment")
    return (
        "The replay ratio doubles with the batch size: with train_freq 4 from 2 at batch size 8 to 128 at 512, and "
        "a quarter of that with train_freq 16."
    )


exercise(
    "02.replay_ratio",
    title="The replay ratio",
    hints=(
        "Count both for one round of training: how many transitions come in, and how many does the learner look at?",
        "In: `train_freq` steps in each of `n_envs` environments. Out: `gradient_steps` batches of `batch_size`.",
        "What is learnt from, divided by what is collected, with `/`: the ratio is rarely a whole number.",
    ),
    picture=_picture,
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
