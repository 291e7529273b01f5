"""The default search space of an algorithm, made from its declaration."""

from __future__ import annotations

from typing import Any

from ConfigSpace import Categorical, ConfigurationSpace, EqualsCondition, Float, Integer
from ConfigSpace import ForbiddenGreaterThanRelation as ForbiddenGreater

from rlhp.algorithms import Hyperparameter, Levels, declared
from rlhp.spaces._measures import AnyHyperparameter

__all__ = ["default"]


def default(algorithm: str) -> ConfigurationSpace:
    """Return the search space of an algorithm: what its declaration says where to look for.

    The ranges of ours have stable-baselines3's names, and contain its defaults and the settings that rl-baselines3-zoo
    tuned for classic control. `net_arch` is the JSON of a list of layer widths. In dqn, sac and td3 there are never
    more gradient steps than environment steps (a forbidden clause): sampled configurations cost what the default
    costs, not a hundred times as much.

    Parameters
    ----------
    algorithm : str
        One of `rlhp.algorithms.names()`.

    Returns
    -------
    ConfigurationSpace
        A new one at each call, so change it as you like; `subspace` keeps a few hyperparameters of it.

    Raises
    ------
    ValueError
        If the algorithm is unknown.

    Examples
    --------
    >>> default("ppo")["gae_lambda"].default_value
    0.95
    """
    one = declared(algorithm)
    searched = {name: what for name, what in one.hyperparameters.items() if what.search is not None}
    space = ConfigurationSpace(name=one.name, space=[_searched(name, what) for name, what in searched.items()])
    for name, what in searched.items():
        if what.when is not None and what.when[0] in searched:
            parent, value = what.when
            space.add(EqualsCondition(space[name], space[parent], value))
    for less, more in one.clauses:
        space.add(ForbiddenGreater(space[less], space[more]))
    return space


def _searched(name: str, what: Hyperparameter) -> AnyHyperparameter:
    look: Any = what.search
    start = what.default if what.searched_from is None else what.searched_from
    if isinstance(look, Levels):
        return Categorical(name, list(look.values), default=start, ordered=look.ordered)
    if what.kind == "int":
        return Integer(name, (int(look.low), int(look.high)), default=int(start), log=look.measure == "log")
    meta = {"measure": look.measure} if look.measure == "flipped-log" else None
    return Float(name, (look.low, look.high), default=float(start), log=look.measure == "log", meta=meta)
