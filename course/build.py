"""Build the course: lectures (course/lectures/NN_topic.py) become notebooks.

    python course/build.py              every lecture, or those named: python course/build.py 01 02
    python course/build.py --force      also overwrite student notebooks that somebody wrote into
    python course/build.py --check      fail when the student notebooks in course/ differ from a rebuild
    python course/build.py --course F   the lectures of another folder: those in F/lectures
    python course/build.py --html       also run every lecture with its solutions, as build/html/NN_topic.html, and
                                        hold what it claims of measured data

A lecture's source holds the solutions. Its cells are marked with short keys (answer, check, manual, locked,
points); this script turns them into nbgrader's metadata, writes the instructor's notebooks under
course/build/source, and lets nbgrader itself make the student notebooks: solutions become stubs, hidden tests
go, graded cells are locked. A code cell that begins with `# %% fold` opens with its code folded away: one that
draws a figure, or an idea that the reader may look up. Its first line is a comment that says what is in it, which
is all that JupyterLab shows of it. A `# %% claim` holds what the text above it says of measured data (claims.py): no
notebook has it, and whoever runs a lecture here runs it too. The same source gives the same bytes.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import contextlib
import difflib
import hashlib
import io
import os
import re
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

try:
    import jupytext
    import nbformat
    import nbformat.v4
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config.loader import PyFileConfigLoader
except ImportError as error:  # pragma: no cover
    sys.exit(f"building the course needs {error.name}: install the extra for teachers, pip install 'rlhp[teach]'")

import claims  # beside this script, as the next two
from copies import digest, look, write
from uses import unguarded

from rlhp.errors import unknown_name
from rlhp.exercises import size
from rlhp.exercises.declare import exercises

HERE = Path(__file__).resolve().parent
KINDS = ("answer", "check", "manual", "locked")
GIVEN = {"np", "pd"} | set(dir(builtins))
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

Node = Any  # nbformat's NotebookNode, which has no types


class LectureError(ValueError):
    """A lecture's source is not written as the build needs it."""


@dataclass(frozen=True)
class Paths:
    """Where a course stands.

    Parameters
    ----------
    course : Path
        The folder with ``lectures/``; student notebooks are written there, everything else under ``build/``.
    """

    course: Path = HERE

    @property
    def lectures(self) -> list[Path]:
        """Sources of all lectures, in order."""
        return sorted((self.course / "lectures").glob("[0-9][0-9]_*.py"))

    def instructor(self, name: str) -> Path:
        """Path of a lecture's instructor notebook."""
        return self.course / "build" / "source" / name / f"{name}.ipynb"

    def student(self, name: str) -> Path:
        """Path of a lecture's student notebook."""
        return self.course / f"{name}.ipynb"

    def html(self, name: str) -> Path:
        """Path of a lecture's executed page."""
        return self.course / "build" / "html" / f"{name}.html"


# From a lecture's source to the instructor's notebook


def instructor_notebook(lecture: Path, *, claimed: Collection[str] = ()) -> Node:
    """Turn a lecture into the notebook that nbgrader makes the student's from.

    Parameters
    ----------
    lecture : Path
        Its source.
    claimed : collection of {"claim", "claim full"}
        Which claims to put in, to run them: none by default. Their cells have `claim` in their metadata.

    Returns
    -------
    NotebookNode

    Raises
    ------
    LectureError
        When a cell is not marked or written as it must be; the message gives file, line and what to do.
    """
    if not re.fullmatch(r"\d\d_[a-z0-9_]+", lecture.stem):
        raise LectureError(f"{lecture.name}: a lecture is called NN_topic.py, in lower case")
    text = lecture.read_text(encoding="utf-8")
    parsed = jupytext.reads(text, fmt="py:percent")
    starts = [n for n, line in enumerate(text.splitlines(), 1) if re.match(r"# %%(\s|$)", line)]
    reader = _Reader(lecture, starts if len(starts) == len(parsed.cells) else [])
    cells = [reader.cell(index, cell) for index, cell in enumerate(parsed.cells)]
    cells = [cell for cell in cells if cell.metadata.get("claim") in (None, *claimed)]
    reader.finish()
    metadata = {
        "kernelspec": KERNEL,
        "language_info": {"name": "python"},
        "rlhp": {"lecture": lecture.stem, "cells": reader.record},
    }
    return nbformat.v4.new_notebook(metadata=metadata, cells=cells)


