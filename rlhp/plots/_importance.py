"""Bars of importance with their intervals, and pairs as a heat map."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from rlhp.arguments import choice, whole
from rlhp.importance import BETWEEN, KINDS, Importance, Kind
from rlhp.plots._options import taken, title_option
from rlhp.plots._style import PALETTE, SMALL, TEXT, axes_for, caption, dress

SHADES = LinearSegmentedColormap.from_list("share", ["#FFFFFF", "#A9CCE3", PALETTE[0], "#00304D"])


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
        Bars at most; the caption says how many more there are.
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
    taken("imp", imp, Importance)
    title_option(title)
    kind_option(kind)
    whole("top", top, at_least=1)
    order = imp.shares(kind).sort_values(ascending=False, kind="stable")
    shown = kind or imp.terms[0][0]
    rows = _rows(imp, shown).loc[order.index[:top]]
    ax = axes_for(ax)
    place = np.arange(len(rows))[::-1]
    behind = kind is None and shown == "main" and any(one == "total" for one, _ in imp.terms)
    if behind:
        total = _rows(imp, "total").loc[rows.index, "share"]
        ax.barh(place, total, height=0.72, facecolor="white", edgecolor="#8A8A8A", linewidth=0.9, linestyle=(0, (3, 2)))
    ax.barh(place, rows["share"], height=0.5 if behind else 0.62, color=PALETTE[0], alpha=0.85, zorder=2)
    intervals = bool(rows["low"].notna().all())
    if intervals:
        span = np.abs(rows[["low", "high"]].sub(rows["share"], axis=0).to_numpy().T)
        ax.errorbar(rows["share"], place, xerr=span, fmt="none", ecolor=TEXT, elinewidth=1.3, capsize=3, zorder=3)
    ends = rows[["share", "high"] if intervals else ["share"]].max(axis=1)
    if behind:
        ends = np.maximum(ends, total)
    for y, share, end in zip(place, rows["share"], ends, strict=True):
        ax.annotate(f"{share:.2f}", (end, y), xytext=(6, 0), textcoords="offset points", va="center", fontsize=SMALL)
    dress(ax)
    ax.grid(visible=False, axis="y")
    ax.grid(axis="x", color="#E3E3E3", linewidth=0.8)
    ax.set_yticks(place, list(rows.index))
    ax.set_ylim(-0.6, len(rows) - 0.4)
    low = min(0.0, float(rows[["share", "low"]].min().min()))
    ax.set_xlim(low * 1.05, float(ends.max()) * 1.14 or 1.0)
    ax.set_xlabel(f"share ({shown})" if shown != "main" else "share")
    said = [*_sentences(imp), "Hollow: total, with interactions." if behind else ""]
    said.append(f"{len(order) - len(rows)} smaller ones not shown." if len(order) > len(rows) else "")
    caption(ax, [one for one in said if one], title, room=0.74)
    return ax


def importance_alt_text(imp: Importance, *, kind: Kind | None = None) -> str:
    """Say in words what `importance` draws.

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


def heat_map(imp: Importance, *, top: int = 8, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw main effects on the diagonal and interactions of two beside it, as shades with their numbers.

    Parameters
    ----------
    imp : Importance
        From `rlhp.importance.fanova` with order 2 or 3.
    top : int
        Hyperparameters at most, those with the largest total (or main) shares.
    ax, title
        As for `importance`.

    Raises
    ------
    ValueError
        If there are no interactions.
    """
    taken("imp", imp, Importance)
    title_option(title)
    whole("top", top, at_least=1)
    matrix = _matrix(imp, top)
    ax = axes_for(ax)
    names = list(matrix.index)
    shown = np.where(np.triu(np.ones(matrix.shape, dtype=bool), 1), np.nan, matrix.to_numpy())
    largest = float(np.nanmax(shown)) or 1.0
    ax.imshow(shown, cmap=SHADES, vmin=0, vmax=largest, aspect="auto")
    for i in range(len(names)):
        for k in range(i + 1):
            ink = "white" if shown[i, k] > 0.5 * largest else TEXT
            weight = "bold" if i == k else "normal"
            ax.text(k, i, f"{shown[i, k]:.2f}", ha="center", va="center", color=ink, fontsize=SMALL, fontweight=weight)
    ax.set_xticks(range(len(names)), names, rotation=30, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), names)
    dress(ax)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    caption(
        ax, ["Diagonal: main effects; below: interactions of two.", *_sentences(imp, interval=False)], title, room=0.74
    )
    return ax


def heat_map_alt_text(imp: Importance) -> str:
    """Say in words what `heat_map` draws."""
    taken("imp", imp, Importance)
    pairs = imp.shares("interaction")
    pairs = pairs[pairs.index.str.count(BETWEEN) == 1].sort_values(ascending=False, kind="stable")
    main = imp.shares("main").sort_values(ascending=False, kind="stable")
    return (
        f"Heat map of main effects and interactions by {imp.method} on {imp.env_id}: the largest main effect is "
        f"{main.index[0]} with {main.iloc[0]:.2f}, the largest interaction {pairs.index[0]} with {pairs.iloc[0]:.2f}; "
        f"all interactions of two add up to {pairs.sum():.2f}."
    )


def kind_option(kind: Any) -> None:
    """Refuse a kind of share that there is none of."""
    if kind is not None:
        choice("kind", kind, KINDS)


def _rows(imp: Importance, kind: str) -> pd.DataFrame:
    table = imp.table
    return table[table["kind"] == kind].set_index("name")


def _interval(row: pd.Series) -> str:
    return "" if pd.isna(row["low"]) else f" ({row['low']:.2f} to {row['high']:.2f})"


def _sentences(imp: Importance, *, interval: bool = True) -> list[str]:
    said = [f"{imp.method} of {imp.objective} on {imp.env_id}, measure: {imp.measure}; {imp.data_text}."]
    if imp.alike is not None:
        said.append(f"{imp.alike_text[0].upper()}{imp.alike_text[1:]}.")
    if imp.r2 is not None:
        poor = f", below {imp.least_r2:g}: read with care" if imp.poor_fit else ""
        said.append(f"Surrogate's R2 {imp.r2:.2f}{poor}.")
    if interval and len(imp.draws):
        said.append(f"Lines: {100 * imp.confidence:g} % intervals ({imp.interval}).")
    return said


def _matrix(imp: Importance, top: int) -> pd.DataFrame:
    kinds = {kind for kind, _ in imp.terms}
    pairs = imp.shares("interaction") if "interaction" in kinds else None
    if pairs is None:
        raise ValueError(f"{imp.method} has no interactions here; ask `importance.fanova` with order=2.")
    main = imp.shares("main")
    order = list(imp.shares("total" if "total" in kinds else "main").sort_values(ascending=False, kind="stable").index)
    names = [name for name in order if name in main.index][:top]
    matrix = pd.DataFrame(0.0, index=names, columns=names)
    for a in names:
        matrix.loc[a, a] = main[a]
        for b in names:
            for key in (f"{a}{BETWEEN}{b}", f"{b}{BETWEEN}{a}"):
                if key in pairs.index:
                    matrix.loc[a, b] = pairs[key]
    return matrix
