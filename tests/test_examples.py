"""The examples in docstrings run and give what they show."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS | doctest.FAIL_FAST


def modules() -> list[str]:
    """Give the modules whose docstrings show an example."""
    found = []
    for path in sorted((ROOT / "rlhp").rglob("*.py")):
        if ">>> " in path.read_text(encoding="utf-8"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


def examples(module: str) -> list[doctest.DocTest]:
    """Give a module's docstrings with examples; they know its names, those it brings on first use too."""
    held = importlib.import_module(module)
    names = {name: getattr(held, name) for name in getattr(held, "__all__", ())} | vars(held)
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [one for one in finder.find(held, module, globs=names, extraglobs={"__name__": module}) if one.examples]


@pytest.mark.parametrize("module", modules())
def test_a_modules_examples_hold(module: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    runner = doctest.DocTestRunner(optionflags=_FLAGS)
    said: list[str] = []
    for one in examples(module):
        runner.run(one, out=said.append)
    assert runner.failures == 0, "".join(said)


def test_most_examples_run() -> None:
    """What is skipped names something that only its reader has: a file, a study, a screen."""
    skipped, shown = 0, 0
    for path in sorted((ROOT / "rlhp").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        skipped, shown = skipped + text.count("doctest: +SKIP"), shown + text.count(">>> ")
    assert skipped < 0.06 * shown
