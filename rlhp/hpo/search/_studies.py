"""Optuna studies: what was observed as a study, and a study as what was observed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.hyperparameters import OrdinalHyperparameter, UniformIntegerHyperparameter

from rlhp import arguments, spaces
from rlhp.frames import encode_value
from rlhp.hpo.search._searcher import Observations
from rlhp.hpo.surrogates._candidates import Candidates

__all__ = ["Parameter", "from_optuna", "new_study", "parameters_of", "to_optuna", "trial_of"]


@dataclass(frozen=True, eq=False)
class Parameter:
    """A hyperparameter as Optuna knows it.

    Attributes
    ----------
    distribution : optuna.distributions.BaseDistribution
    there, back : callable
        Carry a value to Optuna, and back.
    """

    distribution: Any
    there: Callable[[Any], Any]
    back: Callable[[Any], Any]


def parameters_of(space: ConfigurationSpace, *, natural: bool) -> dict[str, Parameter]:
    """Describe every hyperparameter of a space for Optuna.

    Optuna knows neither ordered levels nor the flipped logarithm. `natural` keeps the values that people read; without
    it, levels are their numbers and 1 - value stands for the value, so that a sampler sees the order and the measure.
    """
    measures = spaces.measure(space)
    return {name: _parameter(hp, measures[name], natural) for name, hp in space.items()}


def _parameter(hp: Any, measure: str, natural: bool) -> Parameter:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(hp, spaces.DISCRETE):
        levels = list(spaces.levels_of(hp)[0])
        cells = [encode_value(level) for level in levels]
        if isinstance(hp, OrdinalHyperparameter) and not natural and len(levels) > 1:
            return Parameter(IntDistribution(0, len(levels) - 1), levels.index, levels.__getitem__)
        if natural:
            return Parameter(CategoricalDistribution(cells), encode_value, lambda cell: levels[cells.index(cell)])
        # By their numbers: to Optuna, True and 1 are one choice.
        return Parameter(CategoricalDistribution(range(len(levels))), levels.index, levels.__getitem__)
    if isinstance(hp, UniformIntegerHyperparameter):
        return Parameter(IntDistribution(int(hp.lower), int(hp.upper), log=hp.log), int, int)
    low, high = float(hp.lower), float(hp.upper)
    if measure == "flipped-log" and not natural:
        ends = 1.0 - high, 1.0 - low
        inside = lambda value: float(np.clip(1.0 - value, *ends))  # noqa: E731
        return Parameter(FloatDistribution(*ends, log=True), inside, lambda u: float(np.clip(1.0 - u, low, high)))
    return Parameter(FloatDistribution(low, high, log=measure == "log"), float, float)


def trial_of(parameters: Mapping[str, Parameter], configuration: Mapping[str, Any], score: float | None) -> Any:
    """Return a trial: finished with a score, failed with NaN, running with None."""
    from optuna.trial import TrialState, create_trial

    own = {name: parameters[name] for name in parameters if configuration.get(name) is not None}
    state = TrialState.RUNNING if score is None else TrialState.FAIL if np.isnan(score) else TrialState.COMPLETE
    return create_trial(
        state=state,
        value=float(score) if score is not None and state == TrialState.COMPLETE else None,
        params={name: one.there(configuration[name]) for name, one in own.items()},
        distributions={name: one.distribution for name, one in own.items()},
    )


def new_study(sampler: Any = None, name: str | None = None, storage: Any = None, *, objectives: int = 1) -> Any:
    """Make a study of scores that are better the higher they are, without the line that Optuna logs of it."""
    import optuna

    with _quiet():
        directions = [optuna.study.StudyDirection.MAXIMIZE] * objectives
        return optuna.create_study(sampler=sampler, study_name=name, storage=storage, directions=directions)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(before, optuna.logging.WARNING))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def to_optuna(space: ConfigurationSpace, seen: Observations, *, name: str | None = None, storage: Any = None) -> Any:
    """Write what was observed as an Optuna study, for its dashboard, its plots, or to go on with it there.

    Parameters
    ----------
    space : ConfigurationSpace
    seen : Observations
        As `rlhp.hpo.Search.seen` holds them.
    name : str, optional
        Of the study; by default Optuna makes one up.
    storage : str or optuna storage, optional
        Where the study is kept, such as ``"sqlite:///study.db"``; by default in memory.

    Returns
    -------
    optuna.Study
        It maximises. A configuration that failed is a failed trial, and what is pending a running one; the standard
        error of a score is the user attribute `noise`. A list is its JSON, and ordered levels are plain choices.

    Raises
    ------
    TypeError
        If `space` or `seen` is something else.
    ValueError
        If the name cannot be used.

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["gamma"])
    >>> study = hpo.to_optuna(space, hpo.Observations([{"gamma": 0.9}, {"gamma": 0.99}], [1.0, 2.0]))
    >>> study.best_params
    {'gamma': 0.99}
    """
    spaces.measure(space)
    arguments.instance("seen", seen, Observations, hint="`search.seen` of an `rlhp.hpo.Search` holds them.")
    if name is not None:
        arguments.text("name", name)
    parameters = parameters_of(space, natural=True)
    study = new_study(name=name, storage=storage)
    for configuration, score, noise in zip(seen.configurations, seen.scores, seen.noise, strict=True):
        trial = trial_of(parameters, configuration, float(score))
        if np.isfinite(noise):
            trial.set_user_attr("noise", float(noise))
        study.add_trial(trial)
    study.add_trials([trial_of(parameters, configuration, None) for configuration in seen.pending])
    return study


def from_optuna(study: Any, space: ConfigurationSpace | None = None) -> tuple[ConfigurationSpace, Observations]:
    """Read an Optuna study as what a search has observed; `Runs.from_optuna` reads it as runs.

    Parameters
    ----------
    study : optuna.Study
        With one objective. One that minimises gives minus its values.
    space : ConfigurationSpace, optional
        What the configurations are to be valid in; by default `spaces.from_optuna` reads it off the trials.

    Returns
    -------
    space : ConfigurationSpace
    seen : Observations
        A failed trial has the score NaN, a running one is pending. A pruned one is left out: its last value belongs to
        an earlier moment than the others'.

    Raises
    ------
    TypeError
        If it is no study, or `space` is no space.
    ValueError
        If the study has several objectives, or a trial does not fit the space.

    Examples
    --------
    >>> study = optuna.load_study(study_name="ppo", storage="sqlite:///ppo.db")  # doctest: +SKIP
    >>> space, seen = hpo.from_optuna(study)  # doctest: +SKIP
    """
    given = spaces.from_optuna(study) if space is None else space
    spaces.measure(given)
    try:
        trials, directions = list(study.trials), [str(one.name) for one in study.directions]
    except (AttributeError, TypeError) as error:
        raise TypeError(
            f"`study` is {arguments.shown(study)}; give an Optuna study (`optuna.load_study(...)`)."
        ) from error
    if len(directions) > 1:
        raise ValueError(f"`study` has {len(directions)} objectives, and a search has one; give a study of one.")
    sign = -1.0 if directions == ["MINIMIZE"] else 1.0
    told = [trial for trial in trials if str(trial.state.name) in ("COMPLETE", "FAIL") and _whole(given, trial)]
    pending = [trial for trial in trials if str(trial.state.name) == "RUNNING" and _whole(given, trial)]
    scores = [np.nan if trial.value is None else sign * float(trial.value) for trial in told]
    noise = [float(trial.user_attrs.get("noise", np.nan)) for trial in told]
    rows, waiting = tuple(_rows(given, told)), tuple(_rows(given, pending))
    return given, Observations(rows, np.array(scores), np.array(noise), waiting)


def _whole(space: ConfigurationSpace, trial: Any) -> bool:
    """Whether a trial got as far as all its parameters: one that failed early may not have."""
    needed = [name for name in space if not space.parent_conditions_of[name]]
    return str(trial.state.name) == "COMPLETE" or all(name in trial.params for name in needed)


def _rows(space: ConfigurationSpace, trials: list[Any]) -> list[dict[str, Any]]:
    if not trials:
        return []
    params = [{name: "None" if value is None else value for name, value in trial.params.items()} for trial in trials]
    ground = Candidates.of(space)
    return ground.configurations(ground.snapped(spaces.to_unit(space, params)))
