"""A quiz in Markdown is read as it is meant, and what is not one is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlhp.exercises._quiz_file import read_quiz
from rlhp.exercises.question import Choice, Question

GOOD = """# A quiz

What stands here is for whoever reads the file.

## Is `a` < b?

- [ ] No, it is
  the other way round.

  Look at the sign.

- [x] Yes.

  So it is: two
  lines of a reason.

## Which?
- [X] This
- [ ] That
"""


def _read(folder: Path, text: str) -> tuple[Question, ...]:
    path = folder / "quiz.md"
    path.write_text(text, encoding="utf-8")
    return read_quiz(path)


def test_questions_choices_and_reasons(tmp_path: Path) -> None:
    with_reasons = GOOD.replace("This\n", "This\n\n  Here.\n").replace("That\n", "That\n\n  There.\n")
    assert _read(tmp_path, with_reasons) == (
        Question(
            "Is `a` < b?",
            Choice("No, it is the other way round.", "Look at the sign."),
            Choice("Yes.", "So it is: two lines of a reason.", right=True),
        ),
        Question("Which?", Choice("This", "Here.", right=True), Choice("That", "There.")),
    )


CHOICES = "- [x] yes\n\n  It is.\n\n- [ ] no\n\n  It is not.\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "quiz.md has no question. A quiz is `## the question`, then each choice as `- [ ] the choice`"),
        ("# Quiz\n", "quiz.md has no question"),
        (GOOD, "quiz.md:18: the choice `This` has no reason: write it below, after an empty line, indented"),
        (f"# Quiz\n{CHOICES}", "quiz.md:2: a choice stands before the first question. A quiz is `##"),
        (f"## Is it?\n{CHOICES.replace('x', ' ')}", "quiz.md:1: question 'Is it?' has 0 right choices; mark exactly"),
        (f"## Is it?\n{CHOICES.replace('[ ]', '[x]')}", "quiz.md:1: question 'Is it?' has 2 right choices"),
        ("## Is it?\n- [x] yes\n\n  It is.\n", "quiz.md:1: question 'Is it?' has 1 choices; give 2 to 8"),
        (f"## Is it?\n{CHOICES.replace('[x]', '[y]')}", "quiz.md:2: a choice begins with `- [ ]`, the right one with"),
        (f"## Is it?\n{CHOICES.replace('- [x] yes', '- yes')}", "quiz.md:2: a choice begins with `- [ ]`"),
        (f"## Is it?\n* [x] yes\n{CHOICES}", "quiz.md:2: a choice begins with `- [ ]`"),
        (f"## Is it?\n  Indented.\n{CHOICES}", "quiz.md:2: indented text is the reason for a choice, and no choice"),
        (f"## Is it?\n{CHOICES}\nIt was.\n", "quiz.md:10: `It was.` is no part of a quiz. A quiz is"),
        (f"## Is it?\n{CHOICES}\n# Another\n", "quiz.md:10: the heading of the quiz, `# ...`, stands once"),
        (f"### Is it?\n{CHOICES}", "quiz.md:1: a question begins with `##`, not with `###`"),
    ],
)
def test_what_is_no_quiz_is_told_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match="quiz") as caught:
        _read(tmp_path, text)
    assert str(caught.value).startswith(message)
