"""What right answers look like, drawn without giving them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def three_scores(ax: Axes) -> str:
    """Draw a curve and the three numbers that are read off it."""
    steps, returns = np.array([2, 4, 6, 12]), np.array([20.0, 180.0, 120.0, 150.0])
    ax.plot(steps, returns, "o-", color="C0", label="evaluations")
    ax.fill_between(steps, 0, returns, color="C0", alpha=0.15, label="area")
    ax.plot(4, 180, "^", color="C1", markersize=11, label="best")
    ax.plot(12, 150, "s", color="C2", markersize=9, label="final")
    area = np.trapezoid(returns, steps) / 10
    ax.hlines(area, 2, 12, color="C0", linestyle="--", label="area / steps covered")
    ax.set(xlabel="steps (thousands)", ylabel="return", ylim=(0, None))
    ax.legend(fontsize=8, loc="lower right")
    return (
        "A curve of four evaluations at unequal distances: the best is the second, the final one is the last, and the "
        "area below the straight lines between them, divided by the steps covered, is a height in between."
    )


def iqm(ax: Axes) -> str:
    """Draw sorted scores, the middle half filled."""
    scores = np.array([10, 40, 55, 60, 75, 90, 130, 480])
    kept = (np.arange(8) >= 2) & (np.arange(8) < 6)
    ax.bar(np.arange(8)[kept], scores[kept], color="C0", label="kept")
    ax.bar(np.arange(8)[~kept], scores[~kept], color="white", edgecolor="C0", hatch="//", label="left out")
    ax.axhline(scores[kept].mean(), color="C1", label="IQM")
    ax.axhline(scores.mean(), color="C2", linestyle="--", label="mean")
    ax.set(xlabel="runs, sorted", ylabel="score")
    ax.legend(fontsize=8)
    return "Eight sorted scores; the middle four are kept. One very high score lifts the mean, but not the IQM."


def silent_bug(ax: Axes) -> str:
    """Draw two intervals of the same runs."""
    ax.plot([200, 255], [1, 1], color="C1", linewidth=3)
    ax.plot([150, 310], [0, 0], color="C0", linewidth=3)
    ax.plot([228, 228], [0, 1], "o", color="black")
    ax.set_yticks([0, 1], ["repaired", "buggy"])
    ax.set(xlabel="mean area under the curve (made up)", ylim=(-0.6, 1.6), xlim=(100, 360))
    return "Two intervals around one estimate: the repaired one is about three times as wide as the buggy one."


def wrong_share(ax: Axes) -> str:
    """Draw how the share falls with the seeds."""
    n = np.arange(1, 17)
    ax.plot(n, 0.42 * np.exp(-(n - 1) / 7), "o-")
    ax.set(xlabel="n", ylabel="wrong_share(...)", ylim=(0, 0.5))
    return "For most pairs the share of wrong studies falls with the number of seeds, from under one half; made up."


def winners_curse(ax: Axes) -> str:
    """Draw the two numbers over the number of tuning seeds."""
    n = np.arange(1, 12)
    ax.plot(n, 300 + 160 / n, "o-", label="on the seeds that chose it (tuned)")
    ax.plot(n, 250 - 10 / n, "s--", label="on the other seeds (test)")
    ax.set(xlabel="n_tuning", ylabel="score of the chosen configuration", ylim=(0, None))
    ax.legend(fontsize=8)
    return "The tuned score of the winner starts far above its test score and comes nearer with more tuning seeds."
