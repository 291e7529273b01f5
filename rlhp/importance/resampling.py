"""What a repetition of the study might have looked like: other configurations, other seeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rlhp.importance.study import Array, Study
from rlhp.objectives.rounding import levelled

_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Resample:
    """One resample: how often each configuration stands in it [n], and its mean score over the drawn seeds [n]."""

    times: NDArray[np.int64]
    y: Array


def resamples(study: Study, n_boot: int, rng: np.random.Generator) -> Iterator[Resample]:
    """Draw configurations with replacement, and seeds with replacement.

    Where the seeds are shared between configurations, a seed is drawn for all of them at once (Owen 2007); else each
    configuration draws from its own runs. A draw in which no configuration has any of the drawn seeds is drawn anew.

    References
    ----------
    A. B. Owen (2007), The pigeonhole bootstrap, Annals of Applied Statistics 1, 386-411.
    """
    n, n_seeds = study.scores.shape
    drawn = 0
    while drawn < n_boot:
        times = np.bincount(rng.integers(0, n, n), minlength=n)
        weights = _whole_seeds(n_seeds, rng) if study.crossed else _own_runs(study.scores, rng)
        present = np.where(np.isnan(study.scores), 0.0, weights)
        count = present.sum(axis=1)
        times[count == 0] = 0  # none of the drawn seeds was trained
        if not times.any():
            continue
        drawn += 1
        total = (present * np.nan_to_num(study.scores)).sum(axis=1)
        yield Resample(times, levelled(total / np.maximum(count, 1), study.magnitude))


def watched(many: Iterable[_T], total: int, progress: bool) -> Iterator[_T]:
    """Go through resamples with a progress bar, which shows once it takes longer than a second."""
    from tqdm.auto import tqdm

    yield from tqdm(many, total=total, desc="resamples", unit="one", delay=1.0, leave=False, disable=not progress)


def resampling_text(study: Study, n_boot: int) -> str:
    """Say in words what is resampled."""
    if not n_boot:
        return "no interval was asked for (n_boot=0)"
    seeds = "whole seeds" if study.crossed else "each one's seeds" if study.n_seeds > 1 else "no seeds (one each)"
    return f"{n_boot} resamples of configurations and {seeds}"


def around(estimate: Array, draws: Array, confidence: float) -> tuple[Array, Array]:
    """Give the percentile interval of the draws, moved so that their mean is the estimate.

    A resample holds fewer different configurations than the study, so that its surrogate is a little worse and its
    draws are off by a common amount; what they tell is how far estimates spread.

    Parameters
    ----------
    estimate : array [k]
    draws : array [B, k]
    confidence : float

    Returns
    -------
    low, high : arrays [k]
        NaN without draws.
    """
    if not len(draws):
        return np.full_like(estimate, np.nan), np.full_like(estimate, np.nan)
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0) - draws.mean(axis=0) + estimate
    # Skewed draws need not hold their own mean.
    return np.minimum(low, estimate), np.maximum(high, estimate)


def _whole_seeds(n_seeds: int, rng: np.random.Generator) -> Array:
    return np.bincount(rng.integers(0, n_seeds, n_seeds), minlength=n_seeds).astype(float)


def _own_runs(scores: Array, rng: np.random.Generator) -> Array:
    """Draw as many runs as each configuration has, from its own; weights [n, S]."""
    if scores.shape[1] == 1:
        return np.ones(scores.shape)
    weights = np.zeros(scores.shape)
    for row, values in enumerate(scores):
        own = np.flatnonzero(~np.isnan(values))
        np.add.at(weights[row], own[rng.integers(0, len(own), len(own))], 1.0)
    return weights
