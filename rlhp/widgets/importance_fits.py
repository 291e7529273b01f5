"""Importances that an explorer asks for: each is fitted once and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ConfigSpace import ConfigurationSpace

from rlhp import datasets, importance, spaces
from rlhp.importance import Importance
from rlhp.objectives.result import Failures
from rlhp.runs import Runs

__all__ = ["MEASURES", "METHODS", "REGIONS", "Fits", "Method", "Setting", "by_environment", "swept"]

_SETS = ("dqn_acrobot", "dqn_minigrid_empty", "dqn_cartpole")

_N_BOOT = 60
_ORDERS = 12  # of sampled Shapley values, each with its reverse
# What lies below this quantile of the configurations does not count.
REGIONS = {"all configurations": 0.0, "the better half": 0.5, "the best quarter": 0.75}
# Of PED-ANOVA, which compares the best within a region: (the best, the region).
_BEST = {0.0: (0.2, 1.0), 0.5: (0.1, 0.5), 0.75: (0.05, 0.25)}


@dataclass(frozen=True)
class Setting:
    """What is asked: one importance.

    Attributes
    ----------
    environment, method, measure : str
    step : int
        Only evaluations up to this environment step count.
    region : float
        What lies below this quantile does not count; 0 for everything.
    """

    environment: str
    method: str
    measure: str
    step: int
    region: float


@dataclass(frozen=True)
class Method:
    """A method as an explorer offers it.

    Attributes
    ----------
    label : str
    share : str
        What a share is a share of, in plain words.
    call : callable
    options : dict
    measured, regional : bool
        Whether the measure and the region mean anything to it.
    """

    label: str
    share: str
    call: Callable[..., Importance]
    options: Mapping[str, Any]
    measured: bool = False
    regional: bool = False


METHODS = {
    "fanova": Method(
        "fANOVA",
        "the variance between configurations, all others averaged out",
        importance.fanova,
        {"n_boot": _N_BOOT},
        measured=True,
        regional=True,
    ),
    "ped_anova": Method(
        "PED-ANOVA",
        "what tells the best configurations from the others",
        importance.ped_anova,
        {"n_boot": _N_BOOT},
        measured=True,
        regional=True,
    ),
    "local": Method(
        "Local",
        "the variance along the lines through the best configuration",
        importance.local,
        {"n_boot": _N_BOOT},
        measured=True,
    ),
    "ablation": Method(
        "Ablation",
        "the gain on the way from the default to the best configuration",
        importance.ablation,
        {"n_boot": _N_BOOT},
    ),
    "shapley": Method(
        "Shapley",
        "the gain that tuning can bring over the default",
        importance.shapley,
        {"n_orders": _ORDERS, "n_boot": 0, "n_trees": 32},
    ),
    "permutation": Method(
        "Permutation",
        "the error that shuffling it adds to the surrogate's",
        importance.permutation,
        {"n_boot": _N_BOOT, "n_repeats": 2},
    ),
}
MEASURES = {"as the space declares": "declared", "linear": "linear", "logarithmic where it can be": "log"}


class Fits:
    """Importances of sweeps on several environments, kept by setting.

    Parameters
    ----------
    sets : mapping
        Environment to its runs.
    space : ConfigurationSpace
        What was swept.
    objective : str
    failures : {"raise", "worst", "drop"} or float
    seed : int
        All fits share it, so that neighbours differ by what was asked and not by chance.
    """

    def __init__(
        self,
        sets: Mapping[str, Runs],
        space: ConfigurationSpace,
        *,
        objective: str = "final_return",
        failures: Failures = "worst",
        seed: int = 0,
    ) -> None:
        self.sets, self.space = dict(sets), space
        self.objective, self.failures, self.seed = objective, failures, seed
        self.steps = {name: evaluated(runs) for name, runs in self.sets.items()}
        self._kept: dict[Setting, Importance | ValueError] = {}

    def canonical(self, setting: Setting) -> Setting:
        """Leave out what means nothing to the method, so that one fit serves all."""
        method = METHODS[setting.method]
        if not method.measured:
            setting = replace(setting, measure="declared")
        if not method.regional:
            setting = replace(setting, region=0.0)
        if setting.method == "ped_anova" and setting.region:
            setting = replace(setting, measure="declared")  # within a region it has no other
        return setting

    def known(self, setting: Setting) -> Importance | ValueError | None:
        """Give the importance, or why there is none, if it was asked for before."""
        return self._kept.get(self.canonical(setting))

    def fit(self, setting: Setting) -> Importance | ValueError:
        """Give the importance; computes it where it is not known."""
        setting = self.canonical(setting)
        found = self._kept.get(setting)
        if found is None:
            try:
                found = self._fitted(setting)
            except ValueError as error:  # such as: no gain to explain
                found = error
            self._kept[setting] = found
        return found

    def _fitted(self, setting: Setting) -> Importance:
        method = METHODS[setting.method]
        options: dict[str, Any] = {**method.options, "failures": self.failures, "rng": self.seed, "at": setting.step}
        if method.measured:
            options["measure"] = self._measure(setting.measure)
        if setting.method == "ped_anova":
            options["quantile"], options["region"] = _BEST[setting.region]
        elif method.regional:
            options["quantile"] = setting.region or None
        return method.call(self.sets[setting.environment], self.space, self.objective, **options)

    def _measure(self, asked: str) -> str | dict[str, str]:
        if asked != "log":
            return asked
        return {name: "log" for name in self.space if getattr(self.space[name], "lower", 0) > 0}


def evaluated(runs: Runs) -> tuple[int, ...]:
    """List the environment steps at which every run that finished was evaluated, ascending.

    Raises
    ------
    ValueError
        If there is none.
    """
    finished = runs.table.index[runs.table["status"] == "finished"]
    evals = runs.evals[runs.evals["run_id"].isin(finished)]
    count = evals.groupby("step")["run_id"].nunique()
    steps = tuple(int(step) for step in count.index[count == len(finished)])
    if not steps:
        raise ValueError("no step at which every finished run was evaluated; there is no importance to compute.")
    return steps


def swept(space: ConfigurationSpace, runs: Runs) -> ConfigurationSpace:
    """Leave out of a space what the runs did not record or did not vary."""
    configs = runs.configs
    names = [name for name in space if name in configs and configs[name].map(repr).nunique() > 1]
    if not names:
        raise ValueError("no hyperparameter of the space varies in these runs; sweep some: `spaces.sample`.")
    return spaces.subspace(space, names)


def by_environment(runs: Runs | Mapping[str, Runs] | None) -> dict[str, Runs]:
    """Give the runs of each environment, by default those of DQN's landscapes among this project's data.

    Raises
    ------
    ValueError
        If there are none.
    """
    if runs is None:
        there = [name for name in _SETS if name in datasets.list()]
        loaded = [datasets.load(name) for name in there]
        if not loaded:
            raise ValueError(f"none of the data sets {', '.join(_SETS)} is here; give `runs`, or run `make data`.")
        return {str(one.table["env_id"].iloc[0]): one for one in loaded}
    if isinstance(runs, Mapping):
        if not runs:
            raise ValueError("`runs` is empty; give the runs of at least one environment.")
        return {str(name): one for name, one in runs.items()}
    if not len(runs):
        raise ValueError("no runs to look at; `len(runs)` is 0.")
    return {str(one): runs.select(env_id=one) for one in runs.table["env_id"].unique()}
