"""What right answers look like, drawn without giving them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def discounted_return(ax: Axes) -> str:
    """Draw the weights of four rewards."""
    weights = 0.5 ** np.arange(4)
    ax.bar(range(4), weights)
    ax.set(xlabel="step t", ylabel="weight of the reward", title="gamma = 0.5", xticks=range(4))
    for step, weight in enumerate(weights):
        ax.annotate(f"{weight:g}", (step, weight), ha="center", va="bottom")
    ax.set_ylim(0, 1.15)
    return "Four bars: with gamma 0.5 the first reward weighs 1, the second 0.5, the third 0.25, the fourth 0.125."


def gradient_steps(ax: Axes) -> str:
    """Draw the rollouts that a budget of steps takes."""
    for rollout in range(3):
        ax.broken_barh([(rollout * 256, 256)], (0, 1), facecolors=("C0", "C1")[rollout % 2], alpha=0.6)
        ax.text(rollout * 256 + 128, 0.35, f"rollout {rollout + 1}\n256 steps", ha="center", va="center")
    ax.axvline(600, ymin=0.4, ymax=0.84, color="black", linestyle="--")
    ax.annotate("steps = 600", (600, 1.02), ha="center", va="bottom")
    ax.set(xlabel="environment steps (n_envs = 8, n_steps = 32)", yticks=[], ylim=(0, 1.2))
    return (
        "Asked for 600 environment steps with 8 environments of 32 steps, PPO plays three whole rollouts of 256 steps, "
        "so it goes on to step 768."
    )


def silent_bug(ax: Axes) -> str:
    """Draw the returns of five episodes, buggy and repaired."""
    ax.plot([1, 2, 3, 4, 5], [42, 42, 42, 42, 42], "x", color="C1", label="buggy: always the same")
    ax.plot([1, 2, 3, 4, 5], [42, 31, 55, 38, 47], "o", color="C0", label="repaired: they differ")
    ax.set(xlabel="episode", ylabel="return", ylim=(0, 80), xticks=range(1, 6))
    ax.legend()
    return (
        "Returns of five episodes: the buggy evaluation gives the same return five times, the repaired one gives five "
        "different returns."
    )


def upset(ax: Axes) -> str:
    """Draw the table of all pairs."""
    good, bad = [500, 480, 300], [500, 200]
    for i, left in enumerate(good):
        for j, right in enumerate(bad):
            share = 1.0 if right > left else 0.5 if right == left else 0.0
            ax.text(j, i, f"{share:g}", ha="center", va="center", fontsize=14)
    ax.set(
        xticks=[0, 1], xticklabels=bad, yticks=[0, 1, 2], yticklabels=good, xlim=(-0.5, 1.5), ylim=(2.5, -0.5),
        xlabel="returns of `worse`", ylabel="returns of `better`",
    )  # fmt: skip
    return (
        "A table of all six pairs: the worse configuration wins against 480 and 300 with its 500 (1 each), ties with "
        "500 (one half), and loses all three comparisons with its 200 (0 each): 2.5 of 6."
    )


def iqm(ax: Axes) -> str:
    """Draw which of eight runs the mean of the middle half counts."""
    values = [0, 0, 1, 2, 3, 10, 20, 500]
    colours = ["C7"] * 2 + ["C0"] * 4 + ["C7"] * 2
    ax.bar(range(8), values, color=colours)
    ax.set(xlabel="runs, sorted", ylabel="return", ylim=(0, 25))
    ax.annotate("500", (7, 24), ha="center", va="top", color="white")
    ax.set_title("mean of the middle half (blue) = 4")
    return (
        "Eight sorted returns 0, 0, 1, 2, 3, 10, 20, 500. The lowest two and the highest two are grey; the mean of the "
        "middle four, 1, 2, 3 and 10, is 4."
    )


def fair_comparison(ax: Axes) -> str:
    """Draw a plan as a table, the one difference marked."""
    names = ["learning_rate", "n_steps", "batch_size", "gamma"]
    rows = [["0.001", "32", "256", "0.98"], ["0.001", "32", "256", "0.90"]]
    table = ax.table(cellText=rows, colLabels=names, rowLabels=["first", "second"], loc="center", cellLoc="center")
    table[(2, 3)].set_facecolor("#fde2b3")
    ax.axis("off")
    ax.set_title("seeds 0, 1, 2, 3, 4 for both; 20,000 steps for both")
    return (
        "Two configurations that agree in learning rate, n_steps and batch size and differ in gamma alone, 0.98 "
        "against 0.90; both with the seeds 0 to 4 and 20,000 steps."
    )
