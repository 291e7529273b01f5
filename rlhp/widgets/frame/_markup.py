"""What an explorer says, as HTML: numbers to be read, tables, folds, and the same without markup."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

__all__ = ["alert", "fold", "marked", "paragraphs", "plain", "table"]


def marked(text: str) -> str:
    """Turn a message into HTML: what stands in backticks is code.

    >>> marked("`end` is < 0")
    '<code>end</code> is &lt; 0'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))


def paragraphs(texts: Sequence[str], *, quiet: bool = False) -> str:
    """Write each text as a paragraph, `quiet` ones as notes; empty texts are left out.

    >>> paragraphs(["a < b", ""])
    '<p>a &lt; b</p>'
    """
    kind = ' class="rlhp-note"' if quiet else ""
    return "".join(f"<p{kind}>{html.escape(text)}</p>" for text in texts if text)


def table(heads: Sequence[object], rows: Sequence[Sequence[object]], *, named: bool = False) -> str:
    """Write a table as HTML; its cells are text. Where rows are `named`, the first cell of each is its head.

    >>> table(["seed"], [[1], ["< 2"]])
    '<table><tr><th scope="col">seed</th></tr><tr><td>1</td></tr><tr><td>&lt; 2</td></tr></table>'
    """
    written = [_cells(heads, 'th scope="col"', "th")]
    for row in rows:
        name = _cells(row[:1], 'th scope="row"', "th") if named else ""
        written.append(name + _cells(row[1:] if named else row, "td", "td"))
    return "<table>" + "".join(f"<tr>{cells}</tr>" for cells in written) + "</table>"


def fold(title: str, markup: str) -> str:
    """Fold HTML away under a title: what the figure says as well, or what few will ask for.

    What a reader has opened stays open when the text is set anew, as long as its title is the same.

    >>> fold("As a table", "<p>1</p>")
    '<details class="rlhp-fold"><summary>As a table</summary><p>1</p></details>'
    """
    return f'<details class="rlhp-fold"><summary>{html.escape(title)}</summary>{markup}</details>' if markup else ""


def alert(message: str, details: str) -> str:
    """Write what did not work as a sentence that is read aloud, with technical details folded away."""
    said = marked(message[:1].upper() + message[1:])
    folded = f"<details><summary>Technical details</summary><pre>{html.escape(details)}</pre></details>"
    return f'<div role="alert"><p><b>This did not work.</b> {said}</p>{folded}</div>'


def plain(markup: str) -> str:
    """Take the tags out of HTML: cells are parted by spaces, rows and paragraphs by line ends."""
    spaced = re.sub(r"</(p|tr|div|caption|summary)>", "\n", re.sub(r"</t[dh]>", " ", markup))
    lines = (" ".join(line.split()) for line in html.unescape(re.sub(r"<[^>]+>", "", spaced)).splitlines())
    return "\n".join(line for line in lines if line)


def _cells(texts: Sequence[object], start: str, end: str) -> str:
    return "".join(f"<{start}>{html.escape(str(text))}</{end}>" for text in texts)
