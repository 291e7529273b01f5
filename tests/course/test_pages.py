"""A lecture as a page: equations that need neither scripts nor network, and no widget that cannot be there."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import nbformat
import nbformat.v4
import pytest

LECTURES = sorted((Path(__file__).resolve().parents[2] / "course").glob("[0-9][0-9]_*.ipynb"))


def of(pages: ModuleType, *cells: nbformat.NotebookNode) -> str:
    return str(pages.page(nbformat.v4.new_notebook(cells=list(cells)), "a_page"))


def test_equations_become_mathml(pages: ModuleType) -> None:
    text = "Where $x_1 < 2$ and `$HOME` is code:\n\n$$\ny = \\frac{1}{2}\n$$\n"
    found = of(pages, nbformat.v4.new_markdown_cell(text))
    assert len(re.findall(r"<math\b", found)) == 2
    assert 'display="block"' in found
    assert "<mfrac>" in found
    assert "&lt;" in found[found.index("<math") :]
    assert re.findall(r"\$[^<]*", found[found.index("<main") :]) == ["$HOME"]


def test_a_page_has_no_scripts(pages: ModuleType) -> None:
    assert "<script" not in of(pages, nbformat.v4.new_markdown_cell("$x$"))


def test_a_widget_leaves_its_words(pages: ModuleType) -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}}
    outputs = [
        nbformat.v4.new_output("display_data", data=view | {"text/plain": said})
        for said in ("SeedsExplorer(children=())", "A text twin: 7 runs")
    ]
    found = of(pages, nbformat.v4.new_code_cell("show", outputs=outputs))
    assert "open the notebook in JupyterLab" in found
    assert "A text twin: 7 runs" in found
    assert "SeedsExplorer" not in found


def test_what_the_notebook_folds_is_folded_behind_its_first_line(pages: ModuleType) -> None:
    source = "# Figure: x < y & more\nplot(x)"
    folded = nbformat.v4.new_code_cell(source, metadata={"jupyter": {"source_hidden": True}})
    found = of(pages, folded, nbformat.v4.new_code_cell("open = 1"))
    assert found.count('<details class="folded">') == 1
    inside = found[found.index("<details") : found.index("</details>")]
    assert "<summary><code># Figure: x &lt; y &amp; more</code></summary>" in inside
    assert "plot" in inside
    assert "open" not in re.sub("<[^>]*>", "", inside)


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda path: path.stem)
def test_every_equation_of_a_lecture_is_understood(pages: ModuleType, lecture: Path) -> None:
    """What the converter does not know it leaves as it stands, backslash and all."""
    notebook = nbformat.read(lecture, as_version=4)
    found = of(pages, *(cell for cell in notebook.cells if cell.cell_type == "markdown"))
    equations = re.findall(r"<math.*?</math>", found, re.DOTALL)
    assert equations
    assert not [one for one in equations if "\\" in one]
    assert "$" not in re.sub(r"<(code|pre).*?</\1>", "", found[found.index("<main") :], flags=re.DOTALL)
