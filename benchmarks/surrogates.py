"""Which surrogate knows what a configuration will be worth, and which finds a good one?

`python benchmarks/surrogates.py` asks for both. Predicting: 60 configurations of each of the seven measured landscapes
are learned and the others predicted. Optimising: Hartmann's function in six dimensions as in `hpo.py`, all surrogates
with the acquisition and the candidates of `emukit`. Everything is kept in `benchmarks/.work`, so that a run that was
stopped goes on; what `hpo.py` kept of `emukit`, `bnn` and `random` is read from there. `--only` runs some surrogates,
`--fresh` forgets what was predicted.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import hpo as searching  # before numpy: it holds linear algebra to one thread
import numpy as np
import report
from ConfigSpace import ConfigurationSpace
from functions import FUNCTIONS
from pools import POOLS

from rlhp import hpo
from rlhp.hpo.surrogates._batches import Proposing, by_model
from rlhp.hpo.surrogates._features import Features

KEPT = Path(__file__).resolve().parent / ".work" / "surrogates.jsonl"
HARTMANN = FUNCTIONS[1]
LEARNED, SPLITS = 60, 10
WITHIN = 1.6449
"""Standard deviations on each side of a 90 % interval."""

Fit = Callable[[np.ndarray, np.ndarray, np.ndarray, np.random.Generator], Any]


class Forest:
    """Trees, as in SMAC: mean and spread over the leaves that a point falls into (Hutter, Hoos, Leyton-Brown 2011)."""

    def __init__(self, x: np.ndarray, y: np.ndarray, noise: np.ndarray, rng: np.random.Generator):
        from sklearn.ensemble import RandomForestRegressor

        seed = int(rng.integers(2**31))
        made = RandomForestRegressor(100, min_samples_leaf=3, max_features=5 / 6, random_state=seed)
        self.trees = made.fit(x, y).estimators_

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = x.astype(np.float32)
        leaves = [(tree.tree_, tree.tree_.apply(rows)) for tree in self.trees]
        means = np.array([grown.value[at, 0, 0] for grown, at in leaves])
        within = np.array([grown.impurity[at] for grown, at in leaves])
        return means.mean(axis=0), np.sqrt(within.mean(axis=0) + means.var(axis=0) + 1e-9)


class Nearest:
    """What the nearest configuration was worth; its spread is how far the learned ones are from their nearest."""

    def __init__(self, x: np.ndarray, y: np.ndarray, noise: np.ndarray, rng: np.random.Generator):
        self.x, self.y = x, y
        apart = self._squares(x)
        np.fill_diagonal(apart, np.inf)
        self.std = float(np.sqrt(np.mean((y - y[apart.argmin(axis=1)]) ** 2))) + 1e-9

    def _squares(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(((x[:, None] - self.x) ** 2).sum(axis=2))

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.y[self._squares(x).argmin(axis=1)], np.full(len(x), self.std)


class Mean:
    """The same for every configuration."""

    def __init__(self, x: np.ndarray, y: np.ndarray, noise: np.ndarray, rng: np.random.Generator):
        self.mean, self.std = float(y.mean()), float(y.std(ddof=1))

    def predict(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full(len(x), self.mean), np.full(len(x), self.std)


@dataclass(frozen=True)
class Searching:
    """Searches as `emukit` does, with another surrogate."""

    fit: Fit

    def propose(
        self, space: ConfigurationSpace, seen: hpo.Observations, n: int, rng: np.random.Generator
    ) -> list[dict[str, Any]]:
        return by_model(space, seen, n, rng, fit=self.fit, how=Proposing())


@dataclass(frozen=True)
class Surrogate:
    """A surrogate: how it is fitted, the name under which `hpo.py` keeps its searches, and how often it is run."""

    name: str
    fit: Fit
    kept_as: str
    splits: int = SPLITS
    repetitions: int = searching.REPETITIONS

    def search(self) -> searching.Made:
        known = searching.SEARCHERS.get(self.kept_as)
        return known[1] if known is not None else searching.of_searcher(lambda _: Searching(self.fit))


SURROGATES = (
    Surrogate("the mean (random search)", Mean, "random"),
    Surrogate("nearest configuration", Nearest, "nearest"),
    Surrogate("random forest", Forest, "forest"),
    Surrogate("Gaussian process (`emukit`)", hpo.Emukit().fitted, "emukit"),
    Surrogate("network, ensemble (`bnn`)", hpo.Bnn().fitted, "bnn"),
    Surrogate("network, Laplace", hpo.Bnn(fit="laplace").fitted, "bnn, laplace"),
    Surrogate("network, chain (`nuts`)", hpo.Bnn(fit="nuts", widths=(24,), members=128).fitted, "nuts", 1, 0),
)


@lru_cache(maxsize=1)
def landscape(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features, mean returns at the end over all seeds and their standard errors of all configurations.

    A run that crashed has the return of the worst one.
    """
    made = hpo.pool(name)
    scores = np.array([made.truth([seed]) for seed in made.seeds])
    scores = np.where(np.isnan(scores), np.nanmin(scores), scores)
    noise = scores.std(axis=0, ddof=1) / np.sqrt(len(scores))
    return Features.of(made.space).encode(made.configurations), scores.mean(axis=0), noise


