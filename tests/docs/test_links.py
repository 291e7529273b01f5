"""Every link of the site leads somewhere: pages, anchors, pictures, public names; and every equation can be drawn."""

from __future__ import annotations

import importlib
import re
import runpy
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

from docs.extensions.mathml import mathml
from tests.docs.markdown import DOCS, EXTENSIONS, Page, page, sources

PAGES = [path for path in sources() if path.suffix == ".md"]
_PYTHON_ROLES = {"func", "class", "meth", "attr", "mod", "obj", "exc", "data"}
_MADE = {"genindex", "search"}  # pages that every build has
_OTHER_ROLES = {"doc", "ref", "term", "abbr", "math", "code", "kbd", "download"}


def named(path: Path) -> str:
    return path.relative_to(DOCS).as_posix()


def source_of(target: Path) -> Path | None:
    """Give the file that becomes the page `target`, which may be written by the build from elsewhere."""
    if target.is_relative_to(DOCS / "benchmarks"):  # copied there as it stands; its README is the front page
        name = target.relative_to(DOCS / "benchmarks").as_posix()
        target = DOCS.parent / "benchmarks" / ("README.md" if name == "index.md" else name)
    return target if target.is_file() else None


def fault_of_link(path: Path, link: str) -> str | None:
    """Say what is wrong with a link of a page, if anything."""
    if re.match(r"(https?|mailto):", link):
        return None
    where, _, anchor = link.removeprefix("project:").partition("#")
    target = path if not where else source_of((DOCS / where[1:] if where[0] == "/" else path.parent / where).resolve())
    if target is None:
        return f"`{link}`: there is no such file"
    if not target.is_relative_to(DOCS) and not target.is_relative_to(DOCS.parent / "benchmarks"):
        return f"`{link}` leaves the site; name the file in backticks instead"
    if not where and anchor in targets():
        return None
    if anchor and anchor not in page(target).slugs:
        return f"`{link}`: that page has no anchor `{anchor}`; it has {', '.join(page(target).slugs)}"
    return None


@cache
def targets() -> frozenset[str]:
    return frozenset(target for path in PAGES for target in page(path).targets)


def fault_of_role(path: Path, role: str, content: str) -> str | None:
    """Say what is wrong with a role, if anything: its page, label or public name must exist."""
    target = content.rpartition("<")[2].rstrip(">").strip() if content.endswith(">") else content.strip()
    if role in _PYTHON_ROLES or role.removeprefix("py:") in _PYTHON_ROLES:
        return None if public(target.lstrip("~.").removesuffix("()")) else f"there is no public `{target}`"
    if role == "doc":
        start = DOCS if target.startswith("/") else path.parent
        stem = (start / target.lstrip("/")).resolve()
        found = source_of(stem.with_name(stem.name + ".md")) or source_of(stem.with_name(stem.name + ".rst"))
        return None if found else f"{{doc}}`{target}`: there is no such page"
    if role == "ref":
        return None if target in targets() | _MADE else f"{{ref}}`{target}`: there is no such label"
    return None if role in _OTHER_ROLES else f"{{{role}}} is no role that a page uses"


@cache
def public(name: str) -> bool:
    """Tell whether a dotted name is public: a room, a name a room lists, or an attribute of one."""
    from docs.extensions import reference

    rooms = reference.rooms(DOCS / "reference")
    if name in rooms:
        return True
    module = max((room for room in rooms if name.startswith(room + ".")), key=len, default=None)
    if module is None:
        return False
    first, *rest = name.removeprefix(module + ".").split(".")
    if first not in reference.public(module):
        return False
    value = getattr(importlib.import_module(module), first)
    for part in rest:
        if not hasattr(value, part) and part not in getattr(value, "__annotations__", {}):
            return False
        value = getattr(value, part, None)
    return True


