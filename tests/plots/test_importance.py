"""Figures of importance: they show what the result says, name its n, interval and fit, and compute nothing."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure

from rlhp import Runs, importance, plots, spaces

NAMES = ["learning_rate", "gamma", "use_rms_prop", "rms_prop_eps", "n_envs"]


@pytest.fixture(scope="module")
def made() -> SimpleNamespace:
    """Give one result of each kind, on runs of which those with a large learning rate die."""
    space = spaces.subspace(spaces.default("a2c"), NAMES)
    configs = spaces.sample(space, 64, method="sobol", rng=0)
    unit = dict(zip(space, spaces.to_unit(space, configs).T, strict=True))
    scores = 100 * np.exp(-(((unit["learning_rate"] - 0.6) / 0.3) ** 2)) * (0.5 + unit["gamma"])
    runs = Runs.from_table(
        configs, np.where(unit["learning_rate"] > 0.9, np.nan, scores), steps=20_000, env_id="Acrobot-v1"
    )
    alive = runs.table.index[runs.table["status"] == "finished"]
    early = runs.evals[runs.evals["run_id"].isin(alive)]
    early = early.assign(step=10_000, return_mean=early["return_mean"] / 2)
    runs = Runs(runs.table, pd.concat([runs.evals, early]), runs.history)
    options = {"rng": 0, "failures": "worst"}
    model = importance.surrogate(runs, space, n_trees=8, **options)
    return SimpleNamespace(
        imp=importance.fanova(runs, space, order=2, fit=importance.Fit(n_trees=8, n_boot=40, boot_trees=2), **options),
        path=importance.ablation(runs, space, fit=importance.Fit(n_trees=8, n_boot=0), **options),
        over=importance.over_training(runs, space, fit=importance.Fit(n_trees=8, n_boot=0), **options),
        study=model.study,
        land=importance.landscape(model, space, "learning_rate", "gamma", rng=0, points=9),
        crashes=importance.crash_map(runs, space),
        poor=importance.fanova(
            Runs.from_table(configs, np.random.default_rng(0).random(64)),
            space,
            fit=importance.Fit(n_trees=8, n_boot=0),
            rng=0,
        ),
    )


def contrast(first, second) -> float:
    """Give the contrast of two colours as WCAG 2 has it."""
    lights = []
    for color in (first, second):
        rgb = np.array(to_rgb(color))
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        lights.append(linear @ [0.2126, 0.7152, 0.0722] + 0.05)
    return max(lights) / min(lights)


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def test_bars_are_the_shares_with_their_intervals(made) -> None:
    ax = plots.importance(made.imp, ax=plots.new_axes())
    main = made.imp.table[made.imp.table["kind"] == "main"]
    small = (main["share"] < 0.005) & (made.imp.shares("total").loc[main["name"]] < 0.02).to_numpy()
    labels = [label.get_text() for label in ax.get_yticklabels()]
    if small.sum() > 1:
        assert labels.pop() == f"{small.sum()} others"
        main = main[~small]
    assert labels == main["name"].tolist()
    widths = [bar.get_width() for bar in ax.patches]
    total = made.imp.shares("total").loc[main["name"]]
    assert widths == pytest.approx([*total, *main["share"]])
    (lines,) = [one for one in ax.collections if len(one.get_segments()) == len(main)]
    ends = np.array([segment[:, 0] for segment in lines.get_segments()])
    np.testing.assert_allclose(ends, main[["low", "high"]])


def bare(imp, main, total, *, low=0.0, high=0.0):
    """Give an importance of made-up shares, with intervals of made-up width."""
    names = [f"hp_{k}" for k in range(len(main))]
    shares = np.array([*main, *total])
    return replace(
        imp,
        names=tuple(names),
        terms=tuple((kind, (name,)) for kind in ("main", "total") for name in names),
        estimate=shares,
        draws=np.vstack([shares - low, shares, shares + high] * 20) if high else np.empty((0, len(shares))),
        own=None,
        alike=None,
    )


def test_rows_of_nothing_share_one_line(made) -> None:
    imp = bare(made.imp, [0.6, 0.001, 0.002, 0.2, 0.0, 0.004], [0.7, 0.001, 0.014, 0.3, 0.0, 0.2])
    ax = plots.importance(imp, ax=plots.new_axes())
    # The last one has no main effect worth a number, but interactions: it keeps its row.
    assert [label.get_text() for label in ax.get_yticklabels()] == ["hp_0", "hp_3", "hp_5", "3 others"]
    assert "each below 0.005, totals up to 0.01" in {text.get_text() for text in ax.texts}
    few = plots.importance(imp, top=2, ax=plots.new_axes())
    assert [label.get_text() for label in few.get_yticklabels()] == ["hp_0", "hp_3", "4 others"]
    assert "each below 0.005, totals up to 0.20" in {text.get_text() for text in few.texts}
    assert "not shown" not in caption(few)
    one = plots.importance(bare(made.imp, [0.6, 0.1], [0.6, 0.1]), top=1, ax=plots.new_axes())
    assert [label.get_text() for label in one.get_yticklabels()] == ["hp_0", "1 other"]
    assert "up to 0.10, totals up to 0.10" in {text.get_text() for text in one.texts}
    alone = plots.importance(bare(made.imp, [0.6, 0.001], [0.6, 0.001]), ax=plots.new_axes())
    assert [label.get_text() for label in alone.get_yticklabels()] == ["hp_0", "hp_1"]
    wide = plots.importance(bare(made.imp, [0.6, 0.0, 0.0], [0.6, 0.0, 0.0], low=0.01, high=0.03), ax=plots.new_axes())
    assert any("each below 0.005, intervals up to 0.0" in text.get_text() for text in wide.texts)


def test_a_number_stands_at_the_end_of_its_own_bar(made) -> None:
    ax = plots.importance(bare(made.imp, [0.6, 0.1], [0.9, 0.8]), ax=plots.new_axes())
    at = {text.get_text(): text.xy[0] for text in ax.texts}
    assert at["0.60"] == pytest.approx(0.6)
    assert at["0.10"] == pytest.approx(0.1)


def test_bars_name_method_data_fit_and_interval(made) -> None:
    said = caption(plots.importance(made.imp, ax=plots.new_axes()))
    for part in (
        "fanova of final return on Acrobot-v1",
        "64 configurations",
        "failures='worst'",
        "R2",
        "95 % intervals",
    ):
        assert part in said


def test_one_kind_and_the_leading_ones_only(made) -> None:
    ax = plots.importance(made.imp, kind="interaction", top=3, ax=plots.new_axes())
    shares = made.imp.shares("interaction")
    told = int((shares >= 0.005).sum())
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(ax.patches) == min(told, 3)
    drawn = min(told, 3)
    assert labels == [*shares.sort_values(ascending=False).index[:drawn], f"{len(shares) - drawn} others"]
    assert ax.get_xlabel() == "share (interaction)"


def test_a_poor_fit_is_not_drawn_unless_told(made) -> None:
    with pytest.raises(importance.PoorFitError):
        plots.importance(made.poor, ax=plots.new_axes())
    assert "below 0.3: read with care" in caption(plots.importance(made.poor.despite_poor_fit(), ax=plots.new_axes()))


def test_the_heat_map_has_main_effects_on_its_diagonal(made) -> None:
    ax = plots.heat_map(made.imp, ax=plots.new_axes())
    names = [label.get_text() for label in ax.get_yticklabels()]
    shown = np.ma.getmaskarray(ax.collections[0].get_array()), np.ma.getdata(ax.collections[0].get_array())
    mask, shares = (one.reshape(len(names), len(names)) for one in shown)
    np.testing.assert_allclose(np.diag(shares), made.imp.shares().loc[names])
    np.testing.assert_array_equal(mask, np.triu(np.ones_like(mask), 1))
    bold = [text.get_text() for text in ax.texts if text.get_fontweight() == "bold" and text.get_text()]
    assert bold == [f"{share:.2f}" for share in np.diag(shares)]
    with pytest.raises(ValueError, match=r"ablation has no interactions here; ask `importance.fanova` with order=2"):
        plots.heat_map(made.path)


def test_the_marginal_is_a_line_with_a_band_or_points(made) -> None:
    curve = made.imp.marginals("learning_rate")
    ax = plots.marginal(made.imp, "learning_rate", ax=plots.new_axes())
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), curve["mean"])
    assert ax.get_xticklabels()[0].get_text() == "0.00001"
    levels = plots.marginal(made.imp, "use_rms_prop", ax=plots.new_axes())
    assert [label.get_text() for label in levels.get_xticklabels()] == ["False", "True"]
    assert ax.get_ylabel() == "final return (undiscounted)"


def test_the_path_is_a_bar_a_change(made) -> None:
    ax = plots.ablation_path(made.path, ax=plots.new_axes())
    path = made.path.path
    assert [bar.get_x() for bar in ax.patches] == pytest.approx(path["start_score"].tolist())
    assert ax.get_yticklabels()[0].get_text().startswith(f"{path['name'].iloc[0]}: ")
    with pytest.raises(ValueError, match=r"fanova has no path; `importance.ablation` has."):
        plots.ablation_path(made.imp)


def test_importance_over_training_is_a_line_a_hyperparameter(made) -> None:
    ax = plots.importance_over_training(made.over, top=2, ax=plots.new_axes())
    wide = made.over.shares
    for name, line in zip(wide.index[:2], ax.lines, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), [10_000, 20_000])
        np.testing.assert_allclose(line.get_ydata(), wide.loc[name])
    other = importance.agreement({"a": made.imp, "b": made.imp})
    with pytest.raises(ValueError, match=r"this comparison is by method; `importance.over_training` gives one by step"):
        plots.importance_over_training(other)


def test_landscapes_from_above_in_slices_and_in_three_dimensions(made) -> None:
    above = plots.landscape(made.land, ax=plots.new_axes())
    assert (above.get_xlabel(), above.get_ylabel()) == ("learning_rate", "gamma")
    for label in above.texts:
        ground = label.get_path_effects()[0]._gc["foreground"]
        assert contrast(label.get_color(), ground) >= 4.2, label.get_text()
    slices = plots.landscape(made.land, kind="slices", slices=3, ax=plots.new_axes())
    np.testing.assert_array_equal(slices.lines[0].get_ydata(), made.land.mean[:, 0])
    assert len(slices.lines) == 3
    solid = Figure().add_subplot(projection="3d")
    assert plots.landscape(made.land, kind="surface", ax=solid) is solid
    with pytest.raises(ValueError, match='"surface" needs axes made with projection="3d"'):
        plots.landscape(made.land, kind="surface", ax=plots.new_axes())
    with pytest.raises(ValueError, match="unknown kind `contour`; did you mean `contours`"):
        plots.landscape(made.land, kind="contour")


def test_landscapes_on_one_scale_with_doubt_hatched(made) -> None:
    doubt = float(np.median(made.land.spread))
    low, high = made.land.points["score"].min(), made.land.points["score"].max()
    above = plots.landscape(made.land, limits=(low, high), doubt=doubt, ax=plots.new_axes())
    dots = next(one for one in above.collections if isinstance(one, PathCollection))
    np.testing.assert_array_equal(dots.get_array(), made.land.points["score"])
    assert dots.get_clim() == (low, high)
    assert any(one.hatches for one in above.collections if isinstance(one, QuadContourSet))
    assert f"Hatched: trees differ by more than {doubt:.3g}." in above.get_title(loc="left").replace("\n", " ")
    sure = plots.landscape(made.land, doubt=float(made.land.spread.max()) + 1, ax=plots.new_axes())
    assert "Hatched" not in sure.get_title(loc="left")
    slices = plots.landscape(made.land, kind="slices", limits=(0.0, 10.0), ax=plots.new_axes())
    assert slices.get_ylim() == (-0.5, 10.5)
    spread = plots.landscape(made.land, kind="spread", ax=plots.new_axes())
    assert "standard deviation between trees" in spread.get_title(loc="left").replace("\n", " ")
    solid = Figure().add_subplot(projection="3d")
    plots.landscape(made.land, kind="surface", limits=(-3.0, 9.0), ax=solid)
    assert solid.get_zlim()[0] <= -3.0


def test_a_landscape_with_nothing_to_see_is_refused_and_says_why(made) -> None:
    held = {"use_rms_prop": False}
    runs = Runs.from_table(spaces.sample(made.study.space, 32, method="sobol", rng=0), np.arange(32.0))
    land = importance.landscape(
        runs, made.study.space, "rms_prop_eps", "learning_rate", rng=0, points=5, n_trees=4, rest=held
    )
    for kind in ("contours", "slices", "surface", "spread"):
        with pytest.raises(ValueError, match=r"`rms_prop_eps` is active only where use_rms_prop == True"):
            plots.landscape(land, kind=kind)
    with pytest.raises(ValueError, match="nowhere active together"):
        plots.landscape_alt_text(land)


def test_parallel_coordinates_have_a_line_a_configuration(made) -> None:
    ax = plots.parallel(made.study, best=5, ax=plots.new_axes())
    rest, strong = ax.collections[:2]
    assert (len(rest.get_segments()), len(strong.get_segments())) == (59, 5)
    assert "Below the axes: inactive." in caption(ax)
    y = made.study.y
    np.testing.assert_allclose(np.sort(strong.get_array()), np.sort(y)[-5:])
    assert strong.get_clim() == (y.min(), y.max())
    dark, light = (np.mean(strong.cmap(strong.norm(end))[:3]) for end in (y.max(), y.min()))
    assert dark < light
    (bar,) = ax.child_axes
    assert bar.get_ylabel() == "final return (undiscounted)"


def test_parallel_coordinates_follow_an_importance_and_leave_out_what_never_varies(made) -> None:
    ax = plots.parallel(made.study, order=made.imp, ax=plots.new_axes())
    assert [label.get_text() for label in ax.get_xticklabels()] == made.imp.ranking
    space = spaces.subspace(spaces.default("a2c"), ["learning_rate", "gamma", "n_envs"])
    configs = spaces.sample(space, 16, method="sobol", rng=0).assign(gamma=0.99)
    study = importance.scored(Runs.from_table(configs, np.arange(16.0)), space, "final_return", failures="raise")
    ax = plots.parallel(study, ax=plots.new_axes())
    assert "gamma" not in {label.get_text() for label in ax.get_xticklabels()}
    assert "Always the same: gamma." in caption(ax)
    with pytest.raises(importance.PoorFitError):
        plots.parallel(study, order=made.poor, ax=plots.new_axes())


def test_values_beside_parallel_axes_do_not_touch(made) -> None:
    ax = plots.parallel(made.study)
    figure = ax.get_figure()
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert not [1 for a, b in itertools.combinations(boxes, 2) if a.overlaps(b)]
    names = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert min(box.x0 for box in names) >= 0
    plt.close(figure)


def test_where_nothing_varies_there_is_no_axis(made) -> None:
    space = spaces.subspace(spaces.default("a2c"), ["learning_rate", "gamma"])
    runs = Runs.from_table([{"learning_rate": 1e-3, "gamma": 0.9}] * 3, [1.0, 2.0, 3.0], seeds=range(3))
    study = importance.scored(runs, space, "final_return", failures="raise", fewest=1)
    with pytest.raises(ValueError, match="no hyperparameter of `study` varies"):
        plots.parallel(study, ax=plots.new_axes())


def test_crash_maps_along_one_and_over_two(made) -> None:
    ax = plots.crash_map(made.crashes, top=1, ax=plots.new_axes())
    rows = made.crashes.table[made.crashes.table["name"] == made.crashes.ranking[0]]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(rows["rate"].tolist())
    cells = plots.crash_map(made.crashes, x="learning_rate", y="gamma", ax=plots.new_axes())
    assert cells.collections[0].get_array().size == 36
    died = [text.get_text() for text in cells.texts if "/" in text.get_text()]
    assert sum(int(text.split("/")[0]) for text in died) == made.crashes.n_dead
    assert sum(int(text.split("/")[1]) for text in died) == made.crashes.n_runs
    with pytest.raises(ValueError, match="give both `x` and `y`, or neither"):
        plots.crash_map(made.crashes, x="gamma")


def test_where_no_run_died_one_sentence_says_so(made) -> None:
    runs = Runs.from_table(spaces.sample(made.study.space, 16, method="sobol", rng=0), np.arange(16.0), env_id="A-v0")
    crashes = importance.crash_map(runs, made.study.space)
    for options in ({}, {"x": "learning_rate", "y": "gamma"}):
        ax = plots.crash_map(crashes, ax=plots.new_axes(), **options)
        (sentence,) = [text.get_text().replace("\n", " ") for text in ax.texts if text.get_text()]
        assert sentence == "0 of 16 runs on A-v0 failed or diverged: there is nothing to map."
        assert not ax.patches
        assert not ax.axison


def test_parts_of_a_range_are_plain_numbers(made) -> None:
    parts = made.crashes.parts["learning_rate"]
    assert parts[0].startswith("0.00001 to ")
    assert not any("e-" in part or "e+" in part for part in parts)


def test_every_figure_has_its_words(made) -> None:
    said = {
        "importance": plots.importance_alt_text(made.imp),
        "heat map": plots.heat_map_alt_text(made.imp),
        "marginal": plots.marginal_alt_text(made.imp, "learning_rate"),
        "ablation path": plots.ablation_path_alt_text(made.path),
        "over training": plots.importance_over_training_alt_text(made.over),
        "landscape": plots.landscape_alt_text(made.land),
        "parallel coordinates": plots.parallel_alt_text(made.study),
        "crash map": plots.crash_map_alt_text(made.crashes),
    }
    for what, text in said.items():
        assert what in text.lower()
        assert "Acrobot-v1" in text
        assert text.endswith(".")
        assert "learning_rate" in text
    assert f"{made.imp.shares().max():.2f}" in said["importance"]