class _Reader:
    """Reads the cells of one lecture from top to bottom and remembers what has been there."""

    def __init__(self, lecture: Path, starts: list[int]) -> None:
        self.lecture = lecture
        self.starts = starts
        self.record: list[dict[str, Any]] = []
        self._seen: Counter[str] = Counter()
        self._plain: list[tuple[int | None, str]] = []
        self._answers: dict[str, str] = {}
        self._claims = 0

    def cell(self, index: int, cell: Node) -> Node:
        """Turn one cell of the source into one of the notebook."""
        line = self.starts[index] if self.starts else None
        keys = {key: value for key, value in cell.metadata.items() if key != "lines_to_next_cell"}
        tags = keys.pop("tags", None)
        points = keys.pop("points", None)
        mark = keys.pop("title", None)  # jupytext calls a word after `# %%` a title
        kinds = [kind for kind in KINDS if kind in keys]
        for key in keys:
            if key not in KINDS:
                raise self._error(line, unknown_name("cell key", key, [*KINDS, "points", "tags"]))
        if len(kinds) > 1:
            raise self._error(line, f"a cell is one thing; this one is {' and '.join(kinds)}")
        metadata: dict[str, Any] = {} if tags is None else {"tags": list(tags)}
        if mark in (claims.CLAIM, claims.FULL):
            return self._claim(line, cell, str(mark), kinds)
        if mark is not None:
            self._fold(line, cell, str(mark), kinds)
            metadata["jupyter"] = {"source_hidden": True}
        if not kinds:
            self._refuse_regions(line, cell)
            if points is not None:
                raise self._error(line, "only a check or a manual cell has points")
            cell_id = self._id(cell)
            if cell.cell_type == "code":
                self._plain.append((line, cell.source))
        else:
            name = str(keys[kinds[0]])
            metadata["nbgrader"] = self._graded(line, cell, kinds[0], name, points)
            cell_id = metadata["nbgrader"]["grade_id"]
        if cell.cell_type == "code":
            return nbformat.v4.new_code_cell(cell.source, id=cell_id, metadata=metadata)
        return nbformat.v4.new_markdown_cell(cell.source, id=cell_id, metadata=metadata)

    def finish(self) -> None:
        """Look at what only shows at the end: answers without a check, checks that nobody declared."""
        checked = {entry["name"] for entry in self.record if entry["kind"] == "check"}
        for entry in self.record:
            if entry["kind"] == "answer" and entry["name"] not in checked:
                raise self._error(None, f"answer `{entry['name']}` has no check cell after it")
        for index, what in unguarded([source for _, source in self._plain], self._answers):
            raise self._error(self._plain[index][0], what)
        known = exercises()
        for name in sorted(checked):
            if name not in known or not known[name].parts:
                near = unknown_name("exercise", name, [other for other in known if other[:2] == name[:2]])
                raise self._error(None, f"check `{name}` is declared by no lecture: {near}")

    def _claim(self, line: int | None, cell: Node, mark: str, kinds: list[str]) -> Node:
        """Make a claim's cell such that it can be run."""
        if cell.cell_type != "code" or kinds:
            raise self._error(line, "a claim is a code cell without other marks")
        try:
            source = claims.runnable(cell.source, f"{self.lecture.name}:{line}" if line else self.lecture.name)
        except SyntaxError as error:
            raise self._error(line, f"a claim must be plain Python: {error.msg}, its line {error.lineno}") from None
        except ValueError as error:
            raise self._error(line, str(error)) from None
        self._claims += 1
        return nbformat.v4.new_code_cell(source, id=f"claim-{self._claims}", metadata={"claim": mark})

    def _fold(self, line: int | None, cell: Node, mark: str, kinds: list[str]) -> None:
        """Require that what is folded away is a plain code cell that says first what is in it."""
        if mark != "fold":
            raise self._error(line, unknown_name("mark of a cell", mark, ["fold", claims.CLAIM, claims.FULL]))
        if cell.cell_type != "code" or kinds:
            raise self._error(line, "only a code cell without other marks can be folded: students work with the others")
        if not re.match(r"# \w", cell.source):
            raise self._error(
                line, "a folded cell begins with a comment, the one line of it that is shown: `# Figure: what it draws`"
            )

    def _graded(self, line: int | None, cell: Node, kind: str, name: str, points: Any) -> dict[str, Any]:
        number = self.lecture.name[:2]
        if not re.fullmatch(rf"{number}\.[a-z][a-z0-9_]*", name):
            raise self._error(line, f"name {name!r} must be `{number}.` and lower-case words, such as `{number}.first`")
        if any(entry["name"] == name and entry["kind"] == kind for entry in self.record):
            raise self._error(line, f"there is a second {kind} cell for `{name}`")
        if kind in ("answer", "check") and cell.cell_type != "code":
            raise self._error(line, f"a cell with {kind}= must be a code cell")
        if kind == "manual" and cell.cell_type != "markdown":
            raise self._error(line, "a cell with manual= must be markdown: `# %% [markdown] manual=...`")
        is_graded = kind in ("check", "manual")
        if is_graded and (isinstance(points, bool) or not isinstance(points, int | float) or points <= 0):
            raise self._error(line, f"{kind} `{name}` needs points=, a positive number; got {points!r}")
        if not is_graded and points is not None:
            raise self._error(line, "only a check or a manual cell has points")
        if kind != "check" and "HIDDEN TESTS" in cell.source:
            raise self._error(line, "hidden tests belong into a check cell")
        if kind in ("check", "locked") and "BEGIN SOLUTION" in cell.source:
            raise self._error(line, "a solution belongs into an answer or a manual cell")
        entry: dict[str, Any] = {"kind": kind, "name": name, "cell_type": cell.cell_type}
        entry["grade_id"] = name.replace(".", "-") + ("-check" if kind == "check" else "")
        if len(entry["grade_id"]) > 64:
            raise self._error(line, f"name `{name}` is too long: a cell id has at most 64 characters")
        if kind == "answer":
            entry["defines"] = self._answer(line, cell.source)
            self._answers |= dict.fromkeys(entry["defines"], name)
        elif kind == "check":
            self._check(line, cell.source, name, points)
        self.record.append(entry)
        meta: dict[str, Any] = {
            "grade": is_graded,
            "grade_id": entry["grade_id"],
            "locked": kind in ("check", "locked"),
            "schema_version": 3,
            "solution": kind in ("answer", "manual"),
            "task": False,
        }
        return meta | ({"points": points} if is_graded else {})

    def _answer(self, line: int | None, source: str) -> list[str]:
        """Require that every solution region stands in a function, and give the names of the functions."""
        try:
            tree = ast.parse(source)
        except SyntaxError as error:
            raise self._error(
                line, f"an answer cell must be plain Python: {error.msg}, its line {error.lineno}"
            ) from error
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        lines = source.splitlines()
        begins = [n for n, text in enumerate(lines, 1) if "BEGIN SOLUTION" in text]
        ends = [n for n, text in enumerate(lines, 1) if "END SOLUTION" in text]
        pairs = list(zip(begins, ends, strict=False))
        if not begins or len(begins) != len(ends) or any(end <= begin for begin, end in pairs):
            raise self._error(line, "an answer needs a region from `### BEGIN SOLUTION` to `### END SOLUTION`")
        for n in begins:
            indent = len(lines[n - 1]) - len(lines[n - 1].lstrip())
            # Comments are not in the syntax tree: an indented one after a `def` belongs to that function.
            if indent == 0 or not any(f.lineno < n for f in functions):
                raise self._error(
                    line,
                    "the solution region must stand inside a function: its stub raises NotImplementedError, "
                    "and the cell must still run",
                )
        for function in functions:
            if ast.get_docstring(function) is None:
                raise self._error(line, f"`{function.name}` in an answer needs a docstring: the student reads it")
        return [function.name for function in functions]

    def _check(self, line: int | None, source: str, name: str, points: Any) -> None:
        """Require that the cell starts with check(name, ...), in agreement with its points."""
        try:
            statements = ast.parse(source).body
        except SyntaxError as error:
            raise self._error(line, f"a check cell must be plain Python: {error.msg}") from error
        call = statements[0].value if statements and isinstance(statements[0], ast.Expr) else None
        if (
            not isinstance(call, ast.Call)
            or ast.unparse(call.func) != "check"
            or len(call.args) != 2
            or not isinstance(call.args[0], ast.Constant)
            or call.args[0].value != name
        ):
            raise self._error(line, f'a check cell starts with `check("{name}", the_answer)`')
        partial = [keyword.value for keyword in call.keywords if keyword.arg == "points"]
        if partial:
            if not isinstance(partial[0], ast.Constant) or partial[0].value != points:
                raise self._error(line, f"check(..., points=) must be the cell's own points={points}")
        if len(statements) > 1 and "BEGIN HIDDEN TESTS" not in source:
            raise self._error(line, "nothing but hidden tests may follow the check in its cell")
        if not any(isinstance(statement, ast.Assert) for statement in statements[1:]):
            raise self._error(line, "a check needs a hidden test: an answer can be made to fit what is seen")
        answered = {node.id for node in ast.walk(call.args[1]) if isinstance(node, ast.Name)}
        foreign = sorted(_names_used(statements[1:]) - answered - GIVEN)
        if foreign:
            raise self._error(
                line,
                f"hidden tests use `{'`, `'.join(foreign)}`, which the notebook may have changed: they see the answer "
                "that the check names, `np` and `pd`, and what they define or import themselves",
            )

    def _refuse_regions(self, line: int | None, cell: Node) -> None:
        for region in ("BEGIN SOLUTION", "END SOLUTION", "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"):
            if region in cell.source:
                raise self._error(line, f"`{region}` stands in a cell that is not marked: add answer= or check=")

    def _id(self, cell: Node) -> str:
        """Name a cell after what is in it, so that a change elsewhere does not rename it."""
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:12]
        self._seen[digest] += 1
        return digest if self._seen[digest] == 1 else f"{digest}-{self._seen[digest]}"

    def _error(self, line: int | None, message: str) -> LectureError:
        place = f"{self.lecture.name}:{line}" if line else self.lecture.name
        return LectureError(f"{place}: {message}")


