"""A lecture written outside of this repository, as docs/extend/lecture.md has it, opened as any other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.browser.jupyter import Lab, serve
from tests.course.outside import NAME, Outside, install, wrong


@pytest.fixture(scope="module")
def outside(chromium, tmp_path_factory) -> Outside:
    pytest.importorskip("nbgrader")
    pytest.importorskip("hatchling")
    return install(tmp_path_factory.mktemp("outside"))


@pytest.fixture(scope="module")
def lab(outside, tmp_path_factory) -> Iterator[Lab]:
    """Serve a student's copy of it, where it is installed."""
    scratch = tmp_path_factory.mktemp("lab")
    (scratch / "mine").mkdir()
    shutil.copy(outside.folder / f"{NAME}.ipynb", scratch / "mine")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", outside.environment["PYTHONPATH"])
        with serve(scratch / "mine", scratch) as running:
            yield running


def test_it_is_opened_answered_and_checked(notebook, watch, outside) -> None:
    book = notebook(f"{NAME}.ipynb")
    book.run(1, 3)
    assert "Hint 1 of 2" in book.text(1)
    assert "When is the entropy of a policy highest?" in book.text(1)
    assert "not answered yet" in book.text(3)
    message, answer = wrong()
    book.write(2, answer)
    book.run(2, 3, may_fail=True)
    assert message in book.text(3)
    book.write(2, outside.solution)
    book.run(2, 3)
    assert "visible checks passed" in book.text(3)
    assert book.faults(1) + book.faults(3) == []
    book.shot("outside")
    assert watch.errors == []
