"""Exercise 06.shrunken. The luckiest is not the best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw scores and what remains of them."""
    scores, noise = np.array([10.0, 12.0, 30.0, 28.0]), np.array([1.0, 1.0, 8.0, 1.0])
    between = scores.var(ddof=1) - (noise**2).mean()
    kept = between / (between + noise**2)
    at = np.arange(4)
    ax.errorbar(at - 0.08, scores, yerr=noise, fmt="s", color="C1", capsize=4, label="observed")
    ax.plot(at + 0.08, 20 + kept * (scores - 20), "o", color="C0", label="shrunken")
    ax.axhline(20, linestyle="--", color="C7")
    ax.set(xlabel="configuration", ylabel="score", xticks=at)
    ax.legend()
    return "The highest observation has the largest error bar and falls behind another one when all are shrunken."


exercise(
    "06.shrunken",
    title="The luckiest is not the best",
    hints=(
        "Variance between true scores: `scores.var(ddof=1)` less the mean of `noise**2`; at least 0.",
        "Of each distance to the mean the share between / (between + noise**2) stays.",
        "Give `mean + share * (scores - mean)`. Where all shares are 0 / 0, nothing but the mean is left.",
    ),
    picture=_picture,
)

_SCORES = np.array([10.0, 12.0, 30.0, 28.0])
_NOISE = np.array([1.0, 1.0, 8.0, 1.0])
_BETWEEN = 328 / 3 - 16.75


def _kept(between: float, noise: Any) -> Any:
    return 20 + between / (between + noise) * (_SCORES - 20)


@checks("06.shrunken", "each score drawn to the mean by its own noise", weight=3)
def _shrunken(answer: Any) -> None:
    got = expect.array(answer(_SCORES.copy(), _NOISE.copy()), (4,), "`shrunken(...)`", axes=("configuration",))
    expect.close(
        got,
        _kept(_BETWEEN, _NOISE**2),
        "The shrunken scores",
        mistakes=(
            (_SCORES, "Nothing is shrunken: the luckiest observation still leads."),
            (
                _kept(328 / 3, _NOISE**2),
                "The variance of the observed scores holds noise: take the mean of it off first.",
            ),
            (_kept(82 - 16.75, _NOISE**2), "`ddof=0` makes the variance of a few scores too small; take `ddof=1`."),
            (_kept(_BETWEEN, _NOISE), "The noise is a deviation; shares are of *variances*: `noise**2`."),
            (_kept(_BETWEEN, 16.75), "All are drawn in alike; each has a noise of its own."),
            (
                20 + _NOISE**2 / (_BETWEEN + _NOISE**2) * (_SCORES - 20),
                "That is the share which goes; between / (between + noise**2) stays.",
            ),
            (
                _BETWEEN / (_BETWEEN + _NOISE**2) * _SCORES,
                "They are drawn to 0; draw them to the mean of the scores.",
            ),
        ),
    )


@checks("06.shrunken", "noise that explains everything leaves the mean alone")
def _all_noise(answer: Any) -> None:
    got = expect.array(answer(np.array([1.0, 2.0, 3.0]), np.array([5.0, 5.0, 5.0])), (3,), "`shrunken(...)`")
    expect.close(
        got,
        [2.0, 2.0, 2.0],
        "The shrunken scores where noise is larger than all differences",
        mistakes=((2 + np.array([-1, 0, 1]) * -24.0, "A variance is never below 0: let `between` be at least 0."),),
    )


@checks("06.shrunken", "scores without noise stay")
def _exact(answer: Any) -> None:
    got = answer(np.array([1.0, 4.0]), np.zeros(2))
    expect.close(got, [1.0, 4.0], "Scores without noise")
