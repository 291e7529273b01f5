"""Nodes of the mixture: one shape, one noise level, one region in which the curve ends. Each is a Gaussian.

Given its node, the values of a curve at any steps are jointly Gaussian, ``N(offset + basis @ mean, basis V basis' +
noise)``: what was observed has an exact density, and the rest an exact prediction.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from rlhp.curves._statistic import Array
from rlhp.curves.extrapolation._families import END
from rlhp.curves.extrapolation._shapes import shapes


@dataclass(frozen=True)
class Scale:
    """What is expected before anything is seen, in units of the range of returns (0 its low end, 1 its high end).

    Attributes
    ----------
    start : (mean, sd)
    ends : tuple of (centre, weight)
        The regions in which a curve may end.
    end_sd : float
    peak, hump : (mean, sd)
        Of a collapsing curve's peak, and of a hump's height.
    noises : tuple of (sd, sd)
        Noise of one evaluation, and of a random walk over the whole of training around the curve: no curve is exactly
        of a family, and least of all of one shape in the grid.
    drifts : tuple of (sd, sd)
        The same of the family `wander`, which is nothing but that. As many as `noises`.
    """

    start: tuple[float, float]
    ends: tuple[tuple[float, float], ...]
    end_sd: float
    peak: tuple[float, float]
    hump: tuple[float, float]
    noises: tuple[tuple[float, float], ...]
    drifts: tuple[tuple[float, float], ...]


# The range of returns is known: from bounds, or from finished runs of the environment.
KNOWN = Scale(
    start=(0.15, 0.25),
    ends=tuple((centre / 6, 1.0) for centre in range(7)),
    end_sd=0.09,
    peak=(0.75, 0.25),
    hump=(0.0, 0.35),
    noises=((0.004, 0.06), (0.03, 0.06), (0.09, 0.06), (0.2, 0.06), (0.03, 0.25), (0.12, 0.4)),
    drifts=((0.004, 0.05), (0.004, 0.4), (0.03, 0.15), (0.05, 0.6), (0.15, 0.3), (0.2, 0.7)),
)
# All there is is the range that the curve itself has covered so far, which may be noise or next to nothing of what is
# to come.
_FAR = (-9.0, -6.5, -4.5, -3.0, -1.5, -0.4, 0.5, 1.4, 2.5, 4.0, 5.5, 7.5, 10.0)
UNKNOWN = Scale(
    start=(0.3, 0.6),
    ends=tuple(
        (at, (1 + abs(at - 0.5)) ** -2) for at in (-9.0, -6.5, -4.5, -3, -1.5, -0.4, 0.5, 1.4, 2.5, 4, 5.5, 7.5, 10)
    ),
    end_sd=0.7,
    peak=(1.5, 1.0),
    hump=(0.0, 1.0),
    noises=((0.05, 0.2), (0.15, 0.2), (0.4, 0.2), (0.1, 0.6), (0.25, 1.2), (0.1, 3.0)),
    drifts=((0.1, 0.4), (0.3, 0.4), (0.1, 1.0), (0.3, 1.5), (0.1, 3.0), (0.3, 6.0)),
)


@dataclass(frozen=True)
class Conditioned:
    """All nodes, ready for curves observed at the same steps; n observed, T ahead.

    Attributes
    ----------
    whiten : array [C, n, n]
        Inverse Cholesky factors of the observed part's covariance.
    white_mean : array [C, n, E]
        Its mean, whitened.
    log_scale : array [C]
        Logarithm of the density's normalising factor.
    gain : array [C, T, n]
        What an observed value adds to the prediction.
    ahead : array [C, T, E]
        The prediction but for ``gain @ y``.
    sd : array [C, T]
        Standard deviation of the prediction of a measured value, noise included.
    """

    whiten: Array
    white_mean: Array
    log_scale: Array
    gain: Array
    ahead: Array
    sd: Array

    def log_likelihood(self, y: Array) -> Array:
        """Log density of the observed values [R, n] under every node: array [R, C * E]."""
        white = np.matmul(self.whiten, y.T)  # [C, n, R]
        square = (white**2).sum(axis=1)[:, :, None] + (self.white_mean**2).sum(axis=1)[:, None, :]
        square -= 2 * np.matmul(white.transpose(0, 2, 1), self.white_mean)
        log = self.log_scale[:, None, None] - 0.5 * square  # [C, R, E]
        return np.asarray(log.transpose(1, 0, 2).reshape(len(y), -1))

    def predict(self, nodes: NDArray[np.int64], y: Array, normal: Array) -> Array:
        """Predict from the given nodes [M] of one curve y [n], with standard normal numbers [M]: array [M, T]."""
        shape, end = np.divmod(nodes, self.ahead.shape[2])
        mean = self.ahead[shape, :, end] + self.gain[shape] @ y
        return np.asarray(mean + self.sd[shape] * normal[:, None])


@lru_cache(maxsize=16)
def conditioned(
    families: tuple[str, ...], scale: Scale, seen: tuple[float, ...], counts: tuple[int, ...], ahead: tuple[float, ...]
) -> Conditioned:
    """Condition every node on observations at `seen` (each the mean of `counts` evaluations) for values at `ahead`."""
    x = np.array([*seen, *ahead])
    n = len(seen)
    basis, offset, variance, mean, noise, drift = _nodes(families, scale, x)
    per_value = np.concatenate([1 / np.array(counts, dtype=np.float64), np.ones(len(ahead))])
    walk = np.minimum(x[:, None], x[None, :]) / END
    plain = np.einsum("snp,sp,smp->snm", basis, variance, basis)
    covariance = plain[:, None] + drift[:, :, None, None] ** 2 * walk
    covariance = covariance + noise[:, :, None, None] ** 2 * np.diag(per_value)
    covariance = covariance.reshape(-1, len(x), len(x))
    means = np.repeat(offset[:, :, None] + np.einsum("snp,spe->sne", basis, mean), len(scale.noises), axis=0)
    root = np.linalg.cholesky(covariance[:, :n, :n])
    whiten = np.linalg.inv(root)
    log_scale = -np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1) - 0.5 * n * np.log(2 * np.pi)
    half = np.matmul(whiten, covariance[:, :n, n:])  # [C, n, T]
    gain = np.matmul(half.transpose(0, 2, 1), whiten)
    sd = np.sqrt(np.diagonal(covariance[:, n:, n:], axis1=1, axis2=2) - (half**2).sum(axis=1))
    return Conditioned(
        whiten, np.matmul(whiten, means[:, :n]), log_scale, gain, means[:, n:] - np.matmul(gain, means[:, :n]), sd
    )


def _nodes(families: tuple[str, ...], scale: Scale, x: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
    """Return basis [S, n, 3], offset [S, n], variance [S, 3] and mean [S, 3, E] of values, noise and drift [S, Q]."""
    grid = shapes(families)
    third = {"collapse": scale.peak, "hump": scale.hump}
    middle = [third.get(shape.family, (0.0, 0.0)) for shape in grid]
    mean = np.empty((len(grid), 3, len(scale.ends)))
    mean[:, 0], mean[:, 1] = scale.start[0], [centre for centre, _ in scale.ends]
    mean[:, 2] = np.array([centre for centre, _ in middle])[:, None]
    spread = np.array([[scale.start[1], scale.end_sd, sd] for _, sd in middle])
    pairs = np.array([scale.drifts if shape.family == "wander" else scale.noises for shape in grid])
    basis = np.stack([shape.basis(x) for shape in grid])
    offset = np.stack([shape.offset(x) for shape in grid])
    return basis, offset, spread**2, mean, pairs[:, :, 0], pairs[:, :, 1]
