"""Equations as MathML, which browsers draw by themselves: no script, and nothing asked of the network."""

from __future__ import annotations

import html
import re
from typing import Any, NoReturn

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

_log = logging.getLogger(__name__)
# What the converter does not know it writes out as text, backslash and all.
_UNKNOWN = re.compile(r"<m(?:i|text|o)[^>]*>(\\[A-Za-z]+)")


def mathml(latex: str, *, display: str) -> str:
    """Give LaTeX as MathML; `display` is "inline" or "block".

    Raises
    ------
    ValueError
        If the converter cannot read it, or does not know one of its commands.
    """
    if latex.replace("\\{", "").count("{") != latex.replace("\\}", "").count("}"):
        raise ValueError(f"`{latex}` has a brace without its other")
    try:
        written = convert(latex, display=display)
    except Exception as error:  # its exceptions have no common ancestor
        raise ValueError(f"`{latex}` is no equation that latex2mathml reads: {error!r}") from error
    if unknown := _UNKNOWN.search(written):
        raise ValueError(f"latex2mathml does not know `{unknown[1]}`, in `{latex}`; write it with others")
    return str(written)


def _inline(self: Any, node: nodes.math) -> NoReturn:
    self.body.append(self.starttag(node, "span", "", CLASS="math") + _written(node, "inline") + "</span>")
    raise nodes.SkipNode


def _block(self: Any, node: nodes.math_block) -> NoReturn:
    # A wide equation scrolls by itself, so that it must take the keyboard's focus.
    self.body.append(self.starttag(node, "div", CLASS="math", tabindex="0", role="group"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_written(node, "block") + "</div>\n")
    raise nodes.SkipNode


def _written(node: nodes.Element, display: str) -> str:
    try:
        return mathml(node.astext().strip(), display=display)
    except ValueError as error:
        _log.warning(str(error), location=node)
        return f"<code>{html.escape(node.astext())}</code>"


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the renderer known to Sphinx as "mathml"."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
