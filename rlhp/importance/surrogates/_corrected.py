"""Shares of the variance with the surrogate's error taken off, and how sure they are."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from rlhp.importance._study import Array, Study, resamples
from rlhp.importance.surrogates._boosted import boost
from rlhp.importance.surrogates._boxes import Boxes, Domain
from rlhp.importance.surrogates._choice import Chosen, folds
from rlhp.importance.surrogates._effects import Subset, subsets
from rlhp.importance.surrogates._forest import grow
from rlhp.importance.surrogates._process import Process
from rlhp.importance.surrogates._projections import Projections, latent, of_process, of_trees
from rlhp.importance.surrogates._standard import Standard

Rows = NDArray[np.int64]
_FEWEST_TREES = 8  # of a fold
# Of the variance of the scores: a denominator keeps so much, and a share is not told closer than that.
_LEAST, _CLOSEST = 1e-3, 1e-3
# What a correction of first order leaves, as a part of it; 0.1 to 0.25 on functions whose shares are known.
_SECOND = 0.25
# A hyperparameter counts as spread unevenly beyond this: a chance of one in ten thousand if it is not.
_UNEVEN = 1e-4


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares of main effects and interactions, then totals.

    Attributes
    ----------
    estimate : array [k]
    own : array [k]
        The surrogate's, before its error was taken off.
    draws : array [B, k]
    unexplained : float
        Share of the variance between configurations that the surrogate does not predict and that is no noise.
    crossed : list of lists of Boxes
        Trees that did not see one fold of the configurations, on the standard scale; empty for a process.
    """

    estimate: Array
    own: Array
    draws: Array
    unexplained: float
    crossed: list[list[Boxes]]


def uneven(study: Study, domain: Domain) -> list[str]:
    """Name the hyperparameters along which the configurations are not spread as the space declares.

    The correction averages over configurations; where these were chosen (by a search, say) they stand for no measure.
    """
    found = []
    for j, name in enumerate(study.names):
        column, own = study.unit[:, j], domain.cells[j]
        known = column[~np.isnan(column)]
        if np.unique(known).size < 2:
            continue
        if own is None:
            chance = float(stats.kstest(known, "uniform").pvalue)
        else:
            below = np.searchsorted(np.sort(known), own[1][1:-1]) / len(known)
            # Of values, Kolmogorov's bound is a little too careful.
            chance = 2.0 * float(np.exp(-2.0 * len(known) * np.max(np.abs(below - own[1][1:-1])) ** 2))
        if chance < _UNEVEN:
            found.append(name)
    return found


def noise_of_means(study: Study) -> Array | None:
    """Return the variance of each mean score over its seeds, shape [n]; None where nobody has two seeds."""
    present = ~np.isnan(study.scores)
    count = present.sum(axis=1)
    several = count > 1
    if not several.any():
        return None
    within = np.nansum((study.scores - study.y[:, None]) ** 2, axis=1)
    pooled = float(within[several].sum() / (count[several] - 1).sum())
    return np.asarray(np.where(several, within / np.maximum(count - 1, 1), pooled) / count)


def density(domain: Domain, unit: Array) -> Array:
    """Return the weight of the measure asked for at points, relative to the declared one, shape [n]."""
    ratio = np.ones(len(unit))
    for j, onto in enumerate(domain.below):
        if onto is None:
            continue
        own, at = domain.cells[j], np.nan_to_num(unit[:, j], nan=0.5)
        if own is None:
            low, high = np.maximum(at - 1e-4, 0.0), np.minimum(at + 1e-4, 1.0)
        else:
            place = np.searchsorted(own[1][1:-1], at, side="right")
            low, high = own[1][place], own[1][place + 1]
        ratio *= np.where(np.isnan(unit[:, j]), 1.0, (onto(high) - onto(low)) / (high - low))
    return ratio


