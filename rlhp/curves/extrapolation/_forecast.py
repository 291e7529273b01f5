"""Forecasts in the unit of the range: the mixture, similar runs, and their pool, calibrated on runs held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlhp.curves._statistic import Array
from rlhp.curves.extrapolation._families import progress
from rlhp.curves.extrapolation._interval import at_level, calibrated_level
from rlhp.curves.extrapolation._mixture import QUANTILES, draws, learned_weights
from rlhp.curves.extrapolation._nodes import Conditioned, Scale, conditioned
from rlhp.curves.extrapolation._pooling import pool_weights, pooled
from rlhp.curves.extrapolation._question import Question, thinned
from rlhp.curves.extrapolation._reference import SHRINK_NODES, Known, evenly
from rlhp.curves.extrapolation._similar import NEIGHBOURS

# Runs held out to learn the weights of forecasters and the width of intervals from.
_MOST_CALIBRATED = 800
# Before anything is known of the forecasters: the mixture, and all kinds of similar runs together.
_MIXTURE_SHARE = 0.4
# Price of leaving these weights, in standard deviations of what runs came to, shared by the configurations.
_SHRINK_POOL = 0.5
# Kinds of forecast (nearly certain, between, wide open) are calibrated apart where there is enough to do it from.
_KINDS, _CONFIGS_FOR_KINDS, _RUNS_A_KIND = 3, 30, 40
MEMBERS = ("mixture", *(one.name for one in NEIGHBOURS))


@dataclass(frozen=True, eq=False)
class Calibration:
    """What runs held out say about forecasts of one question.

    Attributes
    ----------
    weights : array [K]
        Of the forecasters in `MEMBERS`.
    cuts, levels : arrays, per later step
        Forecasts are told apart by how spread out they are; between the `cuts` each kind has the level of interval
        that held the wanted share of what came.
    n : int
        Runs held out.
    """

    weights: Array
    cuts: tuple[Array, ...]
    levels: tuple[Array, ...]
    n: int

    def intervals(self, draws: Array) -> tuple[Array, Array]:
        """Return the intervals of forecasts [R, M, T]: low, high [R, T]."""
        low, high = np.empty(draws.shape[::2]), np.empty(draws.shape[::2])
        for step, (cuts, levels) in enumerate(zip(self.cuts, self.levels, strict=True)):
            kinds = np.searchsorted(cuts, _spread(draws[..., step]))
            for kind in np.unique(kinds):
                mine = kinds == kind
                low[mine, step], high[mine, step] = at_level(draws[mine, :, step], float(levels[kind]))
        return low, high


def nodes_for(
    families: tuple[str, ...], scale: Scale, seen: tuple[float, ...], ahead: tuple[float, ...]
) -> Conditioned:
    """Condition the nodes of a mixture on a first part, thinned if it is long."""
    x, counts, _ = thinned(seen, np.zeros((1, len(seen))))
    return conditioned(families, scale, tuple(x), tuple(counts.tolist()), tuple(progress(ahead, 1.0)))


def forecast(known: Known, question: Question, normal: Array, confidence: float) -> tuple[Array, Calibration, Array]:
    """Forecast with all that finished runs teach.

    Returns
    -------
    draws : array [R, M, T]
        Of the pool, in the unit of the range.
    calibration : Calibration
    after : array [R, C * E]
        Weights of the mixture's nodes.
    """
    found = calibration(known, question, confidence)
    everyone = np.ones(len(known.parts), dtype=bool)
    of_members, after = members(known, question, everyone, known.mixture.weights, normal)
    return pooled(of_members, found.weights, QUANTILES), found, after


def members(
    known: Known, question: Question, teachers: NDArray[np.bool_], weights: Array, normal: Array
) -> tuple[Array, Array]:
    """Forecast with each forecaster: draws [K, R, M, T] and the weights of the mixture's nodes [R, C * E]."""
    result, after = mixture_alone(known, question, weights, normal)
    inputs, taught = question.inputs(), known.question(question).inputs()[teachers]
    ends = np.clip(known.values_at(question.ahead)[teachers], 0.0, known.unit(np.array(known.ceiling)))
    near = [one.draws(inputs, taught, ends, QUANTILES) for one in NEIGHBOURS]
    return np.stack([result, *near]), after


