"""The variances of a surrogate's marginals, and what they miss by where the surrogate errs.

The variance of the marginal f_U over a set U of hyperparameters is a functional of the function f. Computed of a
surrogate g it is off by what g errs; to first order that is 2 (f_U - E f)(f - g), averaged over configurations, which
configurations that g did not see can tell: y - g(x) there is an unbiased look at f - g. So

    psi_U  =  Var g_U  +  mean_i 2 (g_U(x_i) - E g) (y_i - g(x_i)),

and what is left is of second order, - ||g_U - f_U||^2. The terms of that mean also say how sure it is. For two
surrogates grown apart, with Cov(g_U, h_U) in the place of Var g_U, what is left is - <f_U - g_U, f_U - h_U>, in which
the errors of the two that are chance do not meet.

References: A. da Veiga, F. Gamboa (2013), Efficient estimation of sensitivity indices. V. Chernozhukov et al. (2018),
Double/debiased machine learning for treatment and structural parameters.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from rlhp.importance._study import Array
from rlhp.importance.surrogates._boxes import Boxes, Domain, snapped
from rlhp.importance.surrogates._effects import Subset, closed_of, subsets
from rlhp.importance.surrogates._process import Process, factor

_CELLS = 200  # of the sums along a continuous hyperparameter


@dataclass(frozen=True, eq=False)
class Projections:
    """Variances of K marginals: over each wanted set, over all but each hyperparameter, and of the whole.

    Attributes
    ----------
    own : array [K]
        The surrogate's.
    left : array [K]
        What the surrogate expects to be left at second order; 0 where it cannot tell.
    base, slope : arrays [n, K]
        A configuration with score y says base + slope * y; the mean over configurations is the corrected value.
    told, told_twice : arrays [n]
        What surrogates that did not see a configuration say of it, and the product of what two of them say.
    """

    own: Array
    left: Array
    base: Array
    slope: Array
    told: Array
    told_twice: Array


def latent(domain: Domain, unit: Array, rng: np.random.Generator) -> Array:
    """Return coordinates to what is inactive, drawn by its measure: they change nothing."""
    return np.where(np.isnan(unit), snapped(domain, rng.random(unit.shape)), unit)


def of_trees(pairs: list[tuple[Boxes, Boxes]], at: Array, order: int) -> Projections:
    """Project pairs of trees (or sums of trees) that did not see the points `at`, weighed coordinates [m, d]."""
    d = at.shape[1]
    wanted = subsets(d, order)
    own = np.zeros(len(wanted) + d + 1)
    base, slope = np.zeros((len(at), len(own))), np.zeros((len(at), len(own)))
    told, twice = np.zeros(len(at)), np.zeros(len(at))
    seen: dict[int, tuple[Array, Array]] = {}
    for a, b in pairs:
        for one in (a, b):
            if id(one) not in seen:
                seen[id(one)] = _along(one, at, wanted)
        own += _covariances(a, b, wanted)
        (pa, fa), (pb, fb) = seen[id(a)], seen[id(b)]
        slope = slope + pa + pb
        base = base - pa * fb[:, None] - pb * fa[:, None]
        told, twice = told + (fa + fb) / 2, twice + fa * fb
    own, base, slope, told, twice = (one / len(pairs) for one in (own, base, slope, told, twice))
    return Projections(own, np.zeros_like(own), own + base, slope, told, twice)


def _covariances(a: Boxes, b: Boxes, wanted: list[Subset]) -> Array:
    d = a.low.shape[1]
    used = [j for j in range(d) if any((one.high[:, j] - one.low[:, j]).min() < 1.0 for one in (a, b))]
    covariances = np.zeros(len(wanted) + d + 1)
    if not used:
        return covariances
    place = {j: i for i, j in enumerate(used)}
    inner = sorted({tuple(place[j] for j in one if j in place) for one in wanted} - {()}, key=lambda s: (len(s), s))
    closed, without, whole = closed_of(a, b, used, inner)
    for k, one in enumerate(wanted):
        key = tuple(place[j] for j in one if j in place)
        covariances[k] = closed[key] if key else 0.0
    covariances[len(wanted) : -1] = whole
    for i, j in enumerate(used):
        covariances[len(wanted) + j] = without[i]
    covariances[-1] = whole
    return covariances


def _along(boxes: Boxes, at: Array, wanted: list[Subset]) -> tuple[Array, Array]:
    """Return the centred marginals at points, shape [m, K], and the function's values there [m]."""
    d = at.shape[1]
    width = boxes.high - boxes.low
    used = [j for j in range(d) if width[:, j].min() < 1.0]
    weight = boxes.value * boxes.volume
    mean = float(weight.sum())
    inside = {
        j: (
            (boxes.low[:, j] <= at[:, j, None]) & ((at[:, j, None] < boxes.high[:, j]) | (boxes.high[:, j] >= 1.0))
        ).astype(float)
        for j in used
    }
    found = np.zeros((len(at), len(wanted) + d + 1))
    products: dict[Subset, Array] = {}
    deepest = max(map(len, wanted))
    for k, one in enumerate(wanted):
        key = tuple(j for j in one if j in inside)
        if not key:
            continue
        start = products.get(key[:-1])
        product = (
            inside[key[-1]]
            if len(key) == 1
            else inside[key[0]] * inside[key[-1]]
            if start is None
            else (start * inside[key[-1]])
        )
        if len(key) == 2 and deepest > 2:
            products[key] = product
        found[:, k] = product @ (weight / width[:, key].prod(axis=1)) - mean
    if not used:
        return found, np.full(len(at), mean)
    before = list(itertools.accumulate((inside[j] for j in used), np.multiply))
    values = before[-1] @ boxes.value
    found[:, len(wanted) :] = (values - mean)[:, None]
    after = np.ones_like(before[0])
    for i in reversed(range(len(used))):
        rest = after if i == 0 else before[i - 1] * after
        found[:, len(wanted) + used[i]] = rest @ (boxes.value * width[:, used[i]]) - mean
        after = after * inside[used[i]]
    return found, np.asarray(values)


