"""Brackets as a picture: who was continued, who stopped, and what each rung spent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from rlhp.curves import number_label
from rlhp.hpo import Brackets
from rlhp.plots._options import taken
from rlhp.plots._style import QUIET, RULE, SMALL, TEXT, axes_for, caption, color_bar, dress, look, steps_axis
from rlhp.plots._words import score_words

_GAP = 0.07  # between brackets, of all rows: a line of text
_MOST_LABELS = 6  # rungs whose steps and seeds are written over them


def brackets(result: Brackets, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the rungs of a search: a row a configuration, as long as the environment steps that it gets.

    Before a search ran there is a block a rung: as high as its number of configurations, as wide as the steps that each
    of them adds, so that its area is what the rung spends. After, each row is one configuration: its shade says what it
    scored on each rung, its length how far it came. A star marks the one that was taken, a cross one that failed.

    Parameters
    ----------
    result : Brackets
        From `rlhp.hpo.brackets`, or `brackets` of what a search gave.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    title : str, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from rlhp import hpo, plots
    >>> planned = hpo.brackets("hyperband", hpo.Terms(steps=900))
    >>> plots.brackets(planned, ax=plots.new_axes()).get_xlabel()
    'environment steps of a configuration, over its seeds'
    """
    taken("result", result, Brackets, title=title)
    ax = axes_for(ax)
    rows = len(result.trials) or float(result.table.groupby("bracket")["n"].max().fillna(1).sum())
    (_draw_trials if result.trials else _draw_plan)(ax, result, max(1.0, _GAP * rows))
    dress(ax, "none")
    steps_axis(ax)
    ax.set_xlabel("environment steps of a configuration, over its seeds")
    ax.set_xlim(0, 1.03 * result.terms.steps * result.terms.seeds)
    ax.tick_params(axis="y", length=0)
    caption(ax, _sentences(result), title)
    return ax


def brackets_alt_text(result: Brackets) -> str:
    """Return in words what `brackets` draws: of each bracket, who begins and how many climb."""
    taken("result", result, Brackets)
    parts = [f"bracket {number}: {_climb(rungs)}" for number, rungs in result.table.groupby("bracket")]
    began = "Brackets after they ran" if result.trials else "Brackets as they are planned"
    return f"{began}, {result.plan}: {'; '.join(parts) or 'none'}. {' '.join(_sentences(result))}"


def _climb(rungs: pd.DataFrame) -> str:
    return ", then ".join(
        f"{'some' if pd.isna(row['n']) else row['n']} for {row['steps']:,} steps with {row['seeds']} "
        f"seed{'s' * (row['seeds'] > 1)}"
        for _, row in rungs.iterrows()
    )


def _rung_label(rung: Any) -> str:
    return f"{_short(rung['steps'])} × {rung['seeds']}"


def _short(steps: float) -> str:
    return f"{steps / 1000:g}k" if steps >= 1000 else f"{steps:g}"


def _draw_plan(ax: Axes, result: Brackets, gap: float) -> None:
    top, names = 0.0, list[tuple[float, str]]()
    for number, rungs in result.table.groupby("bracket"):
        known = rungs["n"].notna().all()
        heights = rungs["n"].to_numpy(float) if known else np.ones(len(rungs))
        ends = (rungs["steps"] * rungs["seeds"]).to_numpy(float)
        for at, (height, begin, end) in enumerate(zip(heights, [0.0, *ends], ends, strict=False)):
            style = look(at)
            ax.barh(top - height / 2, end - begin, height, begin, color=style.color, alpha=0.35 if known else 0.15,
                    edgecolor=style.color, linewidth=1, hatch=None if known else "//")  # fmt: skip
            row = rungs.iloc[at]
            said = f"{row['n'] if known else '?'} · {_rung_label(row)}"
            # A block lower than a line of text has it below, where only blocks that begin further left reach.
            y = top - height - gap / 2 if height < min(gap, max(heights)) else top - height / 2
            ax.text(begin + 0.01 * ends[-1], y, said, va="center", fontsize=SMALL, color=TEXT)
        names.append((top - heights[0] / 2, f"bracket {number}"))
        top -= max(heights) + gap
    _name_brackets(ax, names, top, gap)


