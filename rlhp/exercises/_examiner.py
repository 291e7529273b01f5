"""The examiner: what looks at a check cell inside the student's Python while a notebook is graded.

The grader (`rlhp.exercises.grading`) lets it in before the first cell runs. A check cell is not run as the other
cells are, through IPython, which the notebook may have bent, but sent to the examiner as a message of its own kind.
The examiner puts libraries back to what they were, reads this package and the lecture's own anew from disk, judges the
answer under names that the notebook cannot reach, and signs what it found with a key that nobody else has.

`rlhp.exercises.grading` says what is defended by this and what is not.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import hashlib
import hmac
import importlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

import numpy as np
import pandas as pd

from rlhp.exercises import _pristine as pristine
from rlhp.exercises import declare, lectures

REQUEST, REPLY = "rlhp_check_request", "rlhp_check_reply"
PACKAGE = "rlhp.exercises"

# Bound once: `sys` is not among the modules that are put back.
_set_trace, _set_profile = sys.settrace, sys.setprofile


@dataclass(frozen=True)
class Found:
    """What the examiner found: a share of the points, and what to tell where it is not all of them.

    Parameters
    ----------
    share : float
        Between 0 and 1.
    name, message : str
        Name of the exception to show, and its text; empty where the cell is right.
    """

    share: float
    name: str = ""
    message: str = ""


def enter(path: str) -> None:
    """Let the examiner in; called by the grader before the first cell of a notebook runs.

    Parameters
    ----------
    path : str
        A file with the key of this run (hexadecimal), the folder of the notebook, and the names of its exercises. It is
        removed: the notebook must not read the key.
    """
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    assert shell is not None, "the examiner works in a notebook's kernel"
    orders = json.loads(Path(path).read_text(encoding="utf-8"))
    os.unlink(path)
    key, space, kernel = bytes.fromhex(orders["key"]), shell.user_ns, shell.kernel
    for name in orders["exercises"]:
        with contextlib.suppress(ValueError):
            declare.find_exercise(name)
    # Whoever imports these from here on gets another copy.
    for module in (__name__, pristine.__name__):
        sys.modules.pop(module, None)
        vars(sys.modules[PACKAGE]).pop(module.rpartition(".")[2], None)
    sources = Sources.now()
    snapshot = pristine.take({package.partition(".")[0] for package in sources.lectures})

    def answer(stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        try:
            pristine.put_back(snapshot)
            found = examine(parent["content"]["code"], space, snapshot, sources)
        except BaseException as error:  # an interrupt too: the grader waits for a reply
            found = Found(
                0.0, type(error).__name__, f"The check was stopped ({type(error).__name__}: {error}){_place(error)}."
            )
        # Again: an answer may have bent what signs while it was called. What sends may be bent; then nothing is signed.
        pristine.put_back(snapshot)
        content = {"status": "ok", "share": found.share, "name": found.name, "message": found.message}
        content["proof"] = sign(key, parent["header"]["msg_id"], content)
        kernel.session.send(stream, REPLY, content, parent, ident=ident)

    kernel.shell_handlers[REQUEST] = answer
    kernel.shell_handlers["execute_request"] = _that_always_replies(kernel)
    os.chdir(orders["folder"])


def _place(error: BaseException) -> str:
    """Return in which line of which file it was: whoever reads this has no traceback.

    Of the exception alone, for a notebook may have bent the module that usually tells it.
    """
    last = error.__traceback__
    if last is None:
        return ""
    while last.tb_next is not None:
        last = last.tb_next
    file = last.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
    return f" at line {last.tb_lineno} of {file}"


def _that_always_replies(kernel: Any) -> Any:
    """Run cells as the kernel does, and reply even where a notebook has bent what runs them.

    Without a reply the grader would wait for the time limit of every cell that follows.
    """
    execute, streams = kernel.shell_handlers["execute_request"], {"stdout": sys.stdout, "stderr": sys.stderr}

    async def run(stream: Any, ident: Any, parent: dict[str, Any]) -> None:
        try:
            await execute(stream, ident, parent)
        except Exception as error:
            said = {"ename": type(error).__name__, "evalue": f"this cell could not be run: {error}", "traceback": []}
            kernel.session.send(stream, "execute_reply", {"status": "error", **said}, parent, ident=ident)
        finally:
            for name, usual in streams.items():
                now = getattr(sys, name, None)
                if not callable(getattr(now, "write", None)) or getattr(now, "closed", False):
                    setattr(sys, name, usual)

    return run


def sign(key: bytes, message_id: str, content: dict[str, Any]) -> str:
    """Sign a reply, so that it can only come from who holds the key, and only for this request.

    Examples
    --------
    >>> reply = {"share": 1.0, "name": "", "message": ""}
    >>> sign(b"key", "1", reply) == sign(b"key", "2", reply)
    False
    """
    text = json.dumps([message_id, content["share"], content["name"], content["message"]])
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Sources:
    """Where this package and the lectures' are read from, as it was before the notebook ran.

    Parameters
    ----------
    lectures : tuple of str
        The packages that lectures come from.
    path, finders, hooks : list
        Where Python looks for modules. Of the path only absolute folders: the notebook writes into its own.
    folders : dict
        Where the packages lie in which those that are read anew stand.
    bytecode : str or None
        The folder for compiled modules; None for beside each.
    """

    lectures: tuple[str, ...]
    path: list[str]
    finders: list[Any]
    hooks: list[Any]
    folders: dict[str, list[str]]
    bytecode: str | None

    @classmethod
    def now(cls) -> Sources:
        """Note how it is at this moment."""
        packages = lectures.packages()
        above = {package.rpartition(".")[0] for package in (PACKAGE, *packages)} & sys.modules.keys()
        return cls(
            packages,
            [folder for folder in sys.path if os.path.isabs(folder)],
            list(sys.meta_path),
            list(sys.path_hooks),
            {name: list(sys.modules[name].__path__) for name in above},
            sys.pycache_prefix,
        )

    def holds(self, name: str) -> bool:
        """Return whether a module is read anew for every check."""
        return any(name == package or name.startswith(package + ".") for package in (PACKAGE, *self.lectures))


def examine(code: str, space: dict[str, Any], snapshot: pristine.Snapshot, sources: Sources) -> Found:
    """Judge the answer that a check cell is about, and run its hidden tests.

    Parameters
    ----------
    code : str
        The check cell: ``check(name, answer)``, perhaps with ``points=``, and hidden tests after it.
    space : dict
        The notebook's names. Only the names in the second argument of ``check`` are looked up there; everything else
        that hidden tests use are builtins, `np`, `pd`, and what they import.
    snapshot : Snapshot
        Libraries before the notebook ran.
    sources : Sources
        Where packages were read from then.

    Returns
    -------
    Found
        The share that the visible parts give or, where it is smaller, that of the hidden tests that hold. Without
        ``points=`` there is no partial credit: it is 0 or 1.
    """
    _untraced()
    body = ast.parse(code).body
    name, asked, partial = _call(body[0])
    tests = [_Test.of(statement, code) for statement in body[1:]]
    with _fresh(sources) as (checking, declared, answers):
        entry = declared.find_exercise(name)
        names = {"__builtins__": builtins, "__name__": "hidden tests", "np": np, "pd": pd}
        for wanted in sorted({node.id for node in ast.walk(asked) if isinstance(node, ast.Name)}):
            if not dict.__contains__(space, wanted):
                return _not_there(wanted)
            names[wanted] = _guarded(answers, dict.__getitem__(space, wanted), entry)

    def tidy() -> None:
        _untraced()
        pristine.put_back_often(snapshot)

    vars(answers)["after_call"] = tidy
    with checking.quiet(), np.errstate(all="warn"):
        verdict = checking.judge(entry, eval(compile(ast.Expression(asked), "<check>", "eval"), names))
    pristine.put_back(snapshot)
    with contextlib.suppress(Exception):  # what shows it may be bent; the points are not
        checking.verdicts.show(verdict)
    if not verdict.share or (verdict.share < 1.0 and not partial):
        unanswered = verdict.state == checking.EMPTY
        said = "not answered yet" if unanswered else verdict.message
        return Found(0.0, "NotAnswered" if unanswered else "CheckFailed", f"{name}: {said}")
    with checking.quiet(), np.errstate(all="warn"):
        try:
            share, said = checking.within(entry.seconds, lambda: _hidden(tests, names, go_on=partial))
        except checking.TimeUp:
            share, said = 0.0, f"what can be seen passes, but hidden tests were still running after {entry.seconds:g} s"
    if share == 1.0:
        return Found(verdict.share)
    if not partial:
        return Found(0.0, "HiddenTestFailed", f"{name}: {said}")
    return Found(min(verdict.share, share), "HiddenTestFailed", f"{name}: {said}")


def _untraced() -> None:
    """Stop what a notebook has set to follow every step of Python."""
    _set_trace(None)
    _set_profile(None)


def _call(statement: ast.stmt) -> tuple[str, ast.expr, bool]:
    """Take ``check(name, answer, points=...)`` apart; the course's build sees to it that a cell begins so."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call) or len(call.args) != 2 or not isinstance(call.args[0], ast.Constant):
        raise ValueError("a check cell begins with `check(name, answer)`")
    return str(call.args[0].value), call.args[1], bool(call.keywords)


