"""Exercise 08.silent_bug. Find the silent bug: test seeds that choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _noise(seed: int) -> np.ndarray:
    """Return 100 configurations that are all worth 0, with 8 noisy seeds each."""
    return np.random.default_rng(seed).normal(size=(100, 8))


_TUNING, _TESTING = [0, 1, 2], [3, 4, 5, 6, 7]


def _buggy(scores: np.ndarray) -> float:
    finalists = np.argsort(-scores[:, _TUNING].mean(axis=1))[:3]
    return float(scores[finalists][:, _TESTING].mean(axis=1).max())


def _honest(scores: np.ndarray) -> float:
    return float(scores[scores[:, _TUNING].mean(axis=1).argmax(), _TESTING].mean())


def _picture(ax: Axes) -> str:
    """Draw what both report of configurations that are all worth 0."""
    many = [_noise(seed) for seed in range(200)]
    for name, report, color in (("with the bug", _buggy, "C1"), ("repaired", _honest, "C0")):
        ax.hist([report(one) for one in many], bins=20, range=(-1.6, 1.6), alpha=0.6, color=color, label=name)
    ax.axvline(0, color="0.4", linestyle=":")
    ax.set(xlabel="what is reported; all are worth 0", ylabel="of 200 searches")
    ax.legend(frameon=False)
    return (
        "Histograms of 200 reports on configurations that are worth 0: the bug reports about 0.4, the repaired one 0."
    )


exercise(
    "08.silent_bug",
    title="Find the silent bug: test seeds that choose",
    hints=(
        "Let it report on pure noise, where every configuration is worth 0. What does it report on average?",
        "Which seeds decide between the three finalists? And which seeds does the reported score come from?",
        "A seed that had a part in the choice cannot report it: choose by the tuning seeds, to the very end.",
    ),
    picture=_picture,
)

# By the tuning seeds place 1 is the best, then 3; by the test seeds place 3, and of all place 4, which tunes badly.
_SCORES = np.array(
    [
        [1.0, 2.0, 3.0, 4.0, 4.0],
        [7.0, 8.0, 9.0, 3.0, 5.0],
        [2.0, 1.0, 0.0, 6.0, 5.0],
        [6.0, 7.0, 8.0, 9.0, 7.0],
        [0.0, 0.0, 0.0, 9.0, 9.0],
        [9.0, 0.0, 0.0, 1.0, 1.0],
    ]
)


def _two(got: Any) -> tuple[int, float]:
    expect.true(
        isinstance(got, tuple | list) and len(got) == 2,
        "Give back two things, as the function above does: the place of the configuration, and the reported score.",
    )
    return int(got[0]), float(got[1])


@checks("08.silent_bug", "chooses by the tuning seeds alone", weight=2)
def _choice(answer: Any) -> None:
    place, _ = _two(answer(_SCORES.copy(), [0, 1, 2], [3, 4]))
    expect.equal(
        place,
        1,
        "The place of the chosen one, of six",
        mistakes=(
            (3, "The finalists come from the tuning seeds, but the test seeds decide between them: the bug."),
            (4, "That is the best by the test seeds alone, which must have no part in the choice."),
            (5, "That is the best by the first seed: the mean over the tuning seeds."),
        ),
    )


@checks("08.silent_bug", "reports by the test seeds alone")
def _report(answer: Any) -> None:
    _, reported = _two(answer(_SCORES.copy(), [0, 1, 2], [3, 4]))
    expect.close(
        reported,
        4.0,
        "What is reported of the chosen one",
        mistakes=(
            (8.0, "That is the score that chose it, the most flattered of all: report the mean over the test seeds."),
            (6.4, "That is the mean over all seeds, those that chose among them."),
            (9.0, "That is the highest score by the test seeds, of another configuration than the chosen one."),
            (3.0, "That is one test seed; the mean over all of them."),
        ),
    )


@checks("08.silent_bug", "reports nothing of noise")
def _nothing(answer: Any) -> None:
    reports = [_two(answer(_noise(seed), _TUNING, _TESTING))[1] for seed in range(60)]
    if abs(float(np.mean(reports))) > 0.25:
        expect.fail(
            f"On 60 tables of pure noise, where every configuration is worth 0, it reports {np.mean(reports):.2f} on "
            f"average: some of the seeds that report have chosen."
        )
