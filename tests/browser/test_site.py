"""The site as a reader has it: from disk, without a network, on a phone and on a laptop, in both themes.

The reference and the gallery are left out, which take most of a build; `make docs` builds all of it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.markdown import DOCS

PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1366, "height": 768}


@pytest.fixture(scope="module")
def site(chromium, tmp_path_factory) -> Path:
    """Build the pages that are written by hand."""
    pytest.importorskip("sphinx", reason="sphinx is not installed (group `docs`)")
    to = tmp_path_factory.mktemp("site")
    left_out = "build,extensions,_static,_templates,reference,gallery"
    options = ["--quiet", "--define", f"exclude_patterns={left_out}"]
    subprocess.run([sys.executable, "-m", "sphinx", *options, DOCS, to], check=True, capture_output=True)
    return to


@pytest.fixture(params=["light", "dark"])
def reader(request, chromium, site) -> Iterator[Any]:
    """Open pages of the site in a theme; whatever is asked for elsewhere than on disk is refused and told."""
    context = chromium.new_context(viewport=PHONE, color_scheme=request.param)
    asked, errors = [], []
    context.route(lambda url: not url.startswith(("file:", "data:")), lambda route: route.abort())
    context.on("request", lambda one: one.url.startswith(("file:", "data:")) or asked.append(one.url))
    context.on("console", lambda message: message.type == "error" and errors.append(message.text))
    context.on("weberror", lambda error: errors.append(str(error.error)))
    page = context.new_page()
    yield page
    context.close()
    assert asked == []
    assert errors == []


def pages(site: Path) -> list[Path]:
    return sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)


def test_no_page_is_wider_than_a_phone(reader, site) -> None:
    wide = []
    for path in pages(site):
        reader.goto(path.as_uri())
        over = reader.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if over > 0:
            wide.append(f"{path.relative_to(site)}: {over} pixels too wide")
    assert len(pages(site)) > 30
    assert wide == []


def test_the_search_finds_a_page_from_disk(reader, site) -> None:
    reader.set_viewport_size(LAPTOP)
    reader.goto(f"{(site / 'search.html').as_uri()}?q=fanova")
    reader.locator("#search-results li").first.wait_for(timeout=10_000)
    assert "fanova" in " ".join(reader.locator("#search-results li").all_inner_texts()).lower()


@pytest.mark.parametrize("name", ["index.html", "algorithms/dqn.html", "importance/fanova.html"])
def test_axe_finds_no_serious_fault(reader, site, name) -> None:
    from axe_playwright_python.sync_playwright import Axe

    reader.set_viewport_size(LAPTOP)
    reader.goto((site / name).as_uri())
    options = {"preload": False}  # it would fetch style sheets, which a page from disk may not
    found = Axe().run(reader, context="article", options=options).response["violations"]
    serious = [fault for fault in found if fault["impact"] in {"serious", "critical"}]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in serious] == []


def test_an_equation_is_drawn_and_not_spelled(reader, site) -> None:
    reader.goto((site / "algorithms" / "dqn.html").as_uri())
    assert reader.locator("div.math math").count() >= 3
    assert reader.locator("div.math math").first.bounding_box()["height"] > 20
    assert "\\" not in " ".join(reader.locator(".math").all_inner_texts())
