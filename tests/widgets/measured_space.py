"""A small sweep on two environments whose best places are known."""

from __future__ import annotations

import functools

import numpy as np

from rlhp import Runs, spaces
from rlhp.runs import concat

SPACE = spaces.subspace(
    spaces.default("dqn"), ["learning_rate", "gamma", "train_freq", "gradient_steps", "exploration_fraction"]
)
# Where on the learning rate's scale the score peaks: 0.0006 and 0.00004.
PEAKS = {"Here-v0": 0.6, "There-v0": 0.2}


@functools.cache
def sweep(n: int = 64, n_seeds: int = 3) -> Runs:
    """Give n configurations on both environments; learning rate and gamma decide, the rest is noise."""
    configs = spaces.sample(SPACE, n, method="sobol", rng=0)
    unit = spaces.to_unit(SPACE, configs)
    rate, gamma = (unit[:, list(SPACE).index(name)] for name in ("learning_rate", "gamma"))
    rows, rng = np.repeat(np.arange(n), n_seeds), np.random.default_rng(0)
    parts = []
    for env_id, peak in PEAKS.items():
        score = 400 * np.exp(-(((rate - peak) / 0.25) ** 2)) * (0.5 + gamma / 2)
        noisy = score[rows] + rng.normal(0, 5, len(rows))
        seeds = list(range(n_seeds)) * n
        parts.append(Runs.from_table(configs.iloc[rows], noisy, algorithm="dqn", env_id=env_id, seeds=seeds))
    return concat(parts)
