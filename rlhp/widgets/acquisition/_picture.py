"""The picture of the acquisition explorer: belief above, what is worth trying below it, whole searches at the foot."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from rlhp import plots
from rlhp.curves import number_label
from rlhp.widgets.acquisition._belief import Belief, Sample
from rlhp.widgets.acquisition._ground import Curve
from rlhp.widgets.acquisition._searches import Repeated

__all__ = ["LEFT", "RIGHT", "SHAPE", "draw"]

SHAPE = {"width": 640, "height": 470}
# Where the axes lie, as parts of the picture: a click is read by them.
LEFT, RIGHT = 0.095, 0.965
_BESIDE = 0.63
_ROWS = ((0.53, 0.425), (0.375, 0.125), (0.075, 0.185))
_GREY = "#6B6B6B"
_LABELS = {"log_ei": "log EI", "ei": "EI", "lcb": "mean +\nkappa sd"}


def draw(
    ax: Any,
    curve: Curve,
    samples: Sequence[Sample],
    belief: Belief | None,
    *,
    acquisition: str,
    truth_shown: bool,
    repeated: Sequence[Repeated],
    searched: str,
) -> None:
    """Draw everything there is.

    Parameters
    ----------
    ax : Axes
        Its figure is cut into three.
    curve : Curve
    samples : sequence of Sample
        The last one is marked.
    belief : Belief or None
        None: not known yet.
    acquisition : str
    truth_shown : bool
    repeated : sequence of Repeated
        Searches on one ground, at most five kinds.
    searched : str
        What that ground is.
    """
    figure = ax.figure
    figure.set_layout_engine(None)  # with one, everything would be drawn twice
    rows = [ax, figure.add_subplot(3, 1, 2), figure.add_subplot(3, 1, 3)]
    for row, (bottom, height) in zip(rows, _ROWS, strict=True):
        row.set_position([LEFT, bottom, RIGHT - LEFT, height])
        row.spines[["top", "right"]].set_visible(False)
        row.grid(visible=False)
        row.tick_params(labelsize=8)
    _draw_belief(rows[0], curve, samples, belief, truth_shown=truth_shown)
    _draw_worth(rows[1], curve, belief, _LABELS[acquisition])
    if repeated:  # what each line is stands beside it
        rows[2].set_position([LEFT, _ROWS[2][0], _BESIDE - LEFT, _ROWS[2][1]])
    _draw_repeated(rows[2], repeated, searched)


def _draw_belief(ax: Any, curve: Curve, samples: Sequence[Sample], belief: Belief | None, *, truth_shown: bool) -> None:
    look = plots.look(0)
    fine = np.linspace(0.0, 1.0, 241)
    truth = curve.truth(fine)
    if truth_shown:
        ax.plot(curve.value(fine), truth, color=_GREY, linewidth=1.2, linestyle=(0, (4, 2)), label="the truth")
    if belief is not None:
        x = curve.value(belief.u)
        low, high = belief.mean - 2 * belief.std, belief.mean + 2 * belief.std
        ax.fill_between(x, low, high, color=look.color, alpha=0.18, linewidth=0, label="mean ± 2 sd")
        ax.plot(x, belief.mean, color=look.color, linewidth=1.8, label="mean")
    x = curve.value(np.array([one.u for one in samples]))
    ax.plot(x, [one.score for one in samples], "o", color="black", markersize=4.5, label="samples")
    if samples:
        ax.plot(
            x[-1:], [samples[-1].score], "o", color=plots.look(1).color, markersize=7, mec="black", label="the last"
        )
    spread = max(float(np.ptp(truth)), 1e-9)
    floor = min([float(truth.min()), *(one.score for one in samples)]) - 0.3 * spread
    ceiling = max([float(truth.max()), *(one.score for one in samples)]) + 0.3 * spread
    ax.set(xscale="log", xlim=(curve.low, curve.high), ylim=(floor, ceiling))
    ax.set_ylabel("score", fontsize=8.5)
    ax.legend(loc="upper left", fontsize=7.5, ncols=5, frameon=False, borderaxespad=0.1, columnspacing=1.2)
    _decades(ax, curve, labels=False)
    ax.set_title(f"Score over {curve.name}: {curve.title}", loc="left", fontsize=8.5)


def _decades(ax: Any, curve: Curve, *, labels: bool) -> None:
    """Mark powers of ten alone: ticks are most of what drawing costs."""
    ends = range(math.ceil(math.log10(curve.low) - 1e-9), math.floor(math.log10(curve.high) + 1e-9) + 1)
    at = [10.0**one for one in ends]
    ax.set_xticks(at, [number_label(one) for one in at] if labels else [""] * len(at))
    ax.set_xticks([], minor=True)


def _draw_worth(ax: Any, curve: Curve, belief: Belief | None, label: str) -> None:
    ax.set(xscale="log", xlim=(curve.low, curve.high), yticks=[])
    _decades(ax, curve, labels=True)
    ax.set_xlabel(f"{curve.name} (logarithmic axis)", fontsize=8.5, labelpad=1)
    ax.set_ylabel(label, fontsize=8.5)
    if belief is None:
        ax.text(0.5, 0.5, "being computed", ha="center", va="center", transform=ax.transAxes, fontsize=8.5)
        return
    look = plots.look(2)
    # Far away the logarithm falls without end; what lies so far below is not looked at.
    worth = np.maximum(belief.worth, belief.worth.max() - 12.0) if label == "log EI" else belief.worth
    x = curve.value(belief.u)
    ax.fill_between(x, worth.min(), worth, color=look.color, alpha=0.25, linewidth=0)
    ax.plot(x, worth, color=look.color, linewidth=1.4)
    ax.axvline(x[belief.next], color=look.ink, linewidth=1.2, linestyle=(0, (2, 1.5)))
    right = belief.u[belief.next] < 0.85
    ax.annotate(
        "next", (x[belief.next], 0.06), xycoords=("data", "axes fraction"), fontsize=8, color=look.ink,
        xytext=(4 if right else -4, 0), textcoords="offset points", ha="left" if right else "right",
    )  # fmt: skip


def _draw_repeated(ax: Any, repeated: Sequence[Repeated], searched: str) -> None:
    ax.set_title(f"True score of what whole searches recommend: {searched}", loc="left", fontsize=8.5)
    if not repeated:
        ax.text(
            0.5, 0.5, "Repeat searches: their mean stands here", ha="center", va="center", transform=ax.transAxes,
            fontsize=8.5, color=_GREY,
        )  # fmt: skip
        ax.set(xticks=[], yticks=[])
        return
    for place, one in enumerate(repeated):
        look = plots.look(place)
        mean, low, high = one.interval()
        at = np.arange(1, len(mean) + 1)
        ax.fill_between(at, low, high, color=look.color, alpha=0.15, linewidth=0)
        label = "\n".join(textwrap.wrap(f"{one.choosing.words} (n = {len(one.worth)})", 36))
        ax.plot(at, mean, color=look.color, linestyle=look.linestyle, linewidth=1.6, label=label)
    ax.set_xlim(1, repeated[0].worth.shape[1])
    ax.set_xlabel("evaluations; shaded: 95 % interval of the mean", fontsize=8.5, labelpad=1)
    ax.legend(
        loc="upper left", bbox_to_anchor=(1.01, 1.1), fontsize=7.5, frameon=False, labelspacing=0.25, borderaxespad=0.0
    )
