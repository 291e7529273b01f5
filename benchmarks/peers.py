"""Searchers of other projects, each in its own ask and tell: SMAC3, BoTorch and DEHB; `pip install "rlhp[peers]"`.

On functions each configuration is evaluated once, so SMAC3 is told that the scenario is deterministic; DEHB needs a
fidelity, which a function does not have. On pools each is used as its makers mean it: SMAC3's facade for hyperparameter
optimisation decides with its own intensifier which configuration is trained with how many of the three seeds, always to
the end; DEHB decides how long a configuration is trained, with all three seeds. What a peer proposes becomes the
nearest configuration that nobody has, and the peer is told which. A crash is told as the worst score so far.
"""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from functions import Function
from scipy.stats import qmc

from rlhp import hpo, spaces
from rlhp.hpo.evaluating._evaluating import score_of
from rlhp.hpo.search._nearest import nearest_places

PACKAGES = ("smac", "botorch", "dehb")
Step = tuple[int, int | None]
"""Environment steps so far, and the place of the configuration that would be taken then."""


def installed(package: str) -> str | None:
    """Return a package with its version; None where it is not installed."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return None


def made_with(rows: Iterable[dict[str, Any]]) -> str:
    """Return which packages made rows, as an end of their line's name."""
    found = sorted({one["with"] for one in rows if "with" in one})
    return f" ({', '.join(found)})" if found else ""


# --- SMAC3 (Lindauer et al. 2022) ---


def smac_facade(space: Any, seed: int, *, n_trials: int, deterministic: bool, folder: str, selector: Any = None) -> Any:
    """Return the facade for hyperparameter optimisation with its defaults; `selector` makes its chooser."""
    from smac import HyperparameterOptimizationFacade, Scenario

    logging.getLogger("smac").setLevel(logging.ERROR)
    scenario = Scenario(
        copy.deepcopy(space), seed=seed, n_trials=n_trials, deterministic=deterministic, output_directory=folder
    )
    return HyperparameterOptimizationFacade(
        scenario,
        overwrite=True,
        logging_level=False,
        config_selector=None if selector is None else selector(scenario),
    )


def smac_on_function(function: Function, seed: int, *, evaluations: int) -> tuple[Any, Any]:
    from smac.runhistory.dataclasses import TrialValue

    with tempfile.TemporaryDirectory() as folder:
        facade = smac_facade(function.space, seed, n_trials=evaluations, deterministic=True, folder=folder)
    asked: list[Any] = []

    def ask() -> dict[str, float]:
        asked.append(facade.ask())
        return dict(asked[-1].config)

    def tell(_: dict[str, float], value: float) -> None:
        facade.tell(asked[-1], TrialValue(cost=value), save=False)

    return ask, tell


def snapping(scenario: Any, snap: Callable[[Any], Any]) -> Any:
    """Return SMAC3's chooser of configurations with each of them snapped, so that all its parts know only those."""
    from smac.main.config_selector import ConfigSelector

    class Snapping(ConfigSelector):  # type: ignore[misc]
        def __iter__(self) -> Iterator[Any]:
            for proposed in super().__iter__():
                one = snap(proposed)
                self._processed_configs.append(one)
                yield one

    return Snapping(scenario, retrain_after=8, max_new_config_tries=16)  # the facade's own numbers


def smac_on_pool(made: hpo.Pool, budget: int, seed: int) -> Iterator[Step]:
    """Yield what SMAC3 would take after each run."""
    from ConfigSpace import Configuration
    from smac.runhistory.dataclasses import TrialValue

    scores, free = Scores(made), Free(made)
    places: dict[Any, int] = {}
    seeds: list[int] = []

    def snap(proposed: Any) -> Any:
        place = free.nearest(dict(proposed))
        one = Configuration(proposed.config_space, values=dict(made.configurations[place]))
        places[one] = place
        return one

    n = budget // scores.whole
    with tempfile.TemporaryDirectory() as folder:
        facade = smac_facade(
            made.space,
            seed,
            n_trials=n,
            deterministic=False,
            folder=folder,
            selector=lambda scenario: snapping(scenario, snap),
        )
        for k in range(n):
            trial = facade.ask()
            if trial.seed not in seeds:
                seeds.append(trial.seed)
            score = scores.of(places[trial.config], [seeds.index(trial.seed)], scores.whole)
            facade.tell(trial, TrialValue(cost=-score), save=False)
            taken = facade.intensifier.get_incumbent()
            yield (k + 1) * scores.whole, None if taken is None else places[taken]


# --- DEHB (Awad, Mallik, Hutter 2021) ---


