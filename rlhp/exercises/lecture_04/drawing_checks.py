"""Checks of lecture 04: drawing configurations, with a bug that no histogram shows, and a sweep of one's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise
from rlhp.exercises.lecture_04 import drawing_answers, hints, pictures

# 1. The silent bug --------------------------------------------------------------------------------------------

exercise(
    "04.silent_bug",
    title="Find the silent bug: a sample whose histograms are perfect",
    hints=hints.SILENT_BUG,
    picture=pictures.silent_bug,
    wrong_answers=drawing_answers.SILENT_BUG,
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


# 2. A design of one's own -------------------------------------------------------------------------------------

exercise(
    "04.design",
    title="A small study: design your own sweep",
    hints=hints.DESIGN,
    picture=pictures.design,
    wrong_answers=drawing_answers.DESIGN,
    seconds=30,
)

_N = 16
# The ends of the quarters by each declared measure, worked out by hand.
_QUARTERS = {
    "learning_rate": 1e-5 * 1e3 ** (np.arange(5) / 4),
    "gamma": 1 - 0.2 * (1e-4 / 0.2) ** (np.arange(5) / 4),
    "exploration_fraction": np.linspace(0.01, 1.0, 5),
}
_MEASURED = {
    "learning_rate": "a learning rate is measured by its logarithm, not by its value",
    "gamma": "the space measures gamma by the logarithm of one minus gamma",
    "exploration_fraction": "the fraction is measured by its value",
}


def _designed(answer: Any, seed: int = 0) -> pd.DataFrame:
    frame: pd.DataFrame = answer(_N, rng=np.random.default_rng(seed))
    expect.true(isinstance(frame, pd.DataFrame), "Give back a pandas DataFrame, as `spaces.sample` does.")
    expect.columns(frame, drawing_answers.DESIGNED, "the design")
    return frame


@checks("04.design", "has a row for each configuration and a column for each hyperparameter")
def _table(answer: Any) -> None:
    frame = _designed(answer)
    more = [str(name) for name in frame.columns if name not in drawing_answers.DESIGNED]
    expect.true(not more, f"`{', '.join(more)}` is in the design, which nobody asked for: the rest is held fixed.")
    expect.true(len(frame) == _N, f"`design(16)` has {len(frame)} rows; 16 rows were expected.")
    expect.seeded(answer, _N)


@checks("04.design", "is even along each hyperparameter, by its measure", weight=2)
def _even(answer: Any) -> None:
    frame = _designed(answer)
    for name, edges in _QUARTERS.items():
        values = frame[name].to_numpy(dtype=float)
        expect.true(
            (values >= edges[0] * 0.999) & (values <= edges[-1] * 1.001), f"Some values of `{name}` are out of range."
        )
        if len(set(values)) < _N:
            expect.fail(
                f"`{name}` takes {len(set(values))} different values in 16 configurations: a grid tries each value "
                "again and again. Try another `method=`."
            )
        counts = np.histogram(values, edges)[0]
        if (counts == 4).all():
            continue
        said = f"The four quarters of `{name}` hold {', '.join(map(str, counts))} of the 16 configurations, not 4 each"
        by_value = np.histogram(values, np.linspace(edges[0], edges[-1], 5))[0]
        if (by_value == 4).all():
            expect.fail(f"{said}: {_MEASURED[name]}. Sample with the space, and transform nothing yourself.")
        expect.fail(f"{said}: independent draws leave gaps. Which `method=` of `spaces.sample` is even by design?")


@checks("04.design", "pairs values freely")
def _free(answer: Any) -> None:
    ranks = _designed(answer).rank().corr().to_numpy()
    most = float(np.abs(ranks[np.triu_indices(3, 1)]).max())
    expect.true(
        most < 0.8, f"Two columns move together (their ranks correlate with {most:.2f}): is each sorted by itself?"
    )
