"""Bars of importance with their intervals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rlhp.arguments import choice, whole
from rlhp.importance import KINDS, Importance, Kind
from rlhp.plots._options import taken
from rlhp.plots._style import PALETTE, QUIET, RULE, SMALL, TEXT, axes_for, caption, dress, message
from rlhp.plots._words import objective_words

# Shares that are written as 0.00, and totals that are hardly more: rows of nothing else are folded into one.
NOTHING, _LITTLE = 0.005, 0.02


def importance(
    imp: Importance, *, kind: Kind | None = None, top: int = 12, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw shares as bars, the largest first, with their intervals.

    Parameters
    ----------
    imp : Importance
    kind : {"main", "interaction", "total"}, optional
        By default main effects, with the total share as a hollow bar behind where the method has it.
    top : int
        Bars at most. The others share one line, as do two or more that round to 0.00; it says how large they are.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    PoorFitError
        If the surrogate knows too little and the result was not told to show its ranking all the same.
    ValueError
        If the method does not have that kind.

    Examples
    --------
    >>> plots.importance(imp)  # doctest: +SKIP
    """
    taken("imp", imp, Importance, title=title)
    kind_option(kind)
    whole("top", top, at_least=1)
    shown = kind or imp.terms[0][0]
    if imp.alike is not None:
        ax = axes_for(ax)
        message(ax, f"{imp.alike_text[0].upper()}{imp.alike_text[1:]}.")
        caption(ax, importance_sentences(imp), title)
        return ax
    order = imp.shares(kind).sort_values(ascending=False, kind="stable").index
    rows = _rows(imp, shown).loc[order]
    hollow = kind is None and shown == "main" and any(one == "total" for one, _ in imp.terms)
    rows = rows.assign(total=_rows(imp, "total").loc[order, "share"] if hollow else rows["share"])
    nothing = (rows["share"].abs() < NOTHING) & (rows["total"].abs() < _LITTLE)
    # One row by itself keeps its name: a line that counts would take as much room.
    folded = rows[nothing] if nothing.sum() > 1 else rows.iloc[:0]
    drawn = rows.drop(index=folded.index).iloc[:top]
    # One line for all that have no bar: two counts of what is left out would contradict each other.
    rows, folded = drawn, rows.drop(index=drawn.index)
    ax = axes_for(ax)
    place = np.arange(len(rows), dtype=float)[::-1] + bool(len(folded))
    intervals = bool(rows["low"].notna().all())
    _bars(ax, place, rows, hollow, intervals)
    labels = list(rows.index)
    if len(folded):
        place, labels = np.append(place, 0.0), [*labels, f"{len(folded)} other{'s' * (len(folded) > 1)}"]
        ax.annotate(_folded_text(folded, hollow), (0, 0), xytext=(6, 0), textcoords="offset points", va="center",
                    fontsize=SMALL, color=QUIET)  # fmt: skip
    dress(ax, "x")
    ax.set_yticks(place, labels)
    ax.set_ylim(-0.6, len(labels) - 0.4)
    ends = rows[["share", "total", *(["high"] if intervals else [])]].to_numpy(np.float64).max(initial=0.0)
    low = min(0.0, float(rows[["share", "low"]].min().min())) if len(rows) else 0.0
    ax.set_xlim(low * 1.05, float(ends) * 1.14 or 1.0)
    ax.set_xlabel(f"share ({shown})" if shown != "main" else "share")
    said = [*importance_sentences(imp), *(["Hollow: total, with interactions."] if hollow else [])]
    caption(ax, said, title, beside=labels)
    return ax


def _folded_text(folded: pd.DataFrame, hollow: bool) -> str:
    most = folded["share"].max()
    said = [f"each below {NOTHING:g}" if most < NOTHING else f"up to {most:.2f}"]
    for name, words in (("total", "totals"), ("high", "intervals")):
        most = folded[name].max()
        if most >= NOTHING and (hollow or name == "high"):
            said.append(f"{words} up to {most:.2f}")
    return ", ".join(said)


def _bars(ax: Axes, place: NDArray[np.float64], rows: pd.DataFrame, hollow: bool, intervals: bool) -> None:
    """Draw a bar a row with its interval and its number; the number stands at the end of what it is the number of."""
    if hollow:
        ax.barh(place, rows["total"], height=0.72, facecolor="white", edgecolor=RULE, linewidth=0.9,
                linestyle=(0, (3, 2)))  # fmt: skip
    ax.barh(place, rows["share"], height=0.5 if hollow else 0.62, color=PALETTE[0], alpha=0.85, zorder=2)
    if intervals and len(rows):
        span = np.abs(rows[["low", "high"]].sub(rows["share"], axis=0).to_numpy().T)
        ax.errorbar(rows["share"], place, xerr=span, fmt="none", ecolor=TEXT, elinewidth=1.3, capsize=3, zorder=3)
    ends = rows[["share", "high"] if intervals else ["share"]].max(axis=1).clip(lower=0.0)
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
    for y, share, end in zip(place, rows["share"], ends, strict=True):
        ax.annotate(f"{share:.2f}", (end, y), xytext=(6, 0), textcoords="offset points", va="center", fontsize=SMALL,
                    bbox=ground, zorder=4)  # fmt: skip


def importance_alt_text(imp: Importance, *, kind: Kind | None = None) -> str:
    """Return in words what `importance` draws.

    Examples
    --------
    >>> plots.importance_alt_text(imp)  # doctest: +SKIP
    """
    taken("imp", imp, Importance)
    kind_option(kind)
    shown = kind or imp.terms[0][0]
    if imp.alike is not None:
        return f"Bars of importance by {imp.method} on {imp.env_id}, all of them 0: {imp.alike_text}."
    order = imp.shares(shown).sort_values(ascending=False, kind="stable")
    rows = _rows(imp, shown).loc[order.index]
    said = [f"{name} {row['share']:.2f}{_interval(row)}" for name, row in rows.head(5).iterrows()]
    rest = f"; {len(rows) - 5} more are smaller" if len(rows) > 5 else ""
    what = "Bars of importance" if shown == "main" else f"Bars of importance ({shown})"
    return f"{what} by {imp.method} on {imp.env_id}, {imp.data_text}, {imp.fit_text}: {'; '.join(said)}{rest}."


def kind_option(kind: Any) -> None:
    """Refuse a kind of share that there is none of."""
    if kind is not None:
        choice("kind", kind, KINDS)


def _rows(imp: Importance, kind: str) -> pd.DataFrame:
    table = imp.table
    return table[table["kind"] == kind].set_index("name")


def _interval(row: pd.Series) -> str:
    return "" if pd.isna(row["low"]) else f" ({row['low']:.2f} to {row['high']:.2f})"


def importance_sentences(imp: Importance, *, interval: bool = True) -> list[str]:
    """Return what method, data, fit and interval an importance has, for the line over its figure."""
    sentences = [
        f"{imp.method} of {objective_words(imp.objective)} on {imp.env_id}, measure: {imp.measure}; {imp.data_text}."
    ]
    if imp.alike is not None:
        sentences.append(f"{imp.alike_text[0].upper()}{imp.alike_text[1:]}.")
    if imp.r2 is not None:
        poor = f", below {imp.least_r2:g}: read with care" if imp.poor_fit else ""
        sentences.append(f"Surrogate's R2 {imp.r2:.2f}{poor}.")
    if interval and len(imp.draws):
        sentences.append(f"Lines: {100 * imp.confidence:g} % intervals ({imp.interval}).")
    return sentences
