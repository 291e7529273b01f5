"""What a room shows: every name of its stub is there, once, and an unknown one is refused with the nearest."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import rlhp.importance
from rlhp.faces import face

PACKAGE = Path(__file__).resolve().parents[1] / "rlhp"
STUBS = sorted(PACKAGE.rglob("__init__.pyi"))
MOST_PARAMETERS = 10
# What still takes more. Take one off that list; put none on it.
MANY_PARAMETERS = {
    "rlhp.curves.compare",
    "rlhp.curves.how_many_seeds",
    "rlhp.sweeps.sweep",
    "rlhp.sweeps.train",
    "rlhp.trainers.compiled.drive",
}


def listed(stub: Path) -> list[str]:
    imports = [node for node in ast.parse(stub.read_text(encoding="utf-8")).body if isinstance(node, ast.ImportFrom)]
    return [alias.name for node in imports for alias in node.names]


def room(stub: Path) -> str:
    return ".".join([PACKAGE.name, *stub.parent.relative_to(PACKAGE).parts])


@pytest.mark.parametrize("stub", STUBS, ids=room)
def test_every_name_of_a_face_is_listed_once_and_is_there(stub) -> None:
    names = listed(stub)
    assert len(names) == len(set(names)) > 0
    opened = importlib.import_module(room(stub))
    assert sorted(names) == sorted(opened.__all__) == sorted(dir(opened))
    assert [name for name in names if getattr(opened, name, None) is None] == []


def functions(stub: Path) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Give the functions that a face lists, as they are written."""
    for node in ast.parse(stub.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ImportFrom):
            continue
        path = stub.parent.joinpath(*(node.module or "").split(".")).with_suffix(".py")
        if path.is_file():
            body = ast.parse(path.read_text(encoding="utf-8")).body
            written = {one.name: one for one in body if isinstance(one, ast.FunctionDef)}
            yield from ((f"{room(stub)}.{one.name}", written[one.name]) for one in node.names if one.name in written)


def test_options_that_travel_together_are_one_object() -> None:
    many = set()
    for name, function in (found for stub in STUBS for found in functions(stub)):
        taken = function.args
        if len([*taken.posonlyargs, *taken.args, *taken.kwonlyargs]) > MOST_PARAMETERS:
            many.add(name)
    assert many == MANY_PARAMETERS


def test_a_name_is_what_its_module_holds() -> None:
    from rlhp.importance._fanova import fanova

    assert rlhp.importance.fanova is fanova


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        AttributeError, match=r"unknown name `fanove` for rlhp\.importance; did you mean `fanova`\? Valid: .*ablation"
    ):
        rlhp.importance.fanove  # noqa: B018


def test_a_face_without_a_stub_is_refused(tmp_path) -> None:
    with pytest.raises(ValueError, match="non-existent stub"):
        face("rlhp.importance", str(tmp_path / "__init__.py"))
