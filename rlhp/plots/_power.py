"""How many seeds a difference takes."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rlhp.curves import Power, number_label
from rlhp.plots._options import taken
from rlhp.plots._style import FONT, QUIET, TEXT, axes_for, caption, dress, look
from rlhp.plots._words import scored_words


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
    taken("result", result, Power, title=title)
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
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("seeds a group")
    ax.set_ylabel("studies that find the difference")
    said = [
        f"A difference of {number_label(result.effect, 4)} in {scored_words(result.scores)}; {result.method}, "
        f"two-sided at {result.alpha:g}.",
        f"Shaded: 95 %, what the pilot of {result.scores.runs_text} leaves open.",
    ]
    caption(ax, said, title)
    return ax


def power_alt_text(result: Power) -> str:
    """Return in words what `power` draws: the power at its ends and the seeds that are needed."""
    taken("result", result, Power)
    first, last = result.table.iloc[0], result.table.iloc[-1]
    need = f"{result.needed} seeds" if result.needed is not None else f"more than {last['n']:.0f} seeds"
    return (
        f"Power to find a difference of {number_label(result.effect, 4)} in {scored_words(result.scores)}: "
        f"{first['power']:.0%} with "
        f"{first['n']:.0f} seeds a group, {last['power']:.0%} with {last['n']:.0f}; {need} a group reach "
        f"{result.wanted:.0%}."
    )
