"""The rooms of rlhp stand one above the other, and imports only ever point down."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "rlhp"

# From the top to the ground. A module may import from its own room and from the rooms below it.
ROOMS = (
    "__init__",
    "widgets",
    "exercises",
    "plots",
    "meta",
    "hpo",
    "population",
    "sweeps",
    "trainers",
    "agents",
    "envs",
    "importance",
    "curves",
    "datasets",
    "objectives",
    "spaces",
    "algorithms",
    "schedules",
    "runs",
    "readers",
    "chunks",
    "parquet",
    "frames",
    "returns",
    "worlds",
    "evidence",
    "threads",
    "showing",
    "arguments",
    "options",
    "folders",
    "faces",
    "errors",
)
ENGINES = {"flax", "gymnasium", "jax", "jaxlib", "optax", "stable_baselines3", "torch"}
DRAWING = {"ipywidgets", "IPython", "matplotlib", "plotly", "seaborn"}
# What a room must not import. The analysis rooms work on runs that came from anywhere, on any machine.
BANNED = {
    **dict.fromkeys(
        ROOMS[ROOMS.index("importance") :],
        ENGINES | DRAWING,
    ),
    "plots": ENGINES | {"ipywidgets"},
}
# What no room imports: the package that asks the lectures' exercises stands above them all.
COURSE = "rlhp_course"
# What a folder inside a room must not import: threads touch no widget.
BANNED_INSIDE = {"rlhp.widgets.background": DRAWING | {"traitlets"}}
# Floors of a room, from the top. A folder imports from itself and from the floors below: no explorer needs another.
FLOORS = {
    "rlhp.widgets": (
        {"acquisition", "batch", "game", "hyperband", "importance", "landscape", "live", "pareto"}
        | {"runs", "schedule", "seeds"},
        {"retrain"},
        {"frame"},
        {"background"},
    )
}
NO_NAMES = {"utils", "util", "common", "misc", "helpers", "core"}
# Read from the package itself by a room below: a fact, not an arrow to the map.
FACTS = {"__version__"}
# The one arrow that points up: a table of runs hands out the policies that were trained with them, when asked for one.
DOORS = {("rlhp.runs._policies", "rlhp.trainers")}


@dataclass(frozen=True)
class Arrow:
    """One import: `target` is a module of ours (`rlhp.runs`) or the top name of somebody else's."""

    module: str
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.module.replace('.', '/')}, line {self.line}: imports {self.target}"


def modules(root: Path) -> dict[str, Path]:
    """Give every module below `root` by its dotted name; a package's name stands for its `__init__`."""
    found: dict[str, Path] = {}
    for path in sorted(root.rglob("*.py")):
        parts = [root.name, *path.relative_to(root).with_suffix("").parts]
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room(module: str) -> str:
    return [*module.split("."), "__init__"][1]


def is_private(module: str) -> bool:
    return any(part.startswith("_") for part in module.split("."))


def arrows(root: Path) -> list[Arrow]:
    """Read every import below `root`, those inside functions and under TYPE_CHECKING too."""
    ours = modules(root)
    return [
        Arrow(module, line, target)
        for module, path in ours.items()
        for text in (path, path.with_suffix(".pyi"))  # the face of a room imports what its stub lists
        if text.exists()
        for line, name in imported(ast.parse(text.read_text(encoding="utf-8")), module, path)
        if (target := resolve(name, root.name, ours)) and target != module and (module, target) not in DOORS
    ]


def imported(tree: ast.AST, module: str, path: Path) -> Iterator[tuple[int, str]]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [base])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in {"import_module", "__import__"} and isinstance(node.args[0].value, str):
                yield node.lineno, node.args[0].value


def resolve(name: str, package: str, ours: dict[str, Path]) -> str:
    """Give the module that `name` is, or stands in; the top name of a foreign one; nothing for a fact."""
    if name.split(".")[0] != package:
        return name.split(".")[0]
    if name.rpartition(".")[2] in FACTS:
        return ""
    while name not in ours and "." in name:
        name = name.rpartition(".")[0]
    return name


