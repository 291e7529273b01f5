"""What the documentation shows runs as it stands: the Python of a page, from top to bottom, as one program.

A block that is not to be run says so: `{code-block} python` instead of `python`. All pages run in one program of their
own, one after the other, each in a namespace and a folder of its own: what they import is imported once, and what they
register does not reach other tests.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.markdown import DOCS, Page, page, sources

ROOT = DOCS.parent
PAGES = [path for path in sources() if page(path).code]
_RUNNER = """
import contextlib, io, json, os, sys, traceback, types
for line in sys.stdin:
    name, program, folder = json.loads(line)
    os.makedirs(folder)
    os.chdir(folder)
    said = ""
    # What a page defines is looked for in its module, as a notebook's is in `__main__`.
    module = types.ModuleType("page_" + "".join(c if c.isalnum() else "_" for c in name))
    sys.modules[module.__name__] = module
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(program, name, "exec"), vars(module))
    except BaseException:
        said = traceback.format_exc()
    print(json.dumps(said), file=sys.__stdout__, flush=True)
"""


def program(one: Page) -> str:
    """Give the code of a page, each line where it stands in the page, so that a traceback says where to look."""
    lines = [""] * (one.path.read_text(encoding="utf-8").count("\n") + 2)
    for first, code in one.code:
        for number, line in enumerate(code.splitlines(), start=first - 1):
            lines[number] = line
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def runner():
    """Start the program that runs pages, when the first of them is asked for."""
    paths = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)
    environment = {**os.environ, "PYTHONPATH": paths, "MPLBACKEND": "agg"}
    with subprocess.Popen(
        [sys.executable, "-c", _RUNNER], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        yield running
        running.stdin.close()


def test_there_is_something_to_run() -> None:
    assert "your_own.md" in {path.name for path in PAGES}
    for path in PAGES:
        assert path.read_text(encoding="utf-8").count("```") % 2 == 0
        compile(program(page(path)), str(path), "exec")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_a_page_runs(path: Path, runner, tmp_path: Path) -> None:
    asked = [path.relative_to(ROOT).as_posix(), program(page(path)), str(tmp_path / "here")]
    runner.stdin.write(json.dumps(asked) + "\n")
    runner.stdin.flush()
    answer = runner.stdout.readline()
    assert answer, f"{path.name} ended the program that ran it"
    said = json.loads(answer)
    assert not said, f"{path.name}, by its own line numbers:\n{said[-3_000:]}"


def test_a_program_has_its_lines_where_the_page_has_them(tmp_path) -> None:
    written = tmp_path / "page.md"
    written.write_text(
        "# A page\n\n```python\na = 1\n```\n\n:::{note}\n```python\nb = 1 / 0\n```\n:::\n\n```text\nno\n```\n"
    )
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile(program(page(written)), str(written), "exec"), {})
    assert caught.traceback[-1].lineno + 1 == 9


def test_the_page_of_hyperparameters_is_what_the_declarations_say(tmp_path: Path) -> None:
    written = tmp_path / "written.md"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, str(ROOT / "docs" / "hyperparameters.py"), str(written)], env=environment, check=True
    )
    committed = (ROOT / "docs" / "hyperparameters.md").read_text(encoding="utf-8")
    assert written.read_text(encoding="utf-8") == committed, "run `python docs/hyperparameters.py`"
