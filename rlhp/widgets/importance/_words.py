"""What an importance says, in sentences and a table: the text twin of its bars."""

from __future__ import annotations

import html
from collections.abc import Mapping

import pandas as pd

from rlhp.importance import Importance, Settled
from rlhp.widgets.frame._markup import fold, paragraphs, table
from rlhp.widgets.importance._fits import METHODS, REGIONS, Setting

__all__ = ["answer", "asked", "leaders", "refusal", "refused", "said"]


def asked(setting: Setting) -> str:
    """Return what was asked, in a few words."""
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


def refused(imp: Importance, settled: Settled | None) -> bool:
    """Whether there is no ranking: the surrogate knows too little, whatever forest is asked."""
    if imp.allow_poor_fit or imp.r2 is None:
        return False
    return imp.poor_fit if settled is None else settled.verdict == "too little"


def open_question(imp: Importance, settled: Settled | None) -> str:
    """Return why nothing may be said to lead, whatever the intervals do; empty where they decide."""
    if settled is not None and settled.verdict != "enough":
        if settled.verdict == "too little":
            return f"The surrogate knows too little for a ranking: {settled.text}, below {settled.least_r2:g}."
        return (
            f"Whether the surrogate knows enough for a ranking is not settled: {settled.text}, where "
            f"{settled.least_r2:g} is the least. Read the bars as a guess."
        )
    if "configurations" not in imp.interval:
        return "No interval here allows for other configurations that could have been run: nothing is decided."
    return ""


def said(
    setting: Setting,
    imp: Importance,
    settled: Settled | None = None,
    *,
    before: Mapping[str, float] | None = None,
    past: str = "",
) -> str:
    """Return what the bars show, as HTML: who leads, how sure that is, and a table.

    Parameters
    ----------
    setting : Setting
    imp : Importance
    settled : Settled, optional
        Whether its surrogate knows enough.
    before : mapping, optional
        Shares of what was looked at before.
    past : str
        What that was, in words.
    """
    what = f"<p><b>{html.escape(asked(setting))}.</b> A share is of {html.escape(METHODS[setting.method].share)}.</p>"
    if refused(imp, settled):
        return what + paragraphs([refusal(imp, settled)]) + _footing(imp, settled)
    imp = imp.despite_poor_fit()  # what is between enough and too little is shown, and told
    return what + paragraphs([_ranking(imp, settled)]) + _table(imp, before or {}, past) + _footing(imp, settled)


def refusal(imp: Importance, settled: Settled | None) -> str:
    """Return why there is no ranking."""
    known = settled.text if settled is not None else f"R2 {imp.r2:.3f}"
    return (
        f"No ranking: the surrogate explains too little of the differences between configurations that it did not see "
        f"({known}, below {imp.least_r2:g}). What it misses may be what matters."
    )


def answer(prediction: str, imp: Importance | ValueError, settled: Settled | None, *, none: str) -> str:
    """Answer a prediction of who leads, whatever came out.

    Parameters
    ----------
    prediction : str
    imp : Importance or ValueError
        What was asked, or why there is none.
    settled : Settled or None
    none : str
        The prediction that nobody leads.
    """
    if not isinstance(imp, Importance):
        return f"It cannot be answered here: {imp}"
    if imp.alike is not None:
        return "Nobody leads: nothing varies in these runs."
    mine = "" if prediction == none else f" It has {_share_of(prediction, imp)}."
    if refused(imp, settled) or (settled is not None and settled.verdict == "too little"):
        return f"These runs do not answer it: {_lower(refusal(imp, settled))}"
    if why := open_question(imp, settled):
        return f"These runs do not settle it.{mine} {why}"
    lead = leaders(imp)
    if prediction == (lead[0] if len(lead) == 1 else none):
        return "So it is."
    if prediction == none:
        return f"Not by these runs: {lead[0]} leads."
    if prediction in lead:
        return f"It may be, but it is not alone: {' and '.join(lead)} are not told apart."
    return f"Not by these runs.{mine}"


def _share_of(name: str, imp: Importance) -> str:
    rows = _rows(imp.despite_poor_fit())
    shares = dict(zip(rows.index, rows["share"], strict=True))
    return f"a share of {shares[name]:.2f}" if name in shares else "no share"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _rows(imp: Importance) -> pd.DataFrame:
    every = imp.despite_poor_fit().table
    return every[every["kind"] == imp.terms[0][0]].set_index("name")


def _ranking(imp: Importance, settled: Settled | None) -> str:
    if imp.alike is not None:
        return f"{imp.alike_text[0].upper()}{imp.alike_text[1:]}."
    rows, first = _rows(imp), leaders(imp)
    span = "" if pd.isna(rows["low"].iloc[0]) else f" ({rows['low'].iloc[0]:.2f} to {rows['high'].iloc[0]:.2f})"
    lead = f"{rows.index[0]} has the largest share, {rows['share'].iloc[0]:.2f}{span}."
    if why := open_question(imp, settled):
        return f"{lead} {why}"
    if len(first) == 1:
        return f"{lead} No other interval reaches into its own: it leads."
    others = ", ".join(name for name in first if name != rows.index[0])
    return f"{lead} The intervals of {others} reach into its own: which of these leads is not decided."


def _footing(imp: Importance, settled: Settled | None) -> str:
    fit = imp.fit_text if settled is None else f"cross-validated {settled.text} of the surrogate"
    sentences = [imp.data_text, fit, f"interval: {imp.interval}", *filter(None, [imp.noise_text]), *imp.notes]
    return fold("What these bars stand on", paragraphs([f"{'; '.join(sentences)}."], quiet=True))


def _table(imp: Importance, before: Mapping[str, float], past: str) -> str:
    rows = _rows(imp)
    totals = {}
    if imp.terms[0][0] == "main" and any(kind == "total" for kind, _ in imp.terms):
        totals = dict(imp.shares("total"))
    ranged = bool(rows["low"].notna().all())
    heads = ["hyperparameter", "share", *(["interval"] if ranged else []), *(["total"] if totals else [])]
    heads += ["share before"] if before else []
    lines: list[list[str]] = []
    for name, row in rows.iterrows():
        cells = [str(name), f"{row['share']:.2f}"]
        cells += [f"{row['low']:.2f} to {row['high']:.2f}"] if ranged else []
        cells += [f"{totals[name]:.2f}"] if totals else []
        if before:
            cells.append(f"{before[str(name)]:.2f}" if name in before else "")
        lines.append(cells)
    notes = [f"Before: {past}."] if before else []
    return fold("The shares as a table", table(heads, lines) + paragraphs(notes, quiet=True))
