from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from rlhp import Runs
from rlhp.runs import empty_history

HORIZON = 50_000


@pytest.fixture(scope="session")
def runs_of():
    """Make runs of given curves: `runs_of([[1, 2, 3]], configs=[0], ids=["a"])`, evaluated evenly up to the horizon."""

    def make(
        curves, *, configs=None, steps=None, status=None, ids=None, training=None, spread=0.0, env_id="CartPole-v1"
    ):
        rows, evals = [], []
        for number, curve in enumerate(curves):
            run = f"run{number:04d}" if ids is None else ids[number]
            at = np.arange(1, len(curve) + 1) * HORIZON // 10 if steps is None else np.asarray(steps[number])
            env = env_id if isinstance(env_id, str) else env_id[number]
            base = {"run_id": run, "algorithm": "dqn", "env_id": env, "engine": "sb3", "seed": number}
            state = "finished" if status is None else status[number]
            rest = {"steps": HORIZON, "status": state, "wall_time_s": 1.0, "cpu_time_s": 1.0, "error": ""}
            rows.append(base | rest | {"hp.gamma": float(number if configs is None else configs[number])})
            frame = pd.DataFrame(
                {"run_id": run, "step": at[: len(curve)], "return_mean": np.asarray(curve, dtype=float)}
            )
            if training is not None:
                frame["train_return_mean"] = np.asarray(training[number], dtype=float)
            evals.append(frame)
        fixed = {"return_std": spread, "n_episodes": 10, "length_mean": 1.0}
        return Runs(pd.DataFrame(rows), pd.concat(evals, ignore_index=True).assign(**fixed), empty_history())

    return make


@pytest.fixture(scope="session")
def sweep(runs_of):
    """Make a sweep like those of agents: configurations that fail, rise early or late, jump, and collapse.

    Returns are from 0 to 500; seeds of a configuration are alike, and the training return lags behind.
    """

    def make(n_configs=20, n_seeds=3, seed=0, **options):
        rng = np.random.default_rng(seed)
        x = np.arange(1, 11) / 10
        curves, training, configs = [], [], []
        for config in range(n_configs):
            kind = rng.choice(["fail", "rise", "jump", "collapse"], p=[0.3, 0.4, 0.15, 0.15])
            end, time = rng.uniform(0.4, 1.0), rng.uniform(0.15, 0.9)
            for _ in range(n_seeds):
                own_end, own_time = end + 0.08 * rng.normal(), time + 0.1 * rng.normal()
                rise = own_end * (1 - np.exp(-x / 0.25))
                shape = {
                    "fail": 0.03 + 0 * x,
                    "rise": rise,
                    "jump": own_end * (x > own_time),
                    "collapse": rise * np.where(x > own_time, 0.2, 1.0),
                }[kind]
                curves.append(np.clip(500 * (shape + 0.05 * rng.normal(size=10)), 0, 500))
                training.append(np.clip(500 * (0.8 * shape + 0.03 * rng.normal(size=10)), 0, 500))
                configs.append(config)
        return runs_of(curves, configs=configs, training=training, **options)

    return make
