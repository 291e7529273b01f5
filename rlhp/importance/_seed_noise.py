"""How much of the differences between runs is luck: the share of seed noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rlhp.importance._study import Array, Study, around


@dataclass(frozen=True)
class SeedNoise:
    """The share of the variance between single runs that lies between seeds of one configuration.

    Attributes
    ----------
    share : float
        NaN where no configuration has two seeds.
    low, high : float
        Interval over resampled configurations; NaN without draws.
    within, between : float
        Variance between the seeds of a configuration, and between configurations (noise taken off), in squared units
        of the objective.
    n_seeds : int
        Most seeds that a configuration has.
    """

    share: float
    low: float
    high: float
    within: float
    between: float
    n_seeds: int


def seed_noise(study: Study, *, confidence: float, n_boot: int, rng: np.random.Generator) -> SeedNoise:
    """Split the variance between runs by the law of total variance, as the configurations were sampled.

    The variance between configurations is that of their means less what noise puts there (one-way analysis of variance
    with random effects, unequal numbers of seeds allowed).
    """
    n = len(study.scores)
    own = np.ones(n)
    within, between = _parts(study.scores, own)
    share = _share(within, between)
    n_seeds = study.n_seeds
    if np.isnan(share):
        return SeedNoise(share, np.nan, np.nan, within, between, n_seeds)
    times = (np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64) for _ in range(n_boot))
    draws = np.array([[_share(*_parts(study.scores, one))] for one in times])
    draws = draws[~np.isnan(draws).any(axis=1)] if len(draws) else draws
    low, high = around(np.array([share]), draws, confidence)
    return SeedNoise(share, float(np.clip(low[0], 0, 1)), float(np.clip(high[0], 0, 1)), within, between, n_seeds)


def _share(within: float, between: float) -> float:
    if np.isnan(within) or within + between == 0:
        return float("nan")
    return within / (within + between)


def _parts(scores: Array, times: Array) -> tuple[float, float]:
    present = ~np.isnan(scores)
    count = present.sum(axis=1) * 1.0
    mean = np.nansum(scores, axis=1) / count
    around_mean = np.where(present, (np.nan_to_num(scores) - mean[:, None]) ** 2, 0.0).sum(axis=1)
    n_runs, n_configs = float(times @ count), float(times.sum())
    if n_runs <= n_configs:
        return float("nan"), float("nan")
    within = float(times @ around_mean) / (n_runs - n_configs)
    middle = float(times @ (count * mean)) / n_runs
    between_squares = float(times @ (count * (mean - middle) ** 2)) / (n_configs - 1)
    each = (n_runs - float(times @ count**2) / n_runs) / (n_configs - 1)
    return within, max(0.0, (between_squares - within) / each)
