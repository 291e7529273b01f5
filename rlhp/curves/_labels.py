"""Short names for hyperparameter values, as they stand in tables and beside curves."""

from __future__ import annotations

import math
from typing import Any

from rlhp import schedules
from rlhp.arguments import instance
from rlhp.schedules import Constant, Piecewise, Schedule, Step


def value_label(value: Any) -> str:
    """Write a hyperparameter's value briefly.

    Examples
    --------
    >>> value_label(0.001), value_label(100_000), value_label(None)
    ('0.001', '100,000', 'inactive')
    >>> value_label('{"schedule": "linear", "start": 1.0, "end": 0.05, "fraction": 0.5}')
    'linear 1 → 0.05 over 50 %'
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "inactive"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer() and abs(value) < 1e9):
        return f"{int(value):,}"
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(value)
    if text.startswith('{"schedule"'):
        return schedule_label(schedules.from_json(text))
    return text


def schedule_label(schedule: Schedule) -> str:
    """Write a schedule briefly: its kind, its ends, and the part of training over which it moves."""
    instance("schedule", schedule, Schedule, hint="`rlhp.schedules` has them.")
    if isinstance(schedule, Constant):
        return f"constant {schedule.value:g}"
    if isinstance(schedule, Piecewise):
        (_, first), (_, last) = schedule.points[0], schedule.points[-1]
        return f"piecewise {first:g} → {last:g} through {len(schedule.points)} points"
    start, end, fraction = (getattr(schedule, name) for name in ("start", "end", "fraction"))
    kind = f"{schedule.n_steps} steps" if isinstance(schedule, Step) else schedule.kind
    return f"{kind} {start:g} → {end:g}" + (f" over {100 * fraction:g} %" if fraction < 1 else "")
