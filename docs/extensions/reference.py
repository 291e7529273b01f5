"""The reference: each room's page begins with its public names, and no public name may be missing from the site."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.python import PyXRefRole
from sphinx.pycode import ModuleAnalyzer
from sphinx.util import logging

_log = logging.getLogger(__name__)


class Name(PyXRefRole):
    """`name` in a docstring: a link where exactly that is a public name, else code, such as `.table` or `n - 1`."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Give the link or the code."""
        if not re.fullmatch(r"[A-Za-z_]\w*(\.\w+)*", self.text):
            return [nodes.literal(self.rawtext, self.text)], []
        return super().run()


def rooms(pages: Path) -> dict[str, str]:
    """Give the page of each module that a page of the reference is about."""
    found = {}
    for page in sorted(pages.glob("*.rst")):
        for line in page.read_text(encoding="utf-8").splitlines():
            if line.startswith(".. automodule:: "):
                found[line.removeprefix(".. automodule:: ").strip()] = page.stem
    return found


def public(module: str) -> list[str]:
    """Give a module's public names: its `__all__`, or where it has none what is defined in it and says what it is."""
    held = importlib.import_module(module)
    listed = getattr(held, "__all__", None)
    if listed is None:
        listed = [
            name
            for name, value in vars(held).items()
            if not name.startswith("_") and getattr(value, "__module__", None) == module and inspect.getdoc(value)
        ]
    return [name for name in listed if not name.startswith("__")]


def first_sentence(docstring: str) -> str:
    """Give what the first line of a docstring says."""
    return docstring.strip().partition("\n\n")[0].replace("\n", " ").strip()


def is_constant(value: Any) -> bool:
    """Tell whether a public name is no class, function or room: a value, or the name of a type."""
    return not (inspect.isclass(value) or inspect.isroutine(value) or inspect.ismodule(value))


_KINDS: dict[str, Callable[[Any], bool]] = {
    "Rooms": inspect.ismodule,
    "Functions": inspect.isroutine,
    "Results and other classes": inspect.isclass,
    "Values and names of types": is_constant,
}


def home(module: str, name: str) -> str:
    """Give the module that defines what a room's face lists: where its stub, or its own text, imports it from."""
    held = importlib.import_module(module)
    file = Path(str(held.__file__))
    text = (file.with_suffix(".pyi") if file.with_suffix(".pyi").exists() else file).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and any((alias.asname or alias.name) == name for alias in node.names):
            return f"{module}.{node.module}" if node.level else str(node.module)
    return module


def place(module: str, name: str) -> str:
    """Give under which name the reference has a public class of a room: the map's where the map lists it too."""
    value, mapped = getattr(importlib.import_module(module), name), importlib.import_module("rlhp")
    both = inspect.isclass(value) and name in public("rlhp") and getattr(mapped, name) is value
    return f"rlhp.{name}" if both else f"{module}.{name}"


def words(module: str, name: str) -> str:
    """Give what a constant says of itself: the string beneath it, or else the comment above it."""
    analyzer = ModuleAnalyzer.for_module(home(module, name))
    documented = analyzer.find_attr_docs().get(("", name))
    if documented:
        return "\n".join(documented).strip()
    lines = analyzer.code.splitlines()
    at = next((k for k, line in enumerate(lines) if line.startswith((f"{name} =", f"{name}: "))), 0)
    comment: list[str] = []
    while at and lines[at - 1].startswith("# "):
        at -= 1
        comment.insert(0, lines[at].removeprefix("# "))
    return "\n".join(comment)


def _overview(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Append a table of its public names to what a room says of itself, and its constants."""
    if what != "module" or not (names := public(name)):
        return
    constants = [each for each in names if is_constant(getattr(value, each))]
    for title, kind in _KINDS.items():
        if listed := [each for each in names if kind(getattr(value, each))]:
            lines += ["", f".. rubric:: {title}", "", ".. list-table::", "   :class: overview", "   :widths: auto", ""]
            for each in listed:
                said = words(name, each) if each in constants else inspect.getdoc(getattr(value, each))
                lines += [f"   * - :py:obj:`{each} <{place(name, each)}>`", f"     - {first_sentence(said or '')}"]
    lines.append("")
    documented = ModuleAnalyzer.for_module(name).find_attr_docs()  # autodoc has these; it looks behind no face
    for each in constants:
        if ("", each) not in documented:
            lines += ["", f".. py:data:: {each}", "", *textwrap.indent(words(name, each), "   ").splitlines(), ""]
            lines += [f"   ``{textwrap.shorten(repr(getattr(value, each)), 200)}``", ""]


def _complete(app: Sphinx, env: Any) -> None:
    """Warn of a public name that no page has."""
    known = env.get_domain("py").objects
    for module, page in rooms(Path(app.srcdir) / "reference").items():
        for name in public(module):
            if place(module, name) not in known:
                _log.warning("%s.%s has no place in reference/%s: has it no docstring?", module, name, page)


def _missing(app: Sphinx, env: Any, node: Any, content: Any) -> nodes.Node | None:
    """Warn of a role in a page of ours that names what there is not; docstrings may name what is not public."""
    if node.get("refdomain") == "py" and not str(node.get("refdoc", "")).startswith("reference/"):
        _log.warning("there is no public `%s` to link to", node["reftarget"], location=node)
    return None


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the role known, and connect the three."""
    app.add_role_to_domain("py", "name", Name())
    app.connect("autodoc-process-docstring", _overview)
    app.connect("env-updated", _complete)
    app.connect("missing-reference", _missing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
