"""Exercise 04.silent_bug. Find the silent bug: a sample whose histograms are perfect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw pairs as the buggy and as the repaired function give them."""
    rng = np.random.default_rng(3)
    one, two, three = rng.random((3, 60))
    ax.plot(one, one, "s", color="C1", markersize=3, label="buggy")
    ax.plot(two, three, "o", color="C0", markersize=3, label="repaired")
    ax.set(xlabel="learning rate (share of its range)", ylabel="gamma (share of its range)")
    ax.legend()
    return "The buggy pairs lie on the diagonal of the square; the repaired ones fill all of it."


exercise(
    "04.silent_bug",
    title="Find the silent bug: a sample whose histograms are perfect",
    hints=(
        "Plot one column against the other. Each histogram is right; look at the pairs.",
        "Two generators made from one seed give the same numbers. How many generators does a sample need?",
        "Draw everything, one array after the other, from the one `rng` that the function is given.",
    ),
    picture=_picture,
)

_MANY = 3_000


def _drawn(answer: Any, n: int, seed: int) -> pd.DataFrame:
    frame: pd.DataFrame = answer(n, rng=np.random.default_rng(seed))
    expect.true(isinstance(frame, pd.DataFrame), "Give back a pandas DataFrame, like the function above.")
    expect.columns(frame, ("learning_rate", "gamma"), "the sample")
    expect.true(len(frame) == n, f"`fixed_draw({n})` has {len(frame)} rows; one for each configuration was expected.")
    return frame


@checks("04.silent_bug", "gives a table, from the generator that it is given")
def _seeded(answer: Any) -> None:
    _drawn(answer, 5, 0)
    expect.seeded(answer, 5)
    first, second = (_drawn(answer, 5, seed) for seed in (0, 1))
    for name, said in (("learning_rate", "learning rates"), ("gamma", "gammas")):
        expect.true(
            not np.allclose(first[name], second[name]),
            f"The {said} are the same for every `rng`: one of the columns has a generator of its own.",
        )


@checks("04.silent_bug", "keeps each column on its own scale")
def _scales(answer: Any) -> None:
    frame = _drawn(answer, _MANY, 0)
    rate, gamma = frame["learning_rate"].to_numpy(), frame["gamma"].to_numpy()
    if rate.max() < 0:
        expect.fail("The learning rates are negative: those are their exponents.")
    if gamma.max() < 0.5:
        expect.fail("gamma is near 0: that is one minus gamma.")
    inside = (rate >= 0.999e-5) & (rate <= 1.001e-2)
    expect.true(inside, "Some learning rates are outside 0.00001 to 0.01.")
    expect.true((gamma >= 0.7999) & (gamma <= 0.99991), "Some values of gamma are outside 0.8 to 0.9999.")
    expect.true(
        (rate < 1e-4).mean() > 0.2,
        f"Only {100 * (rate < 1e-4).mean():.1f} % of the learning rates lie below 0.0001, a third was expected: "
        "the learning rate is drawn evenly in its value, not in its logarithm.",
    )
    expect.true(
        (gamma < 0.99).mean() < 0.6,
        f"{100 * (gamma < 0.99).mean():.0f} % of the gammas lie below 0.99, two fifths were expected: gamma is drawn "
        "evenly in its value.",
    )


@checks("04.silent_bug", "pairs every learning rate with every gamma", weight=2)
def _pairs(answer: Any) -> None:
    frame = _drawn(answer, _MANY, 0)
    together = float(frame["learning_rate"].rank().corr(frame["gamma"].rank()))
    if together < -0.9:
        expect.fail("Large learning rates come with small gammas only: one column is the mirror image of the other.")
    expect.true(
        abs(together) < 0.1,
        f"The ranks of the two columns correlate with {together:.2f}: all configurations lie on one line through the "
        "space. Do both columns come from the same random numbers?",
    )
