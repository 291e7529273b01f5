"""Boxes over seeds, and pairs of hyperparameters: what seaborn draws is what the result holds."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib import pyplot as plt

from rlhp import Runs, curves, importance, plots, spaces

SPACE = spaces.subspace(spaces.default("a2c"), ["learning_rate", "gamma", "n_envs", "use_rms_prop"])


def summary(sizes=(12, 12, 12), **options):
    rng = np.random.default_rng(0)
    gammas = [0.9, 0.95, 0.99, 0.999][: len(sizes)]
    configs = [{"gamma": gamma} for gamma, n in zip(gammas, sizes, strict=True) for _ in range(n)]
    values = np.concatenate([rng.normal(100 * k, 10, n) for k, n in enumerate(sizes)])
    runs = Runs.from_table(configs, values, seeds=[seed for n in sizes for seed in range(n)])
    return curves.summarise(runs, by="gamma", rng=0, n_boot=200, **options)


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


@pytest.fixture(autouse=True)
def nothing_stays_open():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def study():
    configs = spaces.sample(SPACE, 40, method="sobol", rng=0)
    unit = spaces.to_unit(SPACE, configs)
    runs = Runs.from_table(configs, 10 * unit[:, list(SPACE).index("learning_rate")], env_id="A-v0")
    return importance.scored(runs, SPACE, "final_return", failures="raise")


def test_a_box_is_the_middle_half_of_its_runs() -> None:
    result = summary()
    ax = plots.boxes(result, ax=plots.new_axes())
    assert len(ax.patches) == 3
    for patch, group in zip(ax.patches, result.groups, strict=True):
        heights = patch.get_path().vertices[:, 1]
        np.testing.assert_allclose([heights.min(), heights.max()], np.quantile(group.values, [0.25, 0.75]))


def test_every_run_is_a_dot_and_the_statistic_a_diamond_with_its_interval() -> None:
    result = summary()
    ax = plots.boxes(result, ax=plots.new_axes())
    dots = [one.get_ydata() for one in ax.lines if one.get_marker() == "o"]
    for values, group in zip(dots, result.groups, strict=True):
        np.testing.assert_array_equal(values, group.values)
    (diamonds,) = [one for one in ax.lines if one.get_marker() == "D"]
    np.testing.assert_array_equal(diamonds.get_ydata(), result.estimates)
    (spans,) = [one for one in ax.collections if len(one.get_segments()) == 3]
    np.testing.assert_allclose([part[:, 1] for part in spans.get_segments()], np.transpose([result.low, result.high]))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("gamma", "final return (undiscounted)")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0.9", "0.95", "0.99"]
    assert "n = 12 runs each. Boxes: the middle half, with the median. Diamonds: IQM with its 95 %" in caption(ax)


def test_few_runs_have_no_box_and_many_have_no_dots() -> None:
    few = plots.boxes(summary((3, 4)), ax=plots.new_axes())
    assert not few.patches
    assert "Boxes" not in caption(few)
    many = plots.boxes(summary((300, 300)), ax=plots.new_axes())
    assert len(many.patches) == 2
    assert max(len(one.get_xdata()) for one in many.lines if one.get_marker() == "o") < 300


def test_boxes_are_the_same_every_time() -> None:
    result = summary()
    first, second = (plots.to_png(plots.boxes(result, ax=plots.new_axes())) for _ in range(2))
    assert first == second


def test_boxes_in_words() -> None:
    said = plots.boxes_alt_text(summary())
    assert said.startswith("Boxes of final return (undiscounted), n = 12 runs each: gamma = 0.9: IQM ")
    assert said.count("half of the runs") == 3


def test_pairs_have_a_panel_a_pair_and_the_best_on_the_diagonal(study) -> None:
    grid = plots.pairs(study, top=3)
    assert grid.shape == (3, 3)
    visible = np.array([[ax.get_visible() for ax in row] for row in grid])
    np.testing.assert_array_equal(visible, np.tril(np.ones((3, 3), dtype=bool)))
    names = [name for name in study.names][:3]
    below = grid[2, 0].collections[0]
    order = np.argsort(study.y, kind="stable")
    expected = study.unit[:, [study.names.index(names[0]), study.names.index(names[2])]][order]
    np.testing.assert_allclose(np.ma.getdata(below.get_offsets()), np.nan_to_num(expected), atol=1e-12)
    np.testing.assert_array_equal(below.get_array(), study.y[order])
    assert [ax.get_xlabel() for ax in grid[2]] == names


def test_pairs_show_the_most_important(study) -> None:
    imp = importance.fanova(
        Runs.from_table(spaces.from_unit(SPACE, np.nan_to_num(study.unit, nan=0.5)), study.y), SPACE, rng=0,
        fit=importance.Fit(n_boot=0, n_trees=8, allow_poor_fit=True),
    )  # fmt: skip
    grid = plots.pairs(study, top=2, order=imp)
    assert [ax.get_xlabel() for ax in grid[1]] == imp.ranking[:2]
    assert "learning_rate" in plots.pairs_alt_text(study, top=2, order=imp)


def test_a_pair_needs_two(study) -> None:
    space = spaces.subspace(spaces.default("a2c"), ["learning_rate"])
    runs = Runs.from_table([{"learning_rate": 10.0**-k} for k in (2, 3, 4)], [1.0, 2.0, 3.0])
    one = importance.scored(runs, space, "final_return", failures="raise", fewest=1)
    for draw in (plots.pairs, plots.pairs_alt_text):
        with pytest.raises(ValueError, match="1 hyperparameter of `study` varies; a pair needs two"):
            draw(one)