def circles(found: list[Arrow], package: str) -> list[str]:
    """Give each circle of modules once, from its alphabetically first member."""
    graph: dict[str, set[str]] = {}
    for arrow in found:
        if arrow.target.split(".")[0] == package and room(arrow.module) != "__init__":
            graph.setdefault(arrow.module, set()).add(arrow.target)

    def walk(start: str, at: str, path: list[str], seen: set[str]) -> list[str]:
        for target in sorted(graph.get(at, ())):
            if target == start:
                return [*path, start]
            if target > start and target not in seen:
                seen.add(target)
                if circle := walk(start, target, [*path, target], seen):
                    return circle
        return []

    return [" -> ".join(circle) for start in sorted(graph) if (circle := walk(start, start, [start], set()))]


def faults(root: Path) -> list[str]:
    """Give everything that is wrong with the imports of the package at `root`, one line each."""
    found = arrows(root)
    said = []
    for module in modules(root):
        if bad := NO_NAMES & set(module.split(".")):
            said.append(f"{module}: a room called {bad.pop()} says nothing; name it after what it holds")
        if room(module) not in ROOMS:
            said.append(f"{module}: the room `{room(module)}` has no place in ROOMS yet; put it between two others")
    for arrow in found:
        here = room(arrow.module)
        if arrow.target.split(".")[0] != root.name:
            if arrow.target in {*BANNED.get(here, ()), COURSE}:
                said.append(f"{arrow}, which the room `{here}` must do without")
            for folder, banned in BANNED_INSIDE.items():
                if arrow.module.startswith(folder) and arrow.target in banned:
                    said.append(f"{arrow}, which `{folder}` must do without")
        elif {here, room(arrow.target)} <= set(ROOMS) and ROOMS.index(room(arrow.target)) < ROOMS.index(here):
            said.append(f"{arrow}, which stands above it")
        elif here != room(arrow.target) and is_private(arrow.target):
            said.append(f"{arrow}, which is behind the face of `{room(arrow.target)}`; take the name from that room")
    said += [fault for within, floors in FLOORS.items() for fault in climbing(found, within, floors)]
    return said + [f"a circle: {circle}" for circle in circles(found, root.name)]


def climbing(found: list[Arrow], within: str, floors: tuple[set[str], ...]) -> Iterator[str]:
    """Give the arrows of a room that lead to its own face, to another folder of the same floor, or up the floors."""
    floor = {folder: number for number, folders in enumerate(floors) for folder in folders}
    for arrow in found:
        if not arrow.module.startswith(f"{within}.") or not f"{arrow.target}.".startswith(f"{within}."):
            continue
        here, there = (name.removeprefix(within).split(".")[1:2] for name in (arrow.module, arrow.target))
        if here != there and not (there and floor[there[0]] > floor[here[0]]):
            yield f"{arrow}, which is not on a floor below"


def test_imports_point_down_and_reach_nothing_banned() -> None:
    assert faults(PACKAGE) == []


def above(root: Path) -> list[str]:
    """Give what the course's package imports of the library above the room of exercises, or behind a room's face."""
    ours = modules(PACKAGE)
    lowest = ROOMS.index("exercises")
    said = []
    for module, path in modules(root).items():
        for line, name in imported(ast.parse(path.read_text(encoding="utf-8")), module, path):
            target = resolve(name, PACKAGE.name, ours)
            if target.split(".")[0] == PACKAGE.name and (ROOMS.index(room(target)) < lowest or is_private(target)):
                said.append(str(Arrow(module, line, target)))
    return said


def test_the_course_stands_on_the_exercises_and_on_what_is_below() -> None:
    root = PACKAGE.parent / "course" / "src" / COURSE
    assert len(modules(root)) > 30
    assert above(root) == []


