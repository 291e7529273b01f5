"""Exercise 06.expected_improvement. How much better, on average."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the expected improvement over the mean, for two deviations."""
    mean = np.linspace(-3, 3, 61)
    rng = np.random.default_rng(0)
    draws = rng.standard_normal(4_000)
    for sd, line in ((0.5, "--"), (1.5, "-")):
        ax.plot(mean, np.maximum(mean[:, None] + sd * draws, 0).mean(axis=1), line, label=f"sd {sd}")
    ax.set(xlabel="mean less the best so far", ylabel="expected improvement")
    ax.legend()
    return "It rises with the mean, and below the best so far it rises with the standard deviation as well."


exercise(
    "06.expected_improvement",
    title="How much better, on average",
    hints=(
        "We make scores *large*: u is (mean - best) / std.",
        "`norm` of `scipy.stats` has `cdf` and `pdf`; the formula above has one of each.",
        "Where `std` is 0, divide by nothing: the improvement is `max(mean - best, 0)`. `np.where` chooses.",
    ),
    picture=_picture,
)

_PDF, _BELOW, _ABOVE = 0.24197072451914337, 0.15865525393145707, 0.8413447460685429


@checks("06.expected_improvement", "below, at, and above the best so far", weight=3)
def _three(answer: Any) -> None:
    low, middle, high = 2 * (_PDF - _BELOW), 2 / np.sqrt(2 * np.pi), 2 * (_ABOVE + _PDF)
    got = expect.array(
        answer(np.array([8.0, 10.0, 12.0]), np.array([2.0, 2.0, 2.0]), 10.0), (3,), "`expected_improvement(...)`"
    )
    expect.close(
        got,
        [low, middle, high],
        "The expected improvements of means 2 below, at, and 2 above the best, with deviation 2",
        mistakes=(
            ([high, middle, low], "That is for a function that is made *small*: u is (mean - best) / std here."),
            ([_BELOW, 0.5, _ABOVE], "That is the probability of an improvement; a tiny one counts as much as a large."),
            ([0.0, 0.0, 2.0], "That is the improvement of the mean; what the deviation may bring is missing."),
            (
                [_PDF - 2 * _BELOW, 1 / np.sqrt(2 * np.pi), 2 * _ABOVE + _PDF],
                "The density has to be multiplied by `std`.",
            ),
            (
                [2 * _PDF, 2 / np.sqrt(2 * np.pi), 2 * _PDF],
                "Only the second term is there; `(mean - best) * cdf(u)` is missing.",
            ),
            (
                [-2 * _BELOW, 0.0, 2 * _ABOVE],
                "Only the first term is there; `std * pdf(u)` is missing.",
            ),
            (np.log([low, middle, high]), "That is its logarithm; the next part takes it."),
        ),
    )


@checks("06.expected_improvement", "where nothing is uncertain")
def _sure(answer: Any) -> None:
    got = expect.array(answer(np.array([9.0, 10.0, 13.0]), np.zeros(3), 10.0), (3,), "`expected_improvement(...)`")
    if np.isnan(got).any():
        expect.fail("With a `std` of 0 there is a 0 divided by 0: choose `max(mean - best, 0)` there.")
    expect.close(got, [0.0, 0.0, 3.0], "The expected improvements without any uncertainty", atol=1e-9)


@checks("06.expected_improvement", "leaves its arguments as they were")
def _untouched(answer: Any) -> None:
    expect.unchanged(answer, np.array([1.0, 2.0]), np.array([0.0, 1.0]), 1.5)
