"""Functional ANOVA of trees: their covariance under a product measure, split exactly into effects.

For leaves l of a tree and m of another, with values c, weights v = prod_j w_j and overlaps o_j along each dimension,
the covariance of the marginals over a set U is (Hutter et al. 2014, section 3, here for two trees)

    sum_{l,m} c_l c_m v_l v_m prod_{j in U} o_j(l, m) / (w_lj w_mj)  -  product of the means.

With both trees the same this is the variance of its marginal.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlhp.importance._study import Array
from rlhp.importance.surrogates._boxes import Boxes

Subset = tuple[int, ...]
# Pairs of leaves looked at together; their overlaps stay in a core's cache.
_BLOCK = 32_768


@dataclass(frozen=True, eq=False)
class Effects:
    """The covariance of two functions, and its parts: d hyperparameters.

    Attributes
    ----------
    variance : float
    parts : dict
        Set of hyperparameters (positions) to the covariance that is due to it and to no smaller set.
    total : array [d]
        The covariance that is due to all sets that hold a hyperparameter.
    """

    variance: float
    parts: dict[Subset, float]
    total: Array


def subsets(d: int, order: int) -> list[Subset]:
    """List the sets of up to `order` of d hyperparameters, small ones first."""
    return [one for size in range(1, order + 1) for one in itertools.combinations(range(d), size)]


def effects(a: Boxes, b: Boxes, order: int) -> Effects:
    """Split the covariance of two trees into main effects and interactions up to `order`, exactly."""
    d = a.low.shape[1]
    # What neither tree splits has no effect, and none is computed.
    used = [j for j in range(d) if _splits(a, j) or _splits(b, j)]
    if not used:
        return Effects(0.0, dict.fromkeys(subsets(d, order), 0.0), np.zeros(d))
    closed, without, whole = closed_of(a, b, used, subsets(len(used), order))
    parts: dict[Subset, float] = dict.fromkeys(subsets(d, order), 0.0)
    for one in subsets(len(used), order):
        smaller = sum(
            parts[_named(sub, used)] for size in range(1, len(one)) for sub in itertools.combinations(one, size)
        )
        parts[_named(one, used)] = closed[one] - smaller
    total = np.zeros(d)
    total[used] = whole - without
    return Effects(whole, parts, total)


def mean_effects(many: list[Effects]) -> Effects:
    """Average the parts of several."""
    return Effects(
        float(np.mean([one.variance for one in many])),
        {key: float(np.mean([one.parts[key] for one in many])) for key in many[0].parts},
        np.mean([one.total for one in many], axis=0),
    )


def scaled(one: Effects) -> Effects:
    """Return the parts as shares of the variance; all 0 where nothing varies."""
    by = 1.0 / one.variance if one.variance > 0 else 0.0
    return Effects(one.variance, {key: part * by for key, part in one.parts.items()}, one.total * by)


def _named(one: Subset, used: list[int]) -> Subset:
    return tuple(used[i] for i in one)


def _splits(boxes: Boxes, j: int) -> bool:
    return bool((boxes.high[:, j] - boxes.low[:, j]).min() < 1.0)


def closed_of(a: Boxes, b: Boxes, used: list[int], wanted: list[Subset]) -> tuple[dict[Subset, float], Array, float]:
    """Covariances of the marginals over each wanted set, over all but each dimension, and of the whole."""
    k = len(used)
    closed = dict.fromkeys(wanted, 0.0)
    without, whole = np.zeros(k), 0.0
    wa, wb = (x.high[:, used] - x.low[:, used] for x in (a, b))
    va, vb = wa.prod(axis=1), wb.prod(axis=1)
    # Centred first: the parts are small differences otherwise.
    centre = (a.value @ va + b.value @ vb) / 2
    ca, cb = a.value - centre, b.value - centre
    left = {one: ca * va / wa[:, one].prod(axis=1) for one in wanted}
    right = {one: cb * vb / wb[:, one].prod(axis=1) for one in wanted}
    ends_a, ends_b = _ends(a, used), _ends(b, used)
    rows = max(1, _BLOCK // len(cb))
    for start in range(0, len(ca), rows):
        block = slice(start, start + rows)
        over = [_overlap(mine[:, block], other) for mine, other in zip(ends_a, ends_b, strict=True)]
        products: dict[Subset, NDArray[np.float64]] = {}
        for one in wanted:
            product = over[one[0]] if len(one) == 1 else products[one[:-1]] * over[one[-1]]
            products[one] = product
            closed[one] += float(left[one][block] @ (product @ right[one]))
        before = list(itertools.accumulate(over, np.multiply))  # of the first, the first two, ...
        after: NDArray[np.float64] | None = None  # of those that follow
        room = np.ones_like(over[0])
        for i in reversed(range(k)):
            if after is None:
                rest = before[i - 1] if i > 0 else room
            else:
                rest = np.multiply(before[i - 1], after, out=room) if i > 0 else after
            without[i] += float((ca[block] * wa[block, i]) @ (rest @ (cb * wb[:, i])))
            after = over[i].copy() if after is None else np.multiply(after, over[i], out=after)
        whole += float(ca[block] @ (before[-1] @ cb))
    means = float(ca @ va) * float(cb @ vb)
    return {one: value - means for one, value in closed.items()}, without - means, whole - means


def _ends(boxes: Boxes, used: list[int]) -> list[Array]:
    """Return lower and upper ends along each dimension, shape [2, L], in one piece each."""
    return [np.stack([boxes.low[:, j], boxes.high[:, j]]) for j in used]


def _overlap(a: Array, b: Array) -> Array:
    """Return the lengths of the intersections of intervals [2, rows of the block] and [2, boxes of b]."""
    lengths: Array = np.minimum(a[1, :, None], b[1])
    lengths -= np.maximum(a[0, :, None], b[0])
    return np.maximum(lengths, 0.0, out=lengths)
