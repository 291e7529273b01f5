"""Scores over seeds, group beside group: every run as a dot, a box around the middle half."""

from __future__ import annotations

import textwrap
import warnings
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import MatplotlibDeprecationWarning
from matplotlib.axes import Axes

from rlhp.curves import ScoreSummary, number_label
from rlhp.plots._options import taken
from rlhp.plots._style import PALETTE, QUIET, SIZE, SMALL, TEXT, axes_for, caption, dress, number_axis
from rlhp.plots._words import scored_words

# A box of fewer runs would be made of the runs themselves.
_FEWEST = 5
# Above so many runs a group dots become a blot, and the box says more.
_MOST_DOTS = 200
_MOST_LEVEL = 8  # labels that stand side by side; more are turned


def boxes(result: ScoreSummary, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the score of every run, group beside group, with a box around the middle half and the statistic.

    Parameters
    ----------
    result : ScoreSummary
        From `rlhp.curves.summarise`; `forest` draws the same with a row for each group.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows, as wide as the groups need.
    title : str, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from rlhp import Runs, curves, plots
    >>> configs = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(6)]
    >>> runs = Runs.from_table(configs, [1, 2, 3, 4, 5, 60, 7, 8, 9, 10, 11, 12], seeds=[*range(6), *range(6)])
    >>> ax = plots.boxes(curves.summarise(runs, by="gamma", rng=0), ax=plots.new_axes())
    >>> ax.get_xlabel(), [label.get_text() for label in ax.get_xticklabels()]
    ('gamma', ['0.9', '0.99'])
    """
    taken("result", result, ScoreSummary, title=title)
    import seaborn  # only here: importing it takes a second

    groups, by = result.groups, result.scores.by
    ax = axes_for(ax, (max(SIZE[0], 0.6 * len(groups)), SIZE[1]))
    place = np.arange(len(groups))
    table = pd.DataFrame(
        {
            "group": np.repeat(place, [group.n for group in groups]),
            "score": np.concatenate([group.values for group in groups]),
            "n": np.repeat([group.n for group in groups], [group.n for group in groups]),
        }
    )
    order = place.tolist()
    boxed = table[table["n"] >= _FEWEST]
    if len(boxed):
        with warnings.catch_warnings():
            # seaborn 0.13 asks matplotlib 3.11 for what it calls by another name now; the boxes are right.
            warnings.filterwarnings("ignore", "vert: bool was deprecated", MatplotlibDeprecationWarning)
            seaborn.boxplot(
                boxed, x="group", y="score", order=order, color="#CFE3F0", linecolor=QUIET, linewidth=0.9, width=0.6,
                showfliers=table["n"].max() > _MOST_DOTS, fliersize=2, ax=ax, zorder=1,
            )  # fmt: skip
    for at, group in enumerate(groups):
        if group.n <= _MOST_DOTS:
            # Aside in the order of the runs: what is drawn by chance would be another figure every time.
            aside = np.linspace(-0.18, 0.18, group.n) if group.n > 1 else 0.0
            dots: dict[str, Any] = {"color": PALETTE[0], "markersize": 4, "alpha": 0.6, "markeredgewidth": 0}
            ax.plot(at + aside, group.values, "o", **dots, zorder=2)
    ranged = ~np.isnan(result.low)
    ax.vlines(place[ranged], result.low[ranged], result.high[ranged], color=PALETTE[1], linewidth=3, zorder=4)
    ax.plot(place, result.estimates, "D", color=PALETTE[1], markeredgecolor="white", markersize=7, zorder=5)
    dress(ax)
    labels = [group.label.removeprefix(f"{by[0]} = ") if len(by) == 1 else group.label for group in groups]
    crowded = len(labels) > _MOST_LEVEL
    figure = ax.get_figure(root=True)
    room = 72 * 0.85 * (figure.get_figwidth() if figure is not None else SIZE[0]) / len(groups)
    letters = max(6, int(room / (0.62 * SMALL)))
    shown = labels if crowded else ["\n".join(textwrap.wrap(one, letters, break_long_words=False)) for one in labels]
    ax.set_xticks(place, [label or "all runs" for label in shown], fontsize=SMALL)
    if crowded:
        for tick in ax.get_xticklabels():
            tick.set(rotation=40, ha="right", rotation_mode="anchor")
    ax.set_xlim(-0.6, len(groups) - 0.4)
    ax.set_xlabel(", ".join(by))
    number_axis(ax.yaxis, scored_words(result.scores))
    ax.yaxis.label.set_color(TEXT)
    sentences = [f"{result.scores.runs_text}."]
    if len(boxed):
        sentences.append("Boxes: the middle half, with the median.")
    sentences.append(f"Diamonds: {result.statistic} with its {100 * result.confidence:g} % interval.")
    caption(ax, sentences, title)
    return ax


def boxes_alt_text(result: ScoreSummary) -> str:
    """Return in words what `boxes` draws: of each group the middle half, and the statistic with its interval."""
    taken("result", result, ScoreSummary)
    parts = []
    for index, group in enumerate(result.groups):
        ends = [number_label(float(one)) for one in np.quantile(group.values, [0.25, 0.75])]
        middle, low, high = (number_label(float(one[index])) for one in (result.estimates, result.low, result.high))
        span = f" ({low} to {high})" if np.isfinite(result.low[index]) else ""
        parts.append(
            f"{group.label or 'all runs'}: {result.statistic} {middle}{span}, half of the runs {' to '.join(ends)}"
        )
    return f"Boxes of {scored_words(result.scores)}, {result.scores.runs_text}: {'; '.join(parts)}."
