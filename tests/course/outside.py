"""The lecture of docs/extend/lecture.md, written into a folder outside of this repository, installed and built."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tests.course.answers import CELL

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "extend" / "lecture.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```\{code-block\} \w+\n:caption: (\S+)\n\n(.*?)```", PAGE, re.DOTALL))
NAME = "50_entropy"


@dataclass(frozen=True)
class Outside:
    """The lecture's folder, and the environment in which it is installed."""

    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str | Path, cwd: Path | None = None) -> None:
        """Run Python with these arguments."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=cwd or self.folder.parent,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @property
    def solution(self) -> str:
        """The text of the answer, as the instructor's notebook has it."""
        instructor = nbformat.read(self.folder / "build" / "source" / NAME / f"{NAME}.ipynb", as_version=4)
        return str(next(cell.source for cell in instructor.cells if cell.id == "50-entropy"))


def wrong() -> tuple[str, str]:
    """Give the page's typical wrong answer: a piece of its message, and its text."""
    [block] = re.findall(r"```\{code-block\} python\n(# %% [^\n]+: \".*?)```", PAGE, re.DOTALL)
    head = CELL.match(block)
    assert head is not None
    return head["message"].strip('"'), block[head.end() :].strip()


def install(root: Path, site: Path | None = None) -> Outside:
    """Write the page's files, install them as pip does, into a folder of their own, and build the lecture."""
    site = site or root / "site"
    for name, text in FILES.items():
        path = root / "ours" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "ours" / "our_lectures" / "__init__.py").touch()
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "course" / "src", site)))
    environment = {**os.environ, "PYTHONPATH": paths, "IPYTHONDIR": str(root / "ipython"), "RLHP_SMALL": "1"}
    outside = Outside(root / "ours", environment)
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    outside.run("-m", "pip", "install", *options, "--target", site, outside.folder)
    outside.run(ROOT / "course" / "build.py", "--course", outside.folder)
    return outside
