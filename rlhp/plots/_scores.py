"""Scores of many runs: profiles, who does better how likely, how many seeds it takes, and how steady training is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from rlhp.arguments import choice, flag
from rlhp.curves import METRICS, Improvement, PerformanceProfile, Power, Reliability
from rlhp.plots._options import taken, title_option
from rlhp.plots._style import FONT, QUIET, SMALL, TEXT, axes_for, caption, dress, look


def performance_profile(
    result: PerformanceProfile, *, ax: Axes | None = None, band: bool | None = None, title: str | None = None
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
    'final_return (undiscounted return)'
    """
    taken("result", result, PerformanceProfile)
    title_option(title)
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
    ax.set_xlabel(result.scores.what)
    ax.set_ylabel("runs with a better score" if result.scores.maximise else "runs with a lower score")
    if len(result.groups) > 1:
        ax.legend(
            frameon=False, fontsize=SMALL, labelcolor=TEXT, handlelength=3, loc="upper left", bbox_to_anchor=(1.0, 1.0)
        )
    said = [f"Share of {result.scores.runs_text}."]
    if band:
        said.append(f"Shaded: {100 * result.confidence:g} % band for the whole profile (Kolmogorov-Smirnov).")
    caption(ax, said, title)
    return ax


def performance_profile_alt_text(result: PerformanceProfile) -> str:
    """Say in words what `performance_profile` draws: where each profile passes one half."""
    taken("result", result, PerformanceProfile)
    said = []
    for index, group in enumerate(result.groups):
        half = np.flatnonzero(result.shares[index] >= 0.5)
        place = half[-1] if result.scores.maximise and len(half) else half[0] if len(half) else 0
        said.append(f"half of the runs{_of(group.label)} do better than about {result.thresholds[place]:.3g}")
    return f"Performance profile of {result.scores.what}, {result.scores.runs_text}: {'; '.join(said)}."


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
    taken("result", result, Improvement)
    title_option(title)
    ax = axes_for(ax)
    table, by = result.table, result.scores.by

    def short(label: str) -> str:
        return label.removeprefix(f"{by[0]} = ") if len(by) == 1 else label

    ends = table[["low", "high", "probability"]].to_numpy(np.float64)[::-1]
    for place, (low, high, estimate) in enumerate(ends.tolist()):
        style = look(0)
        ax.plot([low, high], [place, place], color=style.color, linewidth=2)
        ax.plot(estimate, place, style.marker, color=style.color, markersize=7)
    ax.axvline(0.5, color="#8A8A8A", linewidth=1, linestyle=(0, (4, 2)), zorder=1)
    dress(ax)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="#E3E3E3", linewidth=0.8)
    labels = [f"{short(x)}\nbetter than {short(y)}" for x, y in zip(table["x"], table["y"], strict=True)]
    ax.set_yticks(range(len(labels)), labels[::-1], fontsize=SMALL)
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_xlim(-0.02, 1.02)
    ax.set_xlabel("probability that a run does better")
    ax.set_ylabel(", ".join(by))
    caption(ax, [f"{result.scores.what}, {result.scores.runs_text}.", f"{result.method_text}."], title)
    return ax


def probability_of_improvement_alt_text(result: Improvement) -> str:
    """Say in words what `probability_of_improvement` draws: each pair with its interval."""
    taken("result", result, Improvement)
    said = [
        f"{row.x} does better than {row.y} with probability {row.probability:.2f} "
        f"({100 * result.confidence:g} % interval {row.low:.2f} to {row.high:.2f})"
        for row in result.table.itertuples()
    ]
    return f"Probability of improvement in {result.scores.what}, {result.scores.runs_text}: {'; '.join(said)}."


