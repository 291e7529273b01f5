"""How steady training is: one metric, one row a group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from rlhp.arguments import choice
from rlhp.curves import METRICS, Reliability, number_label
from rlhp.plots._options import taken
from rlhp.plots._style import FONT, axes_for, caption, dress, look
from rlhp.plots._words import column_words

# What each metric is called on an axis; `METRICS` says in a sentence what it is.
_METRICS = {
    "iqr_time": "IQR of the changes between evaluations",
    "mad_time": "MAD of the changes between evaluations",
    "cvar_change": "mean of the worst changes between evaluations",
    "cvar_drawdown": "mean of the largest falls",
    "max_drawdown": "largest fall",
    "iqr_runs": "IQR across runs",
    "mad_runs": "MAD across runs",
    "cvar_runs": "mean final value of the worst runs",
}


def reliability(
    result: Reliability, metric: str = "iqr_time", *, ax: Axes | None = None, title: str | None = None
) -> Axes:
    """Draw one metric of reliability with its intervals, one row a group.

    Parameters
    ----------
    result : Reliability
        From `rlhp.curves.reliability`.
    metric : str
        Which one, a value of the column `metric` of its table.
    ax : Axes, optional
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If there is no such metric.
    """
    taken("result", result, Reliability, title=title)
    choice("metric", metric, METRICS)
    ax = axes_for(ax)
    rows = result.table[result.table["metric"] == metric].reset_index(drop=True)
    labels = [group.label or "all runs" for group in result.groups]
    ends = rows[["low", "high", "estimate"]].to_numpy(np.float64)[::-1]
    for place, (low, high, estimate) in enumerate(ends.tolist()):
        style = look(len(rows) - 1 - place)
        ax.plot([low, high], [place, place], color=style.color, linewidth=2)
        ax.plot(estimate, place, style.marker, color=style.color, markersize=7)
    dress(ax, "x")
    ax.set_yticks(range(len(rows)), labels[::-1], fontsize=FONT)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlabel(f"{_METRICS[metric]} ({column_words(result.value)}),\n{rows['better'][0]} is better")
    what = METRICS[metric]
    interval = f"Bar: {100 * result.confidence:g} % interval ({'; '.join(rows['method'].unique())})."
    caption(ax, [f"{what[0].upper()}{what[1:]}, {_runs(rows['n'].tolist())}.", interval], title, beside=labels)
    return ax


def reliability_alt_text(result: Reliability, metric: str = "iqr_time") -> str:
    """Return in words what `reliability` draws: the metric of each group with its interval.

    Raises
    ------
    ValueError
        If there is no such metric.
    """
    taken("result", result, Reliability)
    choice("metric", metric, METRICS)
    rows = result.table[result.table["metric"] == metric]
    ends = rows[["estimate", "low", "high"]].to_numpy(np.float64).tolist()
    said = [
        f"{group.label or 'all runs'} {number_label(middle)} ({number_label(low)} to {number_label(high)})"
        for group, (middle, low, high) in zip(result.groups, ends, strict=True)
    ]
    better = rows["better"].iloc[0]
    return (
        f"Reliability of the {column_words(result.value)}, {METRICS[metric]}, {better} is better, with "
        f"{100 * result.confidence:g} % intervals: {'; '.join(said)}."
    )


def _runs(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"n = {low} runs each" if low == high else f"n = {low} to {high} runs"
