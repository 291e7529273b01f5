"""Files that are no notebook of the course; damage to cells is tried in tests/course/test_grading.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rlhp.exercises.__main__ import main
from rlhp.exercises.notebook import STUB, inspect_notebook

META = {"grade_id": "99-sum", "grade": False, "solution": True, "locked": False, "cell_type": "code"}
RECORD = {"kind": "answer", "name": "99.sum", "grade_id": "99-sum", "cell_type": "code", "defines": ["add"]}


def _write(path: Path, source: str | list[str]) -> Path:
    # The checksum of the stub, as nbgrader would have left it.
    cell = {"cell_type": "code", "source": source, "metadata": {"nbgrader": META | {"checksum": STUB_SUM}}}
    notebook = {
        "cells": [cell],
        "metadata": {"rlhp": {"cells": [RECORD]}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


STUB_CELL = f"def add(a, b):\n    {STUB}"
STUB_SUM = "0" * 32


@pytest.fixture(autouse=True)
def _stub_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    from rlhp.exercises.notebook import checksum

    cell = {"cell_type": "code", "source": STUB_CELL, "metadata": {"nbgrader": META}}
    monkeypatch.setitem(globals(), "STUB_SUM", checksum(cell))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a notebook, or only part of one"),
        (b'{"cells": [', "is not a notebook, or only part of one"),
        (b"\xff\xfe", "is not a notebook, or only part of one"),
        (b"[]", "is not a notebook: it has no cells"),
        (b'{"cells": 3}', "is not a notebook: it has no cells"),
        (b'{"cells": []}', "has no record of its exercises"),
        (
            b'{"cells": [], "metadata": {"rlhp": {"cells": [{"kind": "x"}]}}}',
            "has no record of its exercises",
        ),
    ],
)
def test_other_files_are_told_apart(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "mine.ipynb"
    path.write_bytes(content)
    (problem,) = inspect_notebook(path).problems
    assert message in problem.message


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.ipynb", tmp_path):
        (problem,) = inspect_notebook(path).problems
        assert problem.kind == "unreadable"
        assert "There is no file" in problem.message


def test_command_counts_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = _write(tmp_path / "done.ipynb", "def add(a, b):\n    return a + b")
    stub = _write(tmp_path / "stub.ipynb", STUB_CELL.splitlines(keepends=True))
    assert main([str(done), str(stub)]) == 0
    out = capsys.readouterr().out
    assert "✓ Can be handed in: 1 of 1 exercises have an answer." in out
    assert "○ `99.sum` is not answered yet." in out
    assert "✓ Can be handed in: 0 of 1 exercises have an answer." in out


def test_command_fails_on_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.ipynb").write_text("{", encoding="utf-8")
    assert main([str(tmp_path / "broken.ipynb")]) == 1
    assert "✗ broken.ipynb is not a notebook" in capsys.readouterr().out


def test_cells_without_metadata_do_no_harm(tmp_path: Path) -> None:
    path = _write(tmp_path / "odd.ipynb", "def add(a, b):\n    return a + b")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"] += [{"cell_type": "code"}, {"cell_type": "raw", "metadata": {"nbgrader": 3}}]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert inspect_notebook(path).problems == ()
