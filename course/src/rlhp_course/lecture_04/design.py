"""Exercise 04.design. A small study: design your own sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw sixteen points, four in each quarter of each side."""
    from scipy.stats import qmc

    points = qmc.LatinHypercube(2, rng=1, optimization="random-cd").random(16)
    ax.plot(*points.T, "o")
    ax.set(xlabel="learning rate (share of its range)", ylabel="gamma (share of its range)", xlim=(0, 1), ylim=(0, 1))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.grid(visible=True)
    return "Sixteen points in a square that is cut into quarters both ways: four in each column and four in each row."


exercise(
    "04.design",
    title="A small study: design your own sweep",
    hints=(
        "`spaces.default('dqn')` has all three; `spaces.subspace(space, [...])` keeps those you name.",
        '`spaces.sample(space, n, method="sobol", rng=rng)` gives the data frame.',
        "The space knows by itself that a learning rate is measured by its logarithm: do not transform anything again.",
    ),
    picture=_picture,
    seconds=30,
)

_N = 16
_DESIGNED = ("learning_rate", "gamma", "exploration_fraction")

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
    expect.columns(frame, _DESIGNED, "the design")
    return frame


@checks("04.design", "has a row for each configuration and a column for each hyperparameter")
def _table(answer: Any) -> None:
    frame = _designed(answer)
    more = [str(name) for name in frame.columns if name not in _DESIGNED]
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