def dehb_on_pool(made: hpo.Pool, budget: int, seed: int) -> Iterator[Step]:
    """Yield what DEHB would take after each evaluation: a configuration trained with all seeds to one of three lengths.

    Runs that it trains again for longer go on from where they were, as ours do. It works on the unit cube: its own
    reading of a space calls methods that ConfigSpace 1 no longer has.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        from dehb import DEHB
        from loguru import logger

        with tempfile.TemporaryDirectory() as folder:
            search = DEHB(
                dimensions=len(made.space),
                min_fidelity=1 / 9,
                max_fidelity=1.0,
                eta=3,
                n_workers=1,
                seed=seed,
                save_freq="end",
                output_path=folder,
            )
            logger.remove()  # a thread and a file for each search
    scores, free = Scores(made), Free(made)
    places: dict[int, int] = {}
    trained: dict[int, int] = {}
    best, taken, spent = np.inf, None, 0
    every = range(len(made.judging.tuning))
    while True:
        job = search.ask()
        wanted = dict(spaces.from_unit(made.space, job["config"][None]).iloc[0].dropna())
        # What is promoted keeps its number.
        if job["config_id"] not in places:
            places[job["config_id"]] = free.nearest(wanted)
        place = places[job["config_id"]]
        steps = hpo.Terms(made.pauses[-1], len(every), pauses=made.pauses).at(job["fidelity"])
        spent += len(every) * max(0, steps - trained.get(place, 0))
        if spent > budget:
            return
        trained[place] = max(steps, trained.get(place, 0))
        fitness = -scores.of(place, every, steps)
        point = spaces.to_unit(made.space, [made.configurations[place]])[0]
        job["config"] = np.where(np.isnan(point), job["config"], point)
        search.config_repository.configs[job["config_id"]].config = job["config"]
        search.tell(job, {"fitness": fitness, "cost": float(steps)})
        if search.inc_score < best:
            best, taken = search.inc_score, place
        yield spent, taken


# --- BoTorch (Balandat et al. 2020; log EI: Ament et al. 2023) ---


def botorch_on_function(function: Function, seed: int, *, evaluations: int) -> tuple[Any, Any]:
    """Give its process and log EI above the best posterior mean, after 2 d points of Sobol, at least 5."""
    import torch
    from botorch import fit_gpytorch_mll
    from botorch.acquisition import LogExpectedImprovement
    from botorch.models import SingleTaskGP
    from botorch.optim import optimize_acqf
    from botorch.utils.sampling import manual_seed
    from gpytorch.mlls import ExactMarginalLogLikelihood

    torch.set_num_threads(1)
    low, high = np.array(function.bounds).T
    first = qmc.Sobol(len(low), rng=np.random.default_rng(seed)).random(max(5, 2 * len(low)))
    points: list[np.ndarray] = []
    values: list[float] = []

    def proposed() -> np.ndarray:
        x, y = torch.tensor(np.array(points)), -torch.tensor(np.array(values))[:, None]
        model = SingleTaskGP(x, y)
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        with torch.no_grad():
            best = model.posterior(x).mean.max()
        cube = torch.stack([torch.zeros(len(low)), torch.ones(len(low))]).double()
        improvement = LogExpectedImprovement(model, best_f=best)
        found, _ = optimize_acqf(improvement, bounds=cube, q=1, num_restarts=10, raw_samples=512)
        return np.clip(found[0].detach().numpy(), 0.0, 1.0)

    def ask() -> dict[str, float]:
        with manual_seed(1_000 * seed + len(values)):
            points.append(first[len(values)] if len(values) < len(first) else proposed())
        return dict(zip(function.names, (low + (high - low) * points[-1]).tolist(), strict=True))

    return ask, lambda one, value: values.append(value)


# --- what a pool says ---


class Scores:
    """Mean scores of a pool's configurations, by tuning seeds and length; what crashed has the worst score so far."""

    def __init__(self, made: hpo.Pool) -> None:
        self.made, self.whole = made, made.pauses[-1]
        self.worst = np.inf

    def of(self, place: int, seeds: Any, steps: int) -> float:
        """Return the mean over tuning seeds, given by their place."""
        judging = self.made.judging
        goals = [hpo.Goal(self.made.configurations[place], judging.tuning[at], steps) for at in seeds]
        found = float(np.mean([score_of(one, judging.objective) for one in self.made.train(goals)]))
        if np.isnan(found):
            # Nothing before it: the least that was measured of any, for a peer needs a number.
            return self.worst if np.isfinite(self.worst) else float(np.nanmin(self.made.curves))
        self.worst = min(self.worst, found)
        return found


class Free:
    """The configurations of a pool that nobody took."""

    def __init__(self, made: hpo.Pool) -> None:
        self.space, self.unit = made.space, spaces.to_unit(made.space, made.configurations)
        self.taken: set[int] = set()

    def nearest(self, wanted: dict[str, Any]) -> int:
        """Take the nearest."""
        point = spaces.to_unit(self.space, [wanted])
        (place,) = nearest_places(self.space, point, self.unit, without=self.taken)
        self.taken.add(place)
        return place
