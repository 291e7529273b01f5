"""The default search space of an algorithm, made from its declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ConfigSpace import Categorical, ConfigurationSpace, EqualsCondition, Float, Integer
from ConfigSpace import ForbiddenGreaterThanRelation as ForbiddenGreater

from rlhp.algorithms import Algorithm, Hyperparameter, Levels, Range, declared
from rlhp.spaces._measures import AnyHyperparameter

__all__ = ["default", "traced"]


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
    return _space(one, one.hyperparameters)


def traced(algorithm: str) -> ConfigurationSpace:
    """Return the part of an algorithm's default space that is one compiled program.

    Searched with ``engine="jax"`` it compiles once, where the whole space compiles tens of programs. What is static
    stays at its default; whole numbers that decide shapes keep the values that share a program. In dqn, sac and td3
    these are `net_arch` and `batch_size`, which are held; in ppo and a2c `net_arch` is held, and rollouts and
    minibatches have at least 128 transitions. That holds for runs of equal length on one environment.

    Parameters
    ----------
    algorithm : str
        One of `rlhp.algorithms.names()`.

    Returns
    -------
    ConfigurationSpace
        A new one at each call. What is held is a level of its own, so that configurations name it.

    Raises
    ------
    ValueError
        If the algorithm is unknown.

    Examples
    --------
    >>> traced("dqn")["net_arch"].choices, traced("ppo")["batch_size"].sequence
    (('[64, 64]',), (128, 256, 512, 1024, 2048, 4096))
    """
    one = declared(algorithm)
    return _space(one, {name: _of_one_program(what) for name, what in one.hyperparameters.items()})


def _of_one_program(what: Hyperparameter) -> Hyperparameter:
    """Narrow where a hyperparameter is looked for to what shares a program."""
    look: Any = what.search
    start = what.default if what.searched_from is None else what.searched_from
    if look is None or (what.mark != "static" and what.one_program is None):
        return what
    if what.mark == "static":
        return replace(what, search=Levels((start,)))
    least, most = what.one_program or (0, 0)
    if isinstance(look, Range):
        ends = max(look.low, least), min(look.high, most)
        return replace(what, search=Range(*ends, look.measure), searched_from=min(max(start, ends[0]), ends[1]))
    levels = tuple(level for level in look.values if least <= level <= most)
    return replace(what, search=Levels(levels, look.ordered), searched_from=min(max(start, levels[0]), levels[-1]))


def _space(one: Algorithm, hyperparameters: Mapping[str, Hyperparameter]) -> ConfigurationSpace:
    searched = {name: what for name, what in hyperparameters.items() if what.search is not None}
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
        return Categorical(name, list(look.values), default=start, ordered=look.ordered and len(look.values) > 1)
    if what.kind == "int":
        return Integer(name, (int(look.low), int(look.high)), default=int(start), log=look.measure == "log")
    meta = {"measure": look.measure} if look.measure == "flipped-log" else None
    return Float(name, (look.low, look.high), default=float(start), log=look.measure == "log", meta=meta)
