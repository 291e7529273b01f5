"""Exercise 02.silent_bug. Find the silent bug: a loss that is right for batches of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the loss of a perfect prediction over the batch size, buggy and repaired."""
    sizes = [1, 2, 8, 32, 128]
    ax.plot(sizes, [0.0, 5.0, 8.75, 9.7, 9.9], "s--", color="C1", label="buggy")
    ax.plot(sizes, [0.0] * 5, "o-", color="C0", label="repaired")
    ax.set(xlabel="batch size", ylabel="loss of a perfect prediction", xscale="log", xticks=sizes, xticklabels=sizes)
    ax.minorticks_off()
    ax.legend()
    return "The buggy loss of a perfect prediction is 0 only at batch size 1 and grows; repaired it is 0 throughout."


exercise(
    "02.silent_bug",
    title="Find the silent bug: a loss that is right for batches of one",
    hints=(
        (
            "Print the shape of `q`, of `target` and of `q - target`. How many errors should a batch of B "
            "transitions have?"
        ),
        "NumPy stretches (B, 1) and (B,) to (B, B): every prediction is compared with every target.",
        "Bring both to one shape first, for instance with `q[:, 0]`; everything else may stay.",
    ),
    picture=_picture,
)

# Three transitions, the last one ends its episode; the targets are 6, 9 and 5, so the errors are 1, -3 and 2.
_Q = np.array([[7.0], [6.0], [7.0]])

_REWARD = np.array([1.0, 2.0, 5.0])

_NEXT = np.array([[10.0, 4.0], [8.0, 14.0], [3.0, 20.0]])

_ENDED = np.array([0.0, 0.0, 1.0])


@checks("02.silent_bug", "one error for each transition", weight=2)
def _errors(answer: Any) -> None:
    got = answer(_Q, _REWARD, _NEXT, _ENDED, 0.5)
    pairs = float(((_Q - np.array([6.0, 9.0, 5.0])) ** 2).mean())
    expect.close(
        got,
        14 / 3,
        "The loss of three transitions with the errors 1, -3 and 2",
        rtol=1e-4,
        mistakes=(
            (pairs, "It compares every prediction with every target: look at the shape of the error."),
            (
                _of(best=20.0),
                "That takes the largest value of the whole batch; each transition has a best action of its own.",
            ),
            (_of(best=_NEXT.mean(axis=1)), "That takes the mean over actions; Q-learning's target takes the largest."),
            (_of(best=_NEXT.min(axis=1)), "That takes the smallest value of each row; the target takes the largest."),
            (_of(best=_NEXT[:, 0]), "That takes the first action's value; the target takes the largest."),
            (_of(keep=1.0), "A transition that ended its episode has no future: its target is the reward alone."),
            (
                _of(keep=_ENDED),
                "`terminated` is used the wrong way round: the future counts where the episode goes on.",
            ),
            (_of(gamma=1.0), "The future is not discounted: `gamma` is missing."),
            (14.0, "That is the sum over the batch; with the mean, the length of a step does not grow with the batch."),
            (float(np.sqrt(14 / 3)), "That is the square root of the mean squared error."),
            (2.0, "That is the mean absolute error; asked is the squared one."),
            (0.0, "The errors were averaged before they were squared: those of different sign cancel."),
        ),
    )


@checks("02.silent_bug", "nothing to lose for a perfect prediction, whatever the batch size")
def _perfect(answer: Any) -> None:
    rng = np.random.default_rng(0)
    for size in (1, 2, 64):
        next_q, reward, ended = rng.normal(size=(size, 3)), rng.normal(size=size), np.zeros(size)
        right = (reward + 0.9 * next_q.max(axis=1))[:, None]
        loss = expect.number(answer(right, reward, next_q, ended, 0.9), f"The loss of {size} perfect predictions")
        expect.true(
            abs(loss) < 1e-9, f"The loss of {size} perfect predictions is {loss:.3f}; it should be 0 at any batch size."
        )


def _of(*, best: Any = None, keep: Any = None, gamma: float = 0.5) -> float:
    """Give the loss that a typical mistake leads to."""
    largest = _NEXT.max(axis=1) if best is None else best
    error = _Q[:, 0] - (_REWARD + gamma * (1 - _ENDED if keep is None else keep) * largest)
    return float((error**2).mean())
