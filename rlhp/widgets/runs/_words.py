"""What a run explorer says in words: where curves end, and what to know before they are compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rlhp.curves import CurveGroup, number_label
from rlhp.widgets.frame._markup import paragraphs, table
from rlhp.widgets.runs._curves import Together
from rlhp.widgets.runs._view import FEW, Column

__all__ = ["ends_table", "notes", "sentence"]


def sentence(what: str, labels: Sequence[str], groups: Sequence[CurveGroup]) -> str:
    """Return where the curves end; `what` they are of."""
    ends = [float(group.estimate[-1]) for group in groups]
    highest, lowest = int(np.argmax(ends)), int(np.argmin(ends))
    lasts = sorted({int(group.steps[-1]) for group in groups})
    steps = " to ".join(f"{last:,}" for last in sorted({lasts[0], lasts[-1]})) + " steps"
    if len(groups) == 1:
        return f"{what} after {steps}: {number_label(ends[0])}."
    if len(lasts) > 1:
        return (
            f"{what}: the curves end at different steps, after {steps}, so that their ends cannot be compared. "
            f"Unfold the table to see where each one ends, or show less of training to compare them at equal steps."
        )
    return (
        f"{what} after {steps}: highest {labels[highest]} with {number_label(ends[highest])}, lowest {labels[lowest]} "
        f"with {number_label(ends[lowest])}."
    )


def ends_table(by: str, labels: Sequence[str], groups: Sequence[CurveGroup]) -> str:
    """Write where each curve ends, with its interval, as HTML."""
    heads = [by.replace("_", " ") or "runs", "at the end", "95 % interval", "step", "runs", "configurations"]
    rows = []
    for label, group in zip(labels, groups, strict=True):
        low, high = float(group.low[-1]), float(group.high[-1])
        interval = f"{number_label(low)} to {number_label(high)}" if np.isfinite(low) else "too few runs"
        cells = [label, number_label(float(group.estimate[-1])), interval, f"{group.steps[-1]:,}", group.n]
        rows.append([*cells, group.n_configs])
    return table(heads, rows)


def notes(groups: Sequence[CurveGroup], parts: Sequence[Together], lost: int, by: str, column: Column | None) -> str:
    """Return what to know before the curves are compared, as HTML; `lost` is how many runs have none."""
    said = []
    many = column is not None and not column.ranges and len(column.levels) > FEW
    if many and column is not None:
        said.append(f"{by} has {len(column.levels)} values; the {FEW} of most runs are shown.")
    elif lost:
        said.append(
            f"{lost} of the runs that pass have no curve here: no evaluation of this, or none at a step that the "
            f"others of their group reach."
        )
    cut = [f"{one.shortest:,}" for one in parts if one.shortest is not None]
    if cut:
        said.append(
            f"A curve ends where the shortest of its finished runs does (step {', '.join(dict.fromkeys(cut))}); "
            f"group by steps, or filter, to see the longer ones."
        )
    if any(1 < group.n_configs < group.n for group in groups):
        said.append(
            "Seeds of one configuration are alike, so that an interval over several configurations is too narrow."
        )
    broken = sum(group.n_unfinished for group in groups)
    if broken:
        missing = any(not group.observed.all() for group in groups)
        after = (
            "where they have no evaluation they count as the worst return"
            if missing
            else ("all of them were evaluated at every step that is shown")
        )
        said.append(f"{broken} run{'s' * (broken > 1)} did not finish; {after}.")
    if len({group.environments for group in groups}) > 1:
        said.append("The curves are of several environments, whose returns are not on one scale.")
    return paragraphs(said, quiet=True)
