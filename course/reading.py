"""How a lecture reads: its sentences, its words and the code that stands open, for readers whose English is second.

    python course/reading.py            every lecture: words, its longest sentences, the longest code cell in view
    python course/reading.py 02         the ten longest sentences of one lecture, word for word

A sentence that has to be read twice is lost on many readers, and so is a wall of code. The limits stand here; the
tests hold every lecture to them. The student notebooks are read, since they are what a student opens.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

WORDS_A_SENTENCE = 35
LONG_SENTENCE = 30  # above it stands the exception
LONG_SENTENCES = 9  # how many exceptions a lecture may have
WORDS_A_LECTURE = (1_500, 3_000)
LINES_A_CELL = 12

# After these a full stop ends no sentence.
ABBREVIATIONS = ("al", "e.g", "i.e", "vs", "cf", "etc", "approx")

Node = Any  # nbformat's NotebookNode, which has no types


@dataclass(frozen=True)
class Lecture:
    """What a reader meets in a lecture.

    Parameters
    ----------
    name : str
        Its file's name without the ending.
    sentences : tuple of str
        Sentences, headings, list items and cells of tables, in order; an equation or a piece of code is one word.
    n_words : int
        How many words its running text has: without headings, tables, code, equations and the list of references.
    code : tuple of (str, bool)
        Source of each code cell, and whether it is folded.
    """

    name: str
    sentences: tuple[str, ...]
    n_words: int
    code: tuple[tuple[str, bool], ...]

    @property
    def longest(self) -> list[str]:
        """The sentences, longest first."""
        return sorted(self.sentences, key=n_words, reverse=True)


def read(path: Path) -> Lecture:
    """Read a notebook as its reader does.

    Parameters
    ----------
    path : Path
        A student notebook.

    Returns
    -------
    Lecture
    """
    cells = nbformat.read(path, as_version=4).cells
    prose = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    code = tuple((cell.source, folded(cell)) for cell in cells if cell.cell_type == "code")
    running = sum(n_words(_plain(block)) for block in _blocks(_without_code(prose)) if block[:1] not in "#|")
    return Lecture(path.stem, tuple(sentences(prose)), running, code)


def folded(cell: Node) -> bool:
    """Return whether JupyterLab opens a cell with its code folded away."""
    return bool(cell.metadata.get("jupyter", {}).get("source_hidden", False))


def n_words(sentence: str) -> int:
    """Count the words of a sentence: what holds a letter or a digit.

    Examples
    --------
    >>> n_words("About 95 % of them, say - at most.")
    7
    """
    return sum(any(character.isalnum() for character in word) for word in sentence.split())


def n_lines(source: str) -> int:
    """Count the lines of a code cell that are not empty."""
    return sum(bool(line.strip()) for line in source.splitlines())


def figures(cells: Sequence[str]) -> list[int]:
    """Find the code cells that hold the code of a figure.

    Parameters
    ----------
    cells : sequence of str
        Sources of all code cells of a lecture, in order.

    Returns
    -------
    list of int
        Indices of the cells in which something of `plots`, ``HTML`` or the lecture's own `show` is called. That `show`
        is defined, beside what a lecture imports, is no figure; nor is a call of a function that draws.
    """
    found = []
    for index, source in enumerate(cells):
        statements = [one for one in _statements(source) if getattr(one, "name", "") != "show"]
        nodes = (node for statement in statements for node in ast.walk(statement))
        if any(_of_plots(node) or _called(node) in ("HTML", "show") for node in nodes):
            found.append(index)
    return found


def _statements(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(source).body
    except SyntaxError:  # a cell of IPython's own
        return []


def _called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _of_plots(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "plots"


def sentences(text: str) -> Iterator[str]:
    """Cut Markdown into sentences.

    Headings, list items and cells of a table stand for themselves. An equation belongs to the sentence around it.
    The list of references is left out: names and titles are no sentences.

    Parameters
    ----------
    text : str
        Markdown.

    Yields
    ------
    str
        One sentence, on one line, with ``code`` and ``equation`` in the place of what they are.

    Examples
    --------
    >>> list(sentences("The return is\\n\\n$$G = 1.$$\\n\\nIt is `f(x, y)` of $x$ (Li et al. 2018). True?"))
    ['The return is equation.', 'It is code of equation (Li et al. 2018).', 'True?']
    """
    for block in _blocks(_without_code(text)):
        yield from _cut(_plain(block))


def _without_code(text: str) -> str:
    """Put a word in the place of every piece of code, equation and link."""
    text = re.sub(r"^```.*?^```\s*$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"\s*\$\$(.*?)\$\$\s*", _equation, text, flags=re.DOTALL)
    text = re.sub(r"`[^`\n]*(\n[^`\n]+)?`", "code", text)
    text = re.sub(r"\$[^$]+\$", "equation", text)
    return re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)


def _plain(block: str) -> str:
    """Take the marks of Markdown from a block."""
    return re.sub(r"^(#+|[-*|]|\d+\.|>) +", "", block).replace("**", "").replace("*", "")


def _equation(found: re.Match[str]) -> str:
    """Write an equation as a word that keeps its full stop; after one that has none a capital begins anew."""
    after = found.string[found.end() :].lstrip("(*")[:1]
    ends = found[1].rstrip().endswith(".") or after.isupper() or after in "#-|"
    return " equation.\n\n" if ends else " equation "


def _blocks(text: str) -> Iterator[str]:
    """Cut Markdown into paragraphs, headings, list items and cells of tables, one line each, without references."""
    in_references = False
    for block in _every_block(text):
        if block.startswith("#"):
            in_references = "further reading" in block.lower()
        if not (in_references and re.match(r"[-*] ", block)):
            yield block


def _every_block(text: str) -> Iterator[str]:
    block: list[str] = []
    for line in [*(line.strip() for line in text.splitlines()), ""]:
        begins = re.match(r"(#+|[-*]|\d+\.|>) +|\|", line)
        if (not line or begins) and block:
            yield " ".join(block)
            block = []
        if line.startswith("|"):
            yield from (f"| {cell.strip()}" for cell in line.strip("|").split("|") if n_words(cell))
        elif line.startswith("#"):
            yield line
        elif line:
            block.append(line)


def _cut(text: str) -> Iterator[str]:
    start = 0
    for found in re.finditer(r"[.?!][\"')\]”’]*\s+(?=[\"'(\[“‘]*[A-Z0-9]|code|equation)", text):
        word = text[start : found.start() + 1].split()[-1].strip("(\"'").rstrip(".")
        if text[found.start()] == "." and (word.lower() in ABBREVIATIONS or re.fullmatch("[A-Z]", word)):
            continue
        yield text[start : found.end()].strip()
        start = found.end()
    if text[start:].strip():
        yield text[start:].strip()


def main(arguments: Sequence[str] | None = None, course: Path | None = None) -> int:
    """Print how lectures read; see the top of this file."""
    wanted = sys.argv[1:] if arguments is None else list(arguments)
    course = course or Path(__file__).resolve().parent
    for path in sorted(course.glob("[0-9][0-9]_*.ipynb")):
        if wanted and path.stem not in wanted and path.stem[:2] not in wanted:
            continue
        lecture = read(path)
        many = [one for one in lecture.sentences if n_words(one) > LONG_SENTENCE]
        visible = max((n_lines(source) for source, is_folded in lecture.code if not is_folded), default=0)
        print(
            f"{lecture.name}: {lecture.n_words:,} words of running text; {len(many)} sentences above {LONG_SENTENCE} "
            f"words, the longest of {n_words(lecture.longest[0])}; longest visible code cell {visible} lines"
        )
        if wanted:
            for sentence in lecture.longest[:10]:
                print(f"  {n_words(sentence):3d} words: {sentence}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
