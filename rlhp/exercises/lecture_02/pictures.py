"""What right answers look like, drawn without giving them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def replay_ratio(ax: Axes) -> str:
    """Draw the ratio over the batch size, for two training frequencies."""
    sizes = np.array([8, 16, 32, 64, 128, 256, 512])
    ax.loglog(sizes, sizes / 4, "o-", label="train_freq = 4")
    ax.loglog(sizes, sizes / 16, "s--", label="train_freq = 16")
    ax.set(xlabel="batch size", ylabel="replay ratio", xticks=sizes, xticklabels=sizes)
    ax.minorticks_off()
    ax.legend(title="one gradient step, one environment")
    return (
        "The replay ratio doubles with the batch size: with train_freq 4 from 2 at batch size 8 to 128 at 512, and "
        "a quarter of that with train_freq 16."
    )


def gradient_noise(ax: Axes) -> str:
    """Draw the noise of a batch's mean over its size."""
    sizes = np.array([1, 4, 16, 64, 256])
    ax.loglog(sizes, 2 / np.sqrt(sizes), "o-")
    ax.set(xlabel="batch size", ylabel="noise of the mean gradient", xticks=sizes, xticklabels=sizes)
    ax.minorticks_off()
    return "On logarithmic axes a straight line downwards: four times the batch size halves the noise."


def n_step_target(ax: Axes) -> str:
    """Draw the weights that rewards and value get."""
    steps = np.arange(6)
    ax.bar(steps[:5], 0.8 ** steps[:5], color="C0", label="rewards")
    ax.bar([5], [0.8**5], color="C1", hatch="//", label="value of the state 5 steps on")
    ax.set(xlabel="steps ahead", ylabel="weight in the target", title="gamma = 0.8, n = 5, no episode ends")
    ax.legend()
    return "The weights fall by the factor gamma from 1 for the first reward to gamma to the fifth for the value."


def silent_bug(ax: Axes) -> str:
    """Draw the loss of a perfect prediction over the batch size, buggy and repaired."""
    sizes = [1, 2, 8, 32, 128]
    ax.plot(sizes, [0.0, 5.0, 8.75, 9.7, 9.9], "s--", color="C1", label="buggy")
    ax.plot(sizes, [0.0] * 5, "o-", color="C0", label="repaired")
    ax.set(xlabel="batch size", ylabel="loss of a perfect prediction", xscale="log", xticks=sizes, xticklabels=sizes)
    ax.minorticks_off()
    ax.legend()
    return "The buggy loss of a perfect prediction is 0 only at batch size 1 and grows; repaired it is 0 throughout."


def equal_time(ax: Axes) -> str:
    """Draw the shape of the table."""
    rows = [["16", "50000", "..."], ["16", "30000", "..."], ["16", "5000", "..."]]
    table = ax.table(cellText=rows, colLabels=["n", "step", "iqm"], rowLabels=["8", "64", "512"], loc="center")
    table.scale(0.8, 1.6)
    ax.axis("off")
    return (
        "A table with one row for each batch size, the larger the fewer steps, and the columns n, step and iqm; the "
        "numbers are made up."
    )