def corrected_shares(
    study: Study,
    domain: Domain,
    chosen: Chosen,
    cap: Callable[[Array], Array],
    *,
    order: int,
    n_trees: int,
    min_leaf: int | None,
    n_boot: int,
    rng: np.random.Generator,
) -> Shares:
    """Return the shares of a function by a surrogate that is corrected where it errs.

    Parameters
    ----------
    study : Study
    domain : Domain
    chosen : Chosen
        Fitted to `cap(study.y)`.
    cap : function
        From scores to what counts of them, array [n] to [n].
    order : int
        Highest order of interactions.
    n_trees, min_leaf
        Of forests that do not see a fold.
    n_boot : int
        Resamples of configurations and seeds; the surrogate is not fitted anew for them, as what it errs by is
        taken off in each.
    rng : numpy.random.Generator
    """
    of_folds, of_latent, of_draws = rng.spawn(3)
    n, d = study.unit.shape
    scores = cap(study.y)
    standard = Standard.of(scores)
    z = standard.onto(scores)
    at = latent(domain, study.unit, of_latent)
    smooth = isinstance(chosen.model, Process)
    crossed: list[list[Boxes]] = []
    parts: list[tuple[Rows, Projections]] = []
    if isinstance(chosen.model, Process):
        parts.append((np.arange(n), of_process(chosen.model, at, order)))
    else:
        weighed = np.stack([domain.weigh(j, at[:, j]) for j in range(d)], axis=1)
        for rows in folds(n, of_folds):
            others = np.setdiff1d(np.arange(n), rows)
            trees = _trees(study.unit[others], z[others], domain, chosen.kind, n_trees, min_leaf, of_folds)
            crossed.append(trees)
            # Each tree beside the next one, in a ring.
            pairs = [(trees[k], trees[k - 1]) for k in range(len(trees))]
            parts.append((rows, of_trees(pairs, weighed[rows], order)))
    base, slope, told, twice, own, left = _gathered(parts, n)
    wanted = subsets(d, order)
    varies = np.array([_varies(study.unit[:, j]) for j in range(d)])
    weight = density(domain, study.unit)
    noise = noise_of_means(study)
    if smooth:
        rest = np.full(n, left[-1])
    elif noise is not None:
        # Of the square of what two trees miss, what is no noise: scores that are capped have none.
        rest = z**2 - 2 * z * told + twice - np.where(scores == study.y, noise, 0.0) / standard.scale**2
    else:
        rest = np.zeros(n)

    def shares(times: Array, moved: Array, attributed: Array | None) -> Array:
        w = weight * times
        w = w / w.sum()
        closed = w @ (base + slope * moved[:, None]) + left
        unexplained = 0.0 if smooth else max(0.0, float(w @ rest))
        variance = max(float(closed[-1]) + unexplained, _LEAST)
        total = np.maximum(closed[-1] - closed[len(wanted) : -1], 0.0)
        # Who takes part in what the surrogate does not predict is not known: as in what it does, and for the
        # interval anything from not at all to twice that.
        part = total / max(float(closed[-1]), _LEAST)
        if attributed is not None:
            part = 2.0 * attributed * part
        total = total + np.clip(part, 0.0, 1.0) * unexplained
        return _consistent(_terms(closed, total, wanted, varies) / variance, d)

    estimate = shares(np.ones(n), z, None)
    plain = _terms(own, own[-1] - own[len(wanted) : -1], wanted, varies) / max(own[-1], 1e-12)
    draws = np.array(
        [
            shares(one.times.astype(float), z + (cap(one.y) - scores) / standard.scale, np.asarray(of_draws.random(d)))
            for one in resamples(study, n_boot, of_draws)
        ]
    ).reshape(n_boot, len(estimate))
    # The second order is not known: a part of the first.
    rough = _CLOSEST * (plain != 0) + _SECOND * np.abs(plain - estimate)
    draws += rough * of_draws.standard_normal(draws.shape)
    return Shares(estimate, plain, draws, float(max(0.0, np.mean(rest))), crossed)


def _consistent(shares: Array, d: int) -> Array:
    """Let no share be below 0, and no total below its main effect: what is left of errors meets in the middle."""
    shares = np.maximum(shares, 0.0)
    main, total = shares[:d].copy(), shares[-d:].copy()
    middle = np.where(total < main, (main + total) / 2, np.nan)
    shares[:d] = np.where(np.isnan(middle), main, middle)
    shares[-d:] = np.where(np.isnan(middle), total, middle)
    return shares


