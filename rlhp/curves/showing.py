"""How results say what they are: a title, notes on the method, and the table."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd


def as_text(name: str, title: str, notes: Sequence[str], table: pd.DataFrame) -> str:
    """Compose the `repr` of a result."""
    rows = table.to_string(index=False, float_format=_number, max_rows=30)
    return "\n".join([f"{name}: {title}", *notes, rows])


def as_html(title: str, notes: Sequence[str], table: pd.DataFrame) -> str:
    """Compose what a notebook shows of a result."""
    rows = table.to_html(index=False, float_format=_number, max_rows=30)
    said = "<br>".join(html.escape(note) for note in notes)
    return f"<p><b>{html.escape(title)}</b><br>{said}</p>{rows}"


def percent(share: float) -> str:
    """Write a share as ``"95 %"``."""
    return f"{100 * share:g} %"


def keyed(own: pd.DataFrame, by: Sequence[str], key: Sequence[Any]) -> pd.DataFrame:
    """Put the grouping values before the columns of `own`; a name that is taken keeps the prefix ``hp.``."""
    taken = set(own.columns)
    for position, (name, cell) in enumerate(zip(by, key, strict=True)):
        own.insert(position, f"hp.{name}" if name in taken else name, cell)
    return own


def _number(value: float) -> str:
    return f"{value:.4g}"
