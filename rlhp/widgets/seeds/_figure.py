"""What a study drew, above how often studies of that size choose the worse configuration."""

from __future__ import annotations

from typing import Any

import numpy as np

from rlhp.widgets.background._training import seeds
from rlhp.widgets.seeds._studies import DrawnStudy, Odds, Pair

__all__ = ["HEIGHT", "draw_seeds"]

HEIGHT = 410  # CSS pixels
_ROWS = (1.1, 0.0)  # of the first and the second configuration


def draw_seeds(
    ax: Any, pair: Pair, n: int, *, odds: Odds | None, study: DrawnStudy | None, scale: float, unit: str
) -> None:
    """Draw the measured runs with the last study among them, and below the share of wrong studies by seeds.

    Parameters
    ----------
    ax : Axes
        Becomes the lower ones; the upper ones are added.
    pair : Pair
    n : int
        Seeds of each configuration.
    odds : Odds or None
        None where neither configuration is better.
    study : DrawnStudy or None
        The last one drawn.
    scale : float
        1, or -1 where less is better and scores were turned round.
    unit : str
        What a score is.
    """
    from rlhp import plots

    figure = ax.get_figure()
    # Placed by hand: letting matplotlib find the places takes longer than drawing.
    figure.set_layout_engine(None)
    above = figure.add_axes((0.04, 0.67, 0.92, 0.25))
    ax.set_position((0.13, 0.12, 0.84, 0.37))
    looks = plots.look(0), plots.look(1)
    spots = np.random.default_rng(0)
    for row, style, values, mean in zip(_ROWS, looks, pair.values, pair.estimates, strict=True):
        jitter = spots.uniform(-0.16, 0.16, len(values))
        above.plot(scale * values, row + jitter, style.marker, color=style.color, alpha=0.28, markersize=5, mew=0)
        above.plot([scale * mean] * 2, [row - 0.3, row + 0.3], color=style.color, linewidth=1.2, linestyle=(0, (3, 2)))
    if study is not None:
        for row, style, values, mean in zip(_ROWS, looks, study.values, study.estimates, strict=True):
            at = np.linspace(-0.12, 0.12, len(values)) if len(values) > 1 else np.zeros(1)
            above.plot(scale * values, row + at, style.marker, color=style.color, markersize=6, mec="black", mew=0.7)
            above.plot([scale * mean] * 2, [row - 0.3, row + 0.3], color=style.color, linewidth=3)
    for row, style, label in zip(_ROWS, looks, pair.labels, strict=True):
        above.text(0.0, row + 0.42, label, transform=above.get_yaxis_transform(), fontsize=8.5, color=style.ink)
    above.set_yticks([])
    above.spines["left"].set_visible(False)
    above.set_ylim(-0.42, 1.88)
    above.set_xlabel(unit)
    faint = f"Faint: all measured runs (dashed: their {pair.of.name})."
    solid = f" Solid: {seeds(n)} of each drawn, and their {pair.of.name}." if study is not None else ""
    above.set_title(_filled(faint + solid), loc="left", fontsize=8.5)
    _quiet(above)
    _draw_odds(ax, odds, n, plots.look(1).color)


def _draw_odds(ax: Any, odds: Odds | None, n: int, color: str) -> None:
    if odds is None:
        ax.text(0.5, 0.5, "All measured runs tie: neither is wrong.", ha="center", transform=ax.transAxes, fontsize=9)
        ax.set_axis_off()
        return
    ax.fill_between(odds.n, odds.low, odds.high, color=color, alpha=0.2, linewidth=0)
    ax.plot(odds.n, odds.wrong, color=color, linewidth=2, marker="s", markersize=4)
    ax.axhline(0.5, color="#8A8A8A", linewidth=1, linestyle=(0, (4, 2)))
    here = odds.at(n)
    ax.plot([n, n], [here["low"], here["high"]], color="black", linewidth=1.5)
    ax.plot(n, here["wrong"], "o", color="black", markersize=8)
    ax.set_ylim(-0.02, 1.02)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.set_xlim(0.5, odds.n[-1] + 0.5)
    ax.set_xticks([one for one in (1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 18, 20) if one <= odds.n[-1]])
    ax.set_xlabel("seeds of each configuration")
    ax.set_title(
        _filled(
            f"Share of {odds.studies:,} studies in which the worse one comes out ahead. Shaded: 95 % interval, what "
            f"the few measured runs leave open. Dashed: the toss of a coin."
        ),
        loc="left",
        fontsize=8.5,
        x=-0.107,
    )
    _quiet(ax)


def _filled(text: str, width: int = 82) -> str:
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n".join(lines)


def _quiet(ax: Any) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=8.5)
    ax.xaxis.label.set_fontsize(9)
