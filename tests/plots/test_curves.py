from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import PolyCollection

from rlhp import Runs, curves, plots

pytestmark = pytest.mark.filterwarnings("ignore::rlhp.curves.FewRunsWarning")


def draw(summary, **options):
    return plots.curves(summary, ax=options.pop("ax", None) or plots.new_axes(), **options)


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def words(ax) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


def thick(ax):
    """Give the lines of the groups, without their samples beside the axes."""
    return [line for line in ax.lines if line.get_linewidth() == 2 and line.get_transform() == ax.transData]


def thin(ax):
    return [line for line in ax.lines if line.get_linewidth() == 0.8]


def shaded(ax):
    return [part.get_paths()[0].vertices for part in ax.collections if isinstance(part, PolyCollection)]


def test_axes_are_named_with_units(summary) -> None:
    ax = draw(summary())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("environment steps", "undiscounted return")
    assert draw(summary(value="length_mean")).get_ylabel() == "episode length (steps)"


def test_a_group_keeps_the_look_it_is_given(summary) -> None:
    made = summary()
    n = len(made.groups)
    ax = draw(made, looks=[place + 2 for place in range(n)])
    assert [line.get_color() for line in thick(ax)] == [plots.look(place + 2).color for place in range(n)]
    for wrong in ([0] * (n + 1), "01", 3, [-1] * n, [0.5] * n):
        with pytest.raises((ValueError, TypeError), match="`looks`"):
            draw(made, looks=wrong)


def test_steps_read_in_thousands_and_millions(summary) -> None:
    format_step = draw(summary()).xaxis.get_major_formatter()
    assert [format_step(step) for step in (0, 20_000, 1_500_000)] == ["0", "20k", "1.5M"]


def test_the_line_is_the_estimate_and_the_thin_ones_are_the_runs(summary) -> None:
    result = summary([0.1, 0.2])
    ax = draw(result)
    for group, line in zip(result.groups, thick(ax), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([group.steps, group.estimate]))
    every = np.concatenate([group.curves for group in result.groups])
    np.testing.assert_array_equal([line.get_ydata() for line in thin(ax)], every)
    assert not thin(draw(result, seeds=False))


@pytest.mark.parametrize(
    ("band", "columns"), [("simultaneous", ("band_low", "band_high")), ("pointwise", ("low", "high"))]
)
def test_what_is_shaded_is_what_the_summary_says(summary, band, columns) -> None:
    result = summary()
    (vertices,) = shaded(draw(result, band=band))
    for column in columns:
        edge = np.column_stack([result.table["step"], result.table[column]])
        assert all((np.abs(vertices - point).sum(axis=1) < 1e-9).any() for point in edge)
    assert not shaded(draw(result, band="none"))


def test_n_and_interval_stand_on_the_figure(summary) -> None:
    result = summary(n=12)
    assert caption(draw(result)) == "IQM over n = 12 runs. Shaded: 95 % simultaneous band (sup-t). Thin: single runs."
    pointwise = caption(draw(result, band="pointwise", seeds=False))
    assert (
        pointwise
        == "IQM over n = 12 runs. Shaded: 95 % interval at each step (expanded percentile, whole-run bootstrap)."
    )
    assert caption(draw(result, band="none", seeds=False)) == "IQM over n = 12 runs."
    assert caption(draw(summary([0.1, 0.2], n=[5, 7]))).startswith("IQM over n = 5 to 7 runs. ")
    assert "90 % simultaneous" in caption(draw(summary(confidence=0.9)))


def test_too_few_runs_have_no_band_and_the_figure_says_so(summary) -> None:
    ax = draw(summary(n=2))
    assert not shaded(ax)
    assert "No interval: fewer than 3 runs." in caption(ax)
    assert len(thin(ax)) == 2
    assert not thin(draw(summary(n=1)))


def test_above_sixty_runs_ribbons_stand_for_them(summary) -> None:
    result = summary(n=80)
    ax = draw(result, band="none")
    assert not thin(ax)
    ribbons = shaded(ax)
    assert len(ribbons) == 2
    (group,) = result.groups
    for vertices, ends in zip(ribbons, ((0.05, 0.95), (0.25, 0.75)), strict=True):
        for share in ends:
            edge = np.column_stack([group.steps, np.quantile(group.curves, share, axis=0)])
            assert all((np.abs(vertices - point).sum(axis=1) < 1e-9).any() for point in edge)
    assert caption(ax) == "IQM over n = 80 runs. Ribbons: the middle 50 % and 90 % of the runs at each step."
    assert len(thin(draw(summary(n=60)))) == 60
    assert not shaded(draw(result, band="none", seeds=False))


