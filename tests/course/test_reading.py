"""Lectures read lightly: short sentences, little code in view, figures folded, one drawing, not too many words."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest

from course import reading
from course.reading import n_words

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "course").glob("[0-9][0-9]_*.ipynb"))

by_name = pytest.mark.parametrize("lecture", [*map(reading.read, NOTEBOOKS)], ids=lambda lecture: lecture.name)


@by_name
def test_no_sentence_is_read_twice(lecture: reading.Lecture) -> None:
    long = [f"{n_words(one)} words: {one}" for one in lecture.longest if n_words(one) > reading.LONG_SENTENCE]
    assert not lecture.longest or n_words(lecture.longest[0]) <= reading.WORDS_A_SENTENCE, long[0]
    assert len(long) <= reading.LONG_SENTENCES, "\n".join(long)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_line_begins_a_list_by_accident(path: Path) -> None:
    """A sentence that ends in a number must not do so at the beginning of a line: Markdown reads an item there."""
    for cell in nbformat.read(path, as_version=4).cells:
        numbers = [int(one) for one in re.findall(r"^ *(\d+)\. ", cell.source, re.MULTILINE)]
        if cell.cell_type == "markdown":
            assert numbers == list(range(1, len(numbers) + 1)), cell.source


@by_name
def test_a_lecture_has_between_1500_and_3000_words(lecture: reading.Lecture) -> None:
    least, most = reading.WORDS_A_LECTURE
    assert least <= lecture.n_words <= most


@by_name
def test_no_long_code_stands_open(lecture: reading.Lecture) -> None:
    for source, is_folded in lecture.code:
        assert is_folded or reading.n_lines(source) <= reading.LINES_A_CELL, source


@by_name
def test_figures_are_folded_and_say_what_they_draw(lecture: reading.Lecture) -> None:
    sources = [source for source, _ in lecture.code]
    figures = reading.figures(sources)
    assert figures
    for index in figures:
        assert lecture.code[index][1], f"mark it `# %% fold`:\n{sources[index]}"
    for source, is_folded in lecture.code:
        if is_folded:
            first = source.splitlines()[0]
            assert re.match(r"# (Figure|Table|Drawing|Function): \w", first), first
            assert n_words(first) >= 4, first


@by_name
def test_a_lecture_has_one_drawing(lecture: reading.Lecture) -> None:
    drawings = [source for source, _ in lecture.code if source.startswith("# Drawing: ")]
    assert len(drawings) == 1
    assert "plots.diagram_alt_text(" in drawings[0], "it needs words for those who do not see it"


def test_the_cart_moves_in_the_first_minute() -> None:
    first = reading.read(ROOT / "course" / "00_your_first_agent.ipynb")
    assert "rlhp.record(" in first.code[0][0]
    assert not first.code[0][1], "what is run first stands open"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("One two.\nThree (four)? \"Five.\" Six", ["One two.", "Three (four)?", '"Five."', "Six"]),
        ("Li et al. (2018), e.g. This by J. Doe. Then 0.5.", ["Li et al. (2018), e.g. This by J. Doe.", "Then 0.5."]),
        ("# Head\nA *set*.\n\n- an item\n  goes on\n- **one**", ["Head", "A set.", "an item goes on", "one"]),
        ("It is\n\n$$\nx = 1 .\n$$\n\nHere $y$ is 2.", ["It is equation.", "Here equation is 2."]),
        ("It is\n\n$$x = 1$$\n\nfor all\n`f(a, b)`.", ["It is equation for all code."]),
        ("By $$x$$ (With a note.)", ["By equation.", "(With a note.)"]),
        ("| a b | c |\n|---|---|\n| d. E f | $x$ |", ["a b", "c", "d.", "E f", "equation"]),
        ("```python\nx = 1\n```\nText [here](http://x.y/z).", ["Text here."]),
        ("## Further reading\n\n- Doe (2018), *A title.*\n\nNext: more.", ["Further reading", "Next: more."]),
    ],
)  # fmt: skip
def test_markdown_is_cut_into_sentences(text: str, said: list[str]) -> None:
    assert list(reading.sentences(text)) == said


def test_words_are_counted_as_a_reader_counts_them() -> None:
    assert n_words("About 95 % of 1,000 runs - code (and equation) = 9") == 9
    assert n_words("") == 0


def test_the_code_of_figures_is_found() -> None:
    cells = [
        "import x\n\ndef show(ax, alt):\n    return HTML(plots.to_html_img(ax, alt))",
        "def bars(result):\n    return show(plots.importance(result), 'x')",
        "table = curves.iqm(runs, rng=0).table\ntable",
        "bars(result)",
        "with needs('00.iqm'):\n    ax = plots.new_axes()\n    ax.plot([1, 2])",
        "HTML('<p>')",
        "%pip list",
    ]
    assert reading.figures(cells) == [1, 4, 5]


def test_the_command_prints_the_longest_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert reading.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(NOTEBOOKS)
    assert reading.main(["03"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("03_reading_learning_curves: ")
    counts = [int(re.match(r" +(\d+) words: ", line)[1]) for line in lines[1:]]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) == 10
