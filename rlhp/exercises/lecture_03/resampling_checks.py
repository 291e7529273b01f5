"""Checks of lecture 03: the interval whose bug makes it narrow, and how often a small study is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_03 import hints, pictures, resampling_answers

# 3. The silent bug --------------------------------------------------------------------------------------------

exercise(
    "03.silent_bug",
    title="Find the silent bug: an interval that is too sure of itself",
    hints=hints.SILENT_BUG,
    picture=pictures.silent_bug,
    wrong_answers=resampling_answers.SILENT_BUG,
)

_BOOT = 4_000
# Eight runs that never change, four at 0 and four at 10: their mean is 5, and a resample of eight has a mean of at
# most 1.25 with probability 0.035, of 0 with 0.004. So the interval goes from 1.25 to 8.75.
_FLAT = np.repeat([[0.0], [10.0]] * 4, 40, axis=1)
# Eight runs that are all alike, and move: whoever resamples runs finds no spread at all.
_ALIKE = np.repeat([np.linspace(0.0, 10.0, 40)], 8, axis=0)


def _ends(answer: Any, curves: Any) -> Any:
    got = answer(curves.copy(), _BOOT, rng=np.random.default_rng(0))
    values = np.asarray(got, dtype=np.float64)
    if values.shape != (2,):
        expect.fail(f"An interval has two numbers, its lower and its upper end; the shape is {values.shape}.")
    if values[0] > values[1]:
        expect.fail(f"The lower end comes first; it is {values[0]:.3g} to {values[1]:.3g}.")
    return values


@checks("03.silent_bug", "draws from the generator that it is given")
def _own_generator(answer: Any) -> None:
    expect.seeded(answer, np.array([[0.0, 1.0], [3.0, 7.0], [5.0, 2.0]]), 20, varies=False)


@checks("03.silent_bug", "the interval of runs that never change", weight=2)
def _flat(answer: Any) -> None:
    low, high = _ends(answer, _FLAT)
    width = high - low
    if width < 0.01:
        alike = _ends(answer, _ALIKE)
        if alike[1] - alike[0] > 0.01:
            expect.fail(
                "Runs that never change, at 0 and at 10, get an interval without width: that resampled the evaluations "
                "of a run. What is drawn anew must be the runs."
            )
        expect.fail(
            "Every resample has the same mean: it seems to hold each run exactly once, drawn without replacement."
        )
    if width < 2.5:
        expect.fail(
            f"Runs at 0 and at 10 get the interval {low:.2f} to {high:.2f}, far too narrow: every evaluation of a "
            f"resampled run comes from another run, so that errors cancel which never cancel in a run."
        )
    if low < 1.2 and high > 8.8:
        wide = _ends(answer, np.repeat(np.arange(20.0)[:, None], 3, axis=1))
        if wide[0] < 1 and wide[1] > 18:
            expect.fail("The interval is as wide as the runs: a resample holds as many runs as there are, not one.")
        expect.fail("That is the whole range of the resamples; leave out 2.5 % of them at either end.")
    expect.close(
        [low, high],
        [1.25, 8.75],
        "The interval of eight runs, four always at 0 and four always at 10,",
        atol=0.01,
        mistakes=(
            ([2.5, 7.5], "That is an interval of 90 %: 2.5 % are to be left out at either end."),
            ([3.75, 6.25], "That is the middle half of the resamples; asked are 95 % of them."),
        ),
    )


@checks("03.silent_bug", "the mean over all of training, not over its end")
def _all_evaluations(answer: Any) -> None:
    low, high = _ends(answer, _ALIKE)
    expect.close(
        [low, high],
        [5.0, 5.0],
        "The interval of eight runs that rise alike from 0 to 10",
        atol=1e-6,
        mistakes=(([10.0, 10.0], "That is of the last evaluation only; asked is the mean over all of them."),),
    )


# 4. How often a small study is wrong --------------------------------------------------------------------------

exercise(
    "03.wrong_share",
    title="How often is a small study wrong?",
    hints=hints.WRONG_SHARE,
    picture=pictures.wrong_share,
    wrong_answers=resampling_answers.WRONG_SHARE,
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
