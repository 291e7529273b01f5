"""What right answers look like, drawn without giving them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def variance_shares(ax: Axes) -> str:
    """Draw three made-up shares that add up to 1."""
    shares, names = [0.55, 0.25, 0.2], ["A", "B", "A and B together"]
    ax.barh(names[::-1], shares[::-1], color=["C2", "C1", "C0"], hatch="//")
    ax.set(xlabel="share of the variance (made up)", xlim=(0, 1))
    return "Three bars, of A, of B and of both together, that add up to 1; the numbers are made up."


def seed_noise(ax: Axes) -> str:
    """Draw what the share does as configurations move apart."""
    apart = np.array([0.0, 0.5, 1.0, 2.0, 4.0])
    ax.plot(apart, 1 / (1 + apart**2), "o-")
    ax.set(xlabel="spread between configurations over that between seeds", ylabel="share of noise", ylim=(0, 1.05))
    return "The share is 1 where configurations do not differ, and falls to 0 as they move apart."


def silent_bug(ax: Axes) -> str:
    """Draw the rises of five columns, of which only the first matters, buggy and repaired."""
    columns = np.arange(5)
    ax.plot(columns, [1.0, 1.02, 0.99, 1.01, 1.0], "s--", color="C1", label="buggy")
    ax.plot(columns, [1.0, 0, 0, 0, 0], "o-", color="C0", label="repaired")
    ax.set(xlabel="column", ylabel="rise of the error", xticks=columns)
    ax.legend()
    return "Only the first of five columns matters: repaired, the others have a rise of 0; buggy, all look alike."


def ablation_path(ax: Axes) -> str:
    """Draw a made-up path."""
    steps, scores = np.arange(4), [100, 240, 400, 390]
    ax.step(steps, scores, where="post")
    ax.plot(steps, scores, "o")
    ax.set(xlabel="changes made", ylabel="score (made up)", xticks=steps)
    return "From the start's score to the end's in steps, the largest gain first; a later step may go down."


def shapley_values(ax: Axes) -> str:
    """Draw made-up values between what a player brings alone and what it brings last."""
    names, alone, last, value = ["a", "b", "c"], [3, 1, 0], [7, 3, 2], [5.5, 2.0, 0.5]
    ax.hlines(names, alone, last, color="C7")
    ax.plot(alone, names, "<", label="alone")
    ax.plot(last, names, ">", label="last to come in")
    ax.plot(value, names, "o", label="Shapley value")
    ax.set(xlabel="worth (made up)")
    ax.legend()
    return "For each player the Shapley value lies between what it brings alone and what it brings as the last one."


def may_lead(ax: Axes) -> str:
    """Draw intervals and the line that decides."""
    share, low, high = np.array([0.5, 0.4, 0.3, 0.1]), [0.42, 0.3, 0.2, 0.05], [0.58, 0.5, 0.4, 0.15]
    place = np.arange(4)[::-1]
    ax.errorbar(share, place, xerr=[share - low, high - share], fmt="o", capsize=4)
    ax.axvline(0.42, linestyle="--", color="C7")
    ax.set(xlabel="share (made up)", yticks=place, yticklabels=["first", "second", "third", "fourth"])
    return "Four shares with intervals; only the second's reaches over the line where the first one's begins."
