"""What an importance says, in sentences and a table: the text twin of its bars."""

from __future__ import annotations

import html
from collections.abc import Mapping

import pandas as pd

from rlhp.importance import Importance
from rlhp.widgets.importance_fits import METHODS, REGIONS, Setting

__all__ = ["asked", "leaders", "said"]

_ROWS = 8


def asked(setting: Setting) -> str:
    """Say what was asked, in a few words."""
    method = METHODS[setting.method]
    words = [f"{method.label} on {setting.environment} after {setting.step:,} steps of training"]
    if method.measured:
        words.append(f"measure {setting.measure}")
    if setting.region:
        words.append(next(label for label, region in REGIONS.items() if region == setting.region) + " only")
    return ", ".join(words)


def leaders(imp: Importance) -> list[str]:
    """Name those that may be the most important: whose interval reaches the first's; none if nothing varies."""
    if imp.alike is not None:
        return []
    rows = _rows(imp)
    first = rows.iloc[0]
    low = first["share"] if pd.isna(first["low"]) else first["low"]
    reach = rows["high"].fillna(rows["share"])
    return [str(name) for name in rows.index[reach >= low]]


def said(setting: Setting, imp: Importance, *, before: Mapping[str, float] | None = None, past: str = "") -> str:
    """Say what the bars show, as HTML: who leads, how sure that is, and a table.

    Parameters
    ----------
    setting : Setting
    imp : Importance
    before : mapping, optional
        Shares of what was looked at before.
    past : str
        What that was, in words.
    """
    what = f"<p><b>{html.escape(asked(setting))}.</b> A share is of {html.escape(METHODS[setting.method].share)}.</p>"
    if imp.poor_fit and not imp.allow_poor_fit:
        return f"{what}<p>{html.escape(refusal(imp))}</p>{_footing(imp)}"
    return what + f"<p>{html.escape(_ranking(imp))}</p>" + _footing(imp) + _table(imp, before or {}, past)


def refusal(imp: Importance) -> str:
    """Say why there is no ranking."""
    return (
        f"No ranking: the surrogate explains too little of the differences between configurations that it did not see "
        f"(R2 {imp.r2:.2f}, below {imp.least_r2:g}). What it misses may be what matters."
    )


def _rows(imp: Importance) -> pd.DataFrame:
    table = imp.table
    return table[table["kind"] == imp.terms[0][0]].set_index("name")


def _ranking(imp: Importance) -> str:
    if imp.alike is not None:
        return f"{imp.alike_text[0].upper()}{imp.alike_text[1:]}."
    rows, first = _rows(imp), leaders(imp)
    span = "" if pd.isna(rows["low"].iloc[0]) else f" ({rows['low'].iloc[0]:.2f} to {rows['high'].iloc[0]:.2f})"
    lead = f"{rows.index[0]} has the largest share, {rows['share'].iloc[0]:.2f}{span}."
    if len(first) == 1:
        return f"{lead} No other interval reaches into its own: it leads."
    others = ", ".join(name for name in first if name != rows.index[0])
    return f"{lead} The intervals of {others} reach into its own: which of these leads is not decided."


def _footing(imp: Importance) -> str:
    sentences = [imp.data_text, imp.fit_text, *filter(None, [imp.noise_text]), *imp.notes]
    return f'<p class="rlhp-note">{html.escape("; ".join(sentences))}.</p>'


def _table(imp: Importance, before: Mapping[str, float], past: str) -> str:
    rows = _rows(imp)
    totals = {}
    if imp.terms[0][0] == "main" and any(kind == "total" for kind, _ in imp.terms):
        totals = dict(imp.shares("total"))
    ranged = bool(rows["low"].notna().all())
    heads = ["hyperparameter", "share", *(["interval"] if ranged else []), *(["total"] if totals else [])]
    heads += ["share before"] if before else []
    lines = []
    for name, row in rows.head(_ROWS).iterrows():
        cells = [str(name), f"{row['share']:.2f}"]
        cells += [f"{row['low']:.2f} to {row['high']:.2f}"] if ranged else []
        cells += [f"{totals[name]:.2f}"] if totals else []
        if before:
            cells.append(f"{before[str(name)]:.2f}" if name in before else "")
        lines.append("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "<tr>" + "".join(f'<th scope="col">{html.escape(one)}</th>' for one in heads) + "</tr>"
    more = [f"{len(rows) - _ROWS} smaller ones are not listed"] if len(rows) > _ROWS else []
    more += [f"before: {past}"] if before else []
    note = f'<p class="rlhp-note">{html.escape("; ".join(more).capitalize())}.</p>' if more else ""
    return f"<table>{head}{''.join(lines)}</table>{note}"
