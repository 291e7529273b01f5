"""Configurations as somebody gives them become checked ones: every name known, every value of its type and range."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from rlhp.arguments import mapping, shown
from rlhp.errors import unknown_name
from rlhp.schedules import Constant, Linear, Piecewise, Schedule, from_json
from rlhp.trainers.hyperparameters import MOST_FLOAT, MOST_INT, Hyperparameter, table

__all__ = ["check_config", "config_rows"]

# Names that stable-baselines3 or its zoo knows and that stand elsewhere here.
_ELSEWHERE = {
    "action_noise": "Give the standard deviation of normal noise as `action_noise_std`.",
    "noise_std": "Give the standard deviation of normal noise as `action_noise_std`.",
    "noise_type": "Give the standard deviation of normal noise as `action_noise_std`.",
    "env_wrapper": "Register the wrapped environment, and give its id.",
    "frame_stack": "Register the wrapped environment, and give its id.",
    "n_timesteps": "Give it as `steps=`.",
    "policy": "The kind of network follows from the observations: leave it out.",
    "policy_kwargs": "Give the widths of the hidden layers as `net_arch`, such as [64, 64].",
    "seed": "Give it as `seed=` or `seeds=`.",
    "tensorboard_log": "Give the folder to `train` as `tensorboard=`.",
}
_ZOO_LINEAR = re.compile(r"lin_([0-9.eE+-]+)")


def config_rows(algorithm: str, configs: Any) -> list[dict[str, Any]]:
    """Give configurations, in whatever form they come, as one mapping each; values are not checked yet.

    Parameters
    ----------
    algorithm : str
        Decides which hyperparameters a frame may lack.
    configs : DataFrame, iterable of mappings, mapping or None
        None is one configuration, the default. In a frame a missing cell (None, NaN) leaves its hyperparameter out
        where that is switched off by another, or has None among its values.

    Raises
    ------
    TypeError
        If it is none of these.
    ValueError
        If a cell of a frame is missing where the hyperparameter counts: the row and column are named.

    Examples
    --------
    >>> import pandas as pd
    >>> config_rows("a2c", pd.DataFrame({"use_rms_prop": [True, False], "rms_prop_eps": [1e-5, None]}))
    [{'use_rms_prop': True, 'rms_prop_eps': 1e-05}, {'use_rms_prop': False}]
    """
    if isinstance(configs, pd.DataFrame):
        return _rows_of_frame(algorithm, configs)
    if configs is None or isinstance(configs, Mapping):
        return [mapping("configs", configs or {})]
    wanted = "Give a mapping of hyperparameters to values, a list of such mappings, or a DataFrame with a row for each."
    if isinstance(configs, str | bytes) or not isinstance(configs, Iterable) or getattr(configs, "ndim", 1) == 0:
        raise TypeError(f"`configs` is {shown(configs)}. {wanted}")
    rows = list(configs)
    for at, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise TypeError(f"item {at} of `configs` is {shown(row)}. {wanted}")
    return [mapping("configs", row) for row in rows]


def _rows_of_frame(algorithm: str, frame: pd.DataFrame) -> list[dict[str, Any]]:
    names = [str(name) for name in frame.columns]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"`configs` has the column `{name}` twice; give each hyperparameter once.")
    known = table(algorithm)
    # `spaces.sample` says which hyperparameters have a condition in its space; the frame alone cannot.
    conditional = frame.attrs.get("conditional", ())
    rows = []
    for at, values in enumerate(frame.itertuples(index=False, name=None)):
        row = dict(zip(names, values, strict=True))
        missing = [name for name, value in row.items() if _missing(value)]
        rows.append({name: value for name, value in row.items() if name not in missing})
        for name in missing:
            if name in known and name not in conditional and not _may_lack(known, name, rows[-1]):
                raise ValueError(
                    f"`{name}` is missing ({row[name]}) in row {at} of `configs` for {algorithm}, where it counts; "
                    f"give it a value. To keep the default in some configurations, give a list of mappings that "
                    f"leave `{name}` out."
                )
    return rows


def _may_lack(known: Mapping[str, Hyperparameter], name: str, row: Mapping[str, Any]) -> bool:
    what = known[name]
    if None in what.also:
        return True
    if what.when is None:
        return False
    parent, value = what.when
    return bool(row.get(parent, known[parent].default) != value)


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def check_config(algorithm: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """Check a configuration and bring each value to its type; a hyperparameter that is None is left out.

    Returns
    -------
    dict
        Numbers, bools, strings, lists of widths, and `Schedule` objects where a hyperparameter moves.

    Raises
    ------
    ValueError
        Naming the hyperparameter, its value and what is allowed.

    Examples
    --------
    >>> check_config("dqn", {"batch_size": 64.0, "net_arch": (32, 32), "gamma": None})
    {'batch_size': 64, 'net_arch': [32, 32]}
    """
    known = table(algorithm)
    checked = {}
    for name, raw in mapping("config", config).items():
        if name not in known:
            hint = _ELSEWHERE.get(name, "")
            raise ValueError(unknown_name("hyperparameter", name, known, where=algorithm, hint=hint))
        if raw is not None:
            checked[name] = _checked(algorithm, name, known[name], raw)
    _check_together(algorithm, {name: what.default for name, what in known.items()} | checked, checked)
    return checked


def _check_together(algorithm: str, whole: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse values that are allowed one by one, and not together."""
    linear = [name for name in given if name.startswith("exploration_")]
    if "exploration" in given and linear:
        raise ValueError(
            f"`exploration` and `{linear[0]}` both say how epsilon moves; give the schedule `exploration` alone, or "
            f"stable-baselines3's three numbers alone."
        )
    if whole.get("normalize_advantage") and whole["n_steps"] * whole["n_envs"] < 2:
        raise ValueError(
            f"`normalize_advantage` of {algorithm} divides by the spread of a rollout, and one of `n_steps` = "
            f"`n_envs` = 1 has none; give more of either, or normalize_advantage=False."
        )


def _checked(algorithm: str, name: str, what: Hyperparameter, raw: Any) -> Any:
    value = raw.item() if isinstance(raw, np.generic) else raw
    allowed = f"allowed: {what.allowed()}"
    problem = f"`{name}` is {shown(raw)} for {algorithm}; {allowed}."
    if _missing(value):
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
    """Give the widths that stable-baselines3's ``{"pi": widths, "vf": widths}`` has for both networks."""
    widths = [list(one) if isinstance(one, list | tuple) else one for one in parts.values()]
    if parts.keys() in ({"pi", "vf"}, {"pi", "qf"}) and widths[0] == widths[1]:
        return widths[0]
    raise ValueError(f"{problem} The policy and the values have hidden layers of the same widths here: give one list.")


def _zoo_hint(name: str, value: Any) -> str:
    """Say how what rl-baselines3-zoo writes is written here."""
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
