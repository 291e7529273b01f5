"""Figures of plotly hold the same numbers, ask no server for anything, and say what is missing where it is."""

from __future__ import annotations

import json
import re
import sys

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

from rlhp import Runs, curves, importance, objectives, plots, spaces

SPACE = spaces.subspace(spaces.default("a2c"), ["learning_rate", "gamma", "use_rms_prop", "rms_prop_eps"])


@pytest.fixture(scope="module")
def made():
    configs = spaces.sample(SPACE, 24, method="sobol", rng=0)
    runs = Runs.from_table(configs, np.arange(24.0), env_id="A-v0", steps=[*range(24, 0, -1)])
    study = importance.scored(runs, SPACE, "final_return", failures="raise")
    both = [objectives.score(runs, name, failures="raise", per="config") for name in ("final_return", "env_steps")]
    return {
        "study": study,
        "land": importance.landscape(runs, SPACE, "learning_rate", "gamma", rng=0, points=7, n_trees=8),
        "front": curves.pareto_front(*both),
        "sheet": importance.footprint(study, rng=0, background=8),
    }


def draw(made, what):
    return {
        "parallel": lambda: plots.parallel(made["study"], backend="plotly"),
        "contours": lambda: plots.landscape(made["land"], backend="plotly"),
        "surface": lambda: plots.landscape(made["land"], kind="surface", backend="plotly"),
        "front": lambda: plots.pareto_front(made["front"], backend="plotly"),
        "footprint": lambda: plots.footprint(made["sheet"], backend="plotly"),
    }[what]()


ALL = ["parallel", "contours", "surface", "front", "footprint"]


def test_parallel_axes_hold_the_coordinates_and_the_last_the_scores(made) -> None:
    (trace,) = draw(made, "parallel").data
    study = made["study"]
    assert [one.label for one in trace.dimensions] == [*study.names, "final return (undiscounted)"]
    np.testing.assert_array_equal(trace.dimensions[-1]["values"], study.y)
    j = study.names.index("rms_prop_eps")
    heights = np.asarray(trace.dimensions[j]["values"])
    np.testing.assert_array_equal(heights < 0, np.isnan(study.unit[:, j]))
    assert "inactive" in trace.dimensions[j].ticktext
    assert trace.dimensions[study.names.index("gamma")].ticktext == ("0.8", "0.9999")


@pytest.mark.parametrize("kind", ["contours", "surface"])
def test_a_landscape_holds_its_means_and_says_them_under_the_pointer(made, kind) -> None:
    land = made["land"]
    ground, dots = draw(made, kind).data
    np.testing.assert_array_equal(ground.z, land.mean.T)
    assert len(dots.x) == 24
    assert ground.text[0][0].startswith("learning_rate 0.00001<br>gamma 0.8<br>")
    assert len(plots.landscape(land, kind=kind, points=False, backend="plotly").data) == 1


def test_points_hold_the_front_and_the_sheet(made) -> None:
    (front,) = draw(made, "front").data
    np.testing.assert_array_equal(front.x, made["front"].table["env_steps"])
    assert front.text[0].split("<br>")[1:] == ["environment steps: 24", "final return (undiscounted): 0"]
    (sheet,) = draw(made, "footprint").data
    np.testing.assert_array_equal(np.sort(sheet.x), np.sort(made["sheet"].points["x"]))


@pytest.mark.parametrize("what", ALL)
def test_a_notebook_gets_the_numbers_and_no_program(made, what) -> None:
    figure = draw(made, what)
    shown, _ = DisplayFormatter().format(figure)
    assert sorted(shown) == ["application/vnd.plotly.v1+json", "text/plain"]  # and no other renderer's
    bundle = shown["application/vnd.plotly.v1+json"]
    assert [trace["type"] for trace in bundle["data"]] == [trace.type for trace in figure.data]
    assert len(json.dumps(bundle)) < 100_000
    assert shown["text/plain"].endswith("makes a page of it.)")
    assert "<br>" not in shown["text/plain"]


def test_a_page_of_it_asks_no_server(made, tmp_path) -> None:
    draw(made, "surface").write_html(tmp_path / "figure.html")
    page = (tmp_path / "figure.html").read_text()
    assert len(page) > 1_000_000  # its program is inside
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)


def test_what_plotly_does_not_draw_is_refused(made) -> None:
    with pytest.raises(ValueError, match="backend='plotly' draws the kinds contours, surface, not kind='slices'"):
        plots.landscape(made["land"], kind="slices", backend="plotly")
    with pytest.raises(ValueError, match="backend='plotly' makes a figure of its own; leave `ax` out"):
        plots.parallel(made["study"], backend="plotly", ax=plots.new_axes())
    with pytest.raises(ValueError, match="unknown backend `plotli`; did you mean `plotly`"):
        plots.parallel(made["study"], backend="plotli")


def test_where_plotly_is_missing_it_says_how_to_get_it(made, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(ImportError, match=r"backend='plotly' needs plotly, .* `pip install 'rlhp\[plotly\]'`"):
        draw(made, "parallel")
