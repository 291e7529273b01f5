"""How wide text is before it is drawn, and how it is broken into lines that fit."""

from __future__ import annotations

from collections.abc import Sequence

# Advance widths of DejaVu Sans in parts of the font's size; to ask the font itself takes as long as drawing the text.
_WIDTHS = {
    **dict.fromkeys("ijlI'|", 0.29),
    **dict.fromkeys(" .,:;!/()[]ft-", 0.37),
    **dict.fromkeys('rs"cz_', 0.5),
    **dict.fromkeys("mwMWQO@%=+→×", 0.86),
}
_OTHERS = 0.62


def text_width(text: str, size: float) -> float:
    """Return about how wide a line is, in points, at a font size in points.

    Examples
    --------
    >>> round(text_width("learning_rate", 10.0))
    68
    """
    return size * sum(_WIDTHS.get(letter, _OTHERS) for letter in text)


def wrapped(sentences: Sequence[str], width: float, size: float) -> list[str]:
    """Fill lines of a width in points with whole sentences; one that is longer than a line breaks between words.

    Examples
    --------
    >>> wrapped(["One sentence.", "Another one."], 80.0, 10.0)
    ['One sentence.', 'Another one.']
    """
    lines = [""]
    for sentence in sentences:
        for number, word in enumerate(sentence.split(" ")):
            whole = sentence if number == 0 and text_width(sentence, size) <= width else word
            if lines[-1] and text_width(f"{lines[-1]} {whole}", size) > width:
                lines.append("")
            lines[-1] += (" " if lines[-1] else "") + word
    return lines


def broken_name(name: str, width: float, size: float) -> str:
    r"""Break a name after underscores, so that its lines fit a width in points as far as they can.

    Examples
    --------
    >>> broken_name("target_update_interval", 90.0, 9.0)
    'target_update_\ninterval'
    """
    lines = [""]
    for part in name.replace("_", "_\0").split("\0"):
        if lines[-1] and text_width(lines[-1] + part, size) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def shortened(text: str, width: float, size: float) -> str:
    """Cut a text to a width in points, with an ellipsis where something is left out."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(f"{kept}…", size) > width:
        kept = kept[:-1]
    return f"{kept}…"
