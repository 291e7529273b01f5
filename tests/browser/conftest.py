"""A real browser for the tests in this folder; without one they are skipped, and say why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.jupyter import CHROMIUM_FLAGS, ROOT, Lab, Notebook, Watch, copy_course, hand_over, serve


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (group `browser`)")
    program = os.environ.get("RLHP_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no chromium on PATH; install it, or name it in RLHP_CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(chromium, tmp_path_factory) -> Iterator[Lab]:
    """Serve a copy of the course to all tests; asked for after `chromium`: no server starts where none is needed."""
    scratch = tmp_path_factory.mktemp("lab")
    with serve(copy_course(scratch / "course"), scratch) as running:
        yield running


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def notebook(chromium, lab, watch) -> Iterator[Any]:
    """Open a notebook: `notebook("00_your_first_agent.ipynb")`. Nothing may leave loopback meanwhile.

    Its kernel is that of the notebook before, emptied; that a lecture runs in a fresh one `tests/course` holds.
    """
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    watch.attach(context)

    def open_(name: str) -> Notebook:
        if (ROOT / "course" / name).exists():  # as it was before another test's autosave
            shutil.copy(ROOT / "course" / name, lab.course / name)
        hand_over(lab, name)
        return Notebook(context.new_page(), lab, name).open()

    yield open_
    context.close()
    assert watch.left_loopback == []