def test_ribbons_of_many_groups_are_the_middle_halves(summary) -> None:
    ax = draw(summary([0.1, 0.2, 0.3], n=24), band="none")
    assert len(shaded(ax)) == 3
    assert "Ribbon: the middle 50 % of the runs at each step." in caption(ax)
    under = draw(summary([0.1, 0.2, 0.3], n=24))
    assert len(shaded(under)) == 3  # the bands
    assert not thin(under)
    assert "The single runs are not drawn: 72 would be a block." in caption(under)


def test_ribbons_leave_no_crosses_and_say_what_failed(summary) -> None:
    ax = draw(summary(n=70, unfinished=2, failures="worst"))
    assert not [line for line in ax.lines if line.get_marker() == "x"]
    assert "2 of 70 runs did not finish" in caption(ax)
    assert "×" not in caption(ax)


def test_a_band_wider_than_the_curves_runs_off_the_figure(summary) -> None:
    result = summary(n=3, env_id="Unbounded-v0")  # where it is known what can be earned, no band goes beyond
    ax = draw(result)
    values = result.groups[0].curves
    reach = np.ptp(values)
    assert "The band runs off the figure." in caption(ax)
    assert ax.get_ylim()[1] < values.max() + 0.25 * reach
    assert ax.get_ylim()[0] > values.min() - 0.25 * reach
    assert "runs off" not in caption(draw(summary(n=16)))


def test_every_run_is_inside_the_figure(summary) -> None:
    result = summary([0.1, 0.2, 0.3])
    low, high = draw(result).get_ylim()
    values = np.concatenate([group.curves.ravel() for group in result.groups])
    assert low < values.min()
    assert values.max() < high


def test_runs_that_did_not_finish_end_in_a_cross(summary) -> None:
    result = summary(n=6, unfinished=2, failures="worst")
    ax = draw(result)
    crosses = [line for line in ax.lines if line.get_marker() == "x"]
    assert [line.get_xdata() for line in crosses] == [[6000], [6000]]
    assert sorted({len(line.get_xdata()) for line in thin(ax)}) == [6, 12]
    assert "× 2 of 6 runs did not finish: their missing evaluations count as" in caption(ax)
    assert "(the worst return seen)" in caption(ax)
    assert "Runs that did not finish are left out." in caption(draw(summary(n=9, unfinished=2, failures="drop")))


def test_groups_are_named_beside_their_lines_under_one_heading(summary) -> None:
    ax = draw(summary([0.1, 0.001]))
    assert words(ax) == ["0.001", "0.1", "learning_rate"]
    assert ax.get_legend() is None
    assert not words(draw(summary()))
    assert words(draw(summary([0.1, 0.2], n=[5, 6]))) == ["0.1 (n = 5)", "0.2 (n = 6)", "learning_rate"]
    assert words(draw(summary([0.1, 0.2]), labels=["slow", "fast"])) == ["slow", "fast"]


@pytest.mark.parametrize("count", [2, 8, 14])
def test_names_neither_overlap_each_other_nor_the_data(summary, count) -> None:
    ax = draw(summary(list(range(count)), n=5, name="layers"), seeds=False)
    figure = ax.get_figure()
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert len(boxes) == count + 1
    assert all(box.x0 > ax.bbox.x1 for box in boxes)
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    boxes.sort(key=lambda box: box.y0)
    assert all(below.y1 <= above.y0 + 3 for below, above in pairwise(boxes))


def test_a_single_evaluation_is_points_with_a_bar(summary) -> None:
    """The first thing a live figure shows."""
    result = summary(n=6, steps=1)
    ax = draw(result)
    assert not shaded(ax)
    assert caption(ax).startswith("IQM over n = 6 runs. Bar: 95 % interval at each step (expanded")
    assert ax.get_xlim()[0] <= 0 < 1000 < ax.get_xlim()[1]
    assert all(line.get_marker() == "o" for line in thin(ax))


def test_a_title_stands_over_the_caption(summary) -> None:
    ax = draw(summary(), title="DQN on CartPole-v1")
    assert words(ax) == ["DQN on CartPole-v1"]
    assert caption(ax).startswith("IQM over")


def test_drawing_on_axes_in_use_leaves_their_limits(summary) -> None:
    ax = plots.new_axes()
    ax.plot([0, 1], [0, 10_000])
    assert draw(summary(), ax=ax) is ax
    assert ax.get_ylim()[1] > 9_000


def test_nothing_is_changed_in_the_summary(summary) -> None:
    result = summary([0.1, 0.2])
    before = result.table.copy()
    draw(result)
    assert result.table.equals(before)


def test_without_axes_a_notebook_shows_the_figure(summary) -> None:
    ax = plots.curves(summary())
    assert ax.get_figure().number in plt.get_fignums()
    plt.close(ax.get_figure())


def test_an_unknown_band(summary) -> None:
    with pytest.raises(ValueError, match="unknown band `simultanous`; did you mean `simultaneous`"):
        draw(summary(), band="simultanous")


def test_labels_that_do_not_match(summary) -> None:
    with pytest.raises(ValueError, match="1 labels for 2 groups; give one per group"):
        draw(summary([0.1, 0.2]), labels=["a"])