@contextlib.contextmanager
def _fresh(sources: Sources) -> Iterator[tuple[ModuleType, ModuleType, ModuleType]]:
    """Read this package and the lectures' anew from disk, and give back to the notebook what it may have changed."""
    theirs = {name: module for name, module in sys.modules.copy().items() if sources.holds(name)}
    searched = sys.path[:], sys.meta_path[:], sys.path_hooks[:], sys.pycache_prefix
    for name in theirs:
        del sys.modules[name]
    sys.path[:], sys.meta_path[:], sys.path_hooks[:] = sources.path, sources.finders, sources.hooks
    sys.pycache_prefix = sources.bytecode
    sys.path_importer_cache.clear()
    for name, folders in sources.folders.items():
        vars(sys.modules[name])["__path__"] = list(folders)
    try:
        vars(importlib.import_module(f"{PACKAGE}.lectures"))["only"] = sources.lectures
        yield (
            importlib.import_module(f"{PACKAGE}._checking"),
            importlib.import_module(f"{PACKAGE}.declare"),
            importlib.import_module(f"{PACKAGE}._answers"),
        )
    finally:
        sys.path[:], sys.meta_path[:], sys.path_hooks[:], sys.pycache_prefix = searched
        for name in [name for name in list(sys.modules) if sources.holds(name)]:
            del sys.modules[name]
        sys.modules.update(theirs)
        for package in (PACKAGE, *sources.lectures):
            above, _, name = package.rpartition(".")
            if above in sources.folders and package in theirs:
                vars(sys.modules[above])[name] = theirs[package]


