"""Whether short runs tell which configurations win in the end."""

from __future__ import annotations

from matplotlib.axes import Axes

from rlhp.importance import BudgetCorrelation
from rlhp.plots._options import taken
from rlhp.plots._style import RULE, axes_for, caption, dress, look, steps_axis
from rlhp.plots._words import objective_words


def budget_correlation(result: BudgetCorrelation, *, ax: Axes | None = None, title: str | None = None) -> Axes:
    """Draw how far ranks after part of the training agree with the final ranks, with intervals.

    Parameters
    ----------
    result : BudgetCorrelation
        From `rlhp.importance.budget_correlation`.
    ax : Axes, optional
        Where to draw; without, a new figure is made that a notebook shows.
    title : str, optional

    Returns
    -------
    Axes

    Examples
    --------
    >>> from rlhp import datasets, importance, plots
    >>> found = importance.budget_correlation(datasets.load("exploration_cartpole"), rng=0, n_boot=100)
    >>> plots.budget_correlation(found, ax=plots.new_axes()).get_ylabel()
    'correlation with the final ranks'
    """
    taken("result", result, BudgetCorrelation, title=title)
    ax = axes_for(ax)
    style, table = look(0), result.table
    ax.axhline(0.0, color=RULE, linewidth=0.9, zorder=1)
    ax.fill_between(table["step"], table["low"], table["high"], color=style.color, alpha=0.2, linewidth=0, zorder=2)
    ax.plot(table["step"], table["correlation"], **style.line(), markevery=max(1, len(table) // 12), zorder=3)
    dress(ax)
    steps_axis(ax)
    ax.set_ylabel("correlation with the final ranks")
    ax.set_ylim(min(-0.05, float(table["low"].min()) - 0.05) if table["low"].notna().any() else -0.05, 1.05)
    sentences = [
        f"Spearman's correlation of {objective_words(result.objective)} on {result.env_id}, {result.data_text}.",
        f"Shaded: {100 * result.confidence:g} % interval at each step, configurations resampled.",
    ]
    if table["correlation"].isna().any():
        sentences.append("Gaps: all configurations score the same.")
    caption(ax, sentences, title)
    return ax


def budget_correlation_alt_text(result: BudgetCorrelation) -> str:
    """Return in words what `budget_correlation` draws: the correlation early, half-way, and late."""
    taken("result", result, BudgetCorrelation)
    known = result.table.dropna(subset=["correlation"])
    parts = [
        f"{row['correlation']:.2f} ({row['low']:.2f} to {row['high']:.2f}) at step {row['step']:,.0f}"
        for _, row in known.iloc[sorted({0, len(known) // 2, max(len(known) - 2, 0)})].iterrows()
    ]
    return (
        f"Budget correlation: ranks by {objective_words(result.objective)} on {result.env_id} against the final ranks, "
        f"{result.data_text}: {'; '.join(parts) or 'no step has an order'}."
    )
