"""Where most single runs lie: tolerance bands, drawn and put into words."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from rlhp.curves import Tolerance, number_label
from rlhp.plots._options import taken
from rlhp.plots._style import axes_for, caption, dress, legend_beside, look, number_axis, steps_axis
from rlhp.plots._words import column_words

# Above so many runs their lines become a solid block; the band says where they lie.
_MOST_RUNS = 60


def tolerance(result: Tolerance, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw where most single runs lie, with the runs that say so.

    Parameters
    ----------
    result : Tolerance
        From `rlhp.curves.tolerance_band`.
    ax : Axes, optional
    title : str, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from rlhp import curves, datasets, plots
    >>> runs = datasets.load("exploration_cartpole").select(seed=list(range(6)))
    >>> plots.tolerance(curves.tolerance_band(runs), ax=plots.new_axes()).get_ylabel()
    'undiscounted return'
    """
    taken("result", result, Tolerance, title=title)
    ax = axes_for(ax)
    shade = 0.2 if len(result.groups) <= 2 else 0.12
    thin = sum(len(group.run_ids) for group in result.groups) <= _MOST_RUNS
    for index, group in enumerate(result.groups):
        style = look(index)
        if thin:
            ax.plot(group.steps, group.curves.T, color=style.color, alpha=0.4, linewidth=0.8, zorder=2)
        ax.fill_between(group.steps, group.low, group.high, color=style.color, alpha=shade, linewidth=0, zorder=1)
        for edge, label in ((group.low, None), (group.high, group.label or "all runs")):
            ax.plot(
                group.steps, edge, color=style.color, linestyle=style.linestyle, linewidth=1.4, zorder=3, label=label
            )
    dress(ax)
    steps_axis(ax)
    number_axis(ax.yaxis, column_words(result.value))
    if len(result.groups) > 1:
        legend_beside(ax, handlelength=3)
    caption(ax, [*_promise(result), *(["Thin: single runs."] if thin else [])], title)
    return ax


def tolerance_alt_text(result: Tolerance) -> str:
    """Return in words what `tolerance` draws: the band of each group at the end, and how sure it is."""
    taken("result", result, Tolerance)
    ends = [
        f"{group.label or 'all runs'} from {number_label(float(group.low[-1]))} to "
        f"{number_label(float(group.high[-1]))} after {group.steps[-1]:,} steps"
        for group in result.groups
    ]
    return f"Tolerance band: {' '.join(_promise(result))} {'; '.join(ends)}."


def _promise(result: Tolerance) -> list[str]:
    counts = sorted({len(group.run_ids) for group in result.groups})
    n = f"n = {counts[0]:,}" + (f" to {counts[-1]:,}" if len(counts) > 1 else "")
    share = f"{100 * result.share:g} % of all runs"
    sure = min(float(np.min(group.achieved)) for group in result.groups)
    if sure < result.confidence - 0.005:
        told = f"with a probability of {100 * sure:.0f} % only, not the {100 * result.confidence:g} % asked for"
    else:
        told = f"with a probability of {100 * result.confidence:g} %"
    methods = "; ".join(dict.fromkeys(group.method for group in result.groups))
    return [f"Band that holds {share} at a step {told}; {n} runs ({methods})."]
