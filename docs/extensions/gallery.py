"""The gallery: `docs/gallery/<name>.py` draws one figure, and is run, shown and described.

A script says in its docstring what the figure answers (first line the title), leaves the figure's `Axes` in `ax` and
what it shows, in words, in `alt`. In a page, the directive `figures` shows the scripts it lists, each in a section of
its own, and `thumbnails` links to all of them.
"""

from __future__ import annotations

import ast
import contextlib
import io
import logging
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

SCRIPTS = Path(__file__).resolve().parents[1] / "gallery"
_DPI = 160


@dataclass(frozen=True)
class Drawn:
    """A figure of the gallery: where its picture lies, its size in pixels of a page, and its words."""

    name: str
    title: str
    about: str
    code: str
    alt: str
    picture: Path
    width: int


def listed(page: Path) -> list[str]:
    """Give the figures that a page shows, in its order."""
    blocks = re.findall(r"^```{figures}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return [name for block in blocks for name in block.split()]


def anchor_of(name: str) -> str:
    """Give the anchor of a figure, which any page may link to: `[words](#gallery-curves)`."""
    return f"gallery-{name}".replace("_", "-")


def told(script: Path) -> tuple[str, str, str]:
    """Give a script's title, what it says of the figure, and its code without both.

    Raises
    ------
    ValueError
        If it has no docstring to say so.
    """
    source = script.read_text(encoding="utf-8")
    tree = ast.parse(source)
    said = ast.get_docstring(tree)
    if not said:
        raise ValueError(
            f"{script} has no docstring; its first line is the figure's title, the rest says what it answers"
        )
    title, _, about = said.partition("\n")
    code = "\n".join(source.splitlines()[tree.body[0].end_lineno :])
    return title.strip(), about.strip(), code.strip() + "\n"


def draw(script: Path, to: Path) -> Drawn:
    """Run a script and write its figure to `to`/<name>.png.

    Raises
    ------
    ValueError
        If the script leaves no Axes in `ax` or no words in `alt`, warns, or prints.
    """
    import matplotlib
    import numpy as np

    matplotlib.use("agg")
    logging.getLogger("matplotlib").setLevel(logging.WARNING)  # it tells where it takes words for categories
    from matplotlib.axes import Axes

    from rlhp import plots

    title, about, code = told(script)
    names: dict[str, Any] = {"__name__": "__gallery__"}
    printed = io.StringIO()
    with (
        warnings.catch_warnings(record=True) as warned,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(io.StringIO()),  # progress bars
    ):
        warnings.simplefilter("always")
        exec(compile(script.read_text(encoding="utf-8"), str(script), "exec"), names)
    ax, alt = names.get("ax"), names.get("alt")
    ax = ax.flat[0] if isinstance(ax, np.ndarray) and ax.size else ax  # of several, the figure is one
    if not isinstance(ax, Axes) or not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"{script} leaves no Axes in `ax`, or no words in `alt`")
    if printed.getvalue() or warned:
        raise ValueError(
            f"{script} says more than its figure: {printed.getvalue()}{[str(one.message) for one in warned]}"
        )
    figure = ax.get_figure(root=True)
    assert figure is not None
    picture, width = to / f"{script.stem}.png", round(figure.get_figwidth() * 96)
    to.mkdir(parents=True, exist_ok=True)
    picture.write_bytes(plots.to_png(figure, dpi=_DPI))
    return Drawn(script.stem, title, about, code, " ".join(alt.split()), picture, width)


class _Directive(SphinxDirective):
    has_content = True

    def drawn(self, name: str) -> Drawn:
        """Give a figure, drawn once a build."""
        script = SCRIPTS / f"{name}.py"
        self.env.note_dependency(str(script))
        held: dict[str, Drawn] = self.env.temp_data.setdefault("gallery", {})
        if name not in held:
            try:
                held[name] = draw(script, Path(self.env.srcdir) / "build" / "gallery")
            except Exception as error:
                raise self.error(f"the gallery's figure `{name}` was not drawn: {error!r}") from error
        return held[name]


class Figures(_Directive):
    """Show figures, each in a section: what it answers, the picture, what it shows in words, and the code."""

    def run(self) -> list[nodes.Node]:
        """Give a section for each name."""
        return [self._section(self.drawn(name.strip())) for name in self.content if name.strip()]

    def _section(self, one: Drawn) -> nodes.Node:
        anchor = anchor_of(one.name)
        section = nodes.section(ids=[anchor], names=[anchor], classes=["gallery-figure"])
        section += nodes.title(one.title, one.title)
        holder = nodes.Element()
        self.state.nested_parse(_lines(one.about), self.content_offset, holder)
        section += holder.children
        section += nodes.image(uri=f"/build/gallery/{one.picture.name}", alt=one.alt, width=f"{one.width}px")
        section += nodes.paragraph("", "", nodes.strong("", "In words: "), nodes.Text(one.alt), classes=["in-words"])
        section += nodes.literal_block(one.code, one.code, language="python")
        self.state.document.note_explicit_target(section)
        return section


class Thumbnails(_Directive):
    """Show all figures of the page small, each a link to its section."""

    has_content = False

    def run(self) -> list[nodes.Node]:
        """Give the grid."""
        grid = nodes.container(classes=["thumbnails"])
        for name in listed(Path(self.env.doc2path(self.env.docname))):
            one = self.drawn(name)
            picture = nodes.image(uri=f"/build/gallery/{one.picture.name}", alt="")
            link = nodes.reference("", "", picture, nodes.inline("", one.title), refid=anchor_of(one.name))
            grid += nodes.paragraph("", "", link)
        return [grid]


def _lines(text: str) -> Any:
    from docutils.statemachine import StringList

    return StringList(text.splitlines(), source="gallery")


def setup(app: Sphinx) -> dict[str, bool]:
    """Make both directives known."""
    app.add_directive("figures", Figures)
    app.add_directive("thumbnails", Thumbnails)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