def test_a_course_that_reaches_higher_is_caught(tmp_path) -> None:
    lecture = tmp_path / COURSE / "lecture_00"
    lecture.mkdir(parents=True)
    texts = ("from rlhp import widgets", "import rlhp", "from rlhp.importance._fanova import fanova")
    for number, text in enumerate(texts):
        (lecture / f"exercise_{number}.py").write_text(text)
    (lecture / "right.py").write_text("from rlhp import spaces\nfrom rlhp.exercises.declare import checks")
    assert above(tmp_path / COURSE) == [
        f"{COURSE}/lecture_00/exercise_0, line 1: imports rlhp.widgets",
        f"{COURSE}/lecture_00/exercise_1, line 1: imports rlhp",
        f"{COURSE}/lecture_00/exercise_2, line 1: imports rlhp.importance._fanova",
    ]


def test_the_library_knows_no_lecture(tree) -> None:
    said = faults(tree({"exercises/declare.py": "import rlhp_course.lecture_00"}))
    assert said == ["rlhp/exercises/declare, line 1: imports rlhp_course, which the room `exercises` must do without"]


def test_the_reader_sees_the_package() -> None:
    """Guards the test above against passing because it looked at nothing."""
    assert {"rlhp", "rlhp.runs._runs", "rlhp.errors"} <= set(modules(PACKAGE))
    assert {"pandas", "rlhp.frames"} <= {arrow.target for arrow in arrows(PACKAGE) if arrow.module == "rlhp.runs._runs"}


@pytest.fixture
def tree(tmp_path):
    """Write a made-up package: `tree({"runs.py": "import jax"})`."""

    def write(files: dict[str, str]) -> Path:
        root = tmp_path / "rlhp"
        for name, text in {"__init__.py": "", **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for package in path.relative_to(root).parents:
                (root / package / "__init__.py").touch()
            path.write_text(textwrap.dedent(text))
        return root

    return write


def test_a_good_tree_passes(tree) -> None:
    root = tree(
        {
            "__init__.py": '__version__ = "1"\nfrom rlhp.runs import Runs',
            "runs.py": "from rlhp import __version__\nfrom rlhp.errors import unknown_name\nRuns = 1",
            "errors.py": "def unknown_name(): ...",
            "curves/__init__.py": "from rlhp.curves.aggregate import iqm",
            "curves/aggregate.py": "from ..runs import Runs\nfrom . import bootstrap\niqm = 1",
            "curves/bootstrap.py": "import numpy",
            "plots/curves.py": "import matplotlib.pyplot as plt\nfrom rlhp import curves",
            "trainers/sb3.py": "import torch",
        }
    )
    assert faults(root) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("runs.py", "from rlhp.spaces import sample"),
        ("runs.py", "import rlhp.spaces as spaces"),
        ("runs.py", "from rlhp import spaces"),
        ("runs.py", "from . import spaces"),
        ("runs.py", "from .spaces import sample"),
        ("runs.py", "def f():\n    from rlhp import spaces"),
        ("runs.py", "import importlib\nimportlib.import_module('rlhp.spaces')"),
        ("runs.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from rlhp.spaces import sample"),
        ("errors.py", "from rlhp.spaces import sample"),
    ],
)
def test_an_arrow_that_points_up_is_caught(tree, name, text) -> None:
    said = faults(tree({"spaces.py": "sample = 1", name: text}))
    assert len(said) == 1
    assert f"rlhp/{name.removesuffix('.py')}, line" in said[0]
    assert "imports rlhp.spaces, which stands above it" in said[0]


def test_the_map_is_above_all_rooms(tree) -> None:
    said = faults(tree({"runs.py": "import rlhp"}))
    assert said == ["rlhp/runs, line 1: imports rlhp, which stands above it"]


def test_a_circle_inside_a_room_is_caught_once(tree) -> None:
    said = faults(
        tree(
            {
                "curves/a.py": "from rlhp.curves import b",
                "curves/b.py": "from rlhp.curves.c import x",
                "curves/c.py": "def f():\n    from rlhp.curves.a import y",
            }
        )
    )
    assert said == ["a circle: rlhp.curves.a -> rlhp.curves.b -> rlhp.curves.c -> rlhp.curves.a"]


def test_a_member_that_imports_its_own_package_is_a_circle(tree) -> None:
    said = faults(
        tree(
            {
                "curves/__init__.py": "from rlhp.curves.aggregate import iqm",
                "curves/aggregate.py": "from rlhp.curves import iqm",
            }
        )
    )
    assert said == ["a circle: rlhp.curves -> rlhp.curves.aggregate -> rlhp.curves"]


