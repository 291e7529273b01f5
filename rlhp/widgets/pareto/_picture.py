"""The picture of a front: every configuration, the front with its intervals, and where other seeds put it."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.lines import Line2D

from rlhp.curves import Choice, FrontStability
from rlhp.widgets.pareto._measured import Judged
from rlhp.widgets.pareto._setting import unit_of, words_of

__all__ = ["SHAPE", "SURE", "draw_front"]

SHAPE = {"width": 540, "height": 400, "widest": 640}  # CSS pixels
SURE = 0.5  # on the front in such a part of the resamples: drawn filled


def draw_front(
    ax: Any, judged: Judged, stability: FrontStability | None, choice: Choice, limit: float | None = None
) -> None:
    """Draw a front.

    Parameters
    ----------
    ax : Axes
    judged : Judged
    stability : FrontStability or None
        Its intervals, and which points are filled; None while it is computed: then all are.
    choice : Choice
    limit : float, optional
        On the second objective.
    """
    from rlhp import plots

    drawn, again = judged.drawn, judged.again
    y, x = drawn.names  # the second objective is most often what the first one costs: it lies along x
    orange, blue = plots.look(1).color, plots.look(0).color
    ax.get_figure().set_layout_engine(None)  # placed by hand, which is faster
    ax.set_position((0.14, 0.13, 0.83, 0.7))
    beaten, front = drawn.table[~drawn.table["on_front"]], drawn.front.sort_values(x, kind="stable")
    ax.plot(beaten[x], beaten[y], "o", color="#9A9A9A", markersize=3.5, alpha=0.5, markeredgewidth=0)
    step = "steps-post" if drawn.aims[1].direction == "minimize" else "steps-pre"
    ax.plot(front[x], front[y], color=orange, linewidth=1.1, drawstyle=step, zorder=3)
    there = again.table.loc[front.index]
    for one, other in zip(front[[x, y]].to_numpy(), there[[x, y]].to_numpy(), strict=True):
        ax.plot(*np.array([one, other]).T, color=blue, linewidth=0.7, alpha=0.6, zorder=2)
    ax.plot(there[x], there[y], "o", color="none", markeredgecolor=blue, markersize=5, zorder=4)
    sure = np.ones(len(front), dtype=bool)
    if stability is not None:
        own = stability.table.loc[front.index]
        sure = (own["share"] >= SURE).to_numpy()
        for name, plain in ((x, "xerr"), (y, "yerr")):
            ends = np.abs(own[[f"{name}.low", f"{name}.high"]].to_numpy().T - front[name].to_numpy())
            ax.errorbar(front[x], front[y], fmt="none", ecolor=orange, elinewidth=0.7, alpha=0.5, **{plain: ends})
    for filled in (True, False):
        rows = front[sure == filled]
        face = orange if filled else "white"
        ax.plot(rows[x], rows[y], "D", color=face, markeredgecolor=orange, markersize=6.5, zorder=5)
    taken = choice.values
    ax.plot(taken[x], taken[y], "*", color="black", markersize=15, markeredgecolor="white", zorder=6, clip_on=False)
    if limit is not None:
        ax.axvline(limit, color="black", linewidth=1, linestyle=(0, (4, 3)))
    _look_at(ax, judged, x, y)
    _title(ax, stability is not None, orange, blue)


def _look_at(ax: Any, judged: Judged, x: str, y: str) -> None:
    """Show every point, but no interval to its end, and name the axes."""
    for name, set_scale, set_limits in ((x, ax.set_xscale, ax.set_xlim), (y, ax.set_yscale, ax.set_ylim)):
        low, high, scale = judged.spread(name)
        if scale == "log":
            set_scale("log")
            set_limits(low / 1.3, high * 1.3)
        else:
            pad = 0.05 * ((high - low) or 1.0)
            set_limits(low - pad, high + pad)
    for axis, name in ((ax.xaxis, x), (ax.yaxis, y)):
        axis.set_label_text(f"{words_of(name)} ({unit_of(name)})", fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=8.5)


def _title(ax: Any, known: bool, orange: str, blue: str) -> None:
    """Say what the marks are, above the axes: inside, a legend would lie on points."""
    filled = "on the front in half of the resamples or more" if known else "on the front"
    marks = [
        ("D", orange, orange, filled),
        ("D", "white", orange, "in fewer" if known else ""),
        ("o", "none", blue, "the same by the other seeds"),
        ("o", "#9A9A9A", "none", "beaten by another"),
        ("*", "black", "white", "taken"),
    ]
    handles = [
        Line2D(
            [],
            [],
            linestyle="none",
            marker=mark,
            color=face,
            markeredgecolor=edge,
            label=label,
            markersize=11 if mark == "*" else 6,
        )
        for mark, face, edge, label in marks
        if label
    ]
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(-0.13, 1.0), ncols=3, fontsize=8, frameon=False,
        handletextpad=0.2, columnspacing=0.9,
    )  # fmt: skip
