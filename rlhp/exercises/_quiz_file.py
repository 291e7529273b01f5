"""A quiz as Markdown: a heading for each question, a list of choices, and below each choice the reason for it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from rlhp.exercises.question import Choice, Question

_HEADING = re.compile(r"(#+)\s+(.*)")
_CHOICE = re.compile(r"- \[([ xX])\]\s+(.*)")
_FORM = (
    "A quiz is `## the question`, then each choice as `- [ ] the choice` (`- [x]` for the right one), and below it, "
    "after an empty line and indented by two spaces, the reason"
)


def read_quiz(path: str | Path) -> tuple[Question, ...]:
    """Read the questions of a quiz from a Markdown file.

    Parameters
    ----------
    path : path-like
        The file, such as ``lecture_00/quiz.md``.

    Returns
    -------
    tuple of Question
        In the order in which they stand there.

    Raises
    ------
    ValueError
        When the file is not written as a quiz; the message gives the file, the line and what is expected there.

    Examples
    --------
    >>> import tempfile
    >>> text = '''# Quiz
    ...
    ... ## 1 + 1?
    ...
    ... - [ ] 3
    ...
    ...   One too many.
    ...
    ... - [x] 2
    ...
    ...   Yes.
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "quiz.md"
    ...     _ = path.write_text(text)
    ...     [question] = read_quiz(path)
    >>> question.text, question.choices[question.right].reason
    ('1 + 1?', 'Yes.')
    """
    path = Path(path)
    read: list[_Question] = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        try:
            _take(read, line, f"{path.name}:{number}")
        except ValueError as error:
            raise ValueError(f"{path.name}:{number}: {error}") from None
    if not read:
        raise ValueError(f"{path.name} has no question. {_FORM}")
    return tuple(question.made() for question in read)


@dataclass
class _Choice:
    """One choice as far as it has been read; after an empty line comes its reason."""

    place: str
    right: bool
    text: list[str]
    reason: list[str] = field(default_factory=list)
    is_text_done: bool = False


@dataclass
class _Question:
    """One question as far as it has been read."""

    place: str
    text: str
    choices: list[_Choice] = field(default_factory=list)

    def made(self) -> Question:
        """Return the question, or say what is wrong with it and where."""
        for choice in self.choices:
            if not choice.reason:
                raise ValueError(
                    f"{choice.place}: the choice `{' '.join(choice.text)[:40]}` has no reason: write it below, after "
                    "an empty line, indented by two spaces"
                )
        choices = [Choice(" ".join(one.text), " ".join(one.reason), one.right) for one in self.choices]
        try:
            return Question(self.text, *choices)
        except ValueError as error:
            raise ValueError(f"{self.place}: {error}") from None


def _take(read: list[_Question], line: str, place: str) -> None:
    """Add one line of the file to what has been read."""
    if heading := _HEADING.fullmatch(line):
        if heading[1] == "##":
            read.append(_Question(place, heading[2].strip()))
        elif heading[1] != "#":
            raise ValueError(f"a question begins with `##`, not with `{heading[1]}`")
        elif read:
            raise ValueError("the heading of the quiz, `# ...`, stands once, above its questions")
    elif line.startswith(("-", "*", "+")):
        choice = _CHOICE.fullmatch(line)
        if not choice:
            raise ValueError(f"a choice begins with `- [ ]`, the right one with `- [x]`; here is `{line[:40]}`")
        if not read:
            raise ValueError(f"a choice stands before the first question. {_FORM}")
        read[-1].choices.append(_Choice(place, choice[1] != " ", [choice[2].strip()]))
    elif line.startswith("  "):
        if not read or not read[-1].choices:
            raise ValueError("indented text is the reason for a choice, and no choice stands above it")
        last = read[-1].choices[-1]
        (last.reason if last.is_text_done else last.text).append(line.strip())
    elif line.strip():
        if read:
            raise ValueError(f"`{line.strip()[:40]}` is no part of a quiz. {_FORM}")
    elif read and read[-1].choices:
        read[-1].choices[-1].is_text_done = True
