"""Performance profiles: for every score the share of runs that do better."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from rlhp.arguments import flag
from rlhp.curves import PerformanceProfile, number_label
from rlhp.plots._options import taken
from rlhp.plots._style import axes_for, caption, dress, legend_beside, look, number_axis
from rlhp.plots._words import scored_words


def performance_profile(
    result: PerformanceProfile,
    *,
    ax: Axes | None = None,
    band: bool | None = None,
    title: str | None = None,
) -> Axes:
    """Draw performance profiles: for every score the share of runs that do better.

    Parameters
    ----------
    result : PerformanceProfile
        From `rlhp.curves.performance_profile`.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    band : bool, optional
        Shade the band that holds the whole profile; by default where there are no more than two groups, because more
        bands on top of each other cannot be read.
    title : str, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from rlhp import Runs, curves, plots
    >>> runs = Runs.from_table([{}] * 5, [1, 2, 3, 4, 5], seeds=range(5))
    >>> ax = plots.performance_profile(curves.performance_profile(runs, rng=0), ax=plots.new_axes())
    >>> ax.get_xlabel()
    'final return (undiscounted)'
    """
    taken("result", result, PerformanceProfile, title=title)
    ax = axes_for(ax)
    at = result.thresholds
    band = len(result.groups) <= 2 if band is None else flag("band", band)
    for index, group in enumerate(result.groups):
        style = look(index)
        if band:
            shade = 0.2 if len(result.groups) <= 2 else 0.1
            edges = (result.band_low[index], result.band_high[index])
            ax.fill_between(at, *edges, step="post", color=style.color, alpha=shade, linewidth=0)
        marked = style.line() | {"markevery": (index, max(1, len(at) // 8))}
        ax.plot(at, result.shares[index], **marked, drawstyle="steps-post", label=group.label or "all runs")
    dress(ax)
    ax.set_ylim(-0.02, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    number_axis(ax.xaxis, scored_words(result.scores))
    ax.set_ylabel("runs with a better score" if result.scores.maximise else "runs with a lower score")
    if len(result.groups) > 1:
        legend_beside(ax, handlelength=3)
    sentences = [f"Share of {result.scores.runs_text}."]
    if band:
        sentences.append(f"Shaded: {100 * result.confidence:g} % band for the whole profile (Kolmogorov-Smirnov).")
    caption(ax, sentences, title)
    return ax


def performance_profile_alt_text(result: PerformanceProfile) -> str:
    """Return in words what `performance_profile` draws: where each profile passes one half."""
    taken("result", result, PerformanceProfile)
    said = []
    for index, group in enumerate(result.groups):
        half = np.flatnonzero(result.shares[index] >= 0.5)
        place = half[-1] if result.scores.maximise and len(half) else half[0] if len(half) else 0
        said.append(
            f"half of the runs{_of(group.label)} do better than about {number_label(float(result.thresholds[place]))}"
        )
    return f"Performance profile of {scored_words(result.scores)}, {result.scores.runs_text}: {'; '.join(said)}."


def _of(label: str) -> str:
    return f" with {label}" if label else ""