def _names_used(statements: Sequence[ast.stmt]) -> set[str]:
    """Names that statements look up and neither assign, import, define nor take as arguments."""
    used: set[str] = set()
    made: set[str] = set()
    for node in (node for statement in statements for node in ast.walk(statement)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else made).add(node.id)
        elif isinstance(node, ast.arg):
            made.add(node.arg)
        elif isinstance(node, ast.FunctionDef):
            made.add(node.name)
        elif isinstance(node, ast.alias):
            made.add(node.asname or node.name.partition(".")[0])
    return used - made


# From the instructor's notebook to the student's, by nbgrader


def nbgrader_api(root: Path, config: Path = HERE / "nbgrader_config.py") -> NbGraderAPI:
    """Return nbgrader's own interface, with the course's configuration and its folders under `root`.

    Parameters
    ----------
    root : Path
        Folder of the course: ``source``, ``release``, ``submitted`` and ``gradebook.db`` stand there.
    config : Path
        nbgrader's configuration file.

    Returns
    -------
    NbGraderAPI
    """
    settings = PyFileConfigLoader(config.name, path=str(config.parent)).load_config()
    settings.CourseDirectory.root = str(root)
    settings.CourseDirectory.db_url = "sqlite:///" + str(root / "gradebook.db")
    settings.NbGraderAPI.log_level = "WARN"
    return NbGraderAPI(CourseDirectory(config=settings), config=settings)


