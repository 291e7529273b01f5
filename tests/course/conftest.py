"""The course's build, a lecture made for tests, and kernels that know both."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = Path(__file__).resolve().parent / "fixture"
INSTALLED = (ROOT, ROOT / "course" / "src", FIXTURE)


def load(name: str, path: Path) -> ModuleType:
    """Load a script of the course as a module, once."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


# Before collection, as its exercises are parameters of tests: the lecture made for tests is installed, as pip has it.
sys.path.insert(0, str(FIXTURE))


@pytest.fixture(scope="session")
def pages() -> ModuleType:
    """What course/build.py makes pages with, as a module."""
    pytest.importorskip("nbgrader")
    return load("pages", ROOT / "course" / "pages.py")


@pytest.fixture(scope="session")
def build(pages: ModuleType) -> ModuleType:
    """The script course/build.py as a module; `pages` is what it finds beside it."""
    pytest.importorskip("nbgrader")
    for name in ("claims", "copies", "uses"):
        load(name, ROOT / "course" / f"{name}.py")
    return load("build", ROOT / "course" / "build.py")


@pytest.fixture(autouse=True)
def _kernels(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let kernels find this checkout and the fixture, use small sizes, and leave the user's history alone."""
    paths = [*map(str, INSTALLED), os.environ.get("PYTHONPATH", "")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))
    monkeypatch.setenv("RLHP_SMALL", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


@pytest.fixture(scope="session")
def built(build: ModuleType) -> dict[Path, bytes]:
    """Instructor and student notebooks of every lecture, made once; the fixture lecture is among them."""
    return build.build(build.Paths()) | build.build(build.Paths(FIXTURE))
