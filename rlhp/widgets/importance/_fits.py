"""Importances that an explorer asks for: each is fitted once and kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ConfigSpace import ConfigurationSpace

from rlhp import datasets, importance, spaces
from rlhp.importance import Importance, Settled
from rlhp.objectives import Failures
from rlhp.runs import Runs
from rlhp.widgets.importance._store import FitStore, digest

__all__ = ["MEASURES", "METHODS", "REGIONS", "Fits", "Method", "Setting", "by_environment", "near", "swept"]

# The first is what an explorer opens on: the sweep whose surrogate knows most.
_SETS = ("dqn_cartpole", "dqn_minigrid_empty", "dqn_acrobot")

_N_BOOT = 60
_N_BOOT_SHAPLEY = 40  # the fewest: each costs an eighth of the estimate
_N_FORESTS = 5  # behind the R2
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
    call : str
        Function of `rlhp.importance`; it is imported when it is called, which takes long.
    fit : dict
        Of its `importance.Fit`, plain values.
    options : dict
        Others of its own, plain values.
    measured, regional : bool
        Whether the measure and the region mean anything to it.
    """

    label: str
    share: str
    call: str
    fit: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    measured: bool = False
    regional: bool = False


METHODS = {
    "fanova": Method(
        "fANOVA",
        "the variance between configurations, all others averaged out",
        "fanova",
        {"n_boot": _N_BOOT},
        {"variance": "shared"},
        measured=True,
        regional=True,
    ),
    "ped_anova": Method(
        "PED-ANOVA",
        "what tells the best configurations from the others",
        "ped_anova",
        {"n_boot": _N_BOOT},
        measured=True,
        regional=True,
    ),
    "local": Method(
        "Local",
        "the variance along the lines through the best configuration",
        "local",
        {"n_boot": _N_BOOT, "surrogate": "forest"},
        measured=True,
    ),
    "ablation": Method(
        "Ablation",
        "the gain on the way from the default to the best configuration",
        "ablation",
        {"n_boot": _N_BOOT, "surrogate": "forest"},
    ),
    "shapley": Method(
        "Shapley",
        "the gain that tuning can bring over the default",
        "shapley",
        {"n_boot": _N_BOOT_SHAPLEY, "n_trees": 32, "surrogate": "forest"},
        {"n_orders": _ORDERS},
    ),
    "permutation": Method(
        "Permutation",
        "the error that shuffling it adds to the surrogate's",
        "permutation",
        {"n_boot": _N_BOOT},
        {"n_repeats": 2, "corrected": False},
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
    kept : path, optional
        Folder that keeps them on disk; by default in the user's cache.
    shipped : path or None
        Folder with fits that need not be computed; by default among this project's data.
    """

    def __init__(
        self,
        sets: Mapping[str, Runs],
        space: ConfigurationSpace,
        *,
        objective: str = "final_return",
        failures: Failures = "worst",
        seed: int = 0,
        kept: str | Path | None = None,
        shipped: str | Path | None = "",
    ) -> None:
        self.sets, self.space = dict(sets), space
        self.objective, self.failures, self.seed = objective, failures, seed
        self.steps = {name: evaluated(runs) for name, runs in self.sets.items()}
        self._kept: dict[Setting, Importance | ValueError] = {}
        self._settled: dict[tuple[str, int, float], Settled | None] = {}
        self._digests: dict[str, str] = {}
        common = {"objective": objective, "failures": failures, "seed": seed}
        self._store = FitStore(space, common, own=kept, shipped=shipped)

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
        """Return the importance, or why there is none, if it was asked for before."""
        return self._kept.get(self.canonical(setting))

    def fit(self, setting: Setting) -> Importance | ValueError:
        """Return the importance; computes it where it is not known."""
        setting = self.canonical(setting)
        found = self._kept.get(setting)
        if found is None:
            try:
                found = self._of_disk(setting)
            except ValueError as error:  # such as: no gain to explain
                found = error
            if isinstance(found, Importance) and found.r2 is not None:
                settled = self._settle(setting)
                if settled is not None:
                    found = replace(found, r2=settled.mean)
            self._kept[setting] = found
        return found

    def settled(self, setting: Setting) -> Settled | None:
        """Return how well forests of a setting that was asked for know their runs; None for a method without one."""
        found = self.known(setting)
        if not isinstance(found, Importance) or found.r2 is None:
            return None
        return self._settled.get(self._place(setting))

    def names(self, setting: Setting) -> list[str]:
        """Name the files that hold what a setting needs."""
        setting = self.canonical(setting)
        return [self._name(setting), self._name_of_settled(setting)]

    def _place(self, setting: Setting) -> tuple[str, int, float]:
        # PED-ANOVA and its regions have no surrogate; of the others fANOVA alone looks at a region.
        return setting.environment, setting.step, setting.region

    def _name(self, setting: Setting) -> str:
        return self._store.name(self._digest(setting.environment), self._asked(setting))

    def _name_of_settled(self, setting: Setting) -> str:
        _, step, region = self._place(setting)
        asked = {"method": "settle", "step": step, "region": region, "n_forests": _N_FORESTS}
        return self._store.name(self._digest(setting.environment), asked)

    def _digest(self, environment: str) -> str:
        if environment not in self._digests:
            self._digests[environment] = digest(self.sets[environment])
        return self._digests[environment]

    def _of_disk(self, setting: Setting) -> Importance:
        name = self._name(setting)
        kept = self._store.get(name)
        if isinstance(kept, Importance):
            return kept
        made = self._fitted(setting)
        self._store.put(name, made)
        return made

    def _settle(self, setting: Setting) -> Settled | None:
        place = self._place(setting)
        if place in self._settled:
            return self._settled[place]
        name = self._name_of_settled(setting)
        found = self._store.get(name)
        if not isinstance(found, Settled):
            found = importance.settle(
                self.sets[setting.environment],
                self.space,
                importance.Score(self.objective, at=setting.step),
                rng=self.seed,
                failures=self.failures,
                quantile=setting.region or None,
                n_forests=_N_FORESTS,
            )
            if found is not None:
                self._store.put(name, found)
        self._settled[place] = found
        return found

    def _fitted(self, setting: Setting) -> Importance:
        options = self._asked(setting)
        call = getattr(importance, options.pop("method"))
        score = importance.Score(self.objective, at=options.pop("at"))
        fit = importance.Fit(**options.pop("fit"), progress=False)  # the explorer has a sign of its own that it works
        runs = self.sets[setting.environment]
        made: Importance = call(runs, self.space, score, failures=self.failures, rng=self.seed, fit=fit, **options)
        return made

    def _asked(self, setting: Setting) -> dict[str, Any]:
        """Return the method's name and its options, all plain values."""
        method = METHODS[setting.method]
        options: dict[str, Any] = {
            "method": method.call,
            "fit": dict(method.fit),
            **method.options,
            "at": setting.step,
        }
        if method.measured:
            options["measure"] = self._measure(setting.measure)
        if setting.method == "ped_anova":
            options["quantile"], options["region"] = _BEST[setting.region]
        elif method.regional:
            options["quantile"] = setting.region or None
        return options

    def _measure(self, asked: str) -> str | dict[str, str]:
        if asked != "log":
            return asked
        return {name: "log" for name in self.space if getattr(self.space[name], "lower", 0) > 0}


def near(fits: Fits, here: Setting) -> list[Setting]:
    """List what one move of a control would ask for, the nearest evaluations first."""
    steps = fits.steps[here.environment]
    at = steps.index(here.step)
    order = sorted(range(len(steps)), key=lambda n: abs(n - at))
    # In another environment the evaluation of the same number, as far as there are that many.
    others = {one: fits.steps[one][min(at, len(fits.steps[one]) - 1)] for one in fits.sets}
    moves = [replace(here, environment=one, step=step) for one, step in others.items()]
    moves += [replace(here, step=steps[n]) for n in order]
    moves += [replace(here, method=one) for one in METHODS]
    moves += [replace(here, measure=one) for one in MEASURES.values()]
    return moves + [replace(here, region=one) for one in REGIONS.values()]


def evaluated(runs: Runs) -> tuple[int, ...]:
    """List the environment steps at which every run that finished was evaluated, ascending.

    Raises
    ------
    ValueError
        If there is none.
    """
    steps = tuple(importance.common_steps(runs))
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
    """Return the runs of each environment, by default those of DQN's landscapes among this project's data.

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
