"""Whether a value is one that a hyperparameter may have, and the value in its own type."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rlhp.algorithms._declaration import MOST_FLOAT, MOST_INT, Hyperparameter
from rlhp.arguments import shown
from rlhp.schedules import Constant, Linear, Piecewise, Schedule, from_json

__all__ = ["checked", "is_missing"]

_ZOO_LINEAR = re.compile(r"lin_([0-9.eE+-]+)")


def checked(algorithm: str, name: str, what: Hyperparameter, raw: Any) -> Any:
    """Return a value of a hyperparameter in its own type: a number, a bool, a text, a list of widths or a `Schedule`.

    Parameters
    ----------
    algorithm, name : str
        Whose value it is, for the message.
    what : Hyperparameter
        What it may be.
    raw : object
        The value as somebody gave it.

    Raises
    ------
    ValueError
        Naming the hyperparameter, the value and what is allowed.

    Examples
    --------
    >>> checked("mine", "rate", Hyperparameter(0.1, "float", "traced", 0, 1), np.float64(0.5))
    0.5
    """
    value = raw.item() if isinstance(raw, np.generic) else raw
    allowed = f"allowed: {what.allowed()}"
    problem = f"`{name}` is {shown(raw)} for {algorithm}; {allowed}."
    if is_missing(value):
        raise ValueError(
            f"`{name}` is missing ({raw}) for {algorithm}; {allowed}. Leave it out, or give None, for the default."
        )
    if isinstance(value, str) and value in what.also:
        return value
    if what.kind == "widths":
        return _widths(value, problem)
    if _is_schedule(value):
        schedule = _read_schedule(value, f"`{name}` for {algorithm}")
        if not what.moves:
            raise ValueError(f"`{name}` cannot move while {algorithm} trains; {allowed}.")
        return _moving(name, what, schedule, problem)
    if what.kind == "bool":
        if isinstance(value, bool | int | float) and value in (0, 1):
            return bool(value)
        raise ValueError(problem + _zoo_hint(name, value))
    return _number(name, what, value, problem)


def is_missing(value: Any) -> bool:
    """Return whether a value is none: None, NaN, or pandas' own.

    Examples
    --------
    >>> is_missing(math.nan), is_missing(0.0)
    (True, False)
    """
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def _number(name: str, what: Hyperparameter, value: Any, problem: str) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(problem + _zoo_hint(name, value))
    if value in (math.inf, -math.inf):
        raise ValueError(f"{problem} It cannot be infinite.")
    if abs(value) > (most := MOST_INT if what.kind == "int" else MOST_FLOAT):
        raise ValueError(f"{problem} Training counts and computes in 32 bits: at most {most:,.10g}.")
    if not what.low <= value <= what.high:
        raise ValueError(problem)
    if what.kind == "int":
        if value != int(value):
            raise ValueError(problem)
        return int(value)
    return float(value)


def _is_schedule(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith("{")
    return isinstance(value, Schedule) or (isinstance(value, Mapping) and "schedule" in value)


def _read_schedule(value: Any, whose: str) -> Schedule:
    try:
        return value if isinstance(value, Schedule) else from_json(value)
    except ValueError as error:
        raise ValueError(f"{whose}: {error}") from error


def _moving(name: str, what: Hyperparameter, schedule: Schedule, problem: str) -> Schedule | float | int:
    if isinstance(schedule, Constant) and name != "exploration":
        return _number(name, what, schedule.value, problem)
    # Every schedule stays between the values at its own corners: those of a grid, and the points it is drawn through.
    values = [schedule(step / 200) for step in range(201)]
    values += [value for _, value in schedule.points] if isinstance(schedule, Piecewise) else []
    if min(values) < what.low or max(values) > what.high:
        raise ValueError(f"{problem} The schedule runs from {min(values):g} to {max(values):g}.")
    return schedule


def _widths(value: Any, problem: str) -> list[int]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if isinstance(value, Mapping):
        value = _one_network(value, problem)
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(problem)
    widths = [width.item() if isinstance(width, np.generic) else width for width in value]
    for width in widths:
        if isinstance(width, bool) or not isinstance(width, int | float) or not 1 <= width <= MOST_INT:
            raise ValueError(problem)
        if width != int(width):
            raise ValueError(problem)
    return [int(width) for width in widths]


def _one_network(parts: Mapping[Any, Any], problem: str) -> Any:
    """Return the widths that stable-baselines3's ``{"pi": widths, "vf": widths}`` has for both networks."""
    widths = [list(one) if isinstance(one, list | tuple) else one for one in parts.values()]
    if parts.keys() in ({"pi", "vf"}, {"pi", "qf"}) and widths[0] == widths[1]:
        return widths[0]
    raise ValueError(f"{problem} The policy and the values have hidden layers of the same widths here: give one list.")


def _zoo_hint(name: str, value: Any) -> str:
    """Return how what rl-baselines3-zoo writes is written here."""
    if isinstance(value, str):
        linear = _ZOO_LINEAR.fullmatch(value)
        try:
            number = float(linear[1]) if linear else math.nan
        except ValueError:
            number = math.nan
        if linear and math.isfinite(number):
            return f" The zoo's {value!r} is rlhp.schedules.{Linear(number, 0.0)} here."
        if value.startswith("auto_"):
            return " A learned coefficient begins at 1 here: give 'auto', or a number, which stays."
    if name == "normalize" and (isinstance(value, Mapping) or (isinstance(value, str) and "norm_" in value)):
        return " True scales observations and rewards both, with stable-baselines3's other settings."
    if name == "train_freq" and isinstance(value, list | tuple | str):
        return " It counts environment steps here, not episodes."
    return ""
