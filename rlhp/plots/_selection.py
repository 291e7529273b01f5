"""What the choice of the best configuration is worth: its score on the seeds that chose it, and on others."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rlhp.curves import Selection, number_label
from rlhp.plots._options import taken
from rlhp.plots._style import SMALL, TEXT, axes_for, caption, dress, look, number_axis
from rlhp.plots._words import scored_words


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
    taken("result", result, Selection, title=title)
    ax = axes_for(ax)
    table = result.by_seeds
    n = table["n_tuning"].to_numpy()
    tuned, test = look(1), look(0)
    ax.plot(n, table["tuned"], **tuned.line(), label="on the seeds that chose it (tuned)")
    ax.plot(n, table["test"], **test.line(), label="on the other seeds (test)")
    dress(ax)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("tuning seeds")
    number_axis(ax.yaxis, scored_words(result.scores))
    ax.legend(frameon=False, fontsize=SMALL, labelcolor=TEXT)
    sentences = [
        f"Score of the configuration that comes out best of {len(result.table)}, {result.statistic} over seeds; means "
        f"over random splits of {result.scores.runs_text}.",
        _curse(result),
    ]
    caption(ax, sentences, title)
    return ax


def selection_alt_text(result: Selection) -> str:
    """Return in words what `selection` draws: tuned and test score with few and with many tuning seeds."""
    taken("result", result, Selection)
    table = result.by_seeds
    few = table.iloc[0]
    count = int(result.table["may_be_best"].sum())
    return (
        f"Score of the configuration chosen by {scored_words(result.scores)}: with {few['n_tuning']:.0f} tuning seed "
        f"it looks like {number_label(float(few['tuned']))} and reaches {number_label(float(few['test']))} on the "
        f"others. {_curse(result)} By all seeds {count} of {len(result.table)} configurations may be best."
    )


def _curse(result: Selection) -> str:
    """Return by how much the tuned score flatters with three tuning seeds, or as many as there can be below that."""
    row = result.by_seeds[result.by_seeds["n_tuning"] <= 3].iloc[-1]
    n = int(row["n_tuning"])
    seeds = f"{n} tuning seed{'s' * (n > 1)}"
    more, low, high = (number_label(float(row[name])) for name in ("curse", "curse_low", "curse_high"))
    return (
        f"With {seeds} the first is better than the second by {more} on average ({low} to {high} in the middle 95 % of "
        f"the splits)."
    )
