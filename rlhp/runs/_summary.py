"""A table of runs in a line, and as a notebook shows it."""

from __future__ import annotations

import html

import pandas as pd

from rlhp.runs._configurations import config_ids


def summary(table: pd.DataFrame) -> str:
    """Return in a line what was trained, how often and how far, and what became of it."""
    if not len(table):
        return "no runs"
    counts = table["status"].value_counts()
    what = ", ".join(sorted(set(table["algorithm"] + " on " + table["env_id"])))
    return (
        f"{len(table)} runs of {what}; {config_ids(table).nunique()} configurations, "
        f"{table['seed'].nunique()} seeds, up to {table['steps'].max():,} steps; "
        + ", ".join(f"{n} {status}" for status, n in counts.items())
        + (f"; {idle} never updated" if (idle := int((table["n_updates"] == 0).sum())) else "")
    )


def as_html(table: pd.DataFrame) -> str:
    """Return the summary above the first rows, as HTML."""
    shown = table.head(8)
    more = f"<p>and {len(table) - len(shown)} more rows in <code>.table</code></p>" if len(table) > len(shown) else ""
    return f"<p><b>Runs</b>: {html.escape(summary(table))}</p>{shown.to_html(max_cols=16)}{more}"
