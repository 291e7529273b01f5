"""A lecture written outside of this repository, as docs/extend/lecture.md has it, opened as any other."""

from __future__ import annotations

import shutil

import pytest

from tests.browser.jupyter import end_kernels
from tests.course.outside import NAME, Outside, install, wrong


@pytest.fixture
def outside(window, tmp_path) -> Outside:
    """Install it where the kernels of the server look, and bring a student's copy."""
    pytest.importorskip("nbgrader")
    pytest.importorskip("hatchling")
    lab = window.lab
    found = install(tmp_path, site=lab.log.parent / "site")
    shutil.copy(found.folder / f"{NAME}.ipynb", lab.course)
    window.empty()
    end_kernels(lab)  # which lectures are installed is known from the start
    return found


def test_it_is_opened_answered_and_checked(outside, notebook, watch) -> None:
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