def _guarded(answers: ModuleType, answer: Any, entry: Any) -> Any:
    """Guard a function, so that hidden tests see plain values too; the check says what is wrong with anything else."""
    if answers.is_function(answer):
        return answers.GuardedFunction(answer, returns_none=entry.returns_none)
    return answer


def _not_there(name: str) -> Found:
    return Found(
        0.0, "NameError", f"`{name}` is not there: the cell that should define it was not run, or ended with an error."
    )


@dataclass(frozen=True)
class _Test:
    """A statement of the hidden tests, compiled before the answer is called: then `ast` may be bent."""

    code: CodeType
    is_counted: bool
    source: str

    @classmethod
    def of(cls, statement: ast.stmt, code: str) -> _Test:
        compiled = compile(ast.Module([statement], []), "<hidden test>", "exec")
        return cls(compiled, isinstance(statement, ast.Assert), ast.get_source_segment(code, statement) or "")


def _hidden(tests: Sequence[_Test], names: dict[str, Any], *, go_on: bool) -> tuple[float, str]:
    """Run hidden tests one statement at a time: the share of those that hold, and what to tell of the first other."""
    held = counted = 0
    said = ""
    for test in tests:
        counted += test.is_counted
        try:
            exec(test.code, names)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) or type(error).__name__ == "TimeUp":
                raise
            said = said or _why(error, test.source)
            if not go_on:
                return 0.0, said
        else:
            held += test.is_counted
    return (held / counted if counted else float(not said)), said


def _why(error: BaseException, source: str) -> str:
    line = " ".join(source.split())
    if type(error) is AssertionError and not error.args:
        return f"what can be seen passes, a hidden test does not: `{line}`"
    return f"what can be seen passes, a hidden test does not: {error} (`{line}`)"