def faults(one: Page) -> list[str]:
    found = [fault_of_link(one.path, link) for link in one.links]
    found += [fault_of_role(one.path, role, content) for role, content in one.roles]
    found += [
        f"there is no picture `{image}`"
        for image in one.images
        if not (one.path.parent / image).is_file() and not (DOCS / image.lstrip("/")).is_file()
    ]
    return [fault for fault in found if fault]


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_what_a_page_links_to_is_there(path: Path) -> None:
    assert faults(page(path)) == []


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_its_equations_can_be_drawn(path: Path) -> None:
    for latex, display in page(path).equations:
        assert mathml(latex, display=display).startswith("<math")


def test_every_page_is_in_the_table_of_contents_and_every_entry_is_a_page() -> None:
    names = {named(path).rpartition(".")[0] for path in sources()} | {"benchmarks/index"}
    entries = [
        (Path(named(path)).parent / entry.lstrip("/")).as_posix() for path in PAGES for entry in page(path).toctree
    ]
    nowhere = [entry for entry in entries if not any(fnmatch(name, entry) for name in names)]
    assert nowhere == [], "entries of a toctree without a page"
    unreached = {name for name in names - {"index"} if not any(fnmatch(name, entry) for entry in entries)}
    assert unreached == set(), "pages that no toctree has"


def test_pages_are_read_as_the_site_reads_them() -> None:
    settings = runpy.run_path(str(DOCS / "conf.py"))
    assert set(settings["myst_enable_extensions"]) == EXTENSIONS


# --- the checks themselves ---


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write a page that is not one of the site's, beside one that it may link to."""
    monkeypatch.setattr("tests.docs.test_links.DOCS", tmp_path)
    (tmp_path / "other.md").write_text("# Other page\n\n## A part of `it`\n\nText.\n")

    def write(text: str) -> list[str]:
        path = tmp_path / f"page{len(list(tmp_path.iterdir()))}.md"
        path.write_text(text)
        return faults(page(path))

    return write


@pytest.mark.parametrize(
    "text",
    [
        "# Own\n\n[a](other.md) [b](other.md#a-part-of-it) [c](#own) [d](https://rlhp.invalid)",
        "{doc}`other`, {doc}`that <other>`, {doc}`/other`",
        "```python\n[no](link.md)\n```\nand `[no](link.md)`",
    ],
)
def test_a_good_link_passes(written, text) -> None:
    assert written(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[a](others.md)", "no such file"),
        ("[a](other.md#part)", "no anchor `part`; it has other-page, a-part-of-it"),
        ("[a](#nowhere)", "no anchor `nowhere`"),
        ("{doc}`others`", "no such page"),
        (":::{note}\nSee [a](others.md).\n:::", "no such file"),
        ("| a |\n|---|\n| [b](others.md) |", "no such file"),
        ("![words](none.png)", "no picture"),
        ("```{image} none.png\n```", "no picture"),
        ("{func}`rlhp.curves.iqmm`", "no public `rlhp.curves.iqmm`"),
        ("{ref}`nothing`", "no such label"),
        ("{fnc}`rlhp.train`", "is no role"),
    ],
)
def test_a_broken_link_is_caught(written, text, said) -> None:
    (fault,) = written(text)
    assert said in fault


def test_public_names_are_known() -> None:
    for name in (
        "rlhp.curves.iqm",
        "rlhp.train",
        "rlhp.Runs.from_csv",
        "rlhp.curves",
        "rlhp.importance.Importance.table",
    ):
        assert public(name), name
    for name in ("rlhp.curves.iq", "rlhp.Runs.from_cvs", "rlhp.nowhere.f", "numpy.mean"):
        assert not public(name), name


def test_an_equation_that_nobody_can_read_is_refused() -> None:
    assert "<mfrac>" in mathml(r"\frac{a}{b}", display="inline")
    with pytest.raises(ValueError, match=r"latex2mathml does not know `\\argmaxx`, in `\\argmaxx_a Q`; write it"):
        mathml(r"\argmaxx_a Q", display="inline")
    with pytest.raises(ValueError, match=r"is no equation that latex2mathml reads"):
        mathml(r"a_", display="block")
    with pytest.raises(ValueError, match="has a brace without its other"):
        mathml(r"\frac{a", display="block")
    assert "<mo" in mathml(r"\{a\}", display="inline")
