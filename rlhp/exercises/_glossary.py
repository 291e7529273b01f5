"""Words explained in short sentences: the glossaries that come with lectures, opened by ``hint("glossary:...")``.

A package of lectures brings its words in a ``glossary.md``, as the directive of the same name of MyST has them::

    ```{glossary}
    replay memory
      The transitions that an agent keeps, to learn from them again.
    ```
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rlhp.errors import unknown_name
from rlhp.exercises import _verdicts as verdicts
from rlhp.exercises import lectures

_BLOCK = re.compile(r"^```\{glossary\}\n(.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Entry:
    """A word, or several that mean the same, and what they mean."""

    terms: tuple[str, ...]
    text: str

    def is_called(self, word: str) -> bool:
        """Return whether a word is one of its terms; what stands in brackets need not be said."""
        names = {name for term in self.terms for name in (term, term.partition(" (")[0])}
        return word.strip().lower() in {name.lower() for name in names}


@dataclass(frozen=True, repr=False)
class Words:
    """Entries of a glossary, as text and as HTML; many of them are folded."""

    entries: tuple[Entry, ...]

    def __repr__(self) -> str:
        return "\n".join(f"{', '.join(entry.terms)}: {entry.text}" for entry in self.entries)

    def _repr_html_(self) -> str:
        items = "".join(
            f"<dt><strong>{verdicts.markup(', '.join(entry.terms))}</strong></dt>"
            f"<dd style='margin:0 0 0.4em 1.2em'>{verdicts.markup(entry.text)}</dd>"
            for entry in self.entries
        )
        listed = f"<dl style='margin:0.3em 0;max-width:48em;line-height:1.45'>{items}</dl>"
        if len(self.entries) <= 3:
            return listed
        title = html.escape(f"Glossary: {len(self.entries)} words")
        return f'<details><summary style="cursor:pointer">{title}</summary>{listed}</details>'


def read_glossary(text: str) -> Iterator[Entry]:
    r"""Read the entries of a page.

    Parameters
    ----------
    text : str
        Markdown; what stands outside of its glossary is left out.

    Yields
    ------
    Entry
        In the order of the page.

    Examples
    --------
    >>> page = "# Words\n\n```{glossary}\nIQM\ninterquartile mean\n  The mean of the\n  middle half.\n```\n"
    >>> list(read_glossary(page))
    [Entry(terms=('IQM', 'interquartile mean'), text='The mean of the middle half.')]
    """
    for block in _BLOCK.findall(text):
        for part in re.split(r"\n\s*\n", block):
            lines = part.splitlines()
            terms = tuple(line.strip() for line in lines if line[:1].strip())
            said = " ".join(line.strip() for line in lines if line.strip() and not line[:1].strip())
            if terms and said:
                yield Entry(terms, said)


def look_up(word: str = "") -> Words:
    """Look a word up in the glossaries of all lectures.

    Parameters
    ----------
    word : str
        The word, in any case; without one, all words are given.

    Returns
    -------
    Words

    Raises
    ------
    ValueError
        When no glossary has it; the message gives the nearest word.
    """
    entries = [entry for path in lectures.glossaries() for entry in read_glossary(_text(path))]
    found = [entry for entry in entries if not word.strip() or entry.is_called(word)]
    if not found:
        terms = sorted(term for entry in entries for term in entry.terms)
        raise ValueError(unknown_name("word of the glossary", word.strip(), terms, hint=lectures.advice()))
    return Words(tuple(sorted(found, key=lambda entry: entry.terms[0].lower())))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