def student_notebooks(instructors: dict[str, Node]) -> dict[str, Node]:
    """Let nbgrader make the student notebooks, in a folder of its own that is removed afterwards.

    Parameters
    ----------
    instructors : dict
        Lecture name to instructor notebook.

    Returns
    -------
    dict
        Lecture name to student notebook.

    Raises
    ------
    LectureError
        With nbgrader's own words, when it refuses a notebook.
    """
    released = {}
    with tempfile.TemporaryDirectory(prefix="rlhp_course_", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        # nbgrader starts `alembic` (seconds) to stamp a new gradebook. This one is thrown away unstamped.
        with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as gradebook:
            gradebook.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        for name, notebook in instructors.items():
            write(root / "source" / name / f"{name}.ipynb", dumps(notebook))
        api = nbgrader_api(root)
        for name in instructors:
            with quiet_nbgrader():
                result = api.generate_assignment(name, force=True)
            if not result["success"]:
                raise LectureError(f"{name}: nbgrader could not make the student notebook:\n{result['log']}")
            path = root / "release" / name / f"{name}.ipynb"
            released[name] = nbformat.read(path, as_version=4)
            # Whether somebody wrote into a copy of it shows by this, wherever the copy goes (copies.py).
            released[name].metadata["rlhp"]["build"] = digest(released[name])
    return released


def dumps(notebook: Node) -> bytes:
    """Write a notebook as bytes that depend on its content alone."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return (nbformat.writes(notebook, version=4).rstrip("\n") + "\n").encode("utf-8")


@contextlib.contextmanager
def quiet_nbgrader() -> Iterator[None]:
    """Keep nbgrader's log from the terminal; that of a failure comes with its result."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield


# Building, comparing, executing


def build(paths: Paths, names: Sequence[str] = ()) -> dict[str, bytes]:
    """Make instructor and student notebooks without writing anything in the course.

    Parameters
    ----------
    paths : Paths
        The course.
    names : sequence of str
        Lectures to build, ``"01_exploration_schedules"`` or just ``"01"``; all by default.

    Returns
    -------
    dict
        Path to the bytes of the notebook that belongs there; and the words that a hint explains, which are the site's.
    """
    instructors = {lecture.stem: instructor_notebook(lecture) for lecture in chosen(paths, names)}
    files = {paths.instructor(name): dumps(notebook) for name, notebook in instructors.items()}
    if paths.course == HERE:
        files[HERE / "src" / "rlhp_course" / "glossary.md"] = (HERE.parent / "docs" / "glossary.md").read_bytes()
    students = student_notebooks(instructors) if instructors else {}
    return files | {paths.student(name): dumps(notebook) for name, notebook in students.items()}


def differences(paths: Paths, names: Sequence[str] = ()) -> list[str]:
    """Compare the student notebooks in the course with a rebuild, one line for each difference."""
    differing = []
    rebuilt = build(paths, names)
    for lecture in chosen(paths, names):
        path = paths.student(lecture.stem)
        if not path.exists():
            differing.append(f"{path.name} is missing")
        elif path.read_bytes() != rebuilt[path]:
            differing += _cell_differences(path, rebuilt[path])
    differing += [
        f"{path.name} is not the site's" for path in rebuilt if path.suffix == ".md" and not _has(path, rebuilt)
    ]
    known = {lecture.stem for lecture in paths.lectures}
    for path in sorted(paths.course.glob("[0-9][0-9]_*.ipynb")):
        if path.stem not in known:
            differing.append(f"{path.name} has no lecture any more")
    return differing


def _has(path: Path, built: dict[Path, bytes]) -> bool:
    return path.exists() and path.read_bytes() == built[path]


def written_into(paths: Paths, built: dict[Path, bytes]) -> list[Path]:
    """Student notebooks in the course that no build wrote: neither the one before nor this one."""
    students = [path for path in built if path.parent == paths.course and path.exists()]
    return [path for path in students if path.read_bytes() != built[path] and look(path).written_into]


def execute(notebook: Node, folder: Path, *, allow_errors: bool = False, timeout: int = 600) -> Node:
    """Run a notebook from top to bottom in `folder` and give it back with its outputs.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        At the first cell that fails, unless `allow_errors`.
    """
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        allow_errors=allow_errors,
        resources={"metadata": {"path": str(folder)}},
    )
    return client.execute()


