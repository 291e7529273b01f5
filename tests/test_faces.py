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


def callables(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Give what others call of a module: functions, methods and constructors, and how many parameters each takes.

    A frozen object of options counts by its fields. A record does not: a result has a field for each thing it knows.
    """
    for node in ast.walk(tree):
        inside = node.body if isinstance(node, ast.ClassDef) else []
        if "options" in [one.id for one in getattr(node, "decorator_list", []) if isinstance(one, ast.Name)]:
            yield node.name, sum(isinstance(one, ast.AnnAssign) and one.value is not None for one in inside)
        if isinstance(node, ast.FunctionDef) and (not node.name.startswith("_") or node.name == "__init__"):
            names = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
            yield node.name, len(names) - (names[:1] in (["self"], ["cls"]))


@pytest.mark.parametrize(
    "folder", [PACKAGE, PACKAGE.parent / "course" / "src" / "rlhp_course"], ids=lambda path: path.name
)
def test_options_that_travel_together_are_one_object(folder: Path) -> None:
    many = [
        f"{path.relative_to(folder.parent)}: {name} takes {taken}"
        for path in folder.rglob("*.py")
        for name, taken in callables(ast.parse(path.read_text(encoding="utf-8")))
        if taken > MOST_PARAMETERS
    ]
    assert many == []


def test_what_takes_too_much_is_seen() -> None:
    names = ", ".join(f"a{at}" for at in range(11))
    fields = "\n    ".join(f"a{at}: int = 0" for at in range(11))
    source = f"def long({names}): ...\ndef _own({names}): ...\nclass A:\n  def __init__(self, *, {names}): ...\n"
    source += f"@options\n@dataclass(frozen=True)\nclass Many:\n    {fields}\nclass Record:\n    {fields}\n"
    assert dict(callables(ast.parse(source))) == {"long": 11, "__init__": 11, "Many": 11}


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
