from __future__ import annotations

import numpy as np
import pytest

from rlhp import Runs, curves, plots


@pytest.fixture(scope="module")
def summary():
    rng = np.random.default_rng(0)
    configs = [{"gamma": gamma} for gamma in (0.9, 0.95, 0.99) for _ in range(8)]
    scores = np.concatenate([rng.normal(centre, 40, 8) for centre in (100, 120, 300)])
    runs = Runs.from_table(configs, scores, seeds=[*range(8)] * 3, env_id="E")
    return curves.summarise(runs, by="gamma", rng=0)


def caption(ax) -> str:
    return ax.get_title(loc="left").replace("\n", " ")


def test_a_row_holds_its_runs_and_its_interval(summary) -> None:
    ax = plots.forest(summary, ax=plots.new_axes(), title="Three discounts")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["gamma = 0.99", "gamma = 0.95", "gamma = 0.9"]
    dots, intervals, centres = ax.lines[0::3], ax.lines[1::3], ax.lines[2::3]
    for place, group in enumerate(reversed(summary.groups)):
        np.testing.assert_array_equal(dots[place].get_xdata(), group.values)
    drawn = [line.get_xdata() for line in intervals]
    np.testing.assert_array_equal(drawn[::-1], summary.table[["low", "high"]])
    np.testing.assert_array_equal([line.get_xdata()[0] for line in centres][::-1], summary.table["estimate"])
    assert "Dots: n = 8 runs each." in caption(ax)
    assert "IQM and 95 % interval" in caption(ax)
    assert ax.get_xlabel() == "final return (undiscounted)"


def test_rows_are_ordered_and_named_and_have_a_reference(summary) -> None:
    rows = {0.95: "middle", 0.9: "short", 0.99: "far"}
    ax = plots.forest(summary, ax=plots.new_axes(), rows=rows, reference=150.0)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["middle", "short", "far"]
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), summary.groups[1].values)
    assert ax.lines[-1].get_xdata() == [150.0, 150.0]
    said = plots.forest_alt_text(summary, rows={0.95: "mid\ndle", 0.9: "short", 0.99: "far"})
    assert "n = 8 runs each, IQM and 95 % interval. far: " in said
    assert said.index("far: ") < said.index("short: ") < said.index("mid dle: ")
    assert f"short: {summary.estimates[0]:.4g} ({summary.low[0]:.4g} to {summary.high[0]:.4g})" in said


def test_rows_name_every_group_once(summary) -> None:
    with pytest.raises(ValueError, match=r"`rows` does not name the group 0\.99; give a text for every group"):
        plots.forest(summary, ax=plots.new_axes(), rows={0.9: "a", 0.95: "b"})
    with pytest.raises(ValueError, match=r"`rows` names 0\.8, which is no group; .* each of: 0\.9, 0\.95, 0\.99"):
        plots.forest_alt_text(summary, rows={0.8: "a"})
    with pytest.raises(ValueError, match=r"`rows` gives 0\.9 None; give a text for each of"):
        plots.forest_alt_text(summary, rows={0.9: None})