def of_process(model: Process, at: Array, order: int) -> Projections:
    """Project a Gaussian process, on the standard scale; each configuration is predicted by the one without it.

    Parameters
    ----------
    model : Process
        Of a space without conditions.
    at : array [n, d]
        The configurations that it was given, in coordinates of the unit cube.
    order : int
    """
    domain, d, n = model.domain, at.shape[1], len(at)
    wanted = subsets(d, order)
    means, overlaps, here, alone = [], [], [], []
    for j in range(d):
        k = _factor_columns(model, j)
        nodes, weights = _nodes(domain, j)
        if not k:
            means.append(np.ones(n))
            overlaps.append(np.ones((n, n)))
            here.append(np.ones((n, n)))
            alone.append(1.0)
            continue
        column, number = k
        scale = float(model.scales[column])
        grid = factor(nodes, model.seen[:, column], scale, number)
        means.append(weights @ grid)
        overlaps.append(grid.T @ (weights[:, None] * grid))
        here.append(factor(model.seen[:, column], model.seen[:, column], scale, number))
        alone.append(float(weights @ factor(nodes, nodes, scale, number) @ weights))
    # Everything relative to the means, so that a set is the product of its members.
    flat = model.height * np.prod(means, axis=0)
    ratio = [one / np.outer(mean, mean) for one, mean in zip(overlaps, means, strict=True)]
    rise = [one / mean[None] for one, mean in zip(here, means, strict=True)]
    left_out = model.alpha / np.diag(model.inverse)
    alpha, inverse = model.alpha * flat, model.inverse * np.outer(flat, flat)
    apart = model.calibration**2
    own, left, slope = [], [], []
    every = tuple(range(d))
    sets = [*wanted, *(tuple(i for i in every if i != j) for j in every), every]
    for one in sets:
        product, along = np.ones((n, n)), np.ones((n, n))
        for j in one:
            product *= ratio[j]
            along *= rise[j]
        centred, along = product - 1.0, along - 1.0
        moved = centred @ alpha
        value = float(alpha @ moved)
        prior = model.height * (math.prod(alone[j] for j in every if j not in one) - math.prod(alone))
        rest = prior - float((inverse * centred).sum())
        marginal = along @ alpha - np.einsum("ik,ki->i", along * flat, model.inverse) * left_out
        own.append(value)
        left.append(apart * max(0.0, rest))
        slope.append(2.0 * marginal)
    values, line, told = np.array(own), np.array(slope).T, model.target - left_out
    return Projections(values, np.array(left), values - line * told[:, None], line, told, told**2)


def _factor_columns(model: Process, j: int) -> tuple[int, bool] | None:
    columns = model.coding.columns(j)
    return (columns[0], columns[0] < model.coding.n_numbers) if columns else None


def _nodes(domain: Domain, j: int) -> tuple[Array, Array]:
    """Return places along a hyperparameter and their weights by the measure."""
    own = domain.cells[j]
    if own is not None:
        nodes, edges = own
    else:
        edges = np.linspace(0.0, 1.0, _CELLS + 1)
        nodes = (edges[1:] + edges[:-1]) / 2
    return nodes, np.diff(domain.weigh(j, edges))


def line_of_process(model: Process, j: int, unit: Array) -> tuple[Array, Array]:
    """Return the posterior of the marginal along hyperparameter j: mean and standard deviation, in units of the scores.

    Parameters
    ----------
    model : Process
        Of a space without conditions.
    j : int
    unit : array [k]
        Coordinates.
    """
    reach, alone = np.full(len(model.seen), model.height), model.height
    along, spread = np.ones((len(unit), len(model.seen))), 1.0
    for i in range(len(model.domain.cells)):
        own = _factor_columns(model, i)
        if own is None:
            continue
        scale = float(model.scales[own[0]])
        if i == j:
            points = snapped(model.domain, np.where(np.arange(len(model.domain.cells)) == j, unit[:, None], 0.5))[:, j]
            along = factor(points, model.seen[:, own[0]], scale, own[1])
            continue
        nodes, weights = _nodes(model.domain, i)
        reach = reach * (weights @ factor(nodes, model.seen[:, own[0]], scale, own[1]))
        alone *= float(weights @ factor(nodes, nodes, scale, own[1]) @ weights)
    towards = along * reach
    variance = alone * spread - np.einsum("ki,ij,kj->k", towards, model.inverse, towards, optimize=True)
    sd = model.calibration * model.spread * np.sqrt(np.maximum(variance, 0.0))
    return np.asarray(model.centre + model.spread * towards @ model.alpha), sd