def predicted(fit: Fit, name: str, split: int) -> dict[str, float]:
    """Learn some configurations and predict the others.

    Error in standard deviations of what is predicted, the part of it that 90 % intervals hold, and the mean negative
    logarithm of its density, in standardised units; a score that is predicted has the noise of its own seeds.
    """
    x, y, noise = landscape(name)
    order = np.random.default_rng([split, 5]).permutation(len(y))
    seen, left = order[:LEARNED], order[LEARNED:]
    centre, spread = y[seen].mean(), y[seen].std()
    start = time.process_time()
    unknown = np.full(len(seen), np.nan)
    model = fit(x[seen], (y[seen] - centre) / spread, unknown, np.random.default_rng(split))
    mean, std = (np.asarray(one) for one in model.predict(x[left]))
    seconds = time.process_time() - start
    wide = np.sqrt(std**2 + (noise[left] / spread) ** 2)
    off = (y[left] - centre) / spread - mean
    density = -0.5 * (off / wide) ** 2 - np.log(wide) - 0.5 * np.log(2 * np.pi)
    return {
        "rmse": float(np.sqrt((off**2).mean()) * spread / y[left].std()),
        "coverage": float((np.abs(off) <= WITHIN * wide).mean()),
        "nll": float(-density.mean()),
        "cpu_s": seconds,
    }


def predict(only: list[str], fresh: bool) -> dict[str, dict[str, float]]:
    """Return all that was predicted, by surrogate, landscape and split; run what is missing."""
    KEPT.parent.mkdir(exist_ok=True)
    if fresh:
        KEPT.unlink(missing_ok=True)
    lines = KEPT.read_text().splitlines() if KEPT.exists() else []
    kept = {one["key"]: one["found"] for one in map(json.loads, lines)}
    with KEPT.open("a") as file:
        for surrogate in (one for one in SURROGATES if not only or one.kept_as in only):
            for name in POOLS:
                for split in range(surrogate.splits):
                    key = f"{surrogate.kept_as}|{name}|{split}"
                    if key not in kept:
                        kept[key] = predicted(surrogate.fit, name, split)
                        file.write(json.dumps({"key": key, "found": kept[key]}) + "\n")
                        file.flush()
    return kept


def per_pool(kept: dict[str, dict[str, float]], surrogate: Surrogate, measure: str) -> list[float]:
    """Return the mean over splits on each landscape; nothing where one is missing."""
    found = []
    for name in POOLS:
        keys = [f"{surrogate.kept_as}|{name}|{split}" for split in range(surrogate.splits)]
        found.append([kept[key][measure] for key in keys if key in kept])
    return [float(np.mean(one)) for one in found] if all(found) else []


