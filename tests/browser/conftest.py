"""A real browser for the tests in this folder; without one they are skipped, and say why."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.jupyter import CHROMIUM_FLAGS, ROOT, Lab, Notebook, Watch, Window, copy_course, serve


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


@pytest.fixture(scope="session")
def window(chromium, lab) -> Iterator[Window]:
    """Open JupyterLab once; what a test leaves there `Window.show` puts away."""
    one = Window(chromium, lab, Watch())
    yield one
    one.close()


@pytest.fixture
def watch(window) -> Watch:
    """What the window reaches for and complains about during a test."""
    window.watch.left_loopback.clear()
    window.watch.errors.clear()
    return window.watch


@pytest.fixture
def notebook(request, window, watch) -> Iterator[Any]:
    """Open a notebook: `notebook("00_your_first_agent.ipynb")`. Nothing may leave loopback meanwhile.

    Its kernel is that of the notebook before, emptied; that a lecture runs in a fresh one `tests/course` holds.
    """
    lab, failed = window.lab, request.session.testsfailed

    def open_(name: str) -> Notebook:
        if (ROOT / "course" / name).exists():  # as it was before another test's autosave
            shutil.copy(ROOT / "course" / name, lab.course / name)
        return window.show(name, {"width": 1280, "height": 900})

    yield open_
    if request.session.testsfailed > failed:
        window.close()  # whatever went wrong in it is not the next test's
    assert watch.left_loopback == []
