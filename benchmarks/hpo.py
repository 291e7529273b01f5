"""How good is what a searcher finds, beside its peers? `python benchmarks/hpo.py --part functions` or `pools`

functions: Branin without noise and Hartmann-6 with noise of standard deviation .1, 40 evaluations one after the other,
20 repetitions. Regret is how much worse than the optimum the true value of the configuration is that was observed best.
The table is kept in `hpo_functions.md`. Each repetition is kept in `benchmarks/.work/hpo`, so that a run that was
stopped goes on, and `--only` runs some searchers and leaves the others as they are. A peer that is not installed has no
line.

pools: see `pools.py`; the table is kept in `hpo_pools.md`, `--only "emukit, race"` runs that line alone.
"""

from __future__ import annotations

import os

# One thread for linear algebra, or CPU seconds would count threads that wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import importlib.util
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pools
import report
from ConfigSpace import ConfigurationSpace, Float

from rlhp import curves, hpo

WORK = Path(__file__).resolve().parent / ".work" / "hpo"
REPETITIONS, EVALUATIONS, AT = 20, 40, (10, 20, 40)


@dataclass(frozen=True)
class Function:
    """Something to be minimised: its true value, the noise of an observation, and its least value."""

    name: str
    value: Callable[[np.ndarray], float]
    bounds: tuple[tuple[float, float], ...]
    noise: float
    least: float

    @property
    def names(self) -> list[str]:
        return [f"x{j}" for j in range(len(self.bounds))]

    @property
    def space(self) -> ConfigurationSpace:
        return ConfigurationSpace(space=[Float(name, ends) for name, ends in zip(self.names, self.bounds, strict=True)])


def branin(x: np.ndarray) -> float:
    a, b = x[1] - 5.1 / (4 * np.pi**2) * x[0] ** 2 + 5 / np.pi * x[0] - 6, 10 * (1 - 1 / (8 * np.pi)) * np.cos(x[0])
    return float(a**2 + b + 10)


HARTMANN_A = np.array(
    [[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]]
)
HARTMANN_P = 1e-4 * np.array(
    [
        [1312, 1696, 5569, 124, 8283, 5886],
        [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650],
        [4047, 8828, 8732, 5743, 1091, 381],
    ]
)


def hartmann(x: np.ndarray) -> float:
    return float(-np.array([1.0, 1.2, 3.0, 3.2]) @ np.exp(-(HARTMANN_A * (x - HARTMANN_P) ** 2).sum(axis=1)))


FUNCTIONS = (
    Function("Branin", branin, ((-5.0, 10.0), (0.0, 15.0)), 0.0, 0.39788735772973816),
    Function("Hartmann-6, noise .1", hartmann, ((0.0, 1.0),) * 6, 0.1, -3.32236801141551),
)
Ask = Callable[[], dict[str, float]]
Tell = Callable[[dict[str, float], float], None]
Made = Callable[[Function, int], tuple[Ask, Tell]]


def of_ours(name: str, **options: Any) -> Made:
    """A searcher of this library: ask number k draws from the generator of seed and k."""

    def make(function: Function, seed: int) -> tuple[Ask, Tell]:
        searcher = hpo.searcher(name, **(options | ({"scramble": seed} if name == "sobol" else {})))
        told: list[tuple[dict[str, float], float]] = []

        def ask() -> dict[str, float]:
            seen = hpo.Observations([one for one, _ in told], [-value for _, value in told])
            return searcher.propose(function.space, seen, 1, np.random.default_rng([seed, len(told)]))[0]

        return ask, lambda one, value: told.append((one, value))

    return make


def of_optuna(kind: str) -> Made:
    def make(function: Function, seed: int) -> tuple[Ask, Tell]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        study = optuna.create_study(sampler=getattr(optuna.samplers, kind)(seed=seed))
        spread = {
            n: optuna.distributions.FloatDistribution(*ends)
            for n, ends in zip(function.names, function.bounds, strict=True)
        }
        trials: list[Any] = []

        def ask() -> dict[str, float]:
            trials.append(study.ask(spread))
            return dict(trials[-1].params)

        return ask, lambda one, value: study.tell(trials[-1], value) and None

    return make


SEARCHERS: dict[str, tuple[str, Made]] = {
    "random": ("rlhp", of_ours("random")),
    "sobol": ("rlhp", of_ours("sobol")),
    "emukit": ("rlhp", of_ours("emukit")),
    "emukit, fresh seeds": ("rlhp", of_ours("emukit")),
    "emukit, lcb": ("rlhp", of_ours("emukit", acquisition="lcb")),
    "emukit, mes": ("rlhp", of_ours("emukit", acquisition="mes")),
    "bnn": ("numpyro", of_ours("bnn")),
    "bnn, laplace": ("numpyro", of_ours("bnn", fit="laplace")),
    "Optuna TPE": ("optuna", of_optuna("TPESampler")),
    "Optuna GP": ("optuna", of_optuna("GPSampler")),
}

