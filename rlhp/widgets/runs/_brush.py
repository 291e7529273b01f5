"""Configurations chosen by ranges: their scores as columns to choose by, and what the chosen ones have in common."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rlhp.curves import number_label
from rlhp.widgets.frame._markup import fold, paragraphs, table
from rlhp.widgets.runs._view import FEW, SCORES, Column, Held, Mask, described

__all__ = ["chosen"]

_CAME_OUT = (
    "They were chosen by what came out. So their curves say how these runs went, and promise too much of new runs of "
    "the same configurations."
)


def chosen(held: Held, env_id: str, filters: Mapping[str, object], by: str) -> str:
    """Return how many configurations of an environment pass the filters, and in which ranges they lie, as HTML.

    Parameters
    ----------
    held : Held
    env_id : str
    filters : mapping
        What was chosen, by column; without any, only what groups by a score is told of.
    by : str
        Column that the runs are grouped by.
    """
    by_score = by in SCORES or any(name in SCORES for name in filters)
    warning = paragraphs([_CAME_OUT] if by_score else [], quiet=True)
    if not filters:
        return warning
    here = held.runs.table["env_id"].to_numpy() == env_id
    passed = held.passing(filters) & here
    n, of = held.n_configs(passed), held.n_configs(here)
    said = f"{n:,} of {of:,} configurations chosen: {described(filters)}."
    return (
        paragraphs([said]) + fold("The chosen configurations by hyperparameter", _ranges(held, passed, here)) + warning
    )


def _ranges(held: Held, passed: Mask, here: Mask) -> str:
    """Write between which values the chosen configurations lie, and between which all do."""
    wanted = {*held.runs.factors, *SCORES}
    names = [name for name in held.columns if name in wanted]
    rows = [[name, _span(held.columns[name], passed), _span(held.columns[name], here)] for name in names]
    return table(["hyperparameter", "chosen", "all"], rows, named=True)


def _span(column: Column, among: Mask) -> str:
    """Write the ends of a range, or the few values that there are."""
    cells = column.cells[among]
    if not len(cells):
        return "none"
    if not column.ranges:
        found = [label for label, mask in column.masks() if (mask & among).any()]
        return ", ".join(found[:FEW])
    numbers = column.numbers[among]
    inactive = " or inactive" if np.isnan(numbers).any() else ""
    known = numbers[~np.isnan(numbers)]
    return (
        f"{number_label(float(known.min()), 4)} to {number_label(float(known.max()), 4)}{inactive}"
        if len(known)
        else "inactive"
    )
