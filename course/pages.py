"""An executed lecture as a page to read: no scripts and no network, so that equations are MathML.

Code that the notebook folds is folded here too, behind its first line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import DictLoader, pass_context
from latex2mathml.converter import convert
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_PAGE = """{%- extends 'lab/index.html.j2' -%}
{% block html_head_css %}{{ super() }}<style>
math { font-size: 1.15em; }
details.folded > summary { cursor: pointer; padding: 4px 8px; color: var(--jp-content-font-color1); }
details.folded > summary code { font-family: var(--jp-code-font-family); font-size: var(--jp-code-font-size); }
</style>{% endblock %}
{% block input %}
{%- if cell.cell_type == 'code' and cell.metadata.get('jupyter', {}).get('source_hidden') -%}
<details class="folded"><summary><code>{{ cell.source.splitlines()[0] | e }}</code></summary>
{{ super() }}
</details>
{%- else -%}{{ super() }}{%- endif -%}
{% endblock %}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}{% block html_head_js_mermaidjs %}{% endblock %}"""
_WIDGET = "application/vnd.jupyter.widget-view+json"

Node = Any  # nbformat's NotebookNode, which has no types


class _Equations(IPythonRenderer):
    """Writes LaTeX as MathML, which browsers draw by themselves."""

    def inline_math(self, body: str) -> str:
        return convert(body)

    def block_math(self, body: str) -> str:
        return convert(body, display="block")


class _Exporter(HTMLExporter):
    def __init__(self) -> None:
        super().__init__(extra_loaders=[DictLoader({"page": _PAGE})], template_file="page")

    @pass_context
    def _with_equations(self, context: Any, source: str) -> str:
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = _Equations(escape=False, attachments=attachments, anchor_link_text=self.anchor_link_text)
        return str(MarkdownWithMath(renderer=renderer).render(source))

    def default_filters(self) -> Iterable[tuple[str, Callable[..., str]]]:
        yield from super().default_filters()
        yield "markdown2html", self._with_equations


def page(notebook: Node, name: str) -> str:
    """Return an executed notebook as HTML; `name` is its title."""
    return str(_Exporter().from_notebook_node(_without_widgets(notebook), resources={"metadata": {"name": name}})[0])


def _without_widgets(notebook: Node) -> Node:
    """Leave the text of a widget where a page cannot have the widget."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if data.pop(_WIDGET, None) is None:
                continue
            # A widget that says nothing of its own is described by its class and its traits.
            if re.match(r"\w+\(", data.get("text/plain", "")):
                data["text/plain"] = "Interactive: open the notebook in JupyterLab to use it."
    return notebook
