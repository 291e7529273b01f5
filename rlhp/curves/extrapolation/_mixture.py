"""The Bayesian mixture: prior weights of its nodes, what observations and finished runs make of them, and draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from rlhp.curves._statistic import Array
from rlhp.curves.extrapolation._nodes import KNOWN, Conditioned, Scale
from rlhp.curves.extrapolation._shapes import PARAMETRIC, RL_CASES, shapes

# Equally likely values that stand for a distribution.
N_DRAWS = 200
QUANTILES = (np.arange(N_DRAWS) + 0.5) / N_DRAWS
# Half of the prior weight lies on the eleven families, half on what runs do beside.
_RL_SHARE = 0.5
# Curves at once (13 MB); results do not depend on it.
_CHUNK = 200


@dataclass(frozen=True)
class Mixture:
    """The nodes and their prior weights.

    Attributes
    ----------
    families : tuple of str
    scale : Scale
    weights : array [C * E]
        Prior weight of every node, shapes and noises (C) by ends (E); sums to 1.
    """

    families: tuple[str, ...]
    scale: Scale
    weights: Array = field(repr=False)

    @property
    def n_ends(self) -> int:
        """Number of regions in which a curve may end."""
        return len(self.scale.ends)

    def family_of(self) -> NDArray[np.int64]:
        """Index into `families` of every node: array [C * E]."""
        each = [self.families.index(shape.family) for shape in shapes(self.families)]
        return np.repeat(each, len(self.scale.noises) * self.n_ends)

    def by_family(self, weights: Array) -> Array:
        """Add up weights of nodes [..., C * E] to weights of families [..., F]."""
        member = np.eye(len(self.families))[self.family_of()]
        return np.asarray(weights @ member)


def mixture(families: Sequence[str] = PARAMETRIC, *, scale: Scale = KNOWN) -> Mixture:
    """Make the mixture before anything was learned: equal weights within a family.

    The eleven families share one half of the weight, the cases of reinforcement learning the other; of a choice of
    families all are equal.
    """
    names = tuple(families)
    grid = [shape.family for shape in shapes(names)]
    both = set(names) & set(RL_CASES) and set(names) - set(RL_CASES)
    share = {
        name: (_RL_SHARE if name in RL_CASES else 1 - _RL_SHARE)
        / sum((other in RL_CASES) == (name in RL_CASES) for other in names)
        if both
        else 1 / len(names)
        for name in names
    }
    each = np.array([share[name] / grid.count(name) for name in grid])
    ends = np.tile([weight for _, weight in scale.ends], len(scale.noises))
    nodes = (each[:, None] * ends).ravel()
    return Mixture(names, scale, nodes / nodes.sum())


def posterior(log_likelihood: Array, weights: Array) -> Array:
    """Weigh nodes by what was observed: array [R, C * E], rows sum to 1."""
    with np.errstate(divide="ignore"):
        log = log_likelihood + np.log(weights)
    log -= log.max(axis=1, keepdims=True)
    np.exp(log, out=log)
    return np.asarray(log / log.sum(axis=1, keepdims=True))


def learned_weights(log_likelihood: Array, prior: Array, *, shrink: float, iterations: int = 40) -> Array:
    """Learn the prior weights of nodes from finished curves, by EM towards their maximum a posteriori.

    Parameters
    ----------
    log_likelihood : array [R, C * E]
        Of whole curves.
    prior : array [C * E]
        Weights before; they count as `shrink` curves.
    shrink : float
    iterations : int
        Stopping early smooths: nodes that nothing tells apart keep what they share.

    References
    ----------
    N. Laird (1978), Nonparametric maximum likelihood estimation of a mixing distribution, JASA 73, 805-811.
    """
    likelihood = np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True))
    weights = prior
    for _ in range(iterations):
        total = likelihood @ weights
        expected = weights * ((1 / total) @ likelihood)
        weights = (expected + shrink * prior) / (len(likelihood) + shrink)
    return np.asarray(weights)


def normals(rng: int | np.random.Generator) -> Array:
    """Return M standard normal quantiles in random order.

    The same ones serve every run, so that a forecast does not depend on which other runs are asked about.
    """
    return np.random.default_rng(rng).permutation(stats.norm.ppf(QUANTILES))


def log_likelihood(nodes: Conditioned, curves: Array) -> Array:
    """Log density of curves [R, n] under every node: array [R, C * E]."""
    return np.concatenate([nodes.log_likelihood(curves[i : i + _CHUNK]) for i in range(0, len(curves), _CHUNK)])


def draws(nodes: Conditioned, weights: Array, curves: Array, normal: Array) -> tuple[Array, Array]:
    """Draw from the mixture's prediction.

    Parameters
    ----------
    nodes : Conditioned
        For n observed and T later steps.
    weights : array [C * E]
        Prior weights.
    curves : array [R, n]
        What was observed.
    normal : array [M]
        From `normals`.

    Returns
    -------
    array [R, M, T], sorted along M
        Equally likely values, of each step by itself.
    array [R, C * E]
        Weights of the nodes after what was observed.
    """
    after = posterior(log_likelihood(nodes, curves), weights)
    result = np.empty((len(curves), len(normal), nodes.sd.shape[1]))
    for row, curve in enumerate(curves):
        cumulated = np.cumsum(after[row])
        chosen = np.minimum(np.searchsorted(cumulated, QUANTILES * cumulated[-1]), after.shape[1] - 1)
        result[row] = nodes.predict(chosen, curve, normal)
    result.sort(axis=1)
    return result, after
