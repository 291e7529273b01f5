from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs, curves
from rlhp.runs import empty_history


@pytest.fixture(scope="session")
def summary():
    """Summarise made-up learning curves: `summary(groups=[0.1, 0.01], n=8, steps=12)`."""

    def make(
        groups=(None,), *, n=8, steps=12, unfinished=0, name="learning_rate", seed=0, env_id="CartPole-v1", **options
    ):
        rng = np.random.default_rng(seed)
        rows, evals = [], []
        for number, cell in enumerate(groups):
            for run in range(n if isinstance(n, int) else n[number]):
                failed = run < unfinished
                one = {"run_id": f"{number}-{run}", "algorithm": "dqn", "env_id": env_id, "engine": "sb3"}
                state = {"seed": run, "steps": steps * 1000, "status": "failed" if failed else "finished"}
                costs = {"wall_time_s": 1.0, "cpu_time_s": 1.0, "error": ""}
                rows.append(one | state | costs | ({} if cell is None else {f"hp.{name}": cell}))
                at = 1000 * np.arange(1, (steps // 2 if failed else steps) + 1)
                returns = 400 * (1 - np.exp(-at / 4000)) - 60 * number + rng.normal(0, 25, len(at))
                evals.append(pd.DataFrame({"run_id": one["run_id"], "step": at, "return_mean": returns}))
        fixed = {"return_std": 0.0, "n_episodes": 10, "length_mean": 1.0}
        runs = Runs(pd.DataFrame(rows), pd.concat(evals, ignore_index=True).assign(**fixed), empty_history())
        by = None if groups == (None,) else name
        return curves.iqm(runs, **{"by": by, "rng": 0, "n_boot": 200, **options})

    return make