def mixture_alone(known: Known, question: Question, weights: Array, normal: Array) -> tuple[Array, Array]:
    """Forecast with the mixture only, learned from finished runs: draws [R, M, T] and weights of nodes."""
    nodes = nodes_for(known.mixture.families, known.mixture.scale, question.seen, question.ahead)
    result, after = draws(nodes, weights, thinned(question.seen, question.values)[2], normal)
    return _limited(known, result, question.values), after


def calibration(known: Known, question: Question, confidence: float) -> Calibration:
    """Learn from runs held out, one fold of configurations after the other; remembered per question."""
    key = (question.seen, question.ahead, question.training is None, confidence)
    if key not in known.calibrations:
        known.calibrations[key] = _calibrated(known, question, confidence)
    found: Calibration = known.calibrations[key]
    return found


def _calibrated(known: Known, question: Question, confidence: float) -> Calibration:
    chosen = np.zeros(len(known.parts), dtype=bool)
    chosen[evenly(len(known.parts), _MOST_CALIBRATED)] = True
    asked = known.question(question)
    actual = known.values_at(question.ahead)
    forecasts: list[Array] = []
    came: list[Array] = []
    for fold in np.unique(known.fold):
        held_out = known.fold == fold
        rows = np.flatnonzero(held_out & chosen)
        if not len(rows):
            continue
        learned = known.log_likelihood[~held_out[known.learned_from]]
        prior = known.prior.weights
        weights = learned_weights(learned, prior, shrink=SHRINK_NODES) if len(learned) else prior
        found, _ = members(known, asked.rows(rows), ~held_out, weights, known.normal)
        forecasts.append(found)
        came.append(actual[rows])
    draws_, ends = np.concatenate(forecasts, axis=1), np.concatenate(came)
    prior = np.array([_MIXTURE_SHARE, *[(1 - _MIXTURE_SHARE) / len(NEIGHBOURS)] * len(NEIGHBOURS)])
    shrink = _SHRINK_POOL * float(ends[:, -1].std()) / known.n_configs
    weights = pool_weights(draws_[..., -1], ends[:, -1], prior, shrink=shrink)
    pool = pooled(draws_, weights, QUANTILES)
    kinds = _KINDS if known.n_configs >= _CONFIGS_FOR_KINDS and len(ends) >= _KINDS * _RUNS_A_KIND else 1
    levels = [_levels(pool[..., step], ends[:, step], kinds, confidence) for step in range(ends.shape[1])]
    return Calibration(weights, tuple(cuts for cuts, _ in levels), tuple(each for _, each in levels), len(ends))


def _levels(draws: Array, actual: Array, kinds: int, confidence: float) -> tuple[Array, Array]:
    """Calibrate forecasts of each kind by themselves, so that the certain ones do not pay for the uncertain ones."""
    spread = _spread(draws)
    cuts = np.unique(np.quantile(spread, np.arange(1, kinds) / kinds))
    kind = np.searchsorted(cuts, spread)
    overall = calibrated_level(draws, actual, confidence)
    levels = np.full(len(cuts) + 1, overall)
    for one in range(len(levels)):
        if len(cuts) and (kind == one).sum() >= _RUNS_A_KIND:
            levels[one] = calibrated_level(draws[kind == one], actual[kind == one], confidence)
    return cuts, levels


def _spread(draws: Array) -> Array:
    """Range of the middle 80 % of sorted draws [R, M], rounded so that equal forecasts are of one kind."""
    m = draws.shape[1]
    return np.asarray(np.round(draws[:, -1 - m // 10] - draws[:, m // 10], 6))


def _limited(known: Known, draws: Array, seen: Array) -> Array:
    """Keep draws [R, M, T] above the worst return of all runs, and below the highest where that is a limit.

    What a run itself has shown (`seen` [R, n]) is possible: where it went beyond an end, that end is no limit for it.
    """
    low = np.where(seen.min(axis=1) < 0, -np.inf, 0.0)
    high = np.where(seen.max(axis=1) > 1, np.inf, known.unit(np.array(known.ceiling)))
    return np.clip(draws, low[:, None, None], high[:, None, None])
