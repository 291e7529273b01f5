"""A page of the site as MyST reads it: its links, roles, anchors, equations and code, without building anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.slugs import github_slugify, unique_slug

DOCS = Path(__file__).resolve().parents[2] / "docs"
# As conf.py has it; a test compares the two.
EXTENSIONS = frozenset({"attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"})
# What the build writes beside the pages, or what is no page.
_NOT_OURS = {"build", "benchmarks", "extensions", "_static", "_templates"}


@dataclass
class Page:
    """What stands in a page: `slugs` are the anchors of its headings, `targets` names that any page may link to."""

    path: Path
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    roles: list[tuple[str, str]] = field(default_factory=list)
    slugs: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    equations: list[tuple[str, str]] = field(default_factory=list)
    toctree: list[str] = field(default_factory=list)
    figures: list[str] = field(default_factory=list)
    code: list[tuple[int, str]] = field(default_factory=list)


def sources() -> list[Path]:
    """Give the pages that are written by hand."""
    pages = [*DOCS.rglob("*.md"), *DOCS.rglob("*.rst")]
    return sorted(page for page in pages if page.relative_to(DOCS).parts[0] not in _NOT_OURS)


@cache
def page(path: Path) -> Page:
    """Read a page."""
    read = Page(path)
    if path.suffix == ".md":
        _take(read, path.read_text(encoding="utf-8"), 0)
    return read


def _take(read: Page, text: str, above: int) -> None:
    """Add what stands in `text`, which begins after the line `above` of the page."""
    parser = create_md_parser(MdParserConfig(enable_extensions=set(EXTENSIONS)), RendererHTML)
    tokens = parser.parse(text)
    for at, token in enumerate(tokens):
        line = above + (token.map[0] + 1 if token.map else 0)
        if token.type == "heading_open":
            read.slugs.append(unique_slug(github_slugify(_plain(tokens[at + 1])), read.slugs))
        elif token.type == "myst_target":
            read.targets.append(token.content)
        elif token.type.startswith("math_block"):
            read.equations.append((token.content.strip(), "block"))
        elif token.type in {"fence", "colon_fence"}:
            _fenced(read, token, line)
        elif token.type == "inline":
            for child in _below(token):
                _inline(read, child)


def _fenced(read: Page, token: Token, line: int) -> None:
    """Take code, the entries of a toctree, the figures of the gallery, and what directives hold."""
    name, _, argument = token.info.strip().partition(" ")
    if token.info.strip() == "python":
        read.code.append((line + 1, token.content))
    if not name.startswith("{"):
        return
    kept = [row for row in token.content.splitlines() if row.strip() and not row.startswith(":")]
    match name.strip("{}"):
        case "toctree":
            read.toctree += [row.rpartition("<")[2].strip("> ") for row in kept]
        case "figures":
            read.figures += kept
            read.targets += [f"gallery-{name}".replace("_", "-") for name in kept]
        case "image" | "figure":
            read.images.append(argument.strip())
        case "math":
            read.equations.append(("\n".join(kept), "block"))
        case "code-block" | "eval-rst" | "thumbnails" | "include" | "raw":
            pass
        case _:
            _take(read, token.content, line)


def _inline(read: Page, token: Token) -> None:
    match token.type:
        case "link_open":
            read.links.append(str(token.attrs["href"]))
        case "image":
            read.images.append(str(token.attrs["src"]))
        case "myst_role":
            read.roles.append((token.meta["name"], token.content))
        case "math_inline" | "math_single" | "math_inline_double":
            read.equations.append((token.content, "inline"))


def _below(token: Token) -> Iterator[Token]:
    for child in token.children or []:
        yield child
        yield from _below(child)


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [] if child.type in {"text", "code_inline"})
