"""Which runs died, and of how many independent ones a part of them tells as much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlhp.curves.profiles import wilson


@dataclass(frozen=True, eq=False)
class Fates:
    """Runs by the number of their configuration [n], which of them died [n], and how far these go together."""

    owner: NDArray[np.int64]
    dead: NDArray[np.bool_]
    clustering: float

    def counted(self, part: NDArray[np.bool_], confidence: float) -> dict[str, float]:
        """Count the runs of a part (a mask [n]) and those that died, with Wilson's interval of the rate."""
        sizes = np.bincount(self.owner[part])
        sizes = sizes[sizes > 0]
        n, n_dead = int(sizes.sum()), int(self.dead[part].sum())
        counts: dict[str, float] = {"n": n, "n_dead": n_dead, "n_configs": len(sizes)}
        if not n:
            return counts | {"n_effective": 0.0, "rate": np.nan, "low": np.nan, "high": np.nan}
        # Runs that share a configuration with m - 1 others: the mean of m over runs.
        together = float((sizes**2).sum()) / n
        effective = n / (1 + (together - 1) * np.nan_to_num(self.clustering))
        low, high = wilson(np.asarray(n_dead / n), effective, confidence)
        return counts | {"n_effective": effective, "rate": n_dead / n, "low": float(low), "high": float(high)}


def clustering(owner: NDArray[np.int64], dead: NDArray[np.bool_]) -> float:
    """Estimate the intraclass correlation of dying among the runs of a configuration, by analysis of variance.

    Parameters
    ----------
    owner : int array [n]
        Number of the configuration of each run: 0, 1, ...
    dead : bool array [n]

    Returns
    -------
    float
        In [0, 1]; 1 where all runs share one fate, since nothing then tells how far configurations differ; NaN where
        no configuration has two runs.

    References
    ----------
    M. S. Ridout, C. G. B. Demetrio, D. Firth (1999), Estimating intraclass correlation for binary data, section 2.
    """
    sizes = np.bincount(owner)
    n, k = len(owner), len(sizes)
    if n == k:
        return float("nan")
    if dead.all() or not dead.any() or k == 1:
        return 1.0
    rates = np.bincount(owner, weights=dead) / sizes
    between = float((sizes * (rates - dead.mean()) ** 2).sum()) / (k - 1)
    within = float((sizes * rates * (1 - rates)).sum()) / (n - k)
    typical = (n - float((sizes**2).sum()) / n) / (k - 1)
    return float(np.clip((between - within) / (between + (typical - 1) * within), 0.0, 1.0))
