"""Lectures are found by what installed distributions offer, and what is offered and missing is told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rlhp.exercises import declare, hint, lectures, quiz
from rlhp.exercises.declare import find_exercise, find_quiz

EXERCISE = 'from rlhp.exercises.declare import exercise\n\nexercise("{name}", title="Two", hints=("It is even.",))\n'
QUIZ = "## 1 + 1?\n\n- [x] 2\n\n  Yes.\n\n- [ ] 3\n\n  One too many.\n"

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution as pip leaves it: `install("ours", "our_lectures", {"lecture_50/two.py": ...})`."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(distribution: str, package: str, files: dict[str, str]) -> None:
        about = tmp_path / f"{distribution}-1.dist-info"
        about.mkdir()
        (about / "entry_points.txt").write_text(f"[{lectures.GROUP}]\n{distribution} = {package}\n")
        for name, text in files.items():
            path = tmp_path.joinpath(*package.split("."), name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    yield write
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_lecture_from_outside_is_found_by_name(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    text = EXERCISE.format(name="50.two")
    install("ours", "our_lectures", {"__init__.py": "", "lecture_50/two.py": text, "lecture_50/quiz.md": QUIZ})
    assert "our_lectures" not in sys.modules
    hint("50.two")
    quiz("50.quiz", answers="b")
    assert "Hint 1 of 1: It is even." in (said := capsys.readouterr().out)
    assert "One too many." in said
    assert find_exercise("50.two").declared_at.endswith("two.py:3")
    assert "50.two" in declare.exercises()
    with pytest.raises(ValueError, match=r"unknown exercise `50.twoo`; did you mean `50.two`\? Valid: 50.two\."):
        hint("50.twoo")


def test_only_the_lecture_that_is_asked_for_is_imported(install: Install) -> None:
    files = {"lecture_50/two.py": EXERCISE.format(name="50.two"), "lecture_51/two.py": "raise OSError('not now')"}
    install("ours", "our_lectures", files)
    find_exercise("50.two")
    with pytest.raises(ValueError, match=r"did you mean `50\.two`"):
        find_exercise("50.twoo")
    with pytest.raises(OSError, match="not now"):
        find_exercise("51.two")


def test_two_distributions_may_add_to_one_lecture(install: Install) -> None:
    install("ours", "our_lectures", {"lecture_50/two.py": EXERCISE.format(name="50.two")})
    install("theirs", "their.lectures", {"lecture_50/three.py": EXERCISE.format(name="50.three")})
    assert [lecture.package for lecture in lectures.find() if lecture.number == "50"] == [
        "our_lectures.lecture_50",
        "their.lectures.lecture_50",
    ]
    assert find_exercise("50.three").title == find_exercise("50.two").title == "Two"


def test_but_not_the_same_exercise(install: Install) -> None:
    install("ours", "our_lectures", {"lecture_50/two.py": EXERCISE.format(name="50.two")})
    install("theirs", "their_lectures", {"lecture_50/two.py": EXERCISE.format(name="50.two")})
    with pytest.raises(ValueError, match=r"exercise `50.two` is declared twice: .*our_lectures.*their_lectures"):
        find_exercise("50.two")


def test_a_quiz_that_is_none_says_where(install: Install) -> None:
    install("ours", "our_lectures", {"lecture_50/quiz_more.md": "## Nothing to choose?\n"})
    with pytest.raises(ValueError, match=r"quiz_more.md:1: question .* has 0 choices"):
        find_quiz("50.quiz_more")


def test_what_is_offered_and_missing_is_told(install: Install) -> None:
    for package in ("gone_lectures", "gone.lectures"):
        install(package.replace(".", "-"), package, {})
    with pytest.raises(ValueError, match=r"`gone.lectures`, `gone_lectures` should hold lectures and cannot be found"):
        find_exercise("50.two")


def test_without_any_lecture_it_says_how_to_install_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lectures, "only", ())
    with pytest.raises(ValueError, match=r"No lectures are installed here: `make lab`.*pip install --editable"):
        find_exercise("50.two")
