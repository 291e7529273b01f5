from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PolyCollection

from rlhp import Runs, curves, plots
from rlhp.runs import empty_history

HORIZON = 10_000


def runs_of(values, status="finished", first=0):
    rows, evals = [], []
    for number, curve in enumerate(values):
        run = f"r{number + first}"
        base = {"run_id": run, "algorithm": "dqn", "env_id": "CartPole-v1", "engine": "sb3", "seed": number}
        rest = {"steps": HORIZON, "status": status, "wall_time_s": 1.0, "cpu_time_s": 1.0, "error": ""}
        rows.append(base | rest | {"hp.gamma": float(number % 6)})
        evals.append(pd.DataFrame({"run_id": run, "step": 1000 * np.arange(1, len(curve) + 1), "return_mean": curve}))
    fixed = {"return_std": 0.0, "n_episodes": 10, "length_mean": 1.0}
    return Runs(pd.DataFrame(rows), pd.concat(evals, ignore_index=True).assign(**fixed), empty_history())


@pytest.fixture(scope="module")
def whole():
    rng = np.random.default_rng(0)
    return runs_of([300 * (1 - np.exp(-np.arange(1, 11) / 4)) + 10 * rng.normal(size=10) for _ in range(5)])


@pytest.fixture(scope="module")
def result(whole):
    return curves.extrapolate(whole, first=0.4, bounds=(-50, 400), along=3, rng=0)


def draw(result, **options):
    return plots.forecast(result, ax=plots.new_axes(), **options)


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def points(ax, marker):
    return [
        line.get_xydata() for line in ax.lines if line.get_marker() == marker and line.get_transform() == ax.transData
    ]


def test_what_was_seen_is_drawn_as_it_is(result, whole) -> None:
    ax = draw(result, runs=["r2"])
    (seen,) = points(ax, "o")
    mine = whole.evals[(whole.evals["run_id"] == "r2") & (whole.evals["step"] <= 4000)]
    np.testing.assert_array_equal(seen, mine[["step", "return_mean"]])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("environment steps", "undiscounted return")


def test_the_shade_has_the_edges_of_the_intervals(result) -> None:
    ax = draw(result, runs=["r2"])
    (shade,) = [part for part in ax.collections if isinstance(part, PolyCollection)]
    vertices = shade.get_paths()[0].vertices
    for edge in (result.low, result.high):
        for point in zip(result.steps[2], edge[2], strict=True):
            assert (np.abs(vertices - point).sum(axis=1) < 1e-9).any()


def test_what_came_is_drawn_open_and_only_where_it_was_not_seen(result, whole) -> None:
    ax = draw(result, runs=["r2"], actual=whole)
    _, later = points(ax, "o")
    mine = whole.evals[(whole.evals["run_id"] == "r2") & (whole.evals["step"] > 4000)]
    np.testing.assert_array_equal(later, mine[["step", "return_mean"]])
    open_markers = [line for line in ax.lines if line.get_markerfacecolor() == "white"]
    assert len(open_markers) == 1
    assert "open: what came" in caption(ax)
    assert "open: what came" not in caption(draw(result))


def test_of_the_horizon_alone_there_is_a_bar(whole) -> None:
    result = curves.extrapolate(whole, first=0.4, bounds=(-50, 400), rng=0)
    ax = draw(result, runs=["r1"])
    assert not [part for part in ax.collections if isinstance(part, PolyCollection)]
    (bar,) = [part for part in ax.collections if isinstance(part, LineCollection)]
    np.testing.assert_allclose(bar.get_segments()[0], [[HORIZON, result.low[1, 0]], [HORIZON, result.high[1, 0]]])
    assert "Bars: 80 % interval of an evaluation" in caption(ax)
    several = [part for part in draw(result).collections if isinstance(part, LineCollection)]
    assert len({part.get_segments()[0][0, 0] for part in several}) == 3  # they do not hide each other


def test_the_caption_says_how_many_and_what_it_rests_on(result, whole) -> None:
    assert caption(draw(result)).startswith("3 of 5 runs. Filled: evaluations seen.")
    assert "from the curve alone, within given bounds, not calibrated" in caption(draw(result))
    rng = np.random.default_rng(1)
    others = runs_of(
        [300 * (1 - np.exp(-np.arange(1, 11) / 4)) + 10 * rng.normal(size=10) for _ in range(12)], first=10
    )
    informed = curves.extrapolate(whole, first=0.4, reference=others, rng=0)
    assert "calibrated on other runs (dqn on CartPole-v1 to 10,000 steps: 12 runs of 6 configurations)" in caption(
        draw(informed)
    )


def test_an_infinite_interval_runs_off_the_figure_and_it_says_so(result) -> None:
    flat = curves.extrapolate(runs_of([[-200.0] * 3], "stopped"), along=2, rng=0)
    ax = draw(flat)
    assert np.isfinite(ax.get_ylim()).all()
    assert "An interval runs off the figure." in caption(ax)
    assert caption(ax).startswith("One run.")
    assert "runs off" not in caption(draw(result))


def test_runs_are_told_apart_by_colour_marker_and_label(result) -> None:
    ax = draw(result, labels=["a", "b", "c"])
    assert {text.get_text() for text in ax.texts if text.get_text()} == {"a", "b", "c"}
    marked = [line for line in ax.lines if line.get_linewidth() == 2 and line.get_transform() == ax.transData]
    assert len({line.get_marker() for line in marked}) == len({line.get_color() for line in marked}) == 3


def test_the_words_have_the_numbers(result) -> None:
    text = plots.forecast_alt_text(result, runs=["r1"], labels=["mine"])
    row = result.table.iloc[1]
    assert text.startswith("Forecast of the undiscounted return at 10,000 environment steps, 80 % interval, from the")
    assert f"mine was at {row['last']:.3g} after 4,000 steps, forecast {row['estimate']:.3g}" in text
    assert f"({row['low']:.3g} to {row['high']:.3g})." in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runs": ["r9"]}, "unknown run `r9`; see the column `run_id` of `result.table`."),
        ({"runs": []}, "0 runs to draw; give one to 6 of them."),
        ({"runs": ["r1"], "labels": ["a", "b"]}, "2 labels for 1 runs; give one per run, in their order."),
    ],
)
def test_what_cannot_be_drawn(result, options, message) -> None:
    with pytest.raises(ValueError, match=message):
        draw(result, **options)


def test_runs_without_a_forecast(whole) -> None:
    done = curves.extrapolate(whole, bounds=(-50, 400), rng=0)
    with pytest.raises(ValueError, match="none of the runs has a forecast"):
        draw(done)
    with pytest.raises(ValueError, match=r"run `r1` has no forecast: already at its horizon\."):
        draw(done, runs=["r1"])