def ranged(values: list[float], unit: float = 1.0, digits: int = 2) -> str:
    ends = [f"{unit * one:.{digits}f}" for one in (np.mean(values), min(values), max(values))] if values else []
    return "{} ({} to {})".format(*ends) if ends else "-"


def row(kept: dict[str, dict[str, float]], surrogate: Surrogate, asked: bool) -> list[str]:
    searches = searching.kept(
        HARTMANN,
        surrogate.kept_as,
        surrogate.search(),
        asked=asked and surrogate.repetitions > 0,
        fresh=False,
        repetitions=surrogate.repetitions,
    )
    cells = ["-", "0", "-"]
    if len(searches) > 1:
        mean, low, high = searching.regrets(searches)
        cost = np.mean([one["cpu_s"] for one in searches]) / searching.EVALUATIONS
        cells = [f"{mean[-1]:.2f} [{low[-1]:.2f}, {high[-1]:.2f}]", str(len(searches)), f"{cost:.2g}"]
    splits = min(sum(f"{surrogate.kept_as}|{name}|{split}" in kept for split in range(SPLITS)) for name in POOLS)
    return [
        surrogate.name,
        ranged(per_pool(kept, surrogate, "rmse")),
        ranged(per_pool(kept, surrogate, "coverage"), 100, 0),
        ranged(per_pool(kept, surrogate, "nll")),
        str(splits),
        f"{np.median(per_pool(kept, surrogate, 'cpu_s')):.2g}" if splits else "-",
        *cells,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[], help=", ".join(one.kept_as for one in SURROGATES))
    parser.add_argument("--fresh", action="store_true", help="forget what was predicted")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    kept = predict(given.only, given.fresh)
    rows = [row(kept, one, not given.only or one.kept_as in given.only) for one in SURROGATES]
    errors = [[one.name, *(f"{error:.2f}" for error in per_pool(kept, one, "rmse"))] for one in SURROGATES]
    report.write(
        "surrogates",
        "Predicting and optimising, with the same surrogates",
        TEXT,
        ["surrogate", *PREDICTING, *OPTIMISING],
        rows,
        packages=("emukit", "GPy", "numpyro", "jax", "scikit-learn", "numpy", "scipy"),
        more=[(ERRORS, ["surrogate", *POOLS], [one for one in errors if len(one) > 1])],
    )


PREDICTING = ("error", "coverage, %", "log loss", "splits", "CPU s a fit")
OPTIMISING = ("regret", "repetitions", "CPU s an ask")
TEXT = f"""
Predicting: of each of the seven measured landscapes {LEARNED} of the 256 configurations are learned and the others
predicted, on several random splits. Error: root mean square, in standard deviations of what is predicted, so that 1 is
what the mean of all would do that knew them. Coverage: of 90 % intervals. Log loss: mean negative logarithm of the
density, of scores in standard deviations of the learned ones. A score that is predicted has the noise of its own seeds;
the noise of what is learned is not told. A run that crashed has the return of the worst one. Each cell is the mean of
the landscapes, in brackets the least and the most of them.

Optimising: Hartmann's function in six dimensions with noise of standard deviation .1, 40 evaluations: mean regret with
its 95 % interval, as in [hpo_functions.md](hpo_functions.md). All surrogates have the acquisition (log expected
improvement) and the candidates of `emukit`; CPU seconds are of an ask and its tell. What was not run has a dash. The
chain has 24 hidden units, half of the 256 draws that it would have by default, and one split: it is slow. The defaults
of `emukit` were chosen on these seeds among others; what it finds on fresh ones stands in that other table.
"""
ERRORS = """
The error on each landscape, mean of the splits:
"""


if __name__ == "__main__":
    main()
