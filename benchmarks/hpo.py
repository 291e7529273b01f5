"""How good is what a searcher finds, beside its peers? `python benchmarks/hpo.py --part functions` or `pools`

functions: Branin without noise and Hartmann-6 with noise of standard deviation .1, 40 evaluations one after the other,
20 repetitions. Regret is how much worse than the optimum the true value of the configuration is that was observed best.
The table is kept in `hpo_functions.md`. Each repetition is kept in `benchmarks/.work/hpo`, so that a run that was
stopped goes on, and `--only` runs some searchers and leaves the others as they are. A peer that is not installed is not
run; what was kept of it stands.

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
from pathlib import Path
from typing import Any

import numpy as np
import peers
import pools
import report
from functions import FUNCTIONS, Function

from rlhp import curves, hpo

WORK = Path(__file__).resolve().parent / ".work" / "hpo"
REPETITIONS, EVALUATIONS, AT = 20, 40, (10, 20, 40)


Ask = Callable[[], dict[str, float]]
Tell = Callable[[dict[str, float], float], None]
Made = Callable[[Function, int], tuple[Ask, Tell]]


def of_searcher(make_searcher: Callable[[int], hpo.Searcher]) -> Made:
    """What follows the contract of this library: ask number k draws from the generator of seed and k."""

    def make(function: Function, seed: int) -> tuple[Ask, Tell]:
        searcher = make_searcher(seed)
        told: list[tuple[dict[str, float], float]] = []

        def ask() -> dict[str, float]:
            seen = hpo.Observations([one for one, _ in told], [-value for _, value in told])
            return searcher.propose(function.space, seen, 1, np.random.default_rng([seed, len(told)]))[0]

        return ask, lambda one, value: told.append((one, value))

    return make


def of_ours(name: str, **options: Any) -> Made:
    return of_searcher(lambda seed: hpo.searcher(name, **(options | ({"scramble": seed} if name == "sobol" else {}))))


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


def of_peer(make: Callable[..., tuple[Ask, Tell]]) -> Made:
    return lambda function, seed: make(function, seed, evaluations=EVALUATIONS)


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
    "SMAC3, HPO facade": ("smac", of_peer(peers.smac_on_function)),
    "BoTorch, log EI": ("botorch", of_peer(peers.botorch_on_function)),
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


def kept(
    function: Function, name: str, make: Made, *, asked: bool, fresh: bool, repetitions: int = REPETITIONS
) -> list[dict[str, Any]]:
    """All repetitions of a searcher: those on disk and, if it is asked for, those that are missing."""
    path = WORK / f"{function.name}-{name}.json".replace(" ", "_").replace(",", "")
    done: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() and not (asked and fresh) else []
    package = SEARCHERS[name][0] if name in SEARCHERS else ""
    made_with = {"with": peers.installed(package)} if package in peers.PACKAGES else {}
    for seed in range(len(done), repetitions if asked else 0):
        done.append(repetition(function, make, FIRST.get(name, 0) + seed) | made_with)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(done))
    return done


def regrets(done: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean regret at 10, 20 and 40 evaluations, and the ends of its interval."""
    found = np.array([one["regret"] for one in done])[:, [n - 1 for n in AT]]
    ends = curves.with_interval(
        found,
        curves.MEAN,
        method="auto",
        confidence=0.95,
        n_boot=2_000,
        rng=np.random.default_rng(0),
        limits=(0.0, np.inf),
    )
    return found.mean(axis=0), ends.low, ends.high


def row(function: Function, name: str, done: list[dict[str, Any]]) -> list[object]:
    cells = [f"{mean:.2g} [{low:.2g}, {high:.2g}]" for mean, low, high in zip(*regrets(done), strict=True)]
    last = [one["regret"][-1] for one in done]
    cost = 1e3 * np.mean([one["cpu_s"] for one in done]) / EVALUATIONS
    return [function.name, name + peers.made_with(done), len(done), *cells, f"{np.median(last):.2g}", f"{cost:.2g}"]


def functions(only: list[str], fresh: bool) -> None:
    rows = []
    for function in FUNCTIONS:
        for name, (package, make) in SEARCHERS.items():
            here = importlib.util.find_spec(package) is not None
            if not here:
                print(f"{name}: {package} is not installed, what is kept of it stands")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                done = kept(function, name, make, asked=here and (not only or name in only), fresh=fresh)
            if len(done) > 1:
                rows.append(row(function, name, done))
                print(rows[-1], flush=True)
    report.write(
        "hpo_functions",
        "What searchers find on functions",
        "Mean regret after 10, 20 and 40 evaluations one after the other, with 95 % intervals of the mean (Student-t "
        "or bootstrap, as `rlhp.curves` chooses), and the median at 40. Regret: the "
        "true value of the configuration that was observed best, above the least value of the function. The noise of "
        "evaluation k of repetition r is the same for all but the line of fresh seeds, which are 3,000 to 3,019: the "
        "defaults of `emukit` were chosen on others, those of the other lines among them. The last column is CPU "
        "milliseconds of one core for an ask and its tell, in the mean of all 40. SMAC3 is told that the scenario is "
        "deterministic, since each configuration is evaluated once. BoTorch has its Gaussian process, its own priors, "
        "and log expected improvement above the best posterior mean. DEHB needs a fidelity, which a function has not. "
        "What has not been run has no line.",
        ["function", "searcher", "repetitions", *(f"regret at {n}" for n in AT), "median at 40", "CPU ms an ask"],
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
