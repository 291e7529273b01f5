"""What right answers look like, drawn without giving them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def linear_epsilon(ax: Axes) -> str:
    """Draw a straight line to half of training."""
    ax.plot([0.0, 0.5, 1.0], [1.0, 0.05, 0.05])
    ax.set(xlabel="progress (share of training done)", ylabel="epsilon", ylim=(0, 1.05))
    return "Epsilon falls in a straight line from 1 at the start to 0.05 at half of training and stays there."


def exploratory_steps(ax: Axes) -> str:
    """Draw the area under a schedule."""
    progress = np.array([0.0, 0.8, 1.0])
    epsilon = np.array([1.0, 0.05, 0.05])
    ax.plot(progress, epsilon)
    ax.fill_between(progress, epsilon, alpha=0.3)
    ax.text(0.05, 0.15, "area = 0.43\ntimes 10,000 steps\n= 4,300 random actions")
    ax.set(xlabel="progress (share of training done)", ylabel="epsilon", ylim=(0, 1.05))
    return "The area under the linear schedule from 1 to 0.05 over 80 % of training is 0.43: 4,300 of 10,000 steps."


def budget(ax: Axes) -> str:
    """Draw the frame that the schedule must fit."""
    ax.axhspan(0, 0.05, xmin=0.5, color="C2", alpha=0.3)
    ax.plot([0], [1], "o", color="C0")
    ax.axvline(0.5, color="C7", linestyle=":")
    ax.text(0.52, 0.08, "at most 0.05 from here on")
    ax.text(0.08, 0.95, "begins at 1")
    ax.text(0.03, 0.4, "area under the curve: 0.20")
    ax.set(xlabel="progress", ylabel="epsilon", xlim=(0, 1), ylim=(0, 1.05))
    return (
        "The frame that the schedule must fit: it begins at 1, is at most 0.05 from half of training on, and the area "
        "under it is 0.20."
    )


def silent_bug(ax: Axes) -> str:
    """Draw epsilon over training, buggy and repaired."""
    ax.plot([0, 100], [1.0, 0.93], "--", color="C1", label="buggy")
    ax.plot([0, 50, 100], [1.0, 0.05, 0.05], color="C0", label="repaired")
    ax.set(xlabel="per cent of the environment steps", ylabel="epsilon", ylim=(0, 1.05))
    ax.legend()
    return "The buggy epsilon hardly leaves 1; the repaired one falls to 0.05 at half of the environment steps."


def persistent_actions(ax: Axes) -> str:
    """Draw actions held for one step and for four."""
    ax.step(
        range(12), [2, 0, 1, 1, 2, 0, 0, 2, 1, 0, 2, 1], where="post", color="C1", linestyle="--", label="repeat = 1"
    )
    ax.step(range(12), [0, 0, 0, 0, 2, 2, 2, 2, 1, 1, 1, 1], where="post", color="C0", label="repeat = 4")
    ax.set(xlabel="step", ylabel="action", yticks=[0, 1, 2])
    ax.set_ylim(-0.2, 2.9)
    ax.legend(loc="upper center", ncols=2)
    return (
        "With repeat 1 the action changes at almost every step; with repeat 4 each drawn action is held for four steps."
    )


def schedule_table(ax: Axes) -> str:
    """Draw the shape of the table."""
    table = ax.table(
        cellText=[["16", "0.100", "..."], ["16", "0.250", "..."]],
        colLabels=["n", "mean_epsilon", "iqm"],
        rowLabels=["constant 0.1", "linear 1 to 0 over 0.5"],
        loc="center",
    )
    table.scale(0.8, 1.6)
    ax.axis("off")
    return "A table with one row for each schedule and the columns n, mean_epsilon and iqm."
