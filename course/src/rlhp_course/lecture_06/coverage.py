"""Exercise 06.coverage. Do intervals hold what they promise?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw intervals and what they were of."""
    away = np.array([0.2, -0.9, 1.1, -1.2, 1.3, -1.5, 1.8, 1.9, 2.5, -3.0])
    at = np.arange(10)
    ax.errorbar(at, np.zeros(10), yerr=1.645, fmt="none", capsize=3, color="C0", label="90 % interval")
    ax.plot(at, away, "o", color="C1", label="truth")
    ax.set(xlabel="configuration", ylabel="score less the mean, in deviations", xticks=at)
    ax.legend()
    return "Ten intervals of one width; six of the ten true scores lie inside theirs, four outside."


exercise(
    "06.coverage",
    title="Do intervals hold what they promise?",
    hints=(
        "How many deviations does a two-sided interval reach? `norm.ppf((1 + level) / 2)`: 1.645 for 0.9.",
        "Inside is where `abs(truth - mean) <= reach * std`.",
        "The mean of an array of True and False is the share of True.",
    ),
    picture=_picture,
)

_AWAY = np.array([0.2, -0.9, 1.1, -1.2, 1.3, -1.5, 1.8, 1.9, 2.5, -3.0])
_MEAN, _STD = np.full(10, 10.0), np.full(10, 2.0)


@checks("06.coverage", "the share inside intervals of 90 %", weight=2)
def _share(answer: Any) -> None:
    expect.close(
        answer(_MEAN, _STD, _MEAN + _STD * _AWAY),
        0.6,
        "The coverage of ten intervals",
        mistakes=(
            (0.4, "The interval is too narrow: 5 % lie on *each* side, so take `norm.ppf((1 + level) / 2)`."),
            (0.2, "One standard deviation reaches about 68 %; 90 % need more of them."),
            (0.8, "That many deviations are an interval of 95 %; read `level`."),
            (1.0, "All inside: is `std` squared, or doubled?"),
            (0.7, "That looks at the upper end only; a score below the lower end is outside as well."),
            (6.0, "That counts; asked is the share."),
        ),
    )


@checks("06.coverage", "follows the level that it is given")
def _level(answer: Any) -> None:
    got = answer(_MEAN, _STD, _MEAN + _STD * _AWAY, level=0.5)
    expect.close(got, 0.1, "The coverage of intervals of 50 %", mistakes=((0.6, "`level` changes nothing: use it."),))


@checks("06.coverage", "each configuration by its own deviation")
def _own(answer: Any) -> None:
    got = answer(np.zeros(2), np.array([1.0, 10.0]), np.array([5.0, 5.0]))
    expect.close(got, 0.5, "The coverage of a narrow and a wide interval")
