"""The examples in docstrings run and give what they show.

They run in one program of their own, module after module: an example may register an environment or start an engine,
and no other test is to see it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_RUNNER = """
import doctest, importlib, json, sys
out, sys.stdout = sys.stdout, sys.stderr
for module in sys.stdin:
    held = importlib.import_module(module := module.strip())
    # A room's examples know its public names, which it imports when they are asked for.
    names = {name: getattr(held, name) for name in getattr(held, "__all__", ())} | vars(held)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    said = []
    for one in doctest.DocTestFinder(exclude_empty=True).find(held, module, globs=names):
        if one.examples:
            runner.run(one, out=said.append)
    print(json.dumps([runner.tries, "".join(said) if runner.failures else ""]), file=out, flush=True)
"""


def modules() -> dict[str, str]:
    """Give the modules whose docstrings show an example, with their text."""
    found = {}
    for path in sorted((ROOT / "rlhp").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if ">>> " in text:
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = text
    return found


MODULES = modules()


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    """Start the program that runs examples, when the first of them is asked for."""
    paths = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH")) if part)
    environment = {**os.environ, "PYTHONPATH": paths, "MPLBACKEND": "agg"}
    folder = tmp_path_factory.mktemp("examples")
    with subprocess.Popen(
        [sys.executable, "-c", _RUNNER],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        yield running
        running.stdin.close()


@pytest.mark.parametrize("module", MODULES)
def test_a_modules_examples_hold(module: str, runner) -> None:
    runner.stdin.write(module + "\n")
    runner.stdin.flush()
    answer = runner.stdout.readline()
    assert answer, f"the examples of {module} ended the program that ran them"
    tries, said = json.loads(answer)
    assert not said, said
    assert tries or MODULES[module].count(">>> ") == MODULES[module].count("doctest: +SKIP")


def test_hardly_an_example_is_skipped() -> None:
    """What is skipped needs what only its reader has: a file, a study, a screen."""
    shown = sum(text.count(">>> ") for text in MODULES.values())
    skipped = sum(text.count("doctest: +SKIP") for text in MODULES.values())
    assert shown > 400
    assert skipped <= 0.06 * shown
