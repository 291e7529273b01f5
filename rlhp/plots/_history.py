"""How a search went: every trial, the best so far, and what a random order of the same trials gives."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rlhp.curves import SearchHistory, number_label
from rlhp.plots._options import taken
from rlhp.plots._style import PALETTE, QUIET, RULE, axes_for, caption, dress, legend_beside, look, number_axis
from rlhp.plots._words import objective_words, score_words


def search_history(result: SearchHistory, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the score of every trial of a search, the best so far, and the best of as many trials in a random order.

    Parameters
    ----------
    result : SearchHistory
        From `rlhp.curves.search_history`.
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
    >>> plots.search_history(curves.search_history(scores), ax=plots.new_axes()).get_xlabel()
    'trial'
    """
    taken("result", result, SearchHistory, title=title)
    ax = axes_for(ax)
    table, scores, improvements = result.table, result.scores, result.improvements
    trial = table["trial"].to_numpy()
    order, so_far = look(7), look(0)
    if len(trial) > 1:
        ends = table["low"].to_numpy(), table["high"].to_numpy()
        ax.fill_between(trial, *ends, step="mid", color=order.color, alpha=0.16, linewidth=0, zorder=1)
        ax.plot(trial, table["expected"], color=QUIET, linewidth=1.2, linestyle=(0, (4, 2)), zorder=2,
                label="random order, mean")  # fmt: skip
    faint = float(np.clip(60 / len(trial), 0.25, 0.8))
    ax.plot(trial, table["score"], "o", color=RULE, markersize=4, alpha=faint, markeredgewidth=0, zorder=2,
            label="a trial")  # fmt: skip
    ax.plot(
        trial, table["best"], color=so_far.color, linewidth=2, drawstyle="steps-post", zorder=3, label="best so far"
    )
    ax.plot(
        improvements["trial"],
        improvements["best"],
        "o",
        color=PALETTE[0],
        markersize=6,
        markeredgecolor="white",
        zorder=4,
    )
    dress(ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlim(min(0.0, 1 - 0.03 * len(trial)), 1.03 * len(trial) + 0.97)
    ax.set_xlabel("trial")
    number_axis(ax.yaxis, score_words(scores.objective, scores.unit))
    legend_beside(ax)
    caption(ax, _sentences(result), title)
    return ax


def search_history_alt_text(result: SearchHistory) -> str:
    """Return in words what `search_history` draws: what was found when, beside random orders."""
    taken("result", result, SearchHistory)
    improvement, last = result.improvements.iloc[-1], result.table.iloc[-1]
    half = result.table.iloc[(len(result.table) - 1) // 2]
    best, so_far, mean = (number_label(float(one), 4) for one in (last["best"], half["best"], half["expected"]))
    return (
        f"Search history of {objective_words(result.scores.objective)} on {result.env_id}: the best of "
        f"{len(result.table)} trials is {best}, found in trial {improvement['trial']}; after {half['trial']} trials it "
        f"was {so_far}, and {mean} in a random order on average."
    )


def _sentences(result: SearchHistory) -> list[str]:
    scores = result.scores
    what = ("configuration" if scores.per == "config" else "run") + "s" * (len(result.table) > 1)
    sentences = [f"{len(result.table):,} {what} on {result.env_id} in the order in which they were tried."]
    if len(result.table) > 1:
        sentences.append(f"Shaded: the best of as many in {100 * result.confidence:g} % of all orders.")
    if scores.n_failed:
        done = {"drop": "left out", "worst": "counted as worst"}.get(str(scores.failures), f"as {scores.failures}")
        sentences.append(f"{scores.n_failed} runs failed, {done}.")
    return sentences