# The defaults of `emukit` were chosen on the seeds from 0, 1,000, 2,000 and 10,000 on.
FIRST = {"emukit, fresh seeds": 3_000}


def repetition(function: Function, make: Made, seed: int) -> dict[str, Any]:
    """Search once: regret after each evaluation, and CPU seconds of all asks."""
    noise = np.random.default_rng([seed, 2**31])
    ask, tell = make(function, seed)
    asked, values, observed = 0.0, [], []
    for _ in range(EVALUATIONS):
        start = time.process_time()
        one = ask()
        asked += time.process_time() - start
        values.append(function.value(np.array([one[name] for name in function.names])))
        observed.append(values[-1] + function.noise * noise.standard_normal())
        start = time.process_time()
        tell(one, observed[-1])
        asked += time.process_time() - start
    best = [int(np.argmin(observed[: n + 1])) for n in range(EVALUATIONS)]
    return {"regret": [values[i] - function.least for i in best], "cpu_s": asked}


def kept(function: Function, name: str, make: Made, *, asked: bool, fresh: bool) -> list[dict[str, Any]]:
    """All repetitions of a searcher: those on disk and, if it is asked for, those that are missing."""
    path = WORK / f"{function.name}-{name}.json".replace(" ", "_").replace(",", "")
    done: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() and not (asked and fresh) else []
    for seed in range(len(done), REPETITIONS if asked else 0):
        done.append(repetition(function, make, FIRST.get(name, 0) + seed))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(done))
    return done


def row(function: Function, name: str, done: list[dict[str, Any]]) -> list[object]:
    regrets = np.array([one["regret"] for one in done])[:, [n - 1 for n in AT]]
    ends = curves.with_interval(
        regrets,
        curves.MEAN,
        method="auto",
        confidence=0.95,
        n_boot=2_000,
        rng=np.random.default_rng(0),
        limits=(0.0, np.inf),
    )
    cells = [
        f"{mean:.2g} [{low:.2g}, {high:.2g}]"
        for mean, low, high in zip(regrets.mean(axis=0), ends.low, ends.high, strict=True)
    ]
    cost = 1e3 * np.mean([one["cpu_s"] for one in done]) / EVALUATIONS
    return [function.name, name, *cells, f"{np.median(regrets[:, -1]):.2g}", f"{cost:.2g}"]


def functions(only: list[str], fresh: bool) -> None:
    rows = []
    for function in FUNCTIONS:
        for name, (package, make) in SEARCHERS.items():
            if importlib.util.find_spec(package) is None:
                print(f"{name}: {package} is not installed, no line")
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                done = kept(function, name, make, asked=not only or name in only, fresh=fresh)
            if len(done) == REPETITIONS:
                rows.append(row(function, name, done))
                print(rows[-1], flush=True)
    report.write(
        "hpo_functions",
        "What searchers find on functions",
        f"Mean regret after 10, 20 and 40 evaluations one after the other, {REPETITIONS} repetitions, with 95 % "
        "intervals of the mean (Student-t or bootstrap, as `rlhp.curves` chooses), and the median at 40. Regret: the "
        "true value of the configuration that was observed best, above the least value of the function. The noise of "
        "evaluation k of repetition r is the same for all but the line of fresh seeds, which are 3,000 to 3,019: the "
        "defaults of `emukit` were chosen on others, those of the other lines among them. The last column is CPU "
        "milliseconds of one core for an ask and its tell, in the mean of all 40.",
        ["function", "searcher", *(f"regret at {n}" for n in AT), "median at 40", "CPU ms an ask"],
        rows,
        command="hpo.py --part functions",
        packages=("emukit", "GPy", "optuna", "numpy", "scipy"),
    )


PARTS = ("functions", "pools")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=PARTS, default="functions")
    parser.add_argument("--only", nargs="*", default=[], help="names of searchers to run")
    parser.add_argument("--fresh", action="store_true", help="forget what was kept")
    parser.add_argument("--repetitions", type=int, default=100, help="of `pools`; those that are kept count")
    given = parser.parse_args()
    if given.part == "functions":
        functions(given.only, given.fresh)
    else:
        pools.run(given.only, given.fresh, given.repetitions)


if __name__ == "__main__":
    main()
