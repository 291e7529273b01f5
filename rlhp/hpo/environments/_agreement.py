"""Whether two environments rank the same configurations alike: what carries over, measured on shared probes."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.hpo.evaluating._fidelity import FEWEST, ranks
from rlhp.hpo.evaluating._pool import Pool, pool
from rlhp.runs import Runs
from rlhp.showing import as_html, as_text, percent

__all__ = ["Agreement", "filled", "pools_of", "rank_agreement"]

Sources = Sequence[str | Pool] | Mapping[str, str | Runs | Pool]


@dataclass(frozen=True, eq=False)
class Agreement:
    """How far environments agree on which configurations are good; made by `rank_agreement`.

    Attributes
    ----------
    table : DataFrame, one row per pair
        `one`, `other`, `correlation` (Spearman's, of the means over all seeds), `low`, `high`, `n` (probes in common).
        A sweep beside itself is what its own noise leaves: half of its seeds against the other half.
    draws : array [pairs, n_boot]
    n_failed : int
        Runs that failed, each counted as the least of its sweep.
    confidence : float
    """

    table: pd.DataFrame
    draws: np.ndarray
    n_failed: int
    confidence: float

    def _title(self) -> str:
        return f"rank correlation of {len(self.table)} pairs of sweeps on the configurations that they share"

    def _notes(self) -> list[str]:
        return [
            f"{percent(self.confidence)} percentile intervals; configurations, each with its seeds, resampled "
            f"{self.draws.shape[1]:,} times",
            "a sweep beside itself: half of its seeds against the others; no pair can be expected to agree better",
            f"{self.n_failed} runs failed, counted as the least",
        ]

    def __repr__(self) -> str:
        return as_text("Agreement", self._title(), self._notes(), self.table)

    def _repr_html_(self) -> str:
        return as_html(self._title(), self._notes(), self.table)


def rank_agreement(
    sources: Sources,
    *,
    rng: int | np.random.Generator,
    probes: int | None = None,
    confidence: float = 0.95,
    n_boot: int = 300,
) -> Agreement:
    """Correlate the ranks that sweeps give to the configurations they share.

    Where it is high, what was learned in one environment is a warm start for the other. A dozen probes, configurations
    that were measured elsewhere and are trained in the new environment too, estimate it, with a wide interval.

    Parameters
    ----------
    sources : sequence of data sets or pools, or mapping from names to data sets, runs or pools
        Two or more.
    rng : int or numpy.random.Generator
    probes : int, optional
        Configurations in common that are used, drawn at random; by default all.
    confidence : float
    n_boot : int
        Resamples.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If an argument cannot be, or two sweeps share fewer than four configurations.

    Notes
    -----
    Noise of the seeds pulls every correlation towards 0; the rows of a sweep beside itself say how far.

    References
    ----------
    C. Spearman (1904), The proof and measurement of association between two things. T. Eimer, M. Lindauer, R. Raileanu
    (2023), Hyperparameters in reinforcement learning and how to tune them.

    Examples
    --------
    >>> from rlhp import hpo
    >>> found = hpo.rank_agreement(["dqn_cartpole", "dqn_acrobot"], rng=0, n_boot=50)
    >>> found.table[["one", "other", "n"]].to_numpy().tolist()[0]
    ['dqn_cartpole', 'dqn_acrobot', 256]
    """
    made = pools_of("sources", sources, at_least=2)
    stream = arguments.random_generator(rng)
    if probes is not None:
        arguments.whole("probes", probes, at_least=FEWEST)
    arguments.real("confidence", confidence, above=0, below=1)
    arguments.whole("n_boot", n_boot, at_least=2, at_most=100_000)
    scores = {name: filled(one) for name, one in made.items()}
    rows, draws = [], []
    pairs = [*itertools.combinations(made, 2), *((one, one) for one in made)]
    for one, other in pairs:
        mine, theirs = _shared(made, scores, one, other)
        if probes is not None and probes < len(mine):
            picked = stream.choice(len(mine), probes, replace=False)
            mine, theirs = mine[picked], theirs[picked]
        if one == other:
            if mine.shape[1] < 2:
                continue
            found = np.array([_halves(mine, stream) for _ in range(n_boot)])
            value = float(np.nanmean(found))
        else:
            value = _correlation(mine.mean(axis=1), theirs.mean(axis=1))
            found = np.array([_resampled(mine, theirs, stream) for _ in range(n_boot)])
        tail = (1 - confidence) / 2
        low, high = np.nanquantile(found, [tail, 1 - tail])
        draws.append(found)
        rows.append({"one": one, "other": other, "correlation": value, "low": low, "high": high, "n": len(mine)})
    failed = sum(int(np.isnan(one.curves).all(axis=2).sum()) for one in made.values())
    return Agreement(pd.DataFrame(rows), np.array(draws), failed, confidence)


def pools_of(name: str, sources: Any, *, at_least: int) -> dict[str, Pool]:
    """Return pools by their names: data sets have their own, others those of a mapping or of their environment.

    Raises
    ------
    TypeError, ValueError
        If something is none, or there are too few.
    """
    if isinstance(sources, Mapping):
        given = arguments.mapping(name, sources)
    else:
        items = arguments.sequence(
            name, sources, hint="Of names of data sets, or pools; or a mapping of names to them."
        )
        given = {}
        for at, one in enumerate(items):
            if not isinstance(one, str | Pool):
                raise TypeError(
                    f"`{name}[{at}]` is {arguments.shown(one)}; give the name of a data set or a pool, or a mapping of "
                    f"names to runs."
                )
            label = one if isinstance(one, str) else str(one.runs.table["env_id"].iloc[0])
            if label in given:
                raise ValueError(f"`{name}` has {label!r} twice; give a mapping of names that differ.")
            given[label] = one
    for label, one in given.items():
        if not isinstance(one, str | Runs | Pool):
            raise TypeError(f"`{name}[{label!r}]` is {arguments.shown(one)}; give a data set, runs or a pool.")
    if len(given) < at_least:
        raise ValueError(f"`{name}` has {len(given)} sweeps; give {at_least} or more.")
    return {label: one if isinstance(one, Pool) else pool(one) for label, one in given.items()}


def filled(measured: Pool, seeds: Sequence[int] | None = None) -> np.ndarray:
    """Return the scores [configurations, seeds] of a pool, the least of it where a run failed."""
    chosen = measured.seeds if seeds is None else seeds
    scores = np.column_stack([measured.truth([seed]) for seed in chosen])
    return np.where(np.isnan(scores), np.nanmin(scores), scores)


def _shared(
    made: Mapping[str, Pool], scores: Mapping[str, np.ndarray], one: str, other: str
) -> tuple[np.ndarray, np.ndarray]:
    theirs = {repr(sorted(row.items())): at for at, row in enumerate(made[other].configurations)}
    keys = [repr(sorted(row.items())) for row in made[one].configurations]
    both = [(at, theirs[key]) for at, key in enumerate(keys) if key in theirs]
    if len(both) < FEWEST:
        raise ValueError(
            f"`sources`: {one} and {other} share {len(both)} configurations; ranks need {FEWEST}: measure some of "
            f"one in the other."
        )
    mine, yours = map(list, zip(*both, strict=True))
    return scores[one][mine], scores[other][yours]


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float((ranks(one) * ranks(other)).mean())


def _resampled(one: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> float:
    picked = rng.integers(0, len(one), len(one))
    return _correlation(one[picked].mean(axis=1), other[picked].mean(axis=1))


def _halves(scores: np.ndarray, rng: np.random.Generator) -> float:
    picked = scores[rng.integers(0, len(scores), len(scores))]
    order, half = rng.permutation(scores.shape[1]), scores.shape[1] // 2
    return _correlation(picked[:, order[:half]].mean(axis=1), picked[:, order[half:]].mean(axis=1))
