"""Exercise 05.silent_bug. Find the silent bug: whoever comes last matters most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the rises of five columns, of which only the first matters, buggy and repaired."""
    columns = np.arange(5)
    ax.plot(columns, [1.0, 1.02, 0.99, 1.01, 1.0], "s--", color="C1", label="buggy")
    ax.plot(columns, [1.0, 0, 0, 0, 0], "o-", color="C0", label="repaired")
    ax.set(xlabel="column", ylabel="rise of the error", xticks=columns)
    ax.legend()
    return "Only the first of five columns matters: repaired, the others have a rise of 0; buggy, all look alike."


exercise(
    "05.silent_bug",
    title="Find the silent bug: whoever comes last matters most",
    hints=(
        "Print the rises for a function that uses the first column only. Then swap the columns and print them again.",
        "After the first turn of the loop, which columns of `x` are still as they were?",
        "Shuffle a *copy*, and make the copy anew for every column: `shuffled = x.copy()` inside the loop.",
    ),
    picture=_picture,
)

_WEIGHTS = np.array([2.0, 1.0, 0.0])

_ROWS = 8_000


def _predict(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(x @ _WEIGHTS)


def _data() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Three columns of variance 1, and a target that the function above misses by noise of variance 1."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(_ROWS, 3))
    return x, _predict(x) + rng.normal(size=_ROWS)


def _second() -> np.random.Generator:
    return np.random.default_rng(2)


def _rises(answer: Any) -> NDArray[np.float64]:
    x, y = _data()
    return expect.array(
        answer(_predict, x, y, rng=np.random.default_rng(1)), (3,), "`fixed_permutation(...)`", axes=("column",)
    )


@checks("05.silent_bug", "the rises of a function that is known", weight=2)
def _known(answer: Any) -> None:
    # Shuffling a column of weight w and variance 1 adds 2 w^2.
    expect.close(
        _rises(answer),
        [8.0, 2.0, 0.0],
        "The rises of columns with the weights 2, 1 and 0",
        rtol=0.06,
        atol=0.1,
        mistakes=(
            ([8.0, 10.0, 10.0], "Each column's rise holds those of the columns before it: they are still shuffled."),
            ([9.0, 3.0, 1.0], "The error before shuffling is not taken off."),
            ([-8.0, -2.0, 0.0], "The sign is the wrong way round: after less before."),
            ([4.0, 1.0, 0.0], "A constant in the place of the column is no shuffling; half of the rise is missing."),
            ([10.0, 10.0, 10.0], "Every column has the same rise: whole rows are shuffled, or `y`."),
            ([2.0, 0.73, 0.0], "That is a rise of the *root* of the mean squared error."),
            ([8.0 * _ROWS, 2.0 * _ROWS, 0.0], "Those are sums over the rows; take means."),
            ([0.8, 0.2, 0.0], "They are divided by their sum; asked are the rises."),
        ),
    )


@checks("05.silent_bug", "a column that nothing depends on has a rise of exactly 0, wherever it stands")
def _unused(answer: Any) -> None:
    x, y = _data()
    for place in range(3):
        order = np.roll(np.arange(3), place)
        rises = expect.array(
            answer(lambda some, order=order: _predict(some[:, np.argsort(order)]), x[:, order], y, rng=_second()),
            (3,),
            "`fixed_permutation(...)`",
        )
        unused = int(np.flatnonzero(order == 2)[0])
        expect.true(
            abs(rises[unused]) < 1e-9,
            f"Nothing depends on column {unused}, and its rise is {rises[unused]:.3g}: is more still shuffled?",
        )


@checks("05.silent_bug", "leaves the data as they were")
def _untouched(answer: Any) -> None:
    x, y = _data()
    expect.unchanged(answer, _predict, x, y, rng=np.random.default_rng(0))


@checks("05.silent_bug", "draws from the generator that it is given")
def _own_generator(answer: Any) -> None:
    x, y = _data()
    expect.seeded(answer, _predict, x[:50], y[:50])