def write_html(paths: Paths, name: str) -> Path:
    """Run a lecture with its solutions and write it as a page that opens without a server.

    Raises
    ------
    LectureError
        At the first cell that fails. A claim that does not hold is such a one.
    """
    from nbclient.exceptions import CellExecutionError
    from pages import page  # beside this script

    [lecture] = chosen(paths, [name])
    held = (claims.CLAIM,) if size(False, small=True) else (claims.CLAIM, claims.FULL)
    try:
        notebook = execute(instructor_notebook(lecture, claimed=held), paths.course)
    except CellExecutionError as error:
        raise LectureError(f"{name}: {error.ename}: {error.evalue}\n{error.traceback}") from None
    notebook.cells = [cell for cell in notebook.cells if "claim" not in cell.metadata]
    write(paths.html(name), page(notebook, name).encode("utf-8"))
    return paths.html(name)


def main(arguments: Sequence[str] | None = None, paths: Paths | None = None) -> int:
    """Run the command line; see the top of this file."""
    parser = argparse.ArgumentParser(description="Build the course's notebooks from its lectures.")
    parser.add_argument("lecture", nargs="*", help="lectures to build, by name or number; all by default")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when student notebooks differ")
    parser.add_argument("--html", action="store_true", help="also run the lectures and write them as HTML")
    parser.add_argument("--force", action="store_true", help="also overwrite notebooks that somebody wrote into")
    parser.add_argument("--course", type=Path, help="the folder with lectures/, in place of the one of this script")
    options = parser.parse_args(arguments)
    paths = paths or Paths((options.course or HERE).resolve())
    try:
        if options.check:
            found = differences(paths, options.lecture)
            for line in found:
                print(line)
            if found:
                print("The student notebooks differ from their lectures. Run: python course/build.py")
            return 1 if found else 0
        built = build(paths, options.lecture)
        answered = written_into(paths, built)
        if answered and not options.force:
            raise LectureError(
                f"{', '.join(map(_relative, answered))}: no build wrote what stands there. It may be somebody's "
                "answers, so nothing was overwritten. `make lab` copies them into my_course; then build with --force, "
                "which overwrites them: make course ARGS=--force"
            )
        for path, content in built.items():
            changed = not path.exists() or path.read_bytes() != content
            if changed:
                write(path, content)
            print(f"{'wrote' if changed else 'same '} {_relative(path)}")
        if options.html:
            for lecture in chosen(paths, options.lecture):
                print(f"wrote {_relative(write_html(paths, lecture.stem))}")
    except LectureError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def chosen(paths: Paths, names: Sequence[str]) -> list[Path]:
    """Return the sources of the lectures that are named, by name or number; of all where none is.

    Raises
    ------
    LectureError
        If there is no such lecture; the message has the nearest.
    """
    lectures = {lecture.stem: lecture for lecture in paths.lectures}
    if not names:
        return list(lectures.values())
    sources = []
    for name in names:
        stem = Path(name).stem
        matching = [lecture for key, lecture in lectures.items() if stem in (key, key[:2])]
        if not matching:
            raise LectureError(_unknown_lecture(stem, lectures))
        sources += matching
    return sources


