"""The picture of a game: the best score by the tuning seeds so far, by hand and by machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rlhp.curves import MEAN, student_interval
from rlhp.widgets.game._ground import Ground, Played

__all__ = ["FEWEST", "SHAPE", "draw_game"]

SHAPE = {"width": 540, "height": 360, "widest": 640}  # CSS pixels
FEWEST = 3  # searches that an interval needs


def draw_game(ax: Any, ground: Ground, tried: Sequence[int], machines: Mapping[str, Sequence[Played]]) -> None:
    """Draw a game.

    Parameters
    ----------
    ax : Axes
    ground : Ground
    tried : sequence of int
        Places that the hand tried, in order.
    machines : mapping of label to searches
    """
    from rlhp import plots

    ax.get_figure().set_layout_engine(None)  # placed by hand, which is faster
    ax.set_position((0.13, 0.14, 0.84, 0.72))
    steps = np.arange(1, ground.evaluations + 1)
    for place, (label, many) in enumerate(machines.items()):
        if len(many) < FEWEST:
            continue
        tuned, look = np.array([one.tuned for one in many]), plots.look(place)
        low, high = student_interval(tuned, MEAN)
        low, high = np.maximum(low, ground.bounds[0]), np.minimum(high, ground.bounds[1])
        ax.plot(steps, tuned.mean(axis=0), **look.line(), label=f"{label}, mean of {len(many)}, 95 %", markevery=2)
        ax.fill_between(steps, low, high, color=look.color, alpha=0.15, linewidth=0)
    if tried:
        own = steps[: len(tried)]
        ax.plot(own, ground.tuned[list(tried)], "kx", markersize=6, label="your configurations")
        ax.plot(own, ground.by_hand(tried).tuned, "k-", linewidth=2, drawstyle="steps-post", label="your best")
    ax.set_xlim(0.5, ground.evaluations + 0.5)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set_xlabel("configurations trained", fontsize=9)
    ax.set_ylabel(f"return by {len(ground.pool.judging.tuning)} tuning seeds", fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=8.5)
    if ax.lines:
        ax.legend(loc="lower left", bbox_to_anchor=(-0.1, 1.0), ncols=2, fontsize=8, frameon=False)
