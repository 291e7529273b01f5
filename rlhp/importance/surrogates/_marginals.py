"""How the score depends on one or two hyperparameters, exactly averaged over the others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace
from numpy.typing import NDArray
from scipy import stats

from rlhp.importance._study import Array, around
from rlhp.importance.surrogates._boxes import Boxes, Domain
from rlhp.importance.surrogates._choice import Chosen
from rlhp.importance.surrogates._corrected import Shares
from rlhp.importance.surrogates._forest import Forest
from rlhp.importance.surrogates._process import Process
from rlhp.importance.surrogates._projections import line_of_process
from rlhp.importance.surrogates._standard import Standard
from rlhp.spaces import DISCRETE, decode, from_unit

# Points along a continuous hyperparameter.
_POINTS = 65


def grid(space: ConfigurationSpace, domain: Domain, name: str, points: int = _POINTS) -> Array:
    """Return coordinates at which to look along a hyperparameter: its values, or evenly spread by its measure."""
    own = domain.cells[list(space).index(name)]
    if own is not None and len(own[0]) <= points:
        return own[0]
    return np.linspace(0.0, 1.0, points)


def values(space: ConfigurationSpace, name: str, unit: Array) -> list[Any]:
    """Return the values of a hyperparameter at coordinates."""
    return decode(space[name], unit)


def is_level(space: ConfigurationSpace, name: str) -> bool:
    """Return whether a hyperparameter has levels rather than a range."""
    return isinstance(space[name], DISCRETE)


def marginal(trees: list[Boxes], domain: Domain, j: int, unit: Array) -> Array:
    """Average a forest over all hyperparameters but one, where that one is active; shape [len(unit)]."""
    at, total = domain.weigh(j, unit), np.zeros(len(unit))
    for boxes in trees:
        where = _where_active(boxes, domain, [j])
        inside = _inside(boxes, j, at, where)
        share = boxes.volume[where] / (boxes.high - boxes.low)[where, j]
        total += (share * boxes.value[where]) @ inside / (share @ inside)
    return np.asarray(total / len(trees))


def marginal_of_two(trees: list[Boxes], domain: Domain, i: int, j: int, first: Array, second: Array) -> Array:
    """Average a forest over all hyperparameters but two, where both are active; shape [len(first), len(second)]."""
    at_first, at_second = domain.weigh(i, first), domain.weigh(j, second)
    total = np.zeros((len(first), len(second)))
    for boxes in trees:
        where = _where_active(boxes, domain, [i, j])
        width = (boxes.high - boxes.low)[where]
        share = boxes.volume[where] / (width[:, i] * width[:, j])
        a, b = _inside(boxes, i, at_first, where), _inside(boxes, j, at_second, where)
        mass = a.T @ (share[:, None] * b)
        with np.errstate(invalid="ignore"):  # both cannot be active at some pairs of values
            total += a.T @ ((share * boxes.value[where])[:, None] * b) / mass
    return np.asarray(total / len(trees))


def curve(
    space: ConfigurationSpace,
    domain: Domain,
    name: str,
    trees: list[Boxes],
    resampled: list[list[Boxes]],
    confidence: float,
) -> pd.DataFrame:
    """Return the marginal of one hyperparameter with its interval, as `Importance.marginals` documents."""
    j = list(space).index(name)
    unit = grid(space, domain, name)
    mean = marginal(trees, domain, j, unit)
    draws = np.array([marginal(one, domain, j, unit) for one in resampled]).reshape(len(resampled), len(unit))
    low, high = around(mean, draws, confidence)
    frame = pd.DataFrame({"unit": unit, "mean": mean, "low": low, "high": high})
    frame.insert(0, "value", as_column(values(space, name, unit), frame.index))
    return frame


def corrected_curve(
    space: ConfigurationSpace,
    domain: Domain,
    name: str,
    chosen: Chosen,
    shares: Shares,
    scores: Array,
    confidence: float,
) -> pd.DataFrame:
    """Return the marginal of the chosen surrogate: with its posterior, or by how far one without a fold is off.

    References
    ----------
    B. Efron, C. Stein (1981), The jackknife estimate of variance.
    """
    j = list(space).index(name)
    unit = grid(space, domain, name)
    if isinstance(chosen.model, Process):
        mean, sd = line_of_process(chosen.model, j, unit)
        away = stats.norm.ppf((1 + confidence) / 2) * sd
    else:
        standard, model = Standard.of(scores), chosen.model
        trees = [domain.boxes(tree) for tree in model.trees] if isinstance(model, Forest) else [model.boxes]
        # Boosted trees lie over each other; each gives its weight once.
        layers = 1 if isinstance(model, Forest) else len(model.trees) + 1
        mean = layers * marginal(trees, domain, j, unit)
        folds = np.array([standard.back(layers * marginal(one, domain, j, unit)) for one in shares.crossed])
        k = len(folds)
        sd = np.sqrt((k - 1) / k * ((folds - folds.mean(axis=0)) ** 2).sum(axis=0))
        away = stats.t.ppf((1 + confidence) / 2, k - 1) * sd
    bound = np.nan if not len(shares.draws) else 1.0
    frame = pd.DataFrame({"unit": unit, "mean": mean, "low": mean - bound * away, "high": mean + bound * away})
    frame.insert(0, "value", as_column(values(space, name, unit), frame.index))
    return frame


def configuration(space: ConfigurationSpace, unit: Array) -> dict[str, Any]:
    """Return the configuration at a point of the unit cube, shape [d]; NaN where inactive, as None may be a level."""
    row = from_unit(space, np.nan_to_num(unit, nan=0.5)[None]).iloc[0]
    return {name: math.nan if np.isnan(unit[j]) else row[name] for j, name in enumerate(space)}


def as_column(found: list[Any], index: pd.Index) -> pd.Series:
    """Return values of a hyperparameter as a column that keeps None, which may be a level, apart from NaN."""
    return pd.Series(found, index=index, dtype=object if any(one is None for one in found) else None)


def _where_active(boxes: Boxes, domain: Domain, wanted: list[int]) -> NDArray[np.bool_]:
    active = np.array([one.active[wanted].all() for one in domain.contexts])
    return np.asarray(active[boxes.context])


def _inside(boxes: Boxes, j: int, at: Array, where: NDArray[np.bool_]) -> Array:
    """Return which boxes hold which points along dimension j, shape [boxes, points]; the last one holds 1 as well."""
    low, high = boxes.low[where, j, None], boxes.high[where, j, None]
    return ((low <= at) & ((at < high) | ((high >= 1.0) & (at >= 1.0)))).astype(float)
