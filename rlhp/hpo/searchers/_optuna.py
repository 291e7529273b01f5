"""Optuna's samplers as a searcher: made anew at every ask, so that a proposal depends on nothing but what is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from ConfigSpace import ConfigurationSpace
from ConfigSpace.types import NotSet

from rlhp import arguments, spaces
from rlhp.hpo.search._searcher import Observations, key_of
from rlhp.hpo.search._studies import Parameter, new_study, parameters_of, trial_of
from rlhp.hpo.surrogates._candidates import Candidates
from rlhp.options import options

__all__ = ["Optuna"]

SAMPLERS = ("tpe", "gp", "cmaes")
# Draws of a sampler for one proposal, before the nearest configuration that can be taken is looked for.
_TRIES = 8
_DRAWN = 512


@options
@dataclass(frozen=True)
class Optuna:
    """Propose by one of Optuna's samplers.

    A sampler is made anew at every ask, with a seed drawn from `rng`, and is shown all that is known: what failed as
    failed trials, what is pending as running ones, which the samplers take into account in ways of their own.
    Conditions are asked as Optuna's users do, a value at a time. What a forbidden clause excludes, and what is known
    already, is drawn again a few times; then the nearest configuration that is neither takes its place.

    Parameters
    ----------
    sampler : {"tpe", "gp", "cmaes"}
        - `tpe`: a tree of Parzen estimators (Bergstra et al. 2011; Watanabe 2023).
        - `gp`: a Gaussian process with log expected improvement; conditional hyperparameters are drawn at random.
        - `cmaes`: the covariance matrix adaptation of Hansen (2016), of numbers and ordered levels; unordered ones and
          conditional hyperparameters are drawn at random. What was told is replayed in order, as its own population.
    startup : int
        Configurations drawn at random before the sampler begins.

    Examples
    --------
    >>> from rlhp import hpo, spaces
    >>> space = spaces.subspace(spaces.default("dqn"), ["gamma", "tau"])
    >>> len(hpo.Optuna().propose(space, hpo.Observations(), 2, np.random.default_rng(0)))
    2
    """

    sampler: Literal["tpe", "gp", "cmaes"] = "tpe"
    startup: int = 10

    def __post_init__(self) -> None:
        arguments.choice("sampler", self.sampler, SAMPLERS)
        arguments.whole("startup", self.startup, at_least=1)

    def propose(
        self, space: ConfigurationSpace, seen: Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        """Return `n` configurations to evaluate next; see `rlhp.hpo.Searcher`."""
        parameters = parameters_of(space, natural=False)
        study = self._study(space, parameters, seen, int(rng.integers(2**31)))
        return proposals(study, space, parameters, seen.configurations, seen.pending, n, rng)

    def _study(
        self, space: ConfigurationSpace, parameters: Mapping[str, Parameter], seen: Observations, seed: int
    ) -> Any:
        import optuna

        samplers: dict[str, Any] = {
            "tpe": lambda: optuna.samplers.TPESampler(seed=seed, n_startup_trials=self.startup, constant_liar=True),
            "gp": lambda: optuna.samplers.GPSampler(
                seed=seed, n_startup_trials=self.startup, warn_independent_sampling=False
            ),
            "cmaes": lambda: optuna.samplers.CmaEsSampler(
                seed=seed, n_startup_trials=self.startup, warn_independent_sampling=False
            ),
        }
        study = new_study(samplers[self.sampler]())
        every: Iterator[tuple[dict[str, Any], float | None]] = zip(
            seen.configurations, map(float, seen.scores), strict=True
        )
        for configuration, score in [*every, *((one, None) for one in seen.pending)]:
            if self.sampler == "cmaes":
                replayed(study, space, parameters, configuration, score)
            else:
                study.add_trial(trial_of(parameters, configuration, score))
        return study


def proposals(
    study: Any,
    space: ConfigurationSpace,
    parameters: Mapping[str, Parameter],
    told: Sequence[Mapping[str, Any]],
    pending: Sequence[Mapping[str, Any]],
    n: int,
    rng: np.random.Generator,
) -> list[dict[str, Any]]:
    """Ask a study for configurations that nobody has, as far as there are some."""
    from optuna.trial import TrialState

    candidates = Candidates.of(space)
    known, taken = {key_of(one) for one in told}, {key_of(one) for one in pending}
    found: list[dict[str, Any]] = []
    for _ in range(n):
        for _ in range(_TRIES):
            trial = study.ask()
            point = _snapped(candidates, _defined(space, parameters, trial))
            (one,) = candidates.configurations(point)
            if candidates.allowed(point)[0] and key_of(one) not in known | taken:
                break
            study.tell(trial, state=TrialState.FAIL)
        else:
            one = _nearest(candidates, point, known, taken, rng)
            if len(study.directions) == 1:  # which sees what is pending; evolution goes by what is told
                study.add_trial(trial_of(parameters, one, None))
        taken.add(key_of(one))
        found.append(one)
    return found


def replayed(
    study: Any,
    space: ConfigurationSpace,
    parameters: Mapping[str, Parameter],
    configuration: Mapping[str, Any],
    scores: float | Sequence[float] | None,
) -> None:
    """Let the sampler believe that it proposed a configuration itself: it counts its generations in its own trials.

    `scores` is one a direction, NaN where it failed, None where it is pending.
    """
    from optuna.trial import TrialState

    study.enqueue_trial({name: parameters[name].there(value) for name, value in configuration.items()})
    trial = study.ask()
    trial.relative_params  # noqa: B018 - proposed when first looked at, which fixed values do not
    _defined(space, parameters, trial)
    if scores is not None and np.isnan(scores).any():
        study.tell(trial, state=TrialState.FAIL)
    elif scores is not None:
        study.tell(trial, scores)


def _defined(space: ConfigurationSpace, parameters: Mapping[str, Parameter], trial: Any) -> dict[str, Any]:
    """Ask a trial for the values of a configuration, one after the other: parents stand before their children."""
    known: dict[str, Any] = {}
    for name, parameter in parameters.items():
        active = all(condition.satisfied_by_value(known) for condition in space.parent_conditions_of[name])
        known[name] = parameter.back(_suggested(trial, name, parameter.distribution)) if active else NotSet
    return {name: value for name, value in known.items() if value is not NotSet}


def _suggested(trial: Any, name: str, distribution: Any) -> Any:
    if hasattr(distribution, "choices"):
        return trial.suggest_categorical(name, distribution.choices)
    suggest = trial.suggest_int if isinstance(distribution.low, int) else trial.suggest_float
    return suggest(name, distribution.low, distribution.high, log=distribution.log)


def _snapped(candidates: Candidates, configuration: Mapping[str, Any]) -> np.ndarray:
    """Return a configuration as a point of the unit cube, shape [1, d]."""
    return candidates.snapped(spaces.to_unit(candidates.space, [configuration]))


def _nearest(
    candidates: Candidates, point: np.ndarray, told: set[str], taken: set[str], rng: np.random.Generator
) -> dict[str, Any]:
    """Return the nearest allowed configuration: one that nobody knows, else one not taken, else any."""
    every = candidates.everything()
    pool = candidates.drawn(_DRAWN, rng) if every is None else every
    apart = ((np.nan_to_num(pool, nan=0.5) - np.nan_to_num(point, nan=0.5)) ** 2).sum(axis=1)
    order = candidates.configurations(pool[np.argsort(apart, kind="stable")])
    for avoided in (told | taken, taken, set[str]()):
        free = [one for one in order if key_of(one) not in avoided]
        if free:
            return free[0]
    raise AssertionError("a pool is never empty")
