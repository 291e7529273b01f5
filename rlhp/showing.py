"""How results say what they are: a title, notes on the method, and the table."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


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


def fate(failures: str | float, n_unfinished: int) -> str:
    """Return what became of runs that did not finish.

    Examples
    --------
    >>> fate("drop", 0)
    'runs that did not finish are left out'
    """
    if failures == "drop":  # none is left to be counted
        return "runs that did not finish are left out"
    return f"{n_unfinished} did not finish" if n_unfinished else "all runs finished"


def without_width(
    groups: Iterable[tuple[NDArray[Any], NDArray[np.int64] | None, float, float]],
    statistic: str,
    confidence: float,
    where: str = "",
) -> list[str]:
    """Say of groups (runs [n], strata [n], low, high) whose interval has no width what it cannot know.

    Where all runs are equal: when a share s of all possible runs differs, n of them are alike with probability
    ``(1 - s) ** n``. See J. A. Hanley and A. Lippman-Hand (1983), If nothing goes wrong, is everything all right?
    Runs of several environments are resampled in each, so that they count as equal where those of each are.

    Parameters
    ----------
    groups : iterable of (array [n], int array [n] or None, float, float)
        What the statistic is of, the environment of each run if there are several, and the interval.
    statistic, where : str
        For the words: ``"IQM"``, ``" at the last step"``.
    confidence : float
    """
    flat = [(values, strata) for values, strata, low, high in groups if low == high]
    alike = sorted(len(values) for values, strata in flat if _alike(values, strata))
    apart = any(strata is not None for values, strata in flat if _alike(values, strata))
    others = [values for values, strata in flat if not _alike(values, strata)]
    said = []
    if alike:
        which = f"all {alike[0]} runs are equal" if len(alike) == 1 else f"in {len(alike)} groups all runs are equal"
        which += " to the others of their environment" if apart else ""
        fewest = "" if len(alike) == 1 else f"with n = {alike[0]}, "
        hidden = 1 - (1 - confidence) ** (1 / alike[0])
        said.append(
            f"{which}{where}, which leaves no width; {fewest}up to {100 * hidden:.0f} % of all possible runs may still "
            f"differ ({percent(confidence)} confidence)"
        )
    if others:
        most = int(np.unique(others[0], return_counts=True)[1].max())
        which = f"{most} of {len(others[0])} runs are" if len(others) == 1 else f"in {len(others)} groups most runs are"
        said.append(f"{which} equal{where}, which leaves no width; the {statistic} does not see the others")
    return said


def _alike(values: NDArray[Any], strata: NDArray[np.int64] | None) -> bool:
    """Return whether the runs of each stratum are equal."""
    codes = np.zeros(len(values), dtype=np.int64) if strata is None else strata
    return all(np.ptp(values[codes == code]) == 0 for code in np.unique(codes))


def keyed(own: pd.DataFrame, by: Sequence[str], key: Sequence[Any]) -> pd.DataFrame:
    """Put the grouping values before the columns of `own`; a name that is taken keeps the prefix ``hp.``."""
    taken = set(own.columns)
    for position, (name, cell) in enumerate(zip(by, key, strict=True)):
        own.insert(position, f"hp.{name}" if name in taken else name, cell)
    return own


def _number(value: float) -> str:
    return f"{value:.4g}"
