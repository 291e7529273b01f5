"""By which measure variance counts: how much of a hyperparameter's weight lies below a coordinate."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import UniformIntegerHyperparameter

from rlhp.arguments import choice, shown
from rlhp.errors import unknown_name
from rlhp.importance._study import Array
from rlhp.spaces import DISCRETE, encode, levels_of, measure

MeasureOption = Literal["declared", "linear", "log"] | Mapping[str, str]
_WHOLE = ("declared", "linear", "log")
_EACH = ("declared", "linear", "log", "flipped-log")
# A larger range of whole numbers is as good as continuous.
_MOST_LEVELS = 10_000


def measures_used(space: ConfigurationSpace, option: MeasureOption) -> dict[str, str]:
    """Return by which measure each hyperparameter counts.

    Raises
    ------
    ValueError
        If a measure or a hyperparameter is unknown, or a range cannot have that measure.
    """
    declared: dict[str, str] = dict(measure(space))
    wanted = _asked(space, option)
    used = {}
    for name, own in declared.items():
        asked = wanted.get(name, "declared")
        if not isinstance(asked, str):
            raise ValueError(f"`measure` of `{name}` is {shown(asked)}; give one of {', '.join(map(repr, _EACH))}.")
        if asked not in _EACH:
            raise ValueError(unknown_name("measure", asked, _EACH, where=f"`{name}`"))
        if own == "categorical":
            if asked != "declared" and isinstance(option, Mapping):
                raise ValueError(f"`{name}` has levels, not a range; its measure stays as declared: leave it out.")
            used[name] = own
            continue
        _need_range(space[name], asked)
        used[name] = own if asked == "declared" else asked
    return used


def _asked(space: ConfigurationSpace, option: Any) -> dict[str, str]:
    if isinstance(option, Mapping):
        for name in option:
            if not isinstance(name, str) or name not in space:
                raise ValueError(unknown_name("hyperparameter", name, list(space), where="`measure`"))
        return dict(option)
    choice("measure", option, _WHOLE, hint="Or give a mapping of hyperparameters to measures.")
    return dict.fromkeys(space, option)


def _need_range(hp: Any, asked: str) -> None:
    lowest = hp.lower - 0.5 if isinstance(hp, UniformIntegerHyperparameter) else hp.lower
    if asked == "log" and lowest <= 0:
        raise ValueError(
            f"`{hp.name}` starts at {hp.lower}, so it has no logarithmic measure; give a mapping that leaves it out, "
            f"such as measure={{'learning_rate': 'log'}}, or a space whose range starts above 0."
        )
    if asked == "flipped-log" and (isinstance(hp, UniformIntegerHyperparameter) or hp.upper >= 1):
        raise ValueError(f"`{hp.name}` is {hp}; flipped-log is for a float whose range ends below 1.")


def weight_below(hp: Any, declared: str, used: str) -> Callable[[Array], Array] | None:
    """Return the function from a coordinate to the weight below it; None where that is the coordinate itself."""
    if used == declared:
        return None

    def below(u: Array) -> Array:
        # Undone and redone, the ends can miss themselves by a rounding, and then no part of the range would hold them.
        between = _spread(hp, used, _position(hp, declared, u))
        return np.where(u >= 1.0, 1.0, np.where(u <= 0.0, 0.0, between))

    return below


def _position(hp: Any, declared: str, u: Array) -> Array:
    """Undo the declared measure: a float's value, or how far along the whole numbers, from 0 to their count."""
    if isinstance(hp, UniformIntegerHyperparameter):
        if declared == "linear":
            return u * (hp.upper + 1 - hp.lower)
        low, high = math.log(hp.lower - 0.5), math.log(hp.upper + 0.5)
        return np.asarray(np.exp(low + u * (high - low)) - (hp.lower - 0.5))
    if declared == "log":
        return np.asarray(np.exp(math.log(hp.lower) + u * (math.log(hp.upper) - math.log(hp.lower))))
    if declared == "flipped-log":
        low, high = math.log1p(-hp.lower), math.log1p(-hp.upper)
        return np.asarray(-np.expm1(low + u * (high - low)))
    return np.asarray(hp.lower + u * (hp.upper - hp.lower))


def _spread(hp: Any, used: str, at: Array) -> Array:
    """Apply the measure to be used, onto [0, 1]."""
    low, high = (float(hp.lower), float(hp.upper))
    if isinstance(hp, UniformIntegerHyperparameter):
        low, high, at = hp.lower - 0.5, hp.upper + 0.5, at + hp.lower - 0.5
    if used == "log":
        low, high, at = math.log(low), math.log(high), np.log(at)
    elif used == "flipped-log":
        low, high, at = math.log1p(-low), math.log1p(-high), np.log1p(-at)
    return np.clip((at - low) / (high - low), 0.0, 1.0)


def cells(hp: Any, declared: str) -> tuple[Array, Array] | None:
    """Return the coordinates of the values of a discrete hyperparameter, and the edges between them; else None.

    A tree cuts somewhere between two values that it saw; by the measure every value owns an interval, and only whole
    ones lie on either side of the cut.
    """
    if isinstance(hp, DISCRETE):
        edges = levels_of(hp)[1]
        return (edges[1:] + edges[:-1]) / 2, edges
    if not isinstance(hp, UniformIntegerHyperparameter) or hp.size > _MOST_LEVELS:
        return None
    values = list(range(hp.lower, hp.upper + 1))
    if declared == "linear":
        return encode(hp, values), np.linspace(0.0, 1.0, len(values) + 1)
    ends = np.log(np.arange(hp.lower, hp.upper + 2) - 0.5)
    return encode(hp, values), (ends - ends[0]) / (ends[-1] - ends[0])
