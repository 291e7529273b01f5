"""One hyperparameter and the unit interval: its declared measure, there and back."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import (
    CategoricalHyperparameter,
    Constant,
    Hyperparameter,
    OrdinalHyperparameter,
    UniformFloatHyperparameter,
    UniformIntegerHyperparameter,
)

from rlhp.arguments import instance
from rlhp.errors import unknown_name
from rlhp.frames import encode_value

Measure = Literal["linear", "log", "flipped-log", "categorical"]
AnyHyperparameter = Hyperparameter[Any, Any]
DISCRETE = (CategoricalHyperparameter, OrdinalHyperparameter, Constant)
"""The kinds of hyperparameters that have levels and no range."""

# ConfigSpace rounds floats to 13 decimals. We keep no more than that, and no more digits than the unit cube can carry
# there and back, so that it gives back the very same number and a configuration has the same hash on every machine.
_DECIMALS, _DIGITS, _DIGITS_OF_RANGE = 13, 12, 13


def need_space(space: Any) -> ConfigurationSpace:
    """Return the space that a function was passed, or say what makes one."""
    hint = "`spaces.default('dqn')` makes one, or build your own with ConfigSpace."
    return instance("space", space, ConfigurationSpace, hint=hint)


def kind_of(hp: AnyHyperparameter) -> str:
    """Name the kind of a hyperparameter: float, integer, categorical, ordinal, constant."""
    return type(hp).__name__.removesuffix("Hyperparameter").removeprefix("Uniform").lower()


def measure_of(hp: AnyHyperparameter) -> Measure:
    """Return the declared measure of one hyperparameter; `spaces.measure` documents it."""
    fitting: tuple[Measure, ...]
    if isinstance(hp, DISCRETE):
        fitting = ("categorical",)
    elif isinstance(hp, UniformIntegerHyperparameter):
        fitting = ("log" if hp.log else "linear",)
    elif isinstance(hp, UniformFloatHyperparameter):
        fitting = ("log",) if hp.log else ("linear", "flipped-log")
    else:
        raise ValueError(
            f"`{hp.name}` is a {type(hp).__name__}, which has no measure here; use its `.to_uniform()`, or give a "
            f"uniform float or integer, a categorical, an ordinal or a constant."
        )
    declared = (hp.meta or {}).get("measure", fitting[0])
    for one in fitting:
        if one == declared:
            if one == "flipped-log" and getattr(hp, "upper", 1.0) >= 1.0:
                raise ValueError(f"`{hp.name}` is flipped-log, so its upper end must lie below 1; it is: {hp}.")
            return one
    raise ValueError(unknown_name("measure", declared, fitting, where=f"`{hp.name}` ({kind_of(hp)})"))


def levels_of(hp: Any) -> tuple[list[Any], np.ndarray]:
    """Return the levels of a discrete hyperparameter, and the edges of their shares of the unit interval."""
    if isinstance(hp, CategoricalHyperparameter):
        shares = np.asarray(hp.probabilities, dtype=float)
        # What has no weight is not in the space, and an interval without width could not be found again.
        levels = [choice for choice, share in zip(hp.choices, shares, strict=True) if share > 0]
        shares = shares[shares > 0]
    else:
        levels = list(hp.sequence) if isinstance(hp, OrdinalHyperparameter) else [hp.value]
        shares = np.full(len(levels), 1 / len(levels))
    return levels, np.concatenate([[0.0], np.cumsum(shares)])


def natural(hp: AnyHyperparameter) -> Callable[[Any], Any]:
    """Return the function that turns a cell (64.0, the JSON of a list) back to a level of the space (64, a tuple)."""
    if not isinstance(hp, DISCRETE):
        return lambda cell: cell
    levels = {cell_key(level): level for level in levels_of(hp)[0]}
    return lambda cell: levels.get(cell_key(cell), cell)


def cell_key(value: Any) -> tuple[bool, Any]:
    """Return what tells two values apart, True from 1 too, which Python does not."""
    cell = encode_value(value)
    if isinstance(cell, str) and cell.lstrip()[:1] in ("[", "{"):
        # A list may have been written by another hand, with other spaces.
        try:
            cell = json.dumps(json.loads(cell), sort_keys=True)
        except ValueError:
            pass
    return isinstance(cell, bool), cell


def encoder(hp: AnyHyperparameter) -> Callable[[Any], float]:
    """Return the function that carries a value into the unit interval; it raises ValueError where it cannot."""
    return _level_encoder(hp) if isinstance(hp, DISCRETE) else _number_encoder(hp)


def encode(hp: AnyHyperparameter, values: Sequence[Any]) -> np.ndarray:
    """Carry values of one hyperparameter into the unit interval."""
    one = encoder(hp)
    return np.array([one(value) for value in values], dtype=float)


def decode(hp: Any, u: np.ndarray) -> list[Any]:
    """Carry points of the unit interval, shape (n,), to values of one hyperparameter."""
    if isinstance(hp, DISCRETE):
        levels, edges = levels_of(hp)
        return [levels[i] for i in np.searchsorted(edges[1:-1], u, side="right")]
    low, high = _ends(hp)
    inner = low + u * (high - low)
    measure = measure_of(hp)
    if isinstance(hp, UniformIntegerHyperparameter):
        whole = np.rint(np.exp(inner)) if measure == "log" else np.floor(inner)
        return [int(v) for v in np.clip(whole, hp.lower, hp.upper)]
    if measure == "log":
        return [_tidy(hp, float(f"{v:.{_DIGITS}g}"), _DECIMALS) for v in np.exp(inner)]
    # A sum of numbers of the range's size is good to a part of that size, not of its own.
    decimals = min(_DECIMALS, _DIGITS_OF_RANGE - math.ceil(math.log10(max(abs(hp.lower), abs(hp.upper)))))
    raw = -np.expm1(inner) if measure == "flipped-log" else inner
    return [_tidy(hp, float(v), decimals) for v in raw]


def _tidy(hp: Any, value: float, decimals: int) -> float:
    return float(min(max(round(value, decimals), hp.lower), hp.upper))


def _ends(hp: Any) -> tuple[float, float]:
    """Return the ends of the range on the scale of the measure. A whole number owns half a unit to either side."""
    measure = measure_of(hp)
    if isinstance(hp, UniformIntegerHyperparameter):
        if measure == "log":
            return math.log(hp.lower - 0.5), math.log(hp.upper + 0.5)
        return float(hp.lower), float(hp.upper + 1)
    scale: dict[str, Callable[[float], float]] = {"linear": float, "log": math.log, "flipped-log": _log_flipped}
    return scale[measure](hp.lower), scale[measure](hp.upper)


def _log_flipped(value: float) -> float:
    return math.log1p(-value)


def _level_encoder(hp: AnyHyperparameter) -> Callable[[Any], float]:
    levels, edges = levels_of(hp)
    centres = {cell_key(level): float(edges[i] + edges[i + 1]) / 2 for i, level in enumerate(levels)}

    def of_level(value: Any) -> float:
        key = cell_key(value)
        if key in centres:
            return centres[key]
        _refuse_missing(hp, value)
        _refuse_kind(hp, value, levels)
        raise ValueError(unknown_name("value", value, map(str, levels), where=f"`{hp.name}`"))

    return of_level


def _number_encoder(hp: Any) -> Callable[[Any], float]:
    low, high = _ends(hp)
    whole = isinstance(hp, UniformIntegerHyperparameter)
    inner: dict[str, Callable[[float], float]] = {
        "linear": lambda v: v + 0.5 if whole else v,
        "log": math.log,
        "flipped-log": _log_flipped,
    }
    onto = inner[measure_of(hp)]
    slack = 0.0 if whole else 10.0**-_DIGITS * max(abs(hp.lower), abs(hp.upper))

    def of_number(value: Any) -> float:
        _refuse_missing(hp, value)
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
            raise ValueError(f"`{hp.name}` is {value!r}; give a number.")
        if whole and value != int(value):
            raise ValueError(f"`{hp.name}` is {value}; give a whole number.")
        if not hp.lower - slack <= value <= hp.upper + slack:
            raise ValueError(f"`{hp.name}` is {value}, outside its range [{hp.lower}, {hp.upper}].")
        clipped = min(max(float(value), hp.lower), hp.upper)
        return min(abs(onto(clipped) - low) / abs(high - low), 1.0)

    return of_number


def _refuse_kind(hp: AnyHyperparameter, value: Any, levels: Sequence[Any]) -> None:
    """Refuse what reads like a level and is of another kind: "64" where the level is 64."""
    for level in levels:
        if str(level).strip().lower() == str(value).strip().lower() and type(level) is not type(value):
            raise ValueError(
                f"`{hp.name}` is {value!r}, {_kind(value)}; its level is {_kind(level)}: give {level!r}. Valid: "
                f"{', '.join(map(repr, levels))}."
            )


def _kind(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return "a truth value"
    if isinstance(value, str):
        return "a text"
    if isinstance(value, int | float | np.number):
        return "a number"
    return "None" if value is None else f"a {type(value).__name__}"


def _refuse_missing(hp: AnyHyperparameter, value: Any) -> None:
    if value is None:
        raise ValueError(f"`{hp.name}` is active but has no value; give one, or leave it out with `subspace`.")
