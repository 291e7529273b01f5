"""What the documentation shows runs as it stands: the code of a page, from top to bottom, in a program of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(page for page in (ROOT / "docs").glob("*.md") if "```python" in page.read_text(encoding="utf-8"))
_CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def program(page: Path) -> str:
    """Give the code of a page, each line where it stands in the page, so that a traceback says where to look."""
    text = page.read_text(encoding="utf-8")
    lines = [""] * (text.count("\n") + 1)
    for found in _CODE.finditer(text):
        first = text.count("\n", 0, found.start(1))
        for number, line in enumerate(found[1].splitlines()):
            lines[first + number] = line
    return "\n".join(lines) + "\n"


def test_there_is_something_to_run() -> None:
    assert "your_own.md" in [page.name for page in PAGES]
    for page in PAGES:
        assert page.read_text(encoding="utf-8").count("```") % 2 == 0
        compile(program(page), str(page), "exec")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_runs(page: Path, tmp_path: Path) -> None:
    script = tmp_path / page.with_suffix(".py").name
    script.write_text(program(page), encoding="utf-8")
    paths = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)
    environment = {**os.environ, "PYTHONPATH": paths, "MPLBACKEND": "agg"}
    ran = subprocess.run([sys.executable, script.name], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, f"{page.name}, by its own line numbers:\n{ran.stderr[-3_000:]}"


def test_the_page_of_hyperparameters_is_what_the_declarations_say(tmp_path: Path) -> None:
    written = tmp_path / "written.md"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, str(ROOT / "docs" / "hyperparameters.py"), str(written)], env=environment, check=True
    )
    committed = (ROOT / "docs" / "hyperparameters.md").read_text(encoding="utf-8")
    assert written.read_text(encoding="utf-8") == committed, "run `python docs/hyperparameters.py`"