def power(result: Power, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how often a study finds the difference, by its number of seeds.

    Parameters
    ----------
    result : Power
        From `rlhp.curves.how_many_seeds`.
    ax : Axes, optional
    title : str, optional

    Returns
    -------
    Axes
    """
    taken("result", result, Power)
    title_option(title)
    ax = axes_for(ax)
    style, table = look(0), result.table
    ax.fill_between(table["n"], table["low"], table["high"], color=style.color, alpha=0.2, linewidth=0)
    ax.plot(table["n"], table["power"], **style.line())
    ax.axhline(result.wanted, color=QUIET, linewidth=1, linestyle=(0, (4, 2)))
    if result.needed is not None:
        ax.axvline(result.needed, color=QUIET, linewidth=1, linestyle=(0, (4, 2)))
        ax.annotate(
            f"{result.needed} seeds",
            (result.needed, 0.02),
            xytext=(5, 0),
            textcoords="offset points",
            fontsize=FONT,
            color=TEXT,
        )
    dress(ax)
    ax.set_ylim(0, 1.02)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    ax.set_xlabel("seeds a group")
    ax.set_ylabel("studies that find the difference")
    said = [
        f"A difference of {result.effect:.4g} in {result.scores.what}; {result.method}, two-sided at {result.alpha:g}.",
        f"Shaded: 95 %, what the pilot of {result.scores.runs_text} leaves open.",
    ]
    caption(ax, said, title)
    return ax


def power_alt_text(result: Power) -> str:
    """Say in words what `power` draws: the power at its ends and the seeds that are needed."""
    taken("result", result, Power)
    first, last = result.table.iloc[0], result.table.iloc[-1]
    need = f"{result.needed} seeds" if result.needed is not None else f"more than {last['n']:.0f} seeds"
    return (
        f"Power to find a difference of {result.effect:.4g} in {result.scores.what}: {first['power']:.0%} with "
        f"{first['n']:.0f} seeds a group, {last['power']:.0%} with {last['n']:.0f}; {need} a group reach "
        f"{result.wanted:.0%}."
    )


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
    taken("result", result, Reliability)
    title_option(title)
    choice("metric", metric, METRICS)
    ax = axes_for(ax)
    rows = result.table[result.table["metric"] == metric].reset_index(drop=True)
    labels = [group.label or "all runs" for group in result.groups]
    ends = rows[["low", "high", "estimate"]].to_numpy(np.float64)[::-1]
    for place, (low, high, estimate) in enumerate(ends.tolist()):
        style = look(len(rows) - 1 - place)
        ax.plot([low, high], [place, place], color=style.color, linewidth=2)
        ax.plot(estimate, place, style.marker, color=style.color, markersize=7)
    dress(ax)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color="#E3E3E3", linewidth=0.8)
    ax.set_yticks(range(len(rows)), labels[::-1], fontsize=FONT)
    ax.set_ylim(-0.6, len(rows) - 0.4)
    ax.set_xlabel(f"{metric} of {result.value}, {rows['better'][0]} is better")
    what = METRICS[metric]
    interval = f"Bar: {100 * result.confidence:g} % interval ({'; '.join(rows['method'].unique())})."
    caption(ax, [f"{what[0].upper()}{what[1:]}, {_runs(rows['n'].tolist())}.", interval], title)
    return ax


def reliability_alt_text(result: Reliability, metric: str = "iqr_time") -> str:
    """Say in words what `reliability` draws: the metric of each group with its interval.

    Raises
    ------
    ValueError
        If there is no such metric.
    """
    taken("result", result, Reliability)
    choice("metric", metric, METRICS)
    rows = result.table[result.table["metric"] == metric]
    said = [
        f"{group.label or 'all runs'} {row.estimate:.3g} ({row.low:.3g} to {row.high:.3g})"
        for group, row in zip(result.groups, rows.itertuples(), strict=True)
    ]
    better = rows["better"].iloc[0]
    return (
        f"Reliability of {result.value}, {METRICS[metric]}, {better} is better, with {100 * result.confidence:g} % "
        f"intervals: {'; '.join(said)}."
    )


def _of(label: str) -> str:
    return f" with {label}" if label else ""


def _runs(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"n = {low} runs each" if low == high else f"n = {low} to {high} runs"
