"""What a choice is worth, and where single runs lie: selections and tolerance bands, drawn and put into words."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rlhp.curves import Selection, Tolerance
from rlhp.plots._options import taken, title_option
from rlhp.plots._style import FONT, SMALL, TEXT, axes_for, caption, dress, look, steps_axis


def selection(result: Selection, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw the score of the configuration that some seeds choose: on the seeds that chose it, and on the others.

    Parameters
    ----------
    result : Selection
        From `rlhp.curves.selection`.
    ax : Axes, optional
    title : str, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from rlhp import Runs, curves, plots
    >>> configs = [{"gamma": gamma} for gamma in (0.9, 0.99) for _ in range(5)]
    >>> runs = Runs.from_table(configs, [1, 2, 3, 4, 5, 3, 4, 5, 6, 7], seeds=[*range(5)] * 2)
    >>> plots.selection(curves.selection(runs, rng=0), ax=plots.new_axes()).get_xlabel()
    'tuning seeds'
    """
    taken("result", result, Selection)
    title_option(title)
    ax = axes_for(ax)
    table = result.by_seeds
    n = table["n_tuning"].to_numpy()
    tuned, test = look(1), look(0)
    ax.plot(n, table["tuned"], **tuned.line(), label="on the seeds that chose it (tuned)")
    ax.plot(n, table["test"], **test.line(), label="on the other seeds (test)")
    dress(ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("tuning seeds")
    ax.set_ylabel(result.scores.what)
    ax.legend(frameon=False, fontsize=SMALL, labelcolor=TEXT)
    said = [
        f"Score of the configuration that comes out best of {len(result.table)}, {result.statistic} over seeds; means "
        f"over random splits of {result.scores.runs_text}.",
        _curse(result),
    ]
    caption(ax, said, title)
    return ax


def selection_alt_text(result: Selection) -> str:
    """Say in words what `selection` draws: tuned and test score with few and with many tuning seeds."""
    taken("result", result, Selection)
    table = result.by_seeds
    few = table.iloc[0]
    count = int(result.table["may_be_best"].sum())
    return (
        f"Score of the configuration chosen by {result.scores.what}: with {few['n_tuning']:.0f} tuning seed it looks "
        f"like {few['tuned']:.3g} and reaches {few['test']:.3g} on the others. {_curse(result)} By all seeds {count} "
        f"of {len(result.table)} configurations may be best."
    )


def _curse(result: Selection) -> str:
    """Say by how much the tuned score flatters with three tuning seeds, or as many as there can be below that."""
    row = result.by_seeds[result.by_seeds["n_tuning"] <= 3].iloc[-1]
    n = int(row["n_tuning"])
    seeds = f"{n} tuning seed{'s' * (n > 1)}"
    return (
        f"With {seeds} the first is better than the second by {row['curse']:.3g} on average ({row['curse_low']:.3g} to "
        f"{row['curse_high']:.3g} in the middle 95 % of the splits)."
    )


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
    taken("result", result, Tolerance)
    title_option(title)
    ax = axes_for(ax)
    shade = 0.2 if len(result.groups) <= 2 else 0.12
    for index, group in enumerate(result.groups):
        style = look(index)
        ax.plot(group.steps, group.curves.T, color=style.color, alpha=0.4, linewidth=0.8, zorder=2)
        ax.fill_between(
            group.steps, group.low, group.high, color=style.color, alpha=shade, linewidth=0, zorder=1,
            label=group.label or "all runs",
        )  # fmt: skip
        for edge in (group.low, group.high):
            ax.plot(group.steps, edge, color=style.color, linestyle=style.linestyle, linewidth=1.4, zorder=3)
    dress(ax)
    steps_axis(ax)
    ax.set_ylabel("undiscounted return" if result.value == "return_mean" else result.value)
    if len(result.groups) > 1:
        ax.legend(frameon=False, fontsize=FONT - 1, labelcolor=TEXT)
    caption(ax, [*_promise(result), "Thin: single runs."], title)
    return ax


def tolerance_alt_text(result: Tolerance) -> str:
    """Say in words what `tolerance` draws: the band of each group at the end, and how sure it is."""
    taken("result", result, Tolerance)
    ends = [
        f"{group.label or 'all runs'} from {group.low[-1]:.3g} to {group.high[-1]:.3g} after {group.steps[-1]:,} steps"
        for group in result.groups
    ]
    return f"Tolerance band: {' '.join(_promise(result))} {'; '.join(ends)}."


def _promise(result: Tolerance) -> list[str]:
    counts = sorted({len(group.run_ids) for group in result.groups})
    n = f"n = {counts[0]}" + (f" to {counts[-1]}" if len(counts) > 1 else "")
    share = f"{100 * result.share:g} % of all runs"
    sure = min(float(np.min(group.achieved)) for group in result.groups)
    if sure < result.confidence - 0.005:
        told = f"with a probability of {100 * sure:.0f} % only, not the {100 * result.confidence:g} % asked for"
    else:
        told = f"with a probability of {100 * result.confidence:g} %"
    methods = "; ".join(dict.fromkeys(group.method for group in result.groups))
    return [f"Band that holds {share} at a step {told}; {n} runs ({methods})."]
