"""A word that a lecture sets in bold where it first uses it stands in the glossary, which `hint` opens."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from rlhp.exercises import hint
from rlhp.exercises._glossary import look_up, read_glossary

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "course").glob("[0-9][0-9]_*.ipynb"))
# What is bold for another reason: the head of a lecture, and words that are leant on.
NO_TERMS = {"you need", "folded", "one", "20 %", "plot pairs"}
# Words of the field that are in no bold type, or so early in lecture 00 that nobody could know them.
SPOKEN = (
    "agent",
    "reward",
    "episode",
    "return",
    "policy",
    "rollout",
    "seed",
    "bandit",
    "observation",
    "greedy",
    "target",
)
MOST_WORDS = 4


def bold(path: Path) -> list[str]:
    """Give what a lecture sets in bold and is neither a sentence nor the head of a paragraph."""
    cells = nbformat.read(path, as_version=4).cells
    text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown").partition("## Further reading")[0]
    found = (" ".join(words.split()) for words in re.findall(r"\*\*([^*]+)\*\*", text))
    return [words for words in found if len(words.split()) <= MOST_WORDS and words[-1] not in ".:?,"]


def in_the_glossary(word: str, names: set[str]) -> bool:
    word = word.lower()
    return not names.isdisjoint({word, word.removesuffix("s"), re.sub("ies$", "y", word)})


@pytest.fixture(scope="module")
def names() -> set[str]:
    entries = read_glossary((ROOT / "course" / "src" / "rlhp_course" / "glossary.md").read_text(encoding="utf-8"))
    return {name.lower() for entry in entries for term in entry.terms for name in (term, term.partition(" (")[0])}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_term_of_a_lecture_is_explained(path, names) -> None:
    terms = [word for word in bold(path) if word.lower() not in NO_TERMS and not word.startswith("Time")]
    assert len(terms) >= 3
    assert [word for word in terms if not in_the_glossary(word, names)] == [], (
        "explain it in docs/glossary.md, or name it in NO_TERMS if it is no term"
    )
    for word in terms:
        assert look_up(next(one for one in (word, word[:-1]) if one.lower() in names)).entries[0].text


@pytest.mark.parametrize("word", SPOKEN)
def test_words_that_come_without_a_mark_are_explained_too(word, capsys) -> None:
    hint(f"glossary:{word}")
    assert len(capsys.readouterr().out) > len(word) + 20


def test_the_glossary_is_in_order_and_says_each_word_once() -> None:
    entries = list(read_glossary((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")))
    first = [entry.terms[0].lower().replace("-", " ") for entry in entries]
    assert first == sorted(first)
    terms = [term.lower() for entry in entries for term in entry.terms]
    assert len(set(terms)) == len(terms)