def _trees(
    unit: Array, z: Array, domain: Domain, kind: str, n_trees: int, min_leaf: int | None, rng: np.random.Generator
) -> list[Boxes]:
    if kind == "boosted":
        return [boost(domain, unit, z, rng).boxes]
    forest = grow(unit, z, n_trees=max(_FEWEST_TREES, n_trees // 4), min_leaf=min_leaf, rng=rng)
    return [domain.boxes(tree) for tree in forest.trees]


def _varies(column: Array) -> bool:
    off = np.isnan(column)
    return bool(off.any() and not off.all()) or np.unique(column[~off]).size > 1


def _gathered(parts: list[tuple[Rows, Projections]], n: int) -> tuple[Array, Array, Array, Array, Array, Array]:
    width = parts[0][1].own.shape[0]
    base, slope, told, twice = np.zeros((n, width)), np.zeros((n, width)), np.zeros(n), np.zeros(n)
    for rows, one in parts:
        base[rows], slope[rows], told[rows], twice[rows] = one.base, one.slope, one.told, one.told_twice
    own = np.mean([one.own for _, one in parts], axis=0)
    return base, slope, told, twice, own, np.mean([one.left for _, one in parts], axis=0)


def _terms(closed: Array, total: Array, wanted: list[Subset], varies: Array) -> Array:
    parts: dict[Subset, float] = {}
    for k, one in enumerate(wanted):
        smaller = sum(parts[sub] for size in range(1, len(one)) for sub in itertools.combinations(one, size))
        parts[one] = float(closed[k]) - smaller if varies[list(one)].all() else 0.0
    return np.concatenate([[parts[one] for one in wanted], np.where(varies, total, 0.0)])


def corrected_totals(
    study: Study,
    domain: Domain,
    chosen: Chosen,
    *,
    n_repeats: int,
    n_trees: int,
    min_leaf: int | None,
    n_boot: int,
    rng: np.random.Generator,
) -> Shares:
    """Return total shares by shuffling, by a surrogate that is corrected where it errs.

    Of a configuration with score y, prediction g and prediction h once a hyperparameter is shuffled,
    (y - h)^2 - (y - g)^2 - (g - h)^2 / 2 averages to the total of the function, and (g - h)^2 / 2 to the surrogate's.

    Parameters
    ----------
    study, domain, chosen, n_trees, min_leaf, n_boot, rng
        As for `corrected_shares`.
    n_repeats : int
    """
    of_folds, of_shuffles, of_draws = rng.spawn(3)
    n, d = study.unit.shape
    standard = Standard.of(study.y)
    z = standard.onto(study.y)
    at = latent(domain, study.unit, of_shuffles)
    told = np.zeros(n)
    predictors: list[tuple[Rows, Callable[[Array], Array]]] = []
    if isinstance(chosen.model, Process):
        every, smooth = np.arange(n), chosen.model
        predictors.append((every, lambda unit: standard.onto(smooth.without(every, unit))))
    else:
        for rows in folds(n, of_folds):
            others = np.setdiff1d(np.arange(n), rows)
            predictors.append((rows, _predictor(study, domain, chosen.kind, z, others, n_trees, min_leaf, of_folds)))
    for rows, predict in predictors:
        told[rows] = predict(study.unit[rows])
    varies = [j for j in range(d) if _varies(study.unit[:, j])]
    rises, own = np.zeros((n, d)), np.zeros((n, d))
    for j in varies:
        for _ in range(n_repeats):
            shuffled = at.copy()
            shuffled[:, j] = at[of_shuffles.permutation(n), j]
            marked = domain.inactive_marked(shuffled)
            for rows, predict in predictors:
                change = (told[rows] - predict(marked[rows])) / np.sqrt(n_repeats)
                own[rows, j] += change**2 / 2
                rises[rows, j] += change**2 / 2 + 2 * change / np.sqrt(n_repeats) * (z[rows] - told[rows])
    noise = noise_of_means(study)
    left = z - told
    if isinstance(chosen.model, Process):
        rest = np.full(n, chosen.model.doubt / standard.scale**2)
    else:
        rest = np.zeros(n) if noise is None else left**2 - noise / standard.scale**2

    def shares(times: Array, moved: Array, attributed: Array | None) -> Array:
        w = times / times.sum()
        off = told - w @ told
        shift = (moved - z)[:, None] * slopes
        total = np.maximum(w @ (rises + shift), 0.0)
        explained = max(float(w @ (off**2 + 2 * off * (moved - told))), _LEAST)
        unexplained = max(0.0, float(w @ rest))
        part = total / explained * (1.0 if attributed is None else 2.0 * attributed)
        return np.asarray((total + np.clip(part, 0.0, 1.0) * unexplained) / (explained + unexplained))

    # How a configuration's rise moves with its score.
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes = np.where(left[:, None] != 0, (rises - own) / left[:, None], 0.0)
    estimate = shares(np.ones(n), z, None)
    draws = np.array(
        [
            shares(one.times.astype(float), z + (one.y - study.y) / standard.scale, np.asarray(of_draws.random(d)))
            for one in resamples(study, n_boot, of_draws)
        ]
    ).reshape(n_boot, d)
    moves = np.isin(np.arange(d), varies)
    plain = own.mean(axis=0) / max(float(told.var()), 1e-12)
    rough = _CLOSEST + _SECOND * np.abs(plain - estimate)
    draws = (draws + rough * of_draws.standard_normal(draws.shape)) * moves
    return Shares(estimate, plain, draws, float(max(0.0, rest.mean())), [])


def _predictor(
    study: Study,
    domain: Domain,
    kind: str,
    z: Array,
    rest: Rows,
    n_trees: int,
    min_leaf: int | None,
    rng: np.random.Generator,
) -> Callable[[Array], Array]:
    if kind == "boosted":
        return boost(domain, study.unit[rest], z[rest], rng).predict
    few = max(_FEWEST_TREES, n_trees // 4)
    return grow(study.unit[rest], z[rest], n_trees=few, min_leaf=min_leaf, rng=rng).predict