def _unknown_lecture(name: str, valid: Collection[str]) -> str:
    """Say that there is no such lecture; 0, 1 and 000 are taken for numbers that want two digits."""
    number = f"{int(name):02d}" if name.isdecimal() else ""
    if number and any(one[:2] == number for one in valid):
        return f"unknown lecture `{name}`; did you mean `{number}`? Valid: {', '.join(valid)}."
    return unknown_name("lecture", name, valid)


def _cell_differences(path: Path, rebuilt: bytes) -> list[str]:
    """Return which cells differ, and the first line that does."""
    try:
        committed = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (ValueError, nbformat.ValidationError):
        return [f"{path.name} cannot be read as a notebook"]
    old = {cell.get("id", str(n)): cell for n, cell in enumerate(committed.cells)}
    new = {cell["id"]: cell for cell in nbformat.reads(rebuilt.decode("utf-8"), as_version=4).cells}
    differing = [
        f"{path.name}: cell {cell_id} is new: {_first_line(new[cell_id])}" for cell_id in new if cell_id not in old
    ]
    differing += [
        f"{path.name}: cell {cell_id} is gone: {_first_line(old[cell_id])}" for cell_id in old if cell_id not in new
    ]
    for cell_id in new.keys() & old.keys():
        if old[cell_id].source != new[cell_id].source:
            changed = difflib.unified_diff(
                old[cell_id].source.splitlines(), new[cell_id].source.splitlines(), lineterm="", n=0
            )
            lines = [line for line in changed if line[:1] in "+-" and line[:3] not in ("+++", "---")]
            differing.append(f"{path.name}: cell {cell_id} differs: {'  '.join(lines[:2])}")
        elif old[cell_id] != new[cell_id]:
            differing.append(f"{path.name}: cell {cell_id} differs in its metadata or outputs")
    return sorted(differing) or [f"{path.name} differs in its order of cells, its metadata or its layout"]


def _first_line(cell: Node) -> str:
    return repr(cell.source.strip().split("\n")[0][:60])


def _relative(path: Path) -> str:
    return os.path.relpath(path).replace(os.sep, "/")


if __name__ == "__main__":
    sys.exit(main())
