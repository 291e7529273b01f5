"""Repeated searches side by side: how good what they hold is, by what they spent."""

from __future__ import annotations

from matplotlib.axes import Axes

from rlhp.curves import number_label
from rlhp.hpo import Progress
from rlhp.plots._options import taken
from rlhp.plots._style import axes_for, caption, dress, legend_beside, look, number_axis, steps_axis
from rlhp.plots._words import objective_words, score_words


def search_progress(result: Progress, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the mean score of the incumbents of repeated searches over the environment steps that they spent.

    Parameters
    ----------
    result : Progress
        From `rlhp.hpo.progress`.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    title : str, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from rlhp import hpo, plots
    >>> many = [hpo.replay("dqn_cartpole", budget=600_000, searcher="random", rng=seed) for seed in range(3)]
    >>> plots.search_progress(hpo.progress({"race": many}), ax=plots.new_axes()).get_xlabel()
    'environment steps of the search'
    """
    taken("result", result, Progress, title=title)
    ax = axes_for(ax)
    for index, label in enumerate(result.labels):
        rows, style = result.table[result.table["label"] == label], look(index)
        if len(result.labels) <= 4:
            ax.fill_between(rows["env_steps"], rows["low"], rows["high"], color=style.color, alpha=0.14, linewidth=0)
        marked = style.line() | {"markevery": (2 * index, max(1, len(rows) // 7))}
        ax.plot(rows["env_steps"], rows["score"], **marked, label=label, zorder=3)
    dress(ax)
    steps_axis(ax)
    ax.set_xlabel("environment steps of the search")
    number_axis(ax.yaxis, score_words(result.objective, "undiscounted return"))
    legend_beside(ax, handlelength=3)
    sentences = [f"Mean of the incumbents over {_repetitions(result)}, judged by {result.judged}."]
    if len(result.labels) <= 4:
        sentences.append(f"Shaded: {100 * result.confidence:g} % interval of that mean (Student's t).")
    caption(ax, sentences, title)
    return ax


def search_progress_alt_text(result: Progress) -> str:
    """Return in words what `search_progress` draws: what each kind of search holds half-way and at the end."""
    taken("result", result, Progress)
    parts = []
    for label in result.labels:
        rows = result.table[result.table["label"] == label]
        middle, last = rows.iloc[(len(rows) - 1) // 2], rows.iloc[-1]
        ends = " to ".join(number_label(float(last[end]), 4) for end in ("low", "high"))
        parts.append(
            f"{label} {number_label(float(middle['score']), 4)} after {middle['env_steps']:,} steps and "
            f"{number_label(float(last['score']), 4)} ({ends}) after {last['env_steps']:,}"
        )
    return (
        f"Progress of searches: {objective_words(result.objective)} of the incumbent, mean of {_repetitions(result)}, "
        f"judged by {result.judged}: {'; '.join(parts)}."
    )


def _repetitions(result: Progress) -> str:
    counts = sorted(set(result.table["n"]))
    n = f"{counts[0]}" + (f" to {counts[-1]}" if len(counts) > 1 else "")
    return f"{n} repetition{'s' * (counts[-1] > 1)}"