@pytest.mark.parametrize("library", sorted(ENGINES | DRAWING))
@pytest.mark.parametrize("name", ["runs.py", "spaces.py", "schedules.py", "objectives.py", "datasets.py"])
def test_an_analysis_room_does_without_engines_and_drawing(tree, name, library) -> None:
    said = faults(tree({name: f"import {library}.something"}))
    assert len(said) == 1
    assert f"imports {library}, which the room `{name.removesuffix('.py')}` must do without" in said[0]


@pytest.mark.parametrize("name", ["curves/a.py", "importance/a.py"])
def test_an_analysis_package_does_without_them_in_its_functions_too(tree, name) -> None:
    said = faults(tree({name: "def f():\n    from torch import nn"}))
    assert len(said) == 1
    assert "line 2: imports torch" in said[0]


def test_plots_draw_but_do_not_train(tree) -> None:
    assert faults(tree({"plots/a.py": "import seaborn"})) == []
    assert "must do without" in faults(tree({"plots/a.py": "import torch"}))[0]
    assert "must do without" in faults(tree({"plots/a.py": "import ipywidgets"}))[0]


def test_a_module_behind_the_face_of_another_room_is_caught(tree) -> None:
    behind = {"curves/_band.py": "width = 1", "curves/__init__.pyi": "from ._band import width as width"}
    assert faults(tree({**behind, "curves/_power.py": "from rlhp.curves._band import width"})) == []
    assert faults(tree({**behind, "plots/a.py": "from rlhp.curves import width"})) == []
    (said,) = faults(tree({**behind, "plots/a.py": "from rlhp.curves._band import width"}))
    assert said.endswith(
        "imports rlhp.curves._band, which is behind the face of `curves`; take the name from that room"
    )


def test_threads_touch_no_widget(tree) -> None:
    assert faults(tree({"widgets/frame/_explorer.py": "import ipywidgets"})) == []
    (said,) = faults(tree({"widgets/background/_training.py": "import ipywidgets"}))
    assert said.endswith("imports ipywidgets, which `rlhp.widgets.background` must do without")


@pytest.mark.parametrize(
    ("name", "imports"),
    [("frame/_form.py", "retrain._learning"), ("runs/_view.py", "seeds._words"), ("seeds/_words.py", "Explorer")],
)
def test_folders_of_a_room_import_down_their_floors(tree, name, imports) -> None:
    files = {f"widgets/{folder}.py": "" for folder in ("retrain/_learning", "seeds/_words", "frame/_explorer")}
    face = {"widgets/__init__.pyi": "from .frame._explorer import Explorer as Explorer"}
    package, _, imported = f"rlhp.widgets.{imports}".rpartition(".")
    assert faults(tree({**files, **face, "widgets/live/_plan.py": "from rlhp.widgets.frame import _explorer"})) == []
    said = faults(tree({f"widgets/{name}": f"from {package} import {imported}"}))
    assert [line for line in said if line.endswith("which is not on a floor below")]


def test_few_modules_stand_at_the_top_of_the_room_of_explorers() -> None:
    assert len(list((PACKAGE / "widgets").glob("*.py"))) <= 6


def test_what_a_face_lists_is_an_arrow_too(tree) -> None:
    (said,) = faults(tree({"curves/__init__.pyi": "from ..plots import draw as draw", "plots/__init__.py": "draw = 1"}))
    assert said.endswith("imports rlhp.plots, which stands above it")


def test_a_room_without_a_place_is_caught(tree) -> None:
    said = faults(tree({"attic.py": ""}))
    assert said == ["rlhp.attic: the room `attic` has no place in ROOMS yet; put it between two others"]


@pytest.mark.parametrize("name", ["curves/utils.py", "curves/helpers/a.py"])
def test_a_room_named_after_nothing_is_caught(tree, name) -> None:
    assert "name it after what it holds" in "\n".join(faults(tree({name: ""})))
