"""The space that an Optuna study searched, read off its trials: define-by-run has no space of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ConfigSpace import (
    CategoricalHyperparameter,
    ConfigurationSpace,
    Constant,
    EqualsCondition,
    InCondition,
    OrdinalHyperparameter,
    UniformFloatHyperparameter,
    UniformIntegerHyperparameter,
)
from ConfigSpace.hyperparameters import Hyperparameter

from rlhp.arguments import name_list, shown

# A range in steps with so few values is a hyperparameter of ordered levels; with more it is a range.
_LEVELS = 32


def from_optuna(study: Any, *, ignore: Sequence[str] | str = ()) -> ConfigurationSpace:
    """Return the space that an Optuna study searched, with its conditions; `Runs.from_optuna` gives the runs.

    Which parameter depends on which is read off the trials that were judged: a parameter that some of them lack is
    active where a categorical one, suggested before it, has one of the values it was seen with.

    Parameters
    ----------
    study : optuna.Study
        As `optuna.load_study` opens it.
    ignore : sequence of str
        Parameters to leave out, such as one that holds the seed.

    Returns
    -------
    ConfigurationSpace
        Where trials had different ranges, the range that holds them all. The choice None is the text "None".

    Raises
    ------
    TypeError
        If it is no study.
    ValueError
        If no trial was judged, a parameter changed its kind, or no choice of another explains where one is absent.

    Examples
    --------
    >>> study = optuna.load_study(study_name="ppo", storage="sqlite:///ppo.db")  # doctest: +SKIP
    >>> space = spaces.from_optuna(study)  # doctest: +SKIP
    """
    left_out = name_list("ignore", ignore)
    try:
        trials = [trial for trial in study.trials if str(trial.state.name) in ("COMPLETE", "PRUNED")]
        name = str(study.study_name)
    except (AttributeError, TypeError) as error:
        raise TypeError(f"`study` is {shown(study)}; give an Optuna study (`optuna.load_study(...)`).") from error
    seen = dict.fromkeys(key for trial in trials for key in trial.params if key not in left_out)
    if not seen:
        raise ValueError(f"`study` {name} has no trial that was judged and had parameters; optimise it first.")
    space = ConfigurationSpace(name=name)
    space.add([_hyperparameter(key, [t.distributions[key] for t in trials if key in t.distributions]) for key in seen])
    given = [{key: value for key, value in trial.params.items() if key in seen} for trial in trials]
    for key in seen:
        if any(key not in params for params in given):
            parent, values = _condition(key, given, space)
            of = (space[key], space[parent])
            space.add(EqualsCondition(*of, values[0]) if len(values) == 1 else InCondition(*of, values))
    return space


@dataclass(frozen=True)
class _Range:
    """The range that holds the ranges of all trials."""

    low: float
    high: float
    step: float | None
    log: bool


def _hyperparameter(name: str, distributions: Sequence[Any]) -> Hyperparameter[Any, Any]:
    kinds = {type(one).__name__ for one in distributions}
    if len(kinds) > 1:
        raise ValueError(f"`study`: parameter `{name}` is of different kinds ({', '.join(sorted(kinds))}); ignore it.")
    (kind,) = kinds
    if kind == "CategoricalDistribution":
        choices = list(dict.fromkeys(_level(value) for one in distributions for value in one.choices))
        return CategoricalHyperparameter(name, choices) if len(choices) > 1 else Constant(name, choices[0])
    logs = {bool(one.log) for one in distributions}
    if len(logs) > 1:
        raise ValueError(f"`study`: parameter `{name}` was searched both in logarithms and evenly; ignore it.")
    steps = {one.step for one in distributions}
    found = _Range(
        low=min(one.low for one in distributions),
        high=max(one.high for one in distributions),
        step=steps.pop() if len(steps) == 1 else None,
        log=logs.pop(),
    )
    if found.low == found.high:
        return Constant(name, found.low)
    return _of_range(name, found, whole=kind == "IntDistribution")


def _of_range(name: str, found: _Range, *, whole: bool) -> Hyperparameter[Any, Any]:
    step = found.step if not whole or found.step != 1 else None
    if step is not None:
        count = int((found.high - found.low) / step + 1e-9) + 1
        if count <= _LEVELS:
            # Not low + k * step alone: 0.1 + 2 * 0.1 is not the 0.3 that Optuna rounds to.
            levels = [found.low + at * step if whole else round(found.low + at * step, 12) for at in range(count)]
            return OrdinalHyperparameter(name, levels) if count > 1 else Constant(name, levels[0])
    if whole:
        return UniformIntegerHyperparameter(name, int(found.low), int(found.high), log=found.log)
    return UniformFloatHyperparameter(name, float(found.low), float(found.high), log=found.log)


def _condition(name: str, given: Sequence[Mapping[str, Any]], space: ConfigurationSpace) -> tuple[str, list[Any]]:
    """Find the categorical parameter whose values tell where another was suggested."""
    with_it = [params for params in given if name in params]
    before = [key for key in with_it[0] if all(key in p and list(p).index(key) < list(p).index(name) for p in with_it)]
    for parent in before:
        if not isinstance(space[parent], CategoricalHyperparameter):
            continue
        active = dict.fromkeys(_level(params[parent]) for params in with_it)
        absent = {_level(params[parent]) for params in given if name not in params and parent in params}
        if not absent & active.keys():
            return parent, list(active)
    raise ValueError(
        f"`study`: parameter `{name}` is absent in {len(given) - len(with_it)} of {len(given)} trials, and no choice "
        f"of a categorical parameter tells where; pass ignore={name!r}, or build the space with ConfigSpace."
    )


def _level(value: Any) -> Any:
    return "None" if value is None else value
