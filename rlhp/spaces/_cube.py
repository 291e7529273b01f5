"""Configurations and the unit cube, on which every declared measure is uniform."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import UniformFloatHyperparameter
from ConfigSpace.types import NotSet

from rlhp.arguments import number_array, shown
from rlhp.frames import encode_value
from rlhp.spaces import _measures as measures
from rlhp.spaces._measures import need_space

Configs = pd.DataFrame | Sequence[Mapping[str, Any]]


def to_unit(space: ConfigurationSpace, configs: Configs) -> np.ndarray:
    """Carry configurations into the unit cube, where every measure is uniform.

    A discrete value becomes the centre of the interval that it owns. `from_unit` undoes it exactly for what `sample`
    and `from_unit` give, and for any float with up to 12 digits.

    Parameters
    ----------
    space : ConfigurationSpace
        Its order is that of the columns of the result.
    configs : DataFrame or sequence of mappings, n rows
        Hyperparameters by bare name, such as `sample` gives or `Runs.configs`; other columns are ignored. A list
        counts as its JSON.

    Returns
    -------
    ndarray of float, shape (n, d)
        NaN where a hyperparameter is inactive, even if a value was given.

    Raises
    ------
    ValueError
        If a value is outside its range, or missing where the hyperparameter is active; the message says which row.

    Examples
    --------
    >>> from rlhp import spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["gamma", "tau"])
    >>> to_unit(space, [{"gamma": 0.8, "tau": 1.0}, {"gamma": 0.9999, "tau": 0.001}])
    array([[0., 1.],
           [1., 0.]])
    """
    need_hyperparameters(space)
    encoders = {name: measures.encoder(hp) for name, hp in space.items()}
    rows = natural_rows(space, configs)
    unit = np.full((len(rows), len(space)), np.nan)
    for i, row in enumerate(rows):
        known: dict[str, Any] = {}
        for j, (name, encode) in enumerate(encoders.items()):
            known[name] = row[name] if _met(space, name, known) else NotSet
            if known[name] is NotSet:
                continue
            try:
                unit[i, j] = encode(row[name])
            except ValueError as error:
                raise ValueError(f"`configs`, row {i}: {error}") from None
    return unit


def from_unit(space: ConfigurationSpace, u: npt.ArrayLike) -> pd.DataFrame:
    """Carry points of the unit cube to configurations; the inverse of `to_unit`.

    Forbidden clauses are not looked at: ask `allowed`.

    Parameters
    ----------
    space : ConfigurationSpace
        Its order is that of the columns of `u`.
    u : array_like of float, shape (n, d)
        Coordinates in [0, 1]. Those of inactive hyperparameters do not matter and may be NaN.

    Returns
    -------
    DataFrame, n rows
        As from `sample`.

    Raises
    ------
    ValueError
        If the shape does not fit, or a coordinate of an active hyperparameter is outside [0, 1] or NaN.

    Examples
    --------
    >>> from rlhp import spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["tau"])
    >>> from_unit(space, [[0.0], [1 / 3], [1.0]])["tau"].tolist()
    [0.001, 0.01, 1.0]
    """
    need_hyperparameters(space)
    points = number_array("u", u, ndim=2, finite=False, empty=True)
    if points.shape[1] != len(space):
        raise ValueError(f"`u` has shape {points.shape}; give (n, {len(space)}): a column for each of {list(space)}.")
    return to_frame(space, decode_rows(space, points))


def decode_rows(space: ConfigurationSpace, points: np.ndarray) -> list[dict[str, Any]]:
    """Carry points, shape (n, d), to one mapping a row, with None for what is inactive."""
    inside = (points >= 0.0) & (points <= 1.0)
    # Any legal stand-in will do for a bad coordinate: it is either inactive, or refused below.
    safe = np.where(inside, points, 0.5)
    columns = {name: measures.decode(hp, safe[:, j]) for j, (name, hp) in enumerate(space.items())}
    rows = []
    for i in range(len(points)):
        known: dict[str, Any] = {}
        for j, name in enumerate(columns):
            known[name] = columns[name][i] if _met(space, name, known) else NotSet
            if known[name] is not NotSet and not inside[i, j]:
                raise ValueError(f"row {i}: the coordinate of `{name}` is {points[i, j]}; give a number in [0, 1].")
        rows.append({name: None if value is NotSet else value for name, value in known.items()})
    return rows


def _met(space: ConfigurationSpace, name: str, known: dict[str, Any]) -> bool:
    """Return whether a hyperparameter is active, given the values of those that stand before it (its parents do)."""
    return all(condition.satisfied_by_value(known) for condition in space.parent_conditions_of[name])


def natural_rows(
    space: ConfigurationSpace, configs: Configs, names: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Return configurations (of them, these hyperparameters) in the space's own values, None where there is none."""
    need_space(space)
    records = _records(configs)
    own = {name: measures.natural(hp) for name, hp in space.items() if names is None or name in names}
    return [{name: natural(encode_value(record.get(name))) for name, natural in own.items()} for record in records]


def _records(configs: Any) -> list[Any]:
    """Return configurations as a list of mappings; see `Configs`."""
    if isinstance(configs, pd.DataFrame):
        return configs.to_dict("records")
    what = "a DataFrame with a row per configuration, or a list of mappings of names to values"
    if isinstance(configs, str | bytes | Mapping) or not isinstance(configs, Iterable):
        raise ValueError(f"`configs` is {shown(configs)}; give {what}.")
    try:
        records = list(configs)
    except TypeError:  # an array without an axis calls itself iterable
        records = [None]
    if not all(hasattr(record, "get") and hasattr(record, "keys") for record in records):
        raise ValueError(f"`configs` is {shown(configs)}; give {what}.")
    return records


def to_frame(space: ConfigurationSpace, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame whose columns have the narrowest type that holds their values unchanged."""
    frame = pd.DataFrame({name: _column(hp, [row[name] for row in rows]) for name, hp in space.items()})
    # A frame cannot say by itself whether a missing cell is a switched-off hyperparameter or a mistake.
    frame.attrs["conditional"] = [name for name in space if space.parent_conditions_of[name]]
    return frame


def _column(hp: measures.AnyHyperparameter, values: list[Any]) -> pd.Series:
    if isinstance(hp, UniformFloatHyperparameter):
        return pd.Series(values, dtype="float64")
    kinds = {type(value) for value in values}
    for kind, dtype in ((bool, "bool"), (int, "int64"), (float, "float64"), (str, "str")):
        if kinds == {kind}:
            return pd.Series(values, dtype=dtype)
    return pd.Series(values, dtype="object")


def need_hyperparameters(space: ConfigurationSpace) -> None:
    """Refuse a space that is none, or has nothing in it."""
    if not len(need_space(space)):
        raise ValueError("the space has no hyperparameters; add some, or take `spaces.default(algorithm)`.")
