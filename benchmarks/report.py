"""How a benchmark's table is kept: with the command that made it, the kind of machine, and the versions."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from rlhp import __version__

HERE = Path(__file__).resolve().parent
PACKAGES = ("stable-baselines3", "torch", "jax", "gymnasium", "numpy")


def write(
    name: str,
    title: str,
    text: str,
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    command: str = "",
    packages: Sequence[str] = PACKAGES,
    more: Sequence[tuple[str, Sequence[str], Sequence[Sequence[object]]]] = (),
) -> None:
    """Print a benchmark's table and keep it as `benchmarks/<name>.md`; `command` is what made it, if not that name.

    `more` are further tables: text, header and rows of each.
    """
    lines = [f"# {title}", "", text.strip(), "", _line(header), _line(["---"] * len(header)), *map(_line, rows), ""]
    for words, names, cells in more:
        lines += [words.strip(), "", _line(names), _line(["---"] * len(names)), *map(_line, cells), ""]
    versions = ", ".join([f"rlhp {__version__}", *(f"{package} {version(package)}" for package in packages)])
    lines += [
        f"Made by `python benchmarks/{command or name + '.py'}` on {datetime.date.today().isoformat()}; {_machine()}; "
        f"Python {platform.python_version()}, {versions}.",
        "",
    ]
    page = "\n".join(lines)
    print(page)
    (HERE / f"{name}.md").write_text(page)


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        named = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = named[0].split(":", 1)[1].strip() if named else model
    return f"{os.cpu_count()} cores ({model}), {platform.system()}, no GPU used"
