"""The controls of the explorer of fronts, and the ranges that follow what they choose among."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from rlhp.widgets.frame._controls import Number, choice
from rlhp.widgets.pareto._measured import FEWEST, Judged, Measured
from rlhp.widgets.pareto._setting import OBJECTIVES, RULES

__all__ = ["cover_limit", "follow_pool", "made_controls"]

_STEPS = 50  # of a slider, at least
_REACHED = 0.9  # of the range of returns: where the threshold stands at first


def made_controls(environments: Sequence[str], start: dict[str, Any]) -> dict[str, Any]:
    """Make a control for each trait, by its name."""
    return {
        "environment": choice("Environment", list(environments)),
        "first": choice("First objective", OBJECTIVES, start["first"]),
        "second": choice("Second objective", OBJECTIVES, start["second"]),
        "threshold": Number("Threshold", 0.5, 0.0, 1.0),
        "seeds": Number("Seeds that draw", start["seeds"], FEWEST, FEWEST + 1, integer=True),
        "rule": choice("Take", RULES, start["rule"]),
        "weight": Number("Weight of the first", start["weight"], 0.0, 1.0),
        "limit": Number("Limit on the second", 0.5, 0.0, 1.0),
    }


def follow_pool(controls: dict[str, Any], measured: Measured) -> float:
    """Let thresholds and seeds go as far as a pool's; return the threshold to begin with."""
    low, high = _round_range(*measured.returns, math.floor, math.ceil)
    controls["threshold"].cover(low, high)
    controls["seeds"].cover(FEWEST, max(measured.most_seeds, FEWEST + 1))
    return float(f"{low + _REACHED * (high - low):.3g}")


def cover_limit(control: Number, judged: Judged) -> float:
    """Let the limit on the second objective go over all configurations; return the end that allows all of them.

    The other end allows one. The slider has the scale of the picture.
    """
    front, aim = judged.drawn, judged.drawn.aims[1]
    everywhere, on = front.table[aim.name], front.front[aim.name]
    scale = judged.spread(aim.name)[2]
    if aim.direction == "minimize":
        least, most = float(on.min()), float(everywhere.max())
        low, high = (_up(least), _up(most)) if scale == "log" else _round_range(least, most, math.ceil, math.ceil)
        control.rename("Second, at most")
    else:
        low, high = _round_range(float(everywhere.min()), float(on.max()), math.floor, math.floor)
        control.rename("Second, at least")
    control.cover(low, high, measure=scale)
    return high if aim.direction == "minimize" else low


def _up(value: float) -> float:
    """Round up to three digits, with which a slider on a log scale counts."""
    power = math.floor(math.log10(value)) - 2
    return float(f"{math.ceil(round(value / 10.0**power, 9)) * 10.0**power:.3g}")


def _round_range(
    low: float, high: float, low_to: Callable[[float], int], high_to: Callable[[float], int]
) -> tuple[float, float]:
    """Return a range whose ends a slider reaches: whole steps of the power of ten that 50 of them fit into."""
    if not low < high:
        return low, low + 1.0
    power = math.floor(math.log10((high - low) / _STEPS))
    while True:
        step = 10.0**power
        ends = round(low_to(low / step) * step, max(-power, 0)), round(high_to(high / step) * step, max(-power, 0))
        if ends[0] < ends[1] and math.floor(math.log10((ends[1] - ends[0]) / _STEPS)) <= power:
            return ends
        power += 1
