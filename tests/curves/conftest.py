from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs
from rlhp.runs import empty_history


@pytest.fixture(scope="session")
def study():
    """Make runs of known curves: `study({0.1: [[1, 2], [3, 4]]}, steps=[10, 20])`, one list per run.

    Every run may bring its own steps and status: `study([curve, ...], steps=[[10, 20], [10]], status=[...])`.
    """

    def make(groups, *, steps=None, status=None, name="learning_rate", env_id="CartPole-v1", **columns):
        groups = groups if isinstance(groups, dict) else {None: groups}
        rows, evals, number = [], [], 0
        for cell, curves in groups.items():
            for seed, curve in enumerate(curves):
                run = f"run{number}"
                at = (
                    np.arange(1, len(curve) + 1) * 10
                    if steps is None
                    else np.asarray(steps[number])
                    if np.ndim(steps[0])
                    else np.asarray(steps)
                )
                env = env_id if isinstance(env_id, str) else env_id[number]
                state = "finished" if status is None else status[number]
                base = {"run_id": run, "algorithm": "dqn", "env_id": env, "engine": "sb3", "seed": seed}
                rest = {"steps": 100, "status": state, "wall_time_s": 1.0, "cpu_time_s": 1.0, "error": ""}
                rows.append(base | rest | ({} if cell is None else {f"hp.{name}": cell}))
                frame = pd.DataFrame({"run_id": run, "step": at[: len(curve)], "return_mean": curve})
                evals.append(frame.assign(**{key: values[number] for key, values in columns.items()}))
                number += 1
        fixed = {"return_std": 0.0, "n_episodes": 10, "length_mean": 1.0}
        return Runs(pd.DataFrame(rows), pd.concat(evals, ignore_index=True).assign(**fixed), empty_history())

    return make
