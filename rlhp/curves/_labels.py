"""Short names for numbers and hyperparameter values, as they stand in tables, on axes and beside curves."""

from __future__ import annotations

import math
from typing import Any

from rlhp import schedules
from rlhp.arguments import instance, real, whole
from rlhp.schedules import Constant, Piecewise, Schedule, Step

# Below this a number has too many zeros to be read, and is written with a power of ten.
_SMALLEST = 1e-6
# The most decimals that tell a number from 1.
_NEAR_ONE = 6


def number_label(value: float, digits: int = 3) -> str:
    """Write a number plainly: some significant digits, thousands apart, and no power of ten where it can be read.

    Parameters
    ----------
    value : float
        May be infinite or NaN.
    digits : int
        Significant digits; a whole part is never cut, and a number just below 1 has as many as tell it from 1.

    Examples
    --------
    >>> number_label(3162.28), number_label(0.00001), number_label(-0.4567), number_label(0.9995), number_label(2.5e-9)
    ('3,162', '0.00001', '-0.457', '0.9995', '2.5e-9')
    """
    if not (isinstance(value, float) and math.isnan(value)):
        value = real("value", value, finite=False)
    digits = whole("digits", digits, at_least=1, at_most=15)
    if not math.isfinite(value):
        return str(value)
    if 0.99 < abs(value) < 1:
        # A discount of 0.99995 is not 1: the distance to 1 is what counts.
        apart = min(math.ceil(-math.log10(1 - abs(value))), _NEAR_ONE)
        return f"{value:.{max(digits, apart)}f}".rstrip("0").rstrip(".")
    rounded = float(f"{value:.{digits}g}")
    if abs(rounded) >= 10 ** (digits - 1):
        # A whole part of more digits stays whole: 3,162 and not 3,160.
        return f"{value:,.0f}" if abs(value) < 1e15 else f"{rounded:g}".replace("e+", "e")
    if rounded and abs(rounded) < _SMALLEST:
        return f"{rounded:.{digits}g}".replace("e-0", "e-")
    decimals = max(digits - 1 - math.floor(math.log10(abs(rounded))), 0) if rounded else 0
    text = f"{rounded + 0.0:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_label(value: Any) -> str:
    """Write a hyperparameter's value briefly.

    Examples
    --------
    >>> value_label(0.00001), value_label(100_000), value_label(None)
    ('0.00001', '100,000', 'inactive')
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
        return number_label(value, 4)
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
