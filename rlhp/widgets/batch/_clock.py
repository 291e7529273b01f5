"""Learning curves over seconds of training in place of environment steps."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlhp.curves import CurveSummary, number_label

__all__ = ["at_equal_seconds", "in_seconds", "seconds_axis"]

Seconds = Sequence[NDArray[np.float64]]


def in_seconds(summary: CurveSummary, seconds: Seconds) -> CurveSummary:
    """Put each group's curve over the milliseconds that its seeds had trained.

    Parameters
    ----------
    summary : CurveSummary
        Over environment steps.
    seconds : sequence of arrays
        For each group the seconds of training before each of its evaluations.
    """
    groups = []
    for group, spent in zip(summary.groups, seconds, strict=True):
        n = min(len(group.steps), len(spent))
        along = {
            name: getattr(group, name)[..., :n]
            for name in ("curves", "observed", "estimate", "low", "high", "band_low", "band_high", "draws")
        }
        steps = np.round(1000 * np.asarray(spent[:n])).astype(np.int64)
        groups.append(dataclasses.replace(group, steps=steps, **along))
    return dataclasses.replace(summary, groups=tuple(groups))


def seconds_axis(ax: Any, n_seeds: int) -> None:
    """Label the x axis of curves from `in_seconds`."""
    ax.set_xlabel(f"seconds of training, {n_seeds} seeds at once, here and now")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value / 1000:g}")


def at_equal_seconds(summary: CurveSummary, seconds: Seconds, labels: Sequence[str]) -> str:
    """Return where each curve is when the fastest of them is at its end; nothing of a single one.

    Parameters
    ----------
    summary, seconds
        As in `in_seconds`, every group trained to its end.
    labels : sequence of str
        What the groups are called.
    """
    ends = [float(spent[-1]) for spent in seconds if len(spent)]
    if len(ends) < 2 or len(ends) < len(labels):
        return ""
    limit, said = min(ends), []
    for label, group, spent in zip(labels, summary.groups, seconds, strict=True):
        past = np.flatnonzero(np.asarray(spent[: len(group.steps)]) <= limit + 1e-9)
        if not len(past):
            said.append(f"{label} is not evaluated yet")
            continue
        said.append(f"{label} is at {number_label(float(group.estimate[past[-1]]))} ({group.steps[past[-1]]:,} steps)")
    return f"After {number_label(limit, 2)} s of training, as long as the fastest takes: {'; '.join(said)}."
