"""Who does better, and how likely: one row a pair."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from rlhp.curves import Improvement
from rlhp.plots._options import taken
from rlhp.plots._style import RULE, SMALL, axes_for, caption, dress, look
from rlhp.plots._words import scored_words


def probability_of_improvement(result: Improvement, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how likely a run of one group does better than one of another, with intervals, one row a pair.

    Parameters
    ----------
    result : Improvement
        From `rlhp.curves.probability_of_improvement`.
    ax : Axes, optional
    title : str, optional

    Returns
    -------
    Axes
    """
    taken("result", result, Improvement, title=title)
    ax = axes_for(ax)
    table, by = result.table, result.scores.by

    def short(label: str) -> str:
        return label.removeprefix(f"{by[0]} = ") if len(by) == 1 else label

    ends = table[["low", "high", "probability"]].to_numpy(np.float64)[::-1]
    for place, (low, high, estimate) in enumerate(ends.tolist()):
        style = look(0)
        ax.plot([low, high], [place, place], color=style.color, linewidth=2)
        ax.plot(estimate, place, style.marker, color=style.color, markersize=7)
    ax.axvline(0.5, color=RULE, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
    dress(ax, "x")
    labels = [f"{short(x)}\nbetter than {short(y)}" for x, y in zip(table["x"], table["y"], strict=True)]
    ax.set_yticks(range(len(labels)), labels[::-1], fontsize=SMALL)
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xlim(-0.02, 1.02)
    ax.set_xlabel("probability that a run does better")
    ax.set_ylabel(", ".join(by))
    what = scored_words(result.scores)
    said = f"{what[0].upper()}{what[1:]}, {result.scores.runs_text}."
    caption(ax, [said, f"{result.method_text}."], title, beside=labels)
    return ax


def probability_of_improvement_alt_text(result: Improvement) -> str:
    """Return in words what `probability_of_improvement` draws: each pair with its interval."""
    taken("result", result, Improvement)
    said = [
        f"{row.x} does better than {row.y} with probability {row.probability:.2f} "
        f"({100 * result.confidence:g} % interval {row.low:.2f} to {row.high:.2f})"
        for row in result.table.itertuples()
    ]
    return f"Probability of improvement in {scored_words(result.scores)}, {result.scores.runs_text}: {'; '.join(said)}."
