"""Figures of a whole search: they show what their results hold, on frames made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import PathCollection, PolyCollection

from rlhp import Runs, curves, importance, objectives, plots, spaces
from tests.importance.test_budget import runs as budget_runs

VALUES = [3.0, 1.0, 4.0, 1.5, 5.0, 4.5]
SPACE = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma", "batch_size"])


def scores(values=VALUES, objective="final_return", **options):
    configs = [{"gamma": 1 - 1 / (i + 2)} for i in range(len(values))]
    runs = Runs.from_table(configs, values, steps=[*range(9, 9 + len(values))], env_id="A-v0")
    return objectives.score(runs, objective, **{"failures": "raise", "per": "config", **options})


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def line(ax, label):
    return next(one for one in ax.lines if one.get_label() == label)


# --- history ---


def test_a_history_has_its_trials_its_best_and_its_random_orders() -> None:
    result = curves.search_history(scores())
    ax = plots.search_history(result, ax=plots.new_axes())
    np.testing.assert_array_equal(line(ax, "a trial").get_ydata(), VALUES)
    np.testing.assert_array_equal(line(ax, "best so far").get_ydata(), result.table["best"])
    np.testing.assert_array_equal(line(ax, "random order, mean").get_ydata(), result.table["expected"])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("trial", "final return (undiscounted)")
    assert caption(ax) == (
        "6 configurations on A-v0 in the order in which they were tried. "
        "Shaded: the best of as many in 95 % of all orders."
    )


def test_a_history_of_one_trial_is_a_point() -> None:
    ax = plots.search_history(curves.search_history(scores([2.0])), ax=plots.new_axes())
    assert not [one for one in ax.collections if isinstance(one, PolyCollection)]
    assert "Shaded" not in caption(ax)


def test_a_history_says_what_failed() -> None:
    result = curves.search_history(scores([2.0, float("nan"), 3.0], failures="drop"))
    assert "1 runs failed, left out." in caption(plots.search_history(result, ax=plots.new_axes()))


def test_a_history_in_words() -> None:
    assert plots.search_history_alt_text(curves.search_history(scores())) == (
        "Search history of final return on A-v0: the best of 6 trials is 5, found in trial 5; after 3 trials it was 4, "
        "and 4.6 in a random order on average."
    )


# --- distribution ---


def test_a_distribution_steps_up_at_its_scores() -> None:
    result = curves.edf({"one": scores(), "two": scores([2.0, 2.0, 6.0])})
    ax = plots.edf(result, ax=plots.new_axes())
    first, second = ax.lines
    np.testing.assert_array_equal(first.get_xdata()[1:-1], sorted(VALUES))
    np.testing.assert_allclose(first.get_ydata(), [0, *(np.arange(1, 7) / 6), 1])
    np.testing.assert_allclose(second.get_ydata(), [0, 2 / 3, 1, 1])
    assert first.get_drawstyle() == "steps-post"
    assert len(ax.collections) == 2
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one (median 3.5)", "two (median 2)"]
    assert "n = 3 to 6 configurations." in caption(ax)
    assert "95 % band for the whole function (Kolmogorov-Smirnov)" in caption(ax)


def test_bands_of_many_distributions_are_left_out_unless_asked_for() -> None:
    result = curves.edf({name: scores() for name in "abc"})
    assert not plots.edf(result, ax=plots.new_axes()).collections
    assert len(plots.edf(result, band=True, ax=plots.new_axes()).collections) == 3


def test_equal_scores_have_a_distribution_too() -> None:
    ax = plots.edf(curves.edf(scores([7.0] * 5)), ax=plots.new_axes())
    low, high = ax.get_xlim()
    assert low < 7 < high


def test_a_distribution_in_words() -> None:
    assert plots.edf_alt_text(curves.edf(scores())) == (
        "Distribution of final return over configurations, n = 6 configurations: all from 1 to 5, half of them at or "
        "below 3.5."
    )


# --- front ---


def test_a_front_is_stepped_through_what_none_beats() -> None:
    result = curves.pareto_front(scores(), scores(objective="env_steps"))
    ax = plots.pareto_front(result, ax=plots.new_axes())
    front = result.front.sort_values("env_steps")
    steps, points = ax.lines[1:3]
    np.testing.assert_array_equal(points.get_xydata(), front[["env_steps", "final_return"]])
    np.testing.assert_array_equal(steps.get_xydata(), front[["env_steps", "final_return"]])
    assert steps.get_drawstyle() == "steps-post"  # until more steps are spent, nothing better is reached
    assert len(ax.lines[0].get_xdata()) == len(VALUES) - len(front)
    assert ax.get_xlabel() == "environment steps, less is better"
    assert ax.get_ylabel() == "final return (undiscounted), more is better"
    assert caption(ax) == "3 of 6 configurations on A-v0 are beaten by none in both."


def test_a_cost_that_spans_a_hundredfold_is_on_a_logarithmic_axis() -> None:
    runs = Runs.from_table([{"gamma": 1 - 1 / (i + 2)} for i in range(3)], [1.0, 2.0, 3.0], steps=[10, 100, 5000])
    both = [objectives.score(runs, name, failures="raise", per="config") for name in ("final_return", "env_steps")]
    ax = plots.pareto_front(curves.pareto_front(*both), ax=plots.new_axes())
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "linear")
    near = curves.pareto_front(scores(), scores(objective="env_steps"))
    assert plots.pareto_front(near, ax=plots.new_axes()).get_xscale() == "linear"


def test_a_front_in_words() -> None:
    result = curves.pareto_front(scores(), scores(objective="env_steps"))
    assert plots.pareto_front_alt_text(result) == (
        "Pareto front: 3 of 6 configurations on A-v0 are beaten by none in both; it goes from final return 5 with "
        "environment steps 13 to final return 3 with environment steps 9."
    )
    one = curves.pareto_front(scores([5.0, 1.0]), scores([5.0, 1.0], "env_steps"))
    assert "it is one point, final return 5 with environment steps 9." in plots.pareto_front_alt_text(one)
    three = curves.pareto_front(*(scores(objective=name) for name in ("final_return", "env_steps", "auc")))
    assert "beaten by none in all 3 objectives; it goes from final return 5 with" in plots.pareto_front_alt_text(three)
    with pytest.raises(ValueError, match=r"has 3 objectives .* and a figure has two axes; draw the front of two"):
        plots.pareto_front(three, ax=plots.new_axes())


# --- footprint ---


@pytest.fixture(scope="module")
def sheet():
    configs = spaces.sample(SPACE, 24, method="sobol", rng=0)
    runs = Runs.from_table(configs, np.arange(24.0), algorithm="dqn", env_id="A-v0")
    study = importance.scored(runs, SPACE, "final_return", failures="raise")
    return importance.footprint(study, rng=0, background=32)


def test_a_footprint_has_a_dot_a_configuration_and_the_best_on_top(sheet) -> None:
    ax = plots.footprint(sheet, ax=plots.new_axes())
    (dots,) = [one for one in ax.collections if isinstance(one, PathCollection)]
    np.testing.assert_array_equal(dots.get_offsets(), sheet.points[["x", "y"]])
    np.testing.assert_array_equal(dots.get_array(), sheet.points["score"])
    best = ax.lines[-1]
    assert best.get_marker() == "*"
    np.testing.assert_array_equal(best.get_xydata()[0], sheet.points.loc[sheet.points["score"].idxmax(), ["x", "y"]])
    assert len(ax.lines[0].get_xdata()) == 32
    assert ax.get_aspect() == 1.0
    assert "Grey: 32 draws from the space." in caption(ax)
    assert f"stress {sheet.fit:.2f}" in caption(ax)
    assert ax.get_xlabel().startswith("mostly ")


def test_a_footprint_in_words(sheet) -> None:
    said = plots.footprint_alt_text(sheet)
    assert said.startswith("Footprint: 24 configurations on A-v0 in two dimensions, multidimensional scaling, stress")
    assert "final return from 0 to 23" in said
    assert "Along x: mostly " in said


# --- budget ---


def test_a_budget_correlation_is_its_table() -> None:
    rng = np.random.default_rng(0)
    result = importance.budget_correlation(budget_runs(rng.normal(size=(12, 3))), rng=0, n_boot=50)
    ax = plots.budget_correlation(result, ax=plots.new_axes())
    drawn = ax.lines[-1]
    np.testing.assert_array_equal(drawn.get_xydata(), result.table[["step", "correlation"]])
    (band,) = ax.collections
    vertices = band.get_paths()[0].vertices
    for side in ("low", "high"):
        for point in result.table[["step", side]].to_numpy():
            assert (np.abs(vertices - point).sum(axis=1) < 1e-9).any()
    assert ax.get_ylim()[0] <= result.table["low"].min()
    assert "12 configurations, 12 runs; none failed" in caption(ax)


def test_steps_without_an_order_are_gaps_and_it_says_so() -> None:
    result = importance.budget_correlation(budget_runs([[-200, k, k] for k in range(6)]), rng=0, n_boot=20)
    ax = plots.budget_correlation(result, ax=plots.new_axes())
    assert np.isnan(ax.lines[-1].get_ydata()[0])
    assert "Gaps: all configurations score the same." in caption(ax)
    assert "at step 200" in plots.budget_correlation_alt_text(result)


def test_a_budget_correlation_in_words() -> None:
    final = np.arange(8.0)
    result = importance.budget_correlation(budget_runs(np.column_stack([-final, final, final])), rng=0, n_boot=20)
    assert plots.budget_correlation_alt_text(result).startswith(
        "Budget correlation: ranks by final return on A-v0 against the final ranks, 8 configurations, 8 runs; none "
        "failed (failures='raise'): -1.00 (-1.00 to -1.00) at step 100; 1.00 (1.00 to 1.00) at step 200"
    )
