"""Small sweeps of a known function, evaluated a few times, to look at importances of."""

from __future__ import annotations

import numpy as np
import pandas as pd

from rlhp import Runs, spaces
from rlhp.runs import concat, empty_history

NAMES = ["exploration_fraction", "gamma", "learning_rate"]
SPACE = spaces.subspace(spaces.default("dqn"), NAMES)


def sweep(env_id: str = "Acrobot-v1", *, lead: str = "learning_rate", n: int = 64, noise: float = 0.05) -> Runs:
    """Two seeds, eight evaluations; `lead` matters most at the end, exploration_fraction at first."""
    configs = spaces.sample(SPACE, n, method="sobol", rng=0)
    unit = spaces.to_unit(SPACE, configs)
    end = 3 * unit[:, NAMES.index(lead)] + unit[:, NAMES.index("gamma")]
    first = 4 * unit[:, NAMES.index("exploration_fraction")]
    draws = np.random.default_rng(0)
    parts = []
    for seed in (0, 1):
        scores = end + noise * draws.standard_normal(n)
        runs = Runs.from_table(configs, scores, seeds=[seed] * n, algorithm="dqn", env_id=env_id)
        base, evals = runs.evals.iloc[:n], []
        for share in np.arange(1, 9) / 8:
            value = share * scores + (1 - share) * first
            evals.append(base.assign(step=int(1000 * share), return_mean=value))
        parts.append(Runs(runs.table.assign(steps=1000), pd.concat(evals, ignore_index=True), empty_history()))
    return concat(parts)


def two() -> dict[str, Runs]:
    """The same configurations on two environments, where two different hyperparameters lead."""
    return {"Acrobot-v1": sweep(), "MiniGrid-Empty-5x5-v0": sweep("MiniGrid-Empty-5x5-v0", lead="exploration_fraction")}
