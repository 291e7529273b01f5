"""Answers to the exercises as the text that a student would write: typical wrong ones, and the lectures' own.

Wrong answers stand in ``wrong/lecture_NN/<exercise>.py``. Such a file begins with what its answers share; then each is
a cell, ``# %% label: "a piece of the message that it must get"``.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

WRONG = Path(__file__).resolve().parent / "wrong"
_ROOT = Path(__file__).resolve().parents[2]
_SOURCES = (_ROOT / "course" / "lectures", Path(__file__).resolve().parent / "fixture" / "lectures")
CELL = re.compile(r'^# %% (?P<label>.+?): (?P<message>".*")$', re.MULTILINE)


@dataclass(frozen=True)
class Wrong:
    """A typical wrong answer: its text, and a piece of the message that it must get."""

    exercise: str
    label: str
    message: str
    source: str

    def answer(self) -> Any:
        """Run the text, as its cell does, and give what the lecture's check cell hands over."""
        names: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(self.source, f"<wrong answer to {self.exercise}: {self.label}>", "exec"), names)
        return eval(asked_for(self.exercise), names)


@cache
def wrong_answers(exercise: str) -> tuple[Wrong, ...]:
    """Give the typical wrong answers to an exercise."""
    text = (WRONG / f"lecture_{exercise[:2]}" / f"{exercise[3:]}.py").read_text(encoding="utf-8")
    cells = list(CELL.finditer(text))
    assert len(cells) == text.count("\n# %%"), f'{exercise}: a wrong answer begins with `# %% label: "its message"`'
    shared = text[: cells[0].start()]
    ends = [cell.start() for cell in cells[1:]] + [len(text)]
    sources = (shared + text[cell.end() : end].strip() + "\n" for cell, end in zip(cells, ends, strict=True))
    return tuple(
        Wrong(exercise, cell["label"], ast.literal_eval(cell["message"]), source)
        for cell, source in zip(cells, sources, strict=True)
    )


def right_answer(exercise: str) -> str:
    """Give the text of the answer cell in the lecture's source, which is the solution."""
    cells = re.split(r"^# %%.*$", _source(exercise), flags=re.MULTILINE)[1:]
    heads = re.findall(r"^# %%.*$", _source(exercise), flags=re.MULTILINE)
    cell = dict(zip(heads, cells, strict=True))[f'# %% answer="{exercise}"']
    return "\n".join(line for line in cell.splitlines() if not line.strip().startswith("###")).strip()


def asked_for(exercise: str) -> str:
    """Give the expression that the lecture's check cell hands over: mostly a name, sometimes a list of names."""
    for node in ast.walk(ast.parse(_source(exercise))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "check" and len(node.args) == 2:
            if ast.unparse(node.args[0]) == repr(exercise):
                return ast.unparse(node.args[1])
    raise LookupError(f"no lecture checks {exercise}")


@cache
def _source(exercise: str) -> str:
    [path] = [path for folder in _SOURCES for path in folder.glob(f"{exercise[:2]}_*.py")]
    return path.read_text(encoding="utf-8")