# --- in words -------------------------------------------------------------------------------------------------------


def test_alt_text_of_one_curve(summary) -> None:
    result = summary(n=12)
    final = result.final.iloc[0]
    assert plots.alt_text(result) == (
        f"Learning curve: IQM undiscounted return of n = 12 runs, ending at {final['estimate']:.3g} (95 % interval "
        f"{final['low']:.3g} to {final['high']:.3g}) after 12,000 environment steps."
    )


def test_alt_text_of_groups_names_each_and_what_failed(summary) -> None:
    text = plots.alt_text(summary([0.1, 0.2], n=6, unfinished=1, failures=0))
    assert text.startswith("Learning curves by learning_rate: IQM undiscounted return of n = 6 runs each, after 12,000")
    assert "steps: learning_rate = 0.1 ends at" in text
    assert "; learning_rate = 0.2 ends at" in text
    assert text.endswith("2 of 12 runs did not finish: their missing evaluations count as 0.")


def test_alt_text_of_many_groups_names_the_extremes(summary) -> None:
    text = plots.alt_text(summary(list(range(9)), n=5, name="layers"))
    assert "highest, layers = 0 ends at" in text
    assert "lowest, layers = 8 ends at" in text
    assert "layers = 4" not in text


def test_alt_text_of_too_few_runs_claims_no_interval(summary) -> None:
    assert "(too few runs for an interval)" in plots.alt_text(summary(n=2))


# --- the room -------------------------------------------------------------------------------------------------------


def test_the_room_is_cheap_until_something_is_drawn() -> None:
    code = (
        "import sys; from rlhp import plots;"
        "names = ('matplotlib', 'matplotlib.pyplot', 'seaborn', 'plotly', 'torch', 'jax');"
        "heavy = lambda: [name for name in names if name in sys.modules];"
        "print(heavy()); plots.to_png(plots.new_axes()); print(heavy())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "['matplotlib']"]


def test_functions_are_not_shadowed_by_modules() -> None:
    code = (
        "import rlhp.plots._curves, rlhp.plots._schedules; from rlhp import plots;"
        "print(plots.curves.__name__, plots.schedule.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "curves schedule"


def test_an_unknown_name_in_the_room() -> None:
    with pytest.raises(AttributeError, match=r"unknown name `curve` for rlhp\.plots; did you mean `curves`"):
        _ = plots.curve
    assert "curves" in dir(plots)


def test_figures_can_share_one_scale_and_say_truly_what_is_cut_off(summary) -> None:
    wide = draw(summary(n=12), seeds=False, band="pointwise", ylim=(-1e4, 1e4))
    narrow = draw(summary(n=12), seeds=False, band="pointwise", ylim=(0.0, 0.01))
    assert wide.get_ylim() == pytest.approx((-1.06e4, 1.06e4))
    assert "runs off" not in caption(wide)
    assert "The interval runs off the figure." in caption(narrow)


@pytest.mark.parametrize("n", [12, 16])
def test_many_long_names_stand_beside_their_lines_and_do_not_touch(n) -> None:
    runs = Runs.from_table([{"lr": k} for k in range(n)], np.linspace(0, 1, n), steps=100)
    ax = plots.new_axes((6.7, 3.85))
    ax.get_figure().set_layout_engine(None)
    ax.set_position((0.09, 0.12, 0.56, 0.68))
    names = [f"kept: learning rate 0.000{k:02}, learning_rate_cartpole" for k in range(n)]
    plots.curves(curves.iqm(runs, by="lr", rng=0), ax=ax, labels=names, seeds=False, band="none")
    figure = ax.get_figure()
    figure.canvas.draw()
    boxes = sorted((t.get_window_extent() for t in ax.texts if t.get_text().startswith("kept")), key=lambda box: box.y0)
    assert len(boxes) == n
    assert min(above.y0 - below.y1 for below, above in pairwise(boxes)) > -2  # of a line's height, letters fill a part
    assert boxes[0].y0 >= 0
    assert boxes[-1].y1 <= figure.bbox.y1
    assert max(box.x1 for box in boxes) <= figure.bbox.x1
    assert min(text.get_fontsize() for text in ax.texts) >= 6.5


def test_a_name_of_two_lines_keeps_below_the_caption() -> None:
    runs = Runs.from_table([{"lr": k} for k in range(4)], [0.0, 1.0, 1.0, 1.0], steps=100)
    ax = plots.new_axes((6.7, 3.85))
    names = ["kept: learning rate 0.1, learning_rate_cartpole"] * 4
    plots.curves(curves.iqm(runs, by="lr", rng=0), ax=ax, labels=names, seeds=False, band="none")
    ax.get_figure().canvas.draw()
    top = max(text.get_window_extent().y1 for text in ax.texts if text.get_text().startswith("kept"))
    assert top < ax.bbox.y1 + 10