def _draw_trials(ax: Axes, result: Brackets, gap: float) -> None:
    scores = np.array([one.score for trial in result.trials for one in trial.rungs])
    known = scores[np.isfinite(scores)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    scale, tint = Normalize(low, high if high > low else low + 1), colormaps["viridis"]
    top, names = 0.0, list[tuple[float, str]]()
    for number, rungs in result.table.groupby("bracket"):
        members = [one for one in result.trials if one.bracket == number]
        members.sort(key=lambda one: (-one.spent, -np.nan_to_num(one.last.score, nan=-np.inf), one.number))
        bottom = top - len(members)
        for row, trial in enumerate(members):
            ends = [one.steps * one.seeds for one in trial.rungs]
            begins, y = np.array([0, *ends[:-1]]), top - row - 0.5
            colors = [RULE if np.isnan(one.score) else tint(scale(one.score)) for one in trial.rungs]
            ax.barh(np.full(len(ends), y), np.array(ends) - begins, 0.86, begins, color=colors, linewidth=0)
            if np.isnan(trial.last.score):
                ax.plot(ends[-1], y, "X", color=look(1).color, markersize=5, markeredgewidth=0, zorder=4)
            if trial.number == result.taken:
                ax.plot(ends[-1], y, "*", color=look(1).color, markersize=13, markeredgecolor="white", zorder=5,
                        clip_on=False)  # fmt: skip
        for _, rung in rungs.iterrows():
            at = rung["steps"] * rung["seeds"]
            ax.plot([at, at], [top, bottom], color=QUIET, linewidth=0.9, linestyle=(0, (3, 2)), zorder=3)
            if len(rungs) <= _MOST_LABELS:
                said = f"{rung['n']} · {_rung_label(rung)}"
                ax.text(at, top + 0.05 * gap, said, ha="right", va="bottom", fontsize=SMALL - 1, color=QUIET)
        names.append(((top + bottom) / 2, f"bracket {number}: {len(members)}"))
        top = bottom - gap
    _name_brackets(ax, names, top, gap)
    color_bar(
        ax,
        ScalarMappable(scale, tint),
        f"{score_words(result.objective, 'undiscounted return')} at the end of the rung",
    )


def _name_brackets(ax: Axes, names: list[tuple[float, str]], bottom: float, gap: float) -> None:
    ax.set_yticks([y for y, _ in names], [name for _, name in names])
    ax.set_ylim(bottom + 0.7 * gap, gap)
    ax.spines["left"].set_visible(False)


def _sentences(result: Brackets) -> list[str]:
    table = result.table
    if not result.trials:
        if table["n"].isna().any():
            return ["Rungs: steps × seeds. How many configurations climb is decided by what is measured."]
        return [
            f"Configurations · steps × seeds; the area is what is spent, {table['env_steps'].sum():,} steps in all."
        ]
    last = [trial.last for trial in result.trials]
    failed = sum(bool(np.isnan(one.score)) for one in last)
    sentences = [
        f"A row a configuration: {len(last)} began, {result.ended} came to the end "
        f"({_short(result.terms.steps)} steps × {result.terms.seeds} seeds); {table['env_steps'].sum():,} steps."
    ]
    if table.groupby("bracket").size().min() <= _MOST_LABELS:
        sentences.append("Numbers over a rung: configurations · steps × seeds.")
    if result.taken is not None:
        score = number_label(result.trials[result.taken].last.score, 4)
        sentences.append(f"Star: the one that was taken, at {score} in the search.")
    if failed:
        sentences.append(f"Cross: failed ({failed}).")
    return sentences
