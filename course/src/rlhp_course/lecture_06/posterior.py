"""Exercise 06.posterior. What a Gaussian process believes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw a posterior of two observations."""
    x, at = np.linspace(0, 1, 101), np.array([0.25, 0.7])

    def k(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.exp(-(((a[:, None] - b[None]) / 0.2) ** 2) / 2))

    inverse = np.linalg.inv(k(at, at) + 0.01 * np.eye(2))
    mean = k(x, at) @ inverse @ np.array([1.0, -0.5])
    sd = np.sqrt(1 - np.einsum("ij,jk,ik->i", k(x, at), inverse, k(x, at)))
    ax.fill_between(x, mean - 2 * sd, mean + 2 * sd, alpha=0.2)
    ax.plot(x, mean)
    ax.plot(at, [1.0, -0.5], "ko")
    ax.set(xlabel="place", ylabel="score")
    return "The mean passes close to two observations; the band is narrow at them and wide far away."


exercise(
    "06.posterior",
    title="What a Gaussian process believes",
    hints=(
        "The matrix to invert is `told` with the *variance* of the noise on its diagonal: `noise**2 * np.eye(len(y))`.",
        "`np.linalg.solve(matrix, y)` gives the weights; the mean is `to_told` times them.",
        "The variance is 1 less `to_told @ np.linalg.solve(matrix, to_told)`; give its square root.",
    ),
    picture=_picture,
)

_TO_TOLD = np.array([0.8, 0.4])
_TOLD = np.array([[1.0, 0.5], [0.5, 1.0]])
_Y = np.array([1.0, -1.0])


def _two(answer: Any, noise: float) -> tuple[float, float]:
    got = answer(_TO_TOLD, _TOLD, _Y, noise)
    expect.true(
        isinstance(got, tuple | list | np.ndarray) and len(got) == 2,
        "Give back two numbers: the mean and the deviation.",
    )
    return got[0], got[1]


@checks("06.posterior", "the mean after two noisy observations", weight=2)
def _mean(answer: Any) -> None:
    # (K + I/4)^-1 y = (4/3, -4/3)
    expect.close(
        _two(answer, 0.5)[0],
        1.6 / 3,
        "The mean",
        mistakes=(
            (0.8, "The noise is missing: add its variance to the diagonal of `told`."),
            (0.4, "The noise is on the diagonal as a deviation; its *variance* belongs there, `noise**2`."),
            (0.32, "Nothing is inverted but the diagonal: the two observations say much the same, use the matrix."),
            (-1.6 / 3, "The sign is the wrong way round."),
        ),
    )


@checks("06.posterior", "the standard deviation, without the noise of a new observation", weight=2)
def _deviation(answer: Any) -> None:
    variance = 1 - 0.68 / 1.3125
    expect.close(
        _two(answer, 0.5)[1],
        np.sqrt(variance),
        "The standard deviation",
        mistakes=(
            (variance, "That is the variance; give its square root."),
            (
                np.sqrt(variance + 0.25),
                "The noise of a new observation is in it; asked is how well the score is known.",
            ),
            (np.sqrt(0.68 / 1.3125), "That is what is explained; take it off the prior variance, 1."),
            (1.0, "What was observed makes it smaller than the prior's, 1."),
        ),
    )


@checks("06.posterior", "an exact observation is believed, and of a far place nothing is learnt")
def _ends(answer: Any) -> None:
    mean, sd = answer(np.array([1.0]), np.array([[1.0]]), np.array([3.0]), 0.0)
    expect.close(mean, 3.0, "The mean where a score was observed without noise")
    expect.close(sd, 0.0, "The standard deviation there", atol=1e-6)
    mean, sd = answer(np.array([0.0]), np.array([[1.0]]), np.array([3.0]), 0.1)
    expect.close(mean, 0.0, "The mean where nothing is alike")
    expect.close(sd, 1.0, "The standard deviation there")
