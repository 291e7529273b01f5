"""The distribution of scores: which share of the configurations scores at most x."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from rlhp.arguments import flag
from rlhp.curves import EDF, number_label
from rlhp.plots._options import taken
from rlhp.plots._style import axes_for, caption, dress, legend_beside, look, number_axis
from rlhp.plots._words import objective_words, score_words


def edf(result: EDF, *, band: bool | None = None, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw which share of the configurations (or runs, or searches) scores at most x, a line a group.

    Parameters
    ----------
    result : EDF
        From `rlhp.curves.edf`, or of repeated searches from `rlhp.hpo.progress(...).edf()`.
    band : bool, optional
        Shade the band of each function; by default where there are no more than two groups.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    title : str, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from rlhp import Runs, curves, objectives, plots
    >>> runs = Runs.from_table([{"gamma": gamma} for gamma in (0.9, 0.95, 0.99)], [3.0, 1.0, 4.0])
    >>> scores = objectives.score(runs, "final_return", failures="raise", per="config")
    >>> plots.edf(curves.edf(scores), ax=plots.new_axes()).get_ylabel()
    'configurations at or below'
    """
    taken("result", result, EDF, title=title)
    shaded = len(result.values) <= 2 if band is None else flag("band", band)
    ax = axes_for(ax)
    ends = float(result.table["score"].min()), float(result.table["score"].max())
    room = 0.04 * (ends[1] - ends[0]) or 0.04 * (abs(ends[1]) or 1.0)
    for index, label in enumerate(result.values):
        rows = result.table[result.table["label"] == label]
        style = look(index)
        x = np.concatenate([[ends[0] - room], rows["score"], [ends[1] + room]])
        share, low, high = (
            np.concatenate([[first], rows[name], [rows[name].iloc[-1]]])
            for name, first in (("share", 0.0), ("low", 0.0), ("high", rows["high"].iloc[0] - rows["share"].iloc[0]))
        )
        if shaded:
            ax.fill_between(x, low, high, step="post", color=style.color, alpha=0.15, linewidth=0, zorder=1)
        marked = style.line() | {"markevery": (1 + index, max(1, len(rows) // 8))}
        median = number_label(result.medians[label], 4)
        ax.plot(x, share, **marked, drawstyle="steps-post", label=f"{label or 'all'} (median {median})", zorder=2)
    dress(ax)
    ax.set_xlim(ends[0] - room, ends[1] + room)
    ax.set_ylim(-0.02, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    number_axis(ax.xaxis, score_words(result.objective, result.unit))
    ax.set_ylabel(f"{result.things} at or below")
    if len(result.values) > 1:
        legend_beside(ax, handlelength=3)
    sentences = [f"{_counts(result)}."]
    if shaded:
        sentences.append(f"Shaded: {result.band_text}.")
    caption(ax, sentences, title)
    return ax


def edf_alt_text(result: EDF) -> str:
    """Return in words what `edf` draws: the median of each group and its ends."""
    taken("result", result, EDF)
    parts = []
    for label, scores in result.values.items():
        low, middle, high = (number_label(float(one), 4) for one in np.quantile(scores, [0.0, 0.5, 1.0]))
        parts.append(f"{label or 'all'} from {low} to {high}, half of them at or below {middle}")
    return (
        f"Distribution of {objective_words(result.objective)} over {result.things}, {_counts(result)}: "
        f"{'; '.join(parts)}."
    )


def _counts(result: EDF) -> str:
    counts = sorted({len(scores) for scores in result.values.values()})
    n = f"n = {counts[0]:,}" + (f" to {counts[-1]:,}" if len(counts) > 1 else "")
    return f"{n} {result.things}" + (" each" if len(result.values) > 1 and len(counts) == 1 else "")
