"""How many hyperparameters have to be tuned for each environment: on a grid as measured, else on surrogates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray
from scipy.stats import qmc

from rlhp.frames import content_hash
from rlhp.importance._result import LEAST_R2
from rlhp.importance._study import FEWEST, Array
from rlhp.importance.surrogates._boxes import Domain, allowed_at, snapped
from rlhp.importance.surrogates._fit import filled
from rlhp.importance.surrogates._forest import Forest, grow
from rlhp.importance.surrogates._measures import measures_used
from rlhp.spaces import to_unit

# Up to so many hyperparameters every set of them is tuned; of more, sets that grow from so many best smaller ones.
_MOST_SETS, _KEPT = 12, 16
_CANDIDATES = 256
_ENOUGH = 0.95  # of the fully tuned score


@dataclass(frozen=True, eq=False)
class Dimensionality:
    """What tuning so many hyperparameters for each environment reaches.

    Attributes
    ----------
    table : DataFrame
        One row a number of tuned hyperparameters: `tuned`, `names` (the best set of up to that size), `score`,
        `reached` (part of the fully tuned score).
    effective : int or None
        The fewest that reach 95 % of it.
    r2 : dict
        Per environment, of surrogates on settings that they did not see; empty where settings are a grid.
    note : str
        Why `effective` is None; else "".
    """

    table: pd.DataFrame
    effective: int | None
    r2: dict[str, float]
    note: str


def on_grid(settings: pd.DataFrame, values: Array, shared: int) -> Dimensionality | None:
    """Read it off the scores, where the settings are all combinations of some values; None where they are not.

    Parameters
    ----------
    settings : DataFrame [n, ...]
    values : array [n, E]
        Scores on the common scale; NaN where a setting did not finish.
    shared : int
        Row of the setting that the hyperparameters which are not tuned stay at.
    """
    levels = {
        str(name): pd.factorize(pd.Series([content_hash(value=one) for one in settings[name]]))[0] for name in settings
    }
    levels = {name: one for name, one in levels.items() if one.max() > 0}
    names, codes = list(levels), np.array(list(levels.values())).reshape(len(levels), len(settings)).T
    if not names or np.prod(codes.max(axis=0) + 1.0) != len(settings):
        return None

    def tuned(free: tuple[int, ...]) -> float:
        kept = [j for j in range(len(names)) if j not in free]
        there = (codes[:, kept] == codes[shared, kept]).all(axis=1)
        return float(np.nanmax(values[there], axis=0).mean())

    return _summed(names, _reached(len(names), tuned), {}, "")


def on_surrogates(
    space: ConfigurationSpace, settings: pd.DataFrame, scores: pd.DataFrame, *, n_trees: int, rng: np.random.Generator
) -> Dimensionality | None:
    """Ask surrogates; None where an environment has too few settings for them.

    Each environment has two, fitted to one half of the settings each: what is best by one is scored by the other, and
    the other way round. By the same one, tuning more would always seem to bring more: its errors are tuned as well.
    What is not tuned stays at the setting that is expected to be best on average, of those that finished everywhere.
    """
    values, names = scores.to_numpy(), list(space)
    finished = ~np.isnan(values)
    first = np.isin(np.arange(len(values)), rng.permutation(len(values))[::2])
    halves = [first, ~first]
    if min(int(finished[half].sum(axis=0).min()) for half in halves) < FEWEST:
        return None
    unit = to_unit(space, settings)
    domain = Domain.of(space, measures_used(space, "declared"))
    forests = [
        [grow(unit[one & half], values[one & half, e], n_trees=n_trees, rng=rng) for e, one in enumerate(finished.T)]
        for half in halves
    ]
    everywhere = unit[finished.all(axis=1)]
    sobol = snapped(domain, qmc.Sobol(len(names), rng=rng).random(_CANDIDATES))
    drawn = np.vstack([filled(space, unit), sobol])
    expected = np.mean([one.predict(everywhere) for half in forests for one in half], axis=0)
    start = filled(space, everywhere[int(expected.argmax())])

    def tuned(free: tuple[int, ...]) -> float:
        points = _points(space, domain, start, drawn, list(free))
        return (_chosen(forests[0], forests[1], points) + _chosen(forests[1], forests[0], points)) / 2

    r2 = {
        str(env): _predicted(unit, values[:, e], finished[:, e], halves, [half[e] for half in forests])
        for e, env in enumerate(scores.columns)
    }
    # Where nothing varies there is no fit, and nothing to tune.
    varied = {env: one for env, one in r2.items() if not np.isnan(one)}
    poor = ", ".join(f"{env} {one:.2f}" for env, one in varied.items() if one < LEAST_R2)
    note = f"no effective dimensionality: surrogates with an R2 below {LEAST_R2} ({poor})" if poor else ""
    note = note if varied else "nothing varies anywhere, so there is nothing to tune"
    return _summed(names, _reached(len(names), tuned), r2, note)


def _predicted(
    unit: Array,
    values: Array,
    finished: NDArray[np.bool_],
    halves: list[NDArray[np.bool_]],
    forests: list[Forest],
) -> float:
    """Return the R2 of each half's scores as predicted by the other half's surrogate; NaN where nothing varies."""
    said = np.where(halves[0], forests[1].predict(unit), forests[0].predict(unit))[finished]
    spread = float(((values[finished] - values[finished].mean()) ** 2).sum())
    return 1.0 - float(((values[finished] - said) ** 2).sum()) / spread if spread > 0 else float("nan")


def _summed(names: list[str], reached: dict[tuple[int, ...], float], r2: dict[str, float], note: str) -> Dimensionality:
    rows, whole = [], max(reached.values())
    for size in range(len(names) + 1):
        best = max((one for one in reached if len(one) <= size), key=lambda one: reached[one])
        part = reached[best] / whole if whole > 0 else 1.0  # of nothing, everything is reached at once
        rows.append(
            {"tuned": size, "names": ", ".join(names[j] for j in best), "score": reached[best], "reached": part}
        )
    table = pd.DataFrame(rows)
    if not note and whole <= 0:
        note = "no effective dimensionality: the fully tuned score is not above what counts as 0"
    # 0.95 of a whole is not always below 0.95 x the whole in floating point.
    enough = table.loc[table["reached"] >= _ENOUGH * (1 - 1e-12), "tuned"]
    return Dimensionality(table, None if note else int(enough.min()), r2, note)


def _reached(d: int, tuned: Callable[[tuple[int, ...]], float]) -> dict[tuple[int, ...], float]:
    """Return what sets of d hyperparameters reach when they are tuned: all sets, or those that grow from the best."""
    reached: dict[tuple[int, ...], float] = {(): tuned(())}
    kept: list[tuple[int, ...]] = [()]
    for _ in range(d):
        grown = dict.fromkeys(tuple(sorted({*one, j})) for one in kept for j in range(d) if j not in one)
        reached |= {one: tuned(one) for one in grown}
        kept = list(grown) if d <= _MOST_SETS else sorted(grown, key=lambda one: -reached[one])[:_KEPT]
    return reached


def _points(space: ConfigurationSpace, domain: Domain, start: Array, drawn: Array, free: list[int]) -> Array:
    """Return the points that may be chosen where some hyperparameters are free, NaN where inactive."""
    points = np.repeat(start[None], len(drawn) if free else 1, axis=0)
    points[:, free] = drawn[: len(points), free]
    points[0] = start  # tuning may leave everything as it is
    marked = domain.inactive_marked(points)
    kept = allowed_at(space, domain, marked)
    kept[0] = True
    return marked[kept]


def _chosen(by: list[Forest], scored: list[Forest], points: Array) -> float:
    """Choose a point for each environment by one surrogate, and score it by the other; the mean over environments."""
    each = zip(by, scored, strict=True)
    return float(np.mean([judge.predict(points[[one.predict(points).argmax()]])[0] for one, judge in each]))
