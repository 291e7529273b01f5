"""What right answers look like, drawn without giving them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def to_value(ax: Axes) -> str:
    """Draw three measures of one range, with a logarithmic axis of values."""
    u = np.linspace(0, 1, 50)
    ax.semilogy(u, 0.01 + 0.98 * u, label="linear")
    ax.semilogy(u, 0.01 * 99**u, "--", label="log")
    ax.semilogy(u, 1 - 0.99 * (0.01 / 0.99) ** u, ":", label="flipped-log")
    ax.set(xlabel="u", ylabel="value, from 0.01 to 0.99")
    ax.legend()
    return (
        "Over u from 0 to 1 all three rise from 0.01 to 0.99. With a logarithmic axis of values the log measure is a "
        "straight line; linear rises steeply at first, flipped-log most steeply."
    )


def silent_bug(ax: Axes) -> str:
    """Draw pairs as the buggy and as the repaired function give them."""
    rng = np.random.default_rng(3)
    one, two, three = rng.random((3, 60))
    ax.plot(one, one, "s", color="C1", markersize=3, label="buggy")
    ax.plot(two, three, "o", color="C0", markersize=3, label="repaired")
    ax.set(xlabel="learning rate (share of its range)", ylabel="gamma (share of its range)")
    ax.legend()
    return "The buggy pairs lie on the diagonal of the square; the repaired ones fill all of it."


def clean(ax: Axes) -> str:
    """Draw the shape of the table before and after."""
    rows = [["auto", "-2.0", "4", "1"], ["0.1", "None", "4", "1"]]
    names = ["ent_coef", "target_entropy", "train_freq", "gradient_steps"]
    table = ax.table(cellText=rows, colLabels=names, loc="center")
    table.auto_set_font_size(False)
    table.set_fontsize(8)
    table.scale(1, 1.6)
    ax.axis("off")
    return (
        "A table of two configurations: with ent_coef auto the target entropy is there, with ent_coef 0.1 it is None."
    )


def largest_sweep(ax: Axes) -> str:
    """Draw how the number of configurations follows the budget."""
    fits = np.arange(1, 40)
    ax.step(fits, 2 ** np.floor(np.log2(fits)), where="post")
    ax.plot(fits, fits, ":", color="0.5")
    ax.set(xlabel="configurations that fit into the budget", ylabel="configurations to sweep", yticks=[1, 8, 16, 32])
    return "A staircase that goes up at 1, 2, 4, 8, 16 and 32 and never above the line of what fits."


def design(ax: Axes) -> str:
    """Draw sixteen points, four in each quarter of each side."""
    from scipy.stats import qmc

    points = qmc.LatinHypercube(2, rng=1, optimization="random-cd").random(16)
    ax.plot(*points.T, "o")
    ax.set(xlabel="learning rate (share of its range)", ylabel="gamma (share of its range)", xlim=(0, 1), ylim=(0, 1))
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1])
    ax.grid(visible=True)
    return "Sixteen points in a square that is cut into quarters both ways: four in each column and four in each row."


def expected_best(ax: Axes) -> str:
    """Draw the curve for the numbers from 1 to 100."""
    n = np.arange(1, 33)
    ax.plot(n, 100 * n / (n + 1), "o-", markersize=3)
    ax.axhline(100, color="0.5", linestyle=":")
    ax.set(xlabel="n", ylabel="expected best of n", ylim=(40, 104))
    return "For scores spread evenly from 0 to 100 the curve starts at 50, rises ever more slowly, and nears 100."


def honest_best(ax: Axes) -> str:
    """Draw both scores over the number of tuning seeds, with made-up numbers."""
    n = np.arange(1, 10)
    ax.plot(n, 80 + 18 / n, "s--", color="C1", label="tuning seeds")
    ax.plot(n, 80 - 10 / n, "o-", color="C0", label="other seeds")
    ax.set(xlabel="tuning seeds", ylabel="score of the chosen configuration")
    ax.legend()
    return (
        "The winner's score on the seeds that chose it starts far above its score on the other seeds; with more tuning "
        "seeds the two come closer. The numbers are made up."
    )
