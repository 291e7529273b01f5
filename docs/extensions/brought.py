"""Pages that stand elsewhere in the repository: the measured tables of benchmarks/ become pages as they are.

They are copied before Sphinx looks for pages, so that their links to each other and to their pictures hold.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from sphinx.application import Sphinx

_TOCTREE = "\n```{toctree}\n:hidden:\n:glob:\n\n*\n```\n"


def bring(benchmarks: Path, to: Path) -> list[Path]:
    """Copy the tables and pictures of `benchmarks`, its README as the front page; remove what went there.

    A file that did not change is left alone: Sphinx reads a page anew when it is newer.
    """
    to.mkdir(parents=True, exist_ok=True)
    wanted: dict[Path, bytes] = {}
    for path in sorted([*benchmarks.glob("*.md"), *benchmarks.glob("*.png")]):
        text = path.read_bytes()
        if path.name == "README.md":
            wanted[to / "index.md"] = text + _TOCTREE.encode()
        else:
            wanted[to / path.name] = text
    for stale in set(to.iterdir()) - set(wanted):
        shutil.rmtree(stale) if stale.is_dir() else stale.unlink()
    for path, content in wanted.items():
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
    return sorted(wanted)


def _bring(app: Sphinx) -> None:
    docs = Path(app.srcdir)
    bring(docs.parent / "benchmarks", docs / "benchmarks")


def setup(app: Sphinx) -> dict[str, bool]:
    """Copy before the pages are looked for."""
    app.connect("builder-inited", _bring)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
