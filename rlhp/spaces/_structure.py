"""Asking a space: its parts, its measures, what it forbids."""

from __future__ import annotations

import copy
import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from ConfigSpace.conditions import ConditionLike, Conjunction
from ConfigSpace.forbidden import ForbiddenAndConjunction, ForbiddenConjunction, ForbiddenLike, ForbiddenRelation
from ConfigSpace.types import NotSet

from rlhp.arguments import choice, name_list
from rlhp.spaces._cube import Configs, natural_rows
from rlhp.spaces._measures import DISCRETE, Measure, kind_of, levels_of, measure_of, need_space


def subspace(space: ConfigurationSpace, names: Sequence[str]) -> ConfigurationSpace:
    """Keep a few hyperparameters of a space, with the conditions and forbidden clauses among them.

    Parameters
    ----------
    space : ConfigurationSpace
        Left as it is.
    names : sequence of str
        The hyperparameters to keep.

    Raises
    ------
    ValueError
        If a name is unknown, or a kept hyperparameter depends on one that is not kept.

    Examples
    --------
    >>> from rlhp import spaces
    >>> list(subspace(spaces.default("dqn"), ["learning_rate", "gamma"]))
    ['gamma', 'learning_rate']
    """
    need_space(space)
    names = name_list("names", names)
    for name in names:
        choice("names", name, list(space), kind="hyperparameter", where=space.name or "this space")
    whole = copy.deepcopy(space)  # a clause knows its place in one space only
    conditions = [condition for condition in whole.conditions if condition.child.name in names]
    for condition in conditions:
        for parent in _parents(condition):
            if parent not in names:
                raise ValueError(
                    f"`{condition.child.name}` depends on `{parent}` ({condition}); keep `{parent}` too, "
                    f"or leave `{condition.child.name}` out."
                )
    forbidden = [clause for clause in whole.forbidden_clauses if _involved(clause) <= set(names)]
    kept = ConfigurationSpace(name=whole.name, meta=whole.meta, space=[whole[n] for n in whole if n in names])
    kept.add(conditions, forbidden)
    return kept


def measure(space: ConfigurationSpace) -> dict[str, Measure]:
    """Return the declared measure of every hyperparameter.

    A float is `flipped-log` where its `meta` says ``{"measure": "flipped-log"}``, which ConfigSpace itself does not
    know: sample with this module. Categoricals, ordinals and constants are `categorical`: every level counts by its
    weight, evenly unless the space says otherwise.

    Raises
    ------
    ValueError
        If a declared measure is unknown or does not fit its hyperparameter, or a hyperparameter is of a kind that
        this library has no measure for (normal and beta distributions).

    Examples
    --------
    >>> from rlhp import spaces
    >>> measure(subspace(spaces.default("dqn"), ["learning_rate", "gamma", "batch_size"]))
    {'batch_size': 'categorical', 'gamma': 'flipped-log', 'learning_rate': 'log'}
    """
    return {name: measure_of(hp) for name, hp in need_space(space).items()}


def describe(space: ConfigurationSpace) -> pd.DataFrame:
    """Describe a space for reading.

    Returns
    -------
    DataFrame
        One row per hyperparameter, index `name`; columns `type`, `low`, `high`, `choices` (text), `default`,
        `measure` and `condition` (text, empty where the hyperparameter is always active).

    Examples
    --------
    >>> from rlhp import spaces
    >>> describe(spaces.default("a2c")).loc["rms_prop_eps", "condition"]
    'use_rms_prop == True'
    """
    rows = []
    for name, hp in need_space(space).items():
        discrete = isinstance(hp, DISCRETE)
        rows.append(
            {
                "name": name,
                "type": kind_of(hp),
                "low": None if discrete else getattr(hp, "lower", None),
                "high": None if discrete else getattr(hp, "upper", None),
                "choices": ", ".join(map(str, levels_of(hp)[0])) if discrete else "",
                "default": hp.default_value,
                "measure": measure_of(hp),
                "condition": " and ".join(map(str, space.parent_conditions_of[name])).replace(f"{name} | ", ""),
            }
        )
    columns = ["name", "type", "low", "high", "choices", "default", "measure", "condition"]
    return pd.DataFrame(rows, columns=columns, dtype=object).set_index("name")


def allowed(space: ConfigurationSpace, configs: Configs) -> np.ndarray:
    """Return which configurations no forbidden clause excludes.

    Returns
    -------
    ndarray of bool, shape (n,)

    Examples
    --------
    >>> from rlhp import spaces
    >>> allowed(spaces.default("dqn"), [{"train_freq": 4, "gradient_steps": 4}, {"train_freq": 4, "gradient_steps": 8}])
    array([ True, False])
    """
    # Hyperparameters that no clause looks at need not be read, which is most of them.
    rows = [_given(space, row) for row in natural_rows(space, configs, forbidding(space))]
    return np.array([not any(_forbids(clause, row) for clause in space.forbidden_clauses) for row in rows], dtype=bool)


def forbidding(space: ConfigurationSpace) -> list[str]:
    """Name the hyperparameters that decide whether a configuration is forbidden: those of the clauses, and parents.

    Examples
    --------
    >>> from rlhp import spaces
    >>> forbidding(spaces.default("dqn"))
    ['gradient_steps', 'train_freq']
    """
    looked_at = set().union(*map(_involved, need_space(space).forbidden_clauses))
    for name in reversed(list(space)):  # parents stand before their children
        if name in looked_at:
            looked_at.update(parent for condition in space.parent_conditions_of[name] for parent in _parents(condition))
    return [name for name in space if name in looked_at]


def _given(space: ConfigurationSpace, row: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what has no value; None is one where it is a level and the hyperparameter is active."""
    given = {name: value for name, value in row.items() if value is not None}
    for name in set(row) - set(given):
        if _has_none(space[name]):
            known = {one: row[one] if one in given else NotSet for one in row}
            if all(condition.satisfied_by_value(known) for condition in space.parent_conditions_of[name]):
                given[name] = None
    return given


def _has_none(hp: Any) -> bool:
    return isinstance(hp, DISCRETE) and any(level is None for level in levels_of(hp)[0])


def _forbids(clause: ForbiddenLike, row: Mapping[str, Any]) -> bool:
    if isinstance(clause, ForbiddenConjunction):
        every = all if isinstance(clause, ForbiddenAndConjunction) else any
        return every(_forbids(one, row) for one in clause.components)
    # Asked about an absent hyperparameter, some of ConfigSpace's clauses say yes.
    return _involved(clause) <= set(row) and bool(clause.is_forbidden_value(dict(row)))


def _involved(clause: ForbiddenLike) -> set[str]:
    if isinstance(clause, ForbiddenConjunction):
        return functools.reduce(operator.or_, map(_involved, clause.components), set())
    if isinstance(clause, ForbiddenRelation):
        return {clause.left.name, clause.right.name}
    return {clause.hyperparameter.name}


def _parents(condition: ConditionLike) -> list[str]:
    return [one.parent.name for one in (condition.dlcs if isinstance(condition, Conjunction) else [condition])]
