"""Selections and tolerance bands are drawn as they are, and say what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from rlhp import Runs, curves, datasets, plots


@pytest.fixture(scope="module")
def ppo() -> Runs:
    return datasets.load("learning_rate_cartpole")


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def test_a_selection_is_drawn_by_its_tuning_seeds(ppo) -> None:
    result = curves.selection(ppo, rng=0)
    ax = plots.selection(result, ax=plots.new_axes(), title="Chosen")
    tuned, test = ax.lines
    np.testing.assert_array_equal(tuned.get_ydata(), result.by_seeds["tuned"])
    np.testing.assert_array_equal(test.get_ydata(), result.by_seeds["test"])
    assert test.get_xdata().tolist() == list(range(1, 16))
    row = result.by_seeds.iloc[2]
    said = f"With 3 tuning seeds the first is better than the second by {row['curse']:.3g} on average"
    assert said in caption(ax)
    assert said in plots.selection_alt_text(result)
    assert "comes out best of 5, mean over seeds" in caption(ax)
    assert "By all seeds 3 of 5 configurations may be best." in plots.selection_alt_text(result)
    assert ax.get_ylabel() == "final return (undiscounted)"


def test_two_seeds_leave_one_to_choose() -> None:
    runs = Runs.from_table([{"gamma": 0.9}] * 2 + [{"gamma": 0.99}] * 2, [1.0, 2.0, 5.0, 7.0], seeds=[0, 1] * 2)
    assert "With 1 tuning seed the first is better" in plots.selection_alt_text(curves.selection(runs, rng=0))


def test_a_tolerance_band_is_drawn_over_its_runs(ppo) -> None:
    result = curves.tolerance_band(ppo.select(learning_rate=3e-3), method="nonparametric")
    ax = plots.tolerance(result, ax=plots.new_axes(), title="Band")
    low, high = ax.lines[-2:]
    np.testing.assert_array_equal(low.get_ydata(), result.groups[0].low)
    np.testing.assert_array_equal(high.get_ydata(), result.groups[0].high)
    assert len(ax.lines) == 16 + 2
    assert len(ax.collections) == 1
    assert "holds 90 % of all runs at a step with a probability of 49 % only, not the 95 % asked for" in caption(ax)
    assert "from 265 to 500 after 20,000 steps" in plots.tolerance_alt_text(result)


def test_a_band_that_keeps_its_promise_says_so(ppo) -> None:
    result = curves.tolerance_band(ppo, by="learning_rate", share=0.5, method="nonparametric")
    ax = plots.tolerance(result, ax=plots.new_axes())
    assert "holds 50 % of all runs at a step with a probability of 95 %" in caption(ax)
    assert "n = 16 runs" in caption(ax)
    assert len(ax.collections) == 5
    assert len(ax.lines) == 10  # 80 runs would be a block: the edges alone
    assert "Thin" not in caption(ax)
    assert plots.tolerance_alt_text(result).count("learning_rate = ") == 5
