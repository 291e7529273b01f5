"""Configurations of a space: whether one is valid, all there are where they are few, and how they lie in a file."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import UniformFloatHyperparameter, UniformIntegerHyperparameter

from rlhp import arguments, spaces
from rlhp.errors import unknown_name
from rlhp.frames import encode_value
from rlhp.hpo.search._searcher import Observations, key_of

__all__ = ["as_space", "drawn", "every", "fresh", "restored", "rows_of", "valid"]

# Draws in a row without a new configuration before those that are left are looked for one by one.
_PATIENCE = 100
# Spaces of at most so many configurations are gone through.
_FEW = 1_024


def as_space(space: Any) -> ConfigurationSpace:
    """Return a space, of a space or of a mapping such as ``{"x": (0.0, 1.0), "kind": ["a", "b"]}``.

    Raises
    ------
    TypeError, ValueError
        If it is none, or has no hyperparameters.
    """
    if isinstance(space, Mapping) and not isinstance(space, ConfigurationSpace):
        given = arguments.mapping("space", space)
        for name, one in given.items():
            ends = one if isinstance(one, tuple) else ()
            if any(isinstance(end, float | np.floating) and not math.isfinite(end) for end in ends):
                raise ValueError(f"`space`, `{name}` is {arguments.shown(one)}; give a range with two finite ends.")
        try:
            space = ConfigurationSpace(space=given)
        except (TypeError, ValueError, ArithmeticError) as error:
            raise ValueError(f"`space` is {arguments.shown(given)}, which makes none: {error}.") from error
    checked: ConfigurationSpace = spaces.need_space(space)
    if not len(checked):
        raise ValueError("`space` has no hyperparameters; add some, or take `spaces.default(algorithm)`.")
    return checked


def valid(space: ConfigurationSpace, configuration: Mapping[str, Any]) -> None:
    """Refuse what is no configuration of a space.

    Raises
    ------
    ValueError
        If a hyperparameter is unknown, missing where it is active, given where it is not, out of its range or of
        another type, or if a forbidden clause excludes the whole.

    Examples
    --------
    >>> space = spaces.subspace(spaces.default("dqn"), ["tau", "batch_size"])
    >>> valid(space, {"tau": 0.5, "batch_size": 64})
    >>> valid(space, {"tau": 0.5})
    Traceback (most recent call last):
        ...
    ValueError: `configs`, row 0: ...
    """
    for name in configuration:
        if name not in space:
            raise ValueError(unknown_name("hyperparameter", name, list(space), where="this space"))
    unit = spaces.to_unit(space, [configuration])[0]
    for (name, hp), active in zip(space.items(), ~np.isnan(unit), strict=True):
        if name in configuration and not active:
            raise ValueError(f"`{name}` is given but inactive: its condition does not hold; leave it out.")
        if not active:
            continue
        value = configuration[name]
        whole = isinstance(hp, UniformIntegerHyperparameter)
        kinds: tuple[type, ...] = (int,) if whole else (float, int)
        number = whole or isinstance(hp, UniformFloatHyperparameter)
        if number and (isinstance(value, bool) or not isinstance(value, kinds)):
            wanted = "a whole number (int)" if whole else "a number (float)"
            raise ValueError(f"`{name}` is {arguments.shown(value)}; give {wanted}.")
    if not spaces.allowed(space, [configuration])[0]:
        raise ValueError(f"a forbidden clause of the space excludes {dict(configuration)}.")


def restored(space: ConfigurationSpace, cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration as it was before it was written as JSON: levels are the space's own."""
    found: dict[str, Any] = {}
    for name, cell in cells.items():
        hp = space[name]
        levels = {}
        if isinstance(hp, spaces.DISCRETE):
            levels = {_cell(level): level for level in spaces.levels_of(hp)[0]}
        elif isinstance(hp, UniformFloatHyperparameter):
            cell = float(cell)
        found[name] = levels.get(_cell(cell), cell)
    return found


def _cell(value: Any) -> tuple[str, Any]:
    cell = encode_value(value)
    return type(cell).__name__, cell


def drawn(space: ConfigurationSpace, n: int, method: str, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Draw `n` configurations, active hyperparameters only; see `rlhp.spaces.sample`."""
    return rows_of(space, spaces.sample(space, n, method=method, rng=rng))  # type: ignore[arg-type]


def every(space: ConfigurationSpace) -> list[dict[str, Any]] | None:
    """Return all configurations of a space, each once, where they are few; else None."""
    count = 1
    for hp in space.values():
        if isinstance(hp, UniformFloatHyperparameter) and hp.lower < hp.upper:
            return None
        count *= len(spaces.levels_of(hp)[0]) if isinstance(hp, spaces.DISCRETE) else int(hp.size)
        if count > _FEW:
            return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that inactive and forbidden ones are left out is meant
        return rows_of(space, spaces.sample(space, count, method="grid"))


def fresh(
    space: ConfigurationSpace,
    seen: Observations,
    n: int,
    rng: np.random.Generator,
    draw: Callable[[int], list[dict[str, Any]]],
    *,
    batch: Collection[Mapping[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Draw configurations that nobody has: not told, not pending, not in the batch; then such as were told at least.

    Parameters
    ----------
    space, seen, n, rng
        As `Searcher.propose` has them.
    draw : callable
        ``draw(n) -> configurations``: further ones at each call, none where it has no more.
    batch : collection of mappings
        What is proposed already.

    Returns
    -------
    list of dict, n of them
        Where the space has too few, some that are pending or in the batch.
    """
    busy = {key_of(one) for one in (*seen.pending, *batch)}
    told = {key_of(one) for one in seen.configurations}
    found: list[dict[str, Any]] = []
    in_vain = 0
    while len(found) < n and in_vain < _PATIENCE:
        candidates = draw(n - len(found))
        if not candidates:
            break
        before = len(found)
        for one in candidates:
            name = key_of(one)
            if len(found) < n and name not in busy and name not in told:
                found.append(one)
                busy.add(name)
        in_vain = 0 if len(found) > before else in_vain + 1
    if len(found) == n:
        return found
    all_there_are = every(space) or drawn(space, _PATIENCE, "random", rng)
    order = [all_there_are[i] for i in rng.permutation(len(all_there_are))]
    for avoided in (told, set[str]()):
        for one in order:
            if len(found) < n and (name := key_of(one)) not in busy and name not in avoided:
                found.append(one)
                busy.add(name)
    return found + [order[i % len(order)] for i in range(n - len(found))]


def rows_of(space: ConfigurationSpace, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame of configurations as mappings of what is active, in Python's own types."""
    columns = {name: [_plain(value) for value in frame[name]] for name in space}
    active = ~np.isnan(spaces.to_unit(space, frame)) if space.conditions else np.ones((len(frame), len(space)), bool)
    return [{name: columns[name][i] for j, name in enumerate(space) if active[i, j]} for i in range(len(frame))]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
