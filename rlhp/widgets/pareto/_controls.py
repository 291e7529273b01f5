"""The controls of the explorer of fronts, and the ranges that follow what they choose among."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rlhp.curves import ParetoFront
from rlhp.widgets.frame._controls import Number, choice
from rlhp.widgets.pareto._measured import FEWEST, Measured
from rlhp.widgets.pareto._setting import OBJECTIVES, RULES

__all__ = ["cover_limit", "follow_pool", "made_controls"]

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
    low, high = measured.returns
    controls["threshold"].cover(low, high)
    controls["seeds"].cover(FEWEST, max(measured.most_seeds, FEWEST + 1))
    return float(f"{low + _REACHED * (high - low):.3g}")


def cover_limit(control: Number, front: ParetoFront) -> None:
    """Let the limit on the second objective go over all configurations, but never so far that it allows none."""
    aim = front.aims[1]
    everywhere, on = front.table[aim.name], front.front[aim.name]
    cost = aim.direction == "minimize"
    low, high = (on.min(), everywhere.max()) if cost else (everywhere.min(), on.max())
    if not low < high:
        low, high = (low, low + 1.0) if cost else (high - 1.0, high)
    control.rename("Second, at most" if cost else "Second, at least")
    control.cover(float(low), float(high))
