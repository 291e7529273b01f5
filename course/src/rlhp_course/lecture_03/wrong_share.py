"""Exercise 03.wrong_share. How often is a small study wrong?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw how the share falls with the seeds."""
    n = np.arange(1, 17)
    ax.plot(n, 0.42 * np.exp(-(n - 1) / 7), "o-")
    ax.set(xlabel="n", ylabel="wrong_share(...)", ylim=(0, 0.5))
    return "For most pairs the share of wrong studies falls with the number of seeds, from under one half; made up."


exercise(
    "03.wrong_share",
    title="How often is a small study wrong?",
    hints=(
        "Draw all studies at once: `rng.choice(better, size=(n_studies, n))` draws with replacement.",
        "One mean for each study: over the seeds, `axis=1`, not over the studies.",
        "The share is the mean of a comparison: how often the mean of `worse` is strictly larger.",
    ),
    picture=_picture,
    seconds=60,  # a loop over studies in plain Python takes seconds
)

_STUDIES = 20_000

_CHANCE = 0.015  # four standard errors of a share of so many

_THREE, _OFTEN_ZERO = np.full(4, 3.0), np.array([0.0, 0.0, 0.0, 10.0])


def _share(answer: Any, better: Any, worse: Any, n: int, seed: int = 0) -> float:
    got = answer(better.copy(), worse.copy(), n, _STUDIES, rng=np.random.default_rng(seed))
    return expect.number(got, "`wrong_share(...)`")


@checks("03.wrong_share", "draws its studies from the generator that it is given")
def _generator(answer: Any) -> None:
    expect.seeded(answer, np.array([1.0, 4.0, 6.0, 7.0]), np.array([2.0, 3.0, 5.0, 6.0]), 2, 50, varies=False)


@checks("03.wrong_share", "five seeds each", weight=2)
def _five(answer: Any) -> None:
    found = [_share(answer, _THREE, _OFTEN_ZERO, 5, seed) for seed in range(8)]
    if max(found) > 1:
        expect.fail(f"The share is {max(found):,.0f}: is it a count? A share lies between 0 and 1.")
    if len(set(found)) == 1 and found[0] > 0:
        expect.fail("The share is the same to the last digit whatever `rng` it is given: draw from `rng`.")
    if set(found) == {0.0, 1.0}:
        expect.fail("Sometimes all studies are wrong, sometimes none: is it a single study? Draw `n_studies` of them.")
    # The mean of five is above 3 if two or more of them are 10: 1 - (3/4)^5 - 5 (1/4) (3/4)^4.
    _near(
        found[0],
        0.3672,
        "The share of studies with five seeds in which scores of 0, 0, 0, 10 beat those that are always 3",
        (0.6328, "That is how often the *right* one wins."),
        (0.25, "That is the share with a single seed: draw `n` of each for a study, and compare their means."),
        (0.7627, "That compares the best seed of each; compare their means."),
        (0.1035, "That compares medians; asked are means."),
        (0.0, "No study at all is wrong: was the mean taken over the studies, not over the seeds of each?"),
    )


@checks("03.wrong_share", "neither ahead is not wrong")
def _ties(answer: Any) -> None:
    _near(
        _share(answer, _THREE, np.array([0.0, 0.0, 0.0, 6.0]), 2),
        0.0625,
        "The share of studies with two seeds in which scores of 0, 0, 0, 6 beat those that are always 3",
        (0.4375, "That counts ties, where one of the two seeds is 6, as wrong."),
    )


@checks("03.wrong_share", "the two configurations draw their seeds by themselves")
def _apart(answer: Any) -> None:
    both = np.array([0.0, 10.0])
    _near(
        _share(answer, both, both, 1),
        0.25,
        "The share of studies in which one of two equal configurations beats the other with one seed each",
        (0.0, "Are the same seeds drawn of both? Their studies have nothing to do with each other."),
    )


def _near(got: float, wanted: float, what: str, *mistakes: tuple[float, str]) -> None:
    """Require a share that is drawn by chance; mistakes are recognised from near their values too."""
    told = [(got, said) for value, said in mistakes if abs(got - value) < _CHANCE]
    expect.close(got, wanted, what, rtol=0, atol=_CHANCE, mistakes=told)
