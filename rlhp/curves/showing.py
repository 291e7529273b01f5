"""How results say what they are: a title, notes on the method, and the table."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from rlhp.curves.statistic import FEWEST_FOR_INTERVAL


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


def equal_runs(values: Iterable[NDArray[Any]], confidence: float) -> list[str]:
    """Say of groups of runs [n] that are all alike that their interval has no width, and what is still possible.

    When a share s of all runs differs, n of them are alike with probability ``(1 - s) ** n``: see J. A. Hanley and
    A. Lippman-Hand (1983), If nothing goes wrong, is everything all right?
    """
    sizes = sorted(len(one) for one in values if len(one) >= FEWEST_FOR_INTERVAL and (one == one[0]).all())
    if not sizes:
        return []
    hidden = 1 - (1 - confidence) ** (1 / sizes[0])
    alike = f"all {sizes[0]} runs are equal" if len(sizes) == 1 else f"in {len(sizes)} groups all runs are equal"
    fewest = "" if len(sizes) == 1 else f"with n = {sizes[0]}, "
    return [
        f"{alike}, which leaves no width; {fewest}up to {100 * hidden:.0f} % of all possible runs may still differ "
        f"({percent(confidence)} confidence)"
    ]


def keyed(own: pd.DataFrame, by: Sequence[str], key: Sequence[Any]) -> pd.DataFrame:
    """Put the grouping values before the columns of `own`; a name that is taken keeps the prefix ``hp.``."""
    taken = set(own.columns)
    for position, (name, cell) in enumerate(zip(by, key, strict=True)):
        own.insert(position, f"hp.{name}" if name in taken else name, cell)
    return own


def _number(value: float) -> str:
    return f"{value:.4g}"
