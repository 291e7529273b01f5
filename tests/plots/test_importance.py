"""Figures of importance: they show what the result says, name its n, interval and fit, and compute nothing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection
from matplotlib.contour import QuadContourSet
from matplotlib.figure import Figure

from rlhp import Runs, importance, plots, spaces
from rlhp.plots import _effects as effects

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


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def test_bars_are_the_shares_with_their_intervals(made) -> None:
    ax = plots.importance(made.imp, ax=plots.new_axes())
    main = made.imp.table[made.imp.table["kind"] == "main"]
    assert [label.get_text() for label in ax.get_yticklabels()] == main["name"].tolist()
    widths = [bar.get_width() for bar in ax.patches]
    total = made.imp.shares("total").loc[main["name"]]
    assert widths == pytest.approx([*total, *main["share"]])
    (lines,) = [one for one in ax.collections if len(one.get_segments()) == len(main)]
    ends = np.array([segment[:, 0] for segment in lines.get_segments()])
    np.testing.assert_allclose(ends, main[["low", "high"]])


def test_bars_name_method_data_fit_and_interval(made) -> None:
    said = caption(plots.importance(made.imp, ax=plots.new_axes()))
    for part in (
        "fanova of final_return on Acrobot-v1",
        "64 configurations",
        "failures='worst'",
        "R2",
        "95 % intervals",
    ):
        assert part in said


def test_one_kind_and_the_leading_ones_only(made) -> None:
    ax = plots.importance(made.imp, kind="interaction", top=3, ax=plots.new_axes())
    assert len(ax.patches) == 3
    assert "7 smaller ones not shown." in caption(ax)
    assert ax.get_xlabel() == "share (interaction)"


def test_a_poor_fit_is_not_drawn_unless_told(made) -> None:
    with pytest.raises(importance.PoorFitError):
        plots.importance(made.poor, ax=plots.new_axes())
    assert "below 0.3: read with care" in caption(plots.importance(made.poor.despite_poor_fit(), ax=plots.new_axes()))


def test_the_heat_map_has_main_effects_on_its_diagonal(made) -> None:
    ax = plots.heat_map(made.imp, ax=plots.new_axes())
    shown = ax.images[0].get_array()
    names = [label.get_text() for label in ax.get_yticklabels()]
    np.testing.assert_allclose(np.diag(shown), made.imp.shares().loc[names])
    assert np.ma.masked_invalid(shown).mask[np.triu_indices(len(names), 1)].all()
    with pytest.raises(ValueError, match=r"ablation has no interactions here; ask `importance.fanova` with order=2"):
        plots.heat_map(made.path)


def test_the_marginal_is_a_line_with_a_band_or_points(made) -> None:
    curve = made.imp.marginals("learning_rate")
    ax = plots.marginal(made.imp, "learning_rate", ax=plots.new_axes())
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), curve["mean"])
    assert ax.get_xticklabels()[0].get_text() == "1e-05"
    levels = plots.marginal(made.imp, "use_rms_prop", ax=plots.new_axes())
    assert [label.get_text() for label in levels.get_xticklabels()] == ["False", "True"]
    assert ax.get_ylabel() == "final_return (undiscounted return)"


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


def test_crash_maps_along_one_and_over_two(made) -> None:
    ax = plots.crash_map(made.crashes, top=1, ax=plots.new_axes())
    rows = made.crashes.table[made.crashes.table["name"] == made.crashes.ranking[0]]
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(rows["rate"].tolist())
    cells = plots.crash_map(made.crashes, x="learning_rate", y="gamma", ax=plots.new_axes())
    assert cells.images[0].get_array().shape == (6, 6)
    with pytest.raises(ValueError, match="give both `x` and `y`, or neither"):
        plots.crash_map(made.crashes, x="gamma")


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


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        (10 ** np.linspace(-5, -2, 41), ["1e-05", "0.0001", "0.001", "0.01"]),
        (1 - 10 ** np.linspace(np.log10(0.2), -4, 41), ["0.9", "0.99", "0.999", "0.9999"]),
        (np.linspace(0.01, 1.0, 41), ["0.2", "0.4", "0.6", "0.8", "1"]),
        (20 ** np.linspace(0, 1, 41), ["1", "2", "5", "10", "20"]),
    ],
    ids=["log", "flipped-log", "linear", "log of a few"],
)
def test_an_axis_is_labelled_with_round_numbers_where_they_are(values: np.ndarray, labels: list[str]) -> None:
    ax, unit = plots.new_axes(), np.linspace(0.0, 1.0, 41)
    effects.ticks(ax, unit, [float(value) for value in values], "x")
    assert [label.get_text() for label in ax.get_xticklabels()] == labels
    np.testing.assert_allclose(np.interp(ax.get_xticks(), unit, values), [float(label) for label in labels])


def test_an_axis_of_names_is_labelled_with_them() -> None:
    ax = plots.new_axes()
    effects.ticks(ax, np.linspace(0.0, 1.0, 3), ["a", "b", "c"], "y")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
