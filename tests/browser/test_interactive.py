"""Figures in JupyterLab: those of plotly need no network and no program of their own, and a dark page has dark ones."""

from __future__ import annotations

import io
import json

import nbformat
import numpy as np
import pytest

MADE = """\
import numpy as np
from rlhp import Runs, importance, plots, spaces
space = spaces.subspace(spaces.default("dqn"), ["learning_rate", "gamma"])
configs = spaces.sample(space, 32, method="sobol", rng=0)
study = importance.scored(Runs.from_table(configs, np.arange(32.0)), space, "final_return", failures="raise")
plots.parallel(study, backend="plotly")"""
AGAIN = 'plots.parallel(study, backend="plotly", title="Again")'
PICTURE = """\
from IPython.display import HTML
ax = plots.new_axes((4, 2))
ax.plot([0, 1], color=plots.look(0).color)
HTML(plots.to_html_img(ax, "A line that rises."))"""


@pytest.fixture
def figures(lab) -> str:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(source) for source in (MADE, AGAIN, PICTURE)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), lab.course / "97_figures.ipynb")
    return "97_figures.ipynb"


def test_figures_are_drawn_offline_and_the_notebook_stays_small(notebook, figures, watch, lab) -> None:
    pytest.importorskip("plotly")
    book = notebook(figures)
    book.run(0, 1)
    for cell in (0, 1):
        book.output(cell).locator(".js-plotly-plot .parcoords").first.wait_for(timeout=30_000)
    book.page.keyboard.press("ControlOrMeta+s")
    saved = lab.course / figures
    book.page.wait_for_function("() => !window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=20_000)
    outputs = [cell.outputs[0].data for cell in nbformat.read(saved, as_version=4).cells[:2]]
    # JupyterLab adds a still picture, for pages that run no program; the program itself would be 4.8 MB a figure.
    assert [sorted(data) for data in outputs] == [["application/vnd.plotly.v1+json", "image/png", "text/plain"]] * 2
    assert len(json.dumps(outputs)) < 1_000_000
    book.shot("plotly")
    assert watch.left_loopback == []


def test_a_picture_is_dark_on_a_dark_page_and_white_on_a_white_one(notebook, figures, watch) -> None:
    book = notebook(figures)
    book.write(0, MADE.rpartition("\n")[0])
    book.run(0)
    book.run(2)
    picture = book.output(2).get_by_role("img", name="A line that rises.")
    assert paper(picture) > 250
    book.theme("Dark")
    assert 10 < paper(picture) < 40
    assert book.faults(2) == []
    book.shot("dark-picture")
    assert watch.errors == []


def paper(picture) -> float:
    """Give the brightness of a picture's upper left corner, 0 to 255, as the page shows it."""
    from PIL import Image

    shown = Image.open(io.BytesIO(picture.screenshot())).convert("L")
    return float(np.asarray(shown)[1:5, 1:5].mean())
