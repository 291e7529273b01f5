"""A row for each group of runs: every run as a dot, the statistic over them with its interval above the dots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rlhp.arguments import instance, real, shown
from rlhp.curves import ScoreSummary, number_label
from rlhp.plots._options import taken
from rlhp.plots._style import QUIET, axes_for, caption, dress, look, number_axis
from rlhp.plots._words import scored_words

__all__ = ["forest", "forest_alt_text"]


def forest(
    result: ScoreSummary,
    *,
    ax: Axes | None = None,
    rows: Mapping[Any, str] | None = None,
    reference: float | None = None,
    title: str | None = None,
) -> Axes:
    """Draw a row for each group: its runs as dots, the statistic with its interval above them.

    Parameters
    ----------
    result : ScoreSummary
        From `rlhp.curves.summarise`.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows. Half an inch of height a row is enough.
    rows : mapping, optional
        The value of each group to its label, from the bottom up; a tuple of values where runs were grouped by several
        names. By default all groups under their own labels, the first one on top.
    reference : float, optional
        Where to draw a dashed line to compare with.
    title : str, optional

    Returns
    -------
    Axes

    Raises
    ------
    ValueError
        If `rows` does not name every group once.

    Examples
    --------
    >>> from rlhp import Runs, curves, plots
    >>> configs = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(6)]
    >>> runs = Runs.from_table(configs, [1, 2, 3, 4, 5, 60, 7, 8, 9, 10, 11, 12], seeds=[*range(6), *range(6)])
    >>> summary = curves.summarise(runs, by="gamma", rng=0)
    >>> ax = plots.forest(summary, ax=plots.new_axes(), rows={0.99: "far-sighted", 0.9: "short-sighted"})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['far-sighted', 'short-sighted']
    """
    taken("result", result, ScoreSummary, title=title)
    order = _rows(result, rows)
    if reference is not None:
        real("reference", reference)
    ax = axes_for(ax)
    for place, (index, _) in enumerate(order):
        style, values = look(place), result.groups[index].values
        ax.plot(values, place + np.linspace(-0.1, 0.1, len(values)), ".", color=style.color, alpha=0.4)
        ax.plot([result.low[index], result.high[index]], [place + 0.28] * 2, color=style.color, solid_capstyle="butt")
        ax.plot(result.estimates[index], place + 0.28, style.marker, color=style.color, markersize=style.markersize)
    if reference is not None:
        ax.axvline(reference, color=QUIET, linestyle="--", linewidth=1, zorder=0)
    dress(ax, "x")
    ax.set_yticks(range(len(order)), [label for _, label in order])
    ax.set_ylim(-0.4, len(order) - 1 + 0.6)
    number_axis(ax.xaxis, scored_words(result.scores))
    caption(
        ax,
        [f"Dots: {result.scores.runs_text}.", f"Above them: {_what(result)}."],
        title,
        beside=[label for _, label in order],
    )
    return ax


def forest_alt_text(result: ScoreSummary, *, rows: Mapping[Any, str] | None = None) -> str:
    """Return in words what `forest` draws: the statistic of each group with its interval."""
    taken("result", result, ScoreSummary)
    said = []
    for index, label in reversed(_rows(result, rows)):
        middle, low, high = (number_label(float(one[index]), 4) for one in (result.estimates, result.low, result.high))
        said.append(f"{' '.join(label.split())}: {middle} ({low} to {high})")
    return f"{scored_words(result.scores)}, {result.scores.runs_text}, {_what(result)}. " + "; ".join(said) + "."


def _what(result: ScoreSummary) -> str:
    return f"{result.statistic} and {100 * result.confidence:g} % interval"


def _rows(result: ScoreSummary, rows: Mapping[Any, str] | None) -> list[tuple[int, str]]:
    """Return the index and the label of each group, from the bottom up."""
    if rows is None:
        return [(index, group.label or "all runs") for index, group in enumerate(result.groups)][::-1]
    places = {group.key: index for index, group in enumerate(result.groups)}
    named = instance("rows", rows, Mapping, hint="It takes the value of each group to its label.")
    given = {key if isinstance(key, tuple) else (key,): label for key, label in named.items()}
    for key, label in given.items():
        if key not in places or not isinstance(label, str):
            wrong = f"gives {_bare(key)} {shown(label)}" if key in places else f"names {_bare(key)}, which is no group"
            raise ValueError(f"`rows` {wrong}; give a text for each of: {', '.join(map(_bare, places))}.")
    if missing := [key for key in places if key not in given]:
        raise ValueError(f"`rows` does not name the group {_bare(missing[0])}; give a text for every group.")
    return [(places[key], label) for key, label in given.items()]


def _bare(key: tuple[Any, ...]) -> str:
    return shown(key[0] if len(key) == 1 else key)
