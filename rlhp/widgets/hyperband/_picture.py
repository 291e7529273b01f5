"""The picture of one search: learning curves as far as they were trained, above the rows of its brackets."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection

from rlhp.widgets.hyperband._searches import Measured, Searched

__all__ = ["HEIGHT", "draw_search"]

HEIGHT = 452  # CSS pixels


def draw_search(ax: Any, measured: Measured, one: Searched, seeds: int) -> None:
    """Draw a search.

    Parameters
    ----------
    ax : Axes
        Becomes the upper ones; the lower ones are added.
    measured : Measured
    one : Searched
    seeds : int
        Tuning seeds.
    """
    from rlhp import plots

    figure = ax.get_figure()
    # Placed by hand: letting matplotlib find the places takes longer than drawing.
    figure.set_layout_engine(None)
    ax.set_position((0.13, 0.45, 0.85, 0.45))
    below = figure.add_axes((0.13, 0.1, 0.85, 0.25))
    blue, orange = plots.look(0).color, plots.look(1).color
    looks = {"stopped": ("#9A9A9A", 0.8, 0.55), "ended": (blue, 1.3, 0.8), "best": (orange, 2.6, 1.0)}
    fates = [
        "best" if number == one.best else "ended" if end else "stopped" for number, end in enumerate(one.ended.tolist())
    ]
    _curves(ax, measured, one, fates, looks, seeds)
    _rows(below, one, fates, looks)
    told = f"Learning curves as far as they were trained. Blue: to the end ({one.ended.sum()}). Star: taken."
    more = "Orange: truly the best" + ("." if one.kept else ", thrown away; dashed: what was to come.")
    ax.set_title(f"{told}\n{more}", loc="left", fontsize=8.5, x=-0.12)
    for axes in (ax, below):
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8.5)
        axes.xaxis.label.set_fontsize(9)
        axes.yaxis.label.set_fontsize(9)


def _curves(ax: Any, measured: Measured, one: Searched, fates: list[str], looks: dict[str, Any], seeds: int) -> None:
    ends, lines = [], dict[str, list[np.ndarray]]()
    for trial, fate in zip(one.found.trials, fates, strict=True):
        steps = trial.last.curves[0][0]
        means = np.mean([values for _, values in trial.last.curves], axis=0)
        lines.setdefault(fate, []).append(np.column_stack([steps, means]))
        ends.append((steps[-1], means[-1]))
    for fate in ("stopped", "ended", "best"):
        color, width, alpha = looks[fate]
        ax.add_collection(LineCollection(lines.get(fate, []), colors=color, linewidths=width, alpha=alpha))
    at = np.array(ends)
    off = np.array([fate == "stopped" for fate in fates])
    ax.plot(*at[off].T, "x", color=looks["stopped"][0], markersize=3.5)
    best = one.best
    if not one.kept:
        trial = one.found.trials[best]
        curve, pauses = measured.curve(trial.configuration, seeds), np.array(measured.pools[0].pauses)
        later = pauses >= at[best, 0]
        ax.plot(pauses[later], curve[later], color=looks["best"][0], linewidth=2, linestyle=(0, (4, 2)))
        ax.plot(*at[best], "X", color=looks["best"][0], markersize=9, markeredgecolor="white", zorder=5)
    if one.taken is not None:
        ax.plot(*at[one.taken], "*", color="black", markersize=11, markeredgecolor="white", zorder=6, clip_on=False)
    for step in sorted({rung.steps for trial in one.found.trials for rung in trial.rungs}):
        ax.axvline(step, color="#BBBBBB", linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
    finite = np.concatenate([part[:, 1] for parts in lines.values() for part in parts])
    finite = finite[np.isfinite(finite)]
    low, high = (finite.min(), max(finite.max(), one.truth.max())) if len(finite) else (0.0, 1.0)
    ax.set_ylim(low - 0.04 * (high - low or 1), high + 0.06 * (high - low or 1))
    ax.set_xlim(0, 1.02 * measured.steps)
    ax.set_xlabel("environment steps of each run")
    ax.set_ylabel("return")
    ax.xaxis.set_major_formatter(_thousands)


def _rows(ax: Any, one: Searched, fates: list[str], looks: dict[str, Any]) -> None:
    """Draw a row a configuration, as long as all its runs together: steps times seeds; brackets one below the other."""
    trials = one.found.trials
    order = sorted(range(len(trials)), key=lambda i: (trials[i].bracket, -trials[i].spent, i))
    gap = max(1.0, 0.03 * len(trials))
    places, y, before = np.empty(len(trials)), 0.0, trials[order[0]].bracket
    for i in order:
        if trials[i].bracket != before:
            y, before = y - gap, trials[i].bracket
        places[i], y = y, y - 1
    widths = {fate: max(width, 110 / max(len(trials), 40)) for fate, (_, width, _) in looks.items()}
    for fate in ("stopped", "ended", "best"):
        rows = [[(0, places[i]), (trials[i].spent, places[i])] for i in order if fates[i] == fate]
        ax.add_collection(LineCollection(rows, colors=looks[fate][0], linewidths=widths[fate]))
    if one.taken is not None:
        ax.plot(trials[one.taken].spent, places[one.taken], "*", color="black", markersize=9, markeredgecolor="white",
                zorder=6, clip_on=False)  # fmt: skip
    ax.set_xlim(0, 1.02 * one.found.terms.steps * one.found.terms.seeds)
    ax.set_ylim(y, gap + 1)
    ax.set_yticks([])
    n = len({trial.bracket for trial in trials})
    ax.set_ylabel("brackets" if n > 1 else "one bracket")
    ax.set_xlabel("environment steps of each configuration: steps × seeds")
    ax.xaxis.set_major_formatter(_thousands)


def _thousands(value: float, _: Any) -> str:
    return f"{value / 1000:g}k" if value else "0"
