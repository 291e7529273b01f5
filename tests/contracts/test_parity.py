"""Engine against engine: at equal hyperparameters stable-baselines3 and the compiled engine learn alike.

Weights are compared update by update in tests/agents; here whole runs are, in small: few seeds, short training. The
full comparison is `benchmarks/parity.py`. A last test shows that what is asserted here can fail.
"""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import rlhp
from rlhp import objectives
from rlhp.runs import Runs

# Of the difference, in standard errors: the chance that one of the comparisons below exceeds it by luck is under 1 in
# 1,000, and the seeds are fixed.
FAR = 4.5
RANGE = {"CartPole-v1": 500.0, "Pendulum-v1": 1650.0}


@dataclass(frozen=True)
class Case:
    """One algorithm, trained just long enough that learning shows."""

    env_id: str
    steps: int
    config: dict[str, Any]
    sb3_seeds: int
    seeds: int = 48


ROLLOUT = {"n_envs": 8, "n_steps": 32, "gamma": 0.98, "gae_lambda": 0.8, "learning_rate": 1e-3, "net_arch": [32]}
REPLAY = {"batch_size": 64, "learning_starts": 500, "learning_rate": 1e-3, "net_arch": [64, 64]}
CASES = {
    "dqn": Case("CartPole-v1", 6_000, REPLAY | {"target_update_interval": 250, "exploration_fraction": 0.6}, 6),
    "ppo": Case("CartPole-v1", 8_192, ROLLOUT | {"batch_size": 128, "n_epochs": 10, "normalize": True}, 8),
    "a2c": Case("CartPole-v1", 8_192, ROLLOUT | {"n_steps": 8}, 8),
    "sac": Case("Pendulum-v1", 2_000, REPLAY, 4, 16),
    "td3": Case("Pendulum-v1", 2_000, REPLAY | {"action_noise_std": 0.1}, 4, 16),
}


@functools.cache
def trained(algorithm: str, engine: str, learning_rate: float | None = None) -> Runs:
    case = CASES[algorithm]
    config = case.config if learning_rate is None else case.config | {"learning_rate": learning_rate}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stable-baselines3's advice on rollouts and batch sizes
        return rlhp.sweep(
            algorithm,
            case.env_id,
            config,
            steps=case.steps,
            seeds=case.sb3_seeds if engine == "sb3" else case.seeds,
            evaluation=case.steps // 4,
            engine=engine,
            execution=rlhp.Execution(workers=0 if engine == "sb3" else None, progress=False),
        )


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Give the difference of two means in units of its standard error (Welch)."""
    error = np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    return float(abs(one.mean() - other.mean()) / max(error, 1e-9))


def scores(runs: Runs, objective: str) -> np.ndarray:
    return objectives.score(runs, objective, failures="raise").values.to_numpy()


@pytest.mark.parametrize("algorithm", sorted(CASES))
@pytest.mark.parametrize("objective", ["auc", "final_return", "train_auc"])
def test_both_engines_reach_the_same_returns(algorithm, objective):
    theirs, ours = (scores(trained(algorithm, engine), objective) for engine in ("sb3", "jax"))
    assert distance(theirs, ours) < FAR
    assert abs(theirs.mean() - ours.mean()) < 0.2 * RANGE[CASES[algorithm].env_id]


@pytest.mark.parametrize("algorithm", sorted(CASES))
@pytest.mark.parametrize("column", ["entropy", "value_error", "length_mean"])
def test_both_engines_measure_the_same_besides(algorithm, column):
    theirs, ours = (
        trained(algorithm, engine).evals.groupby("run_id")[column].mean().to_numpy() for engine in ("sb3", "jax")
    )
    assert np.isnan(theirs).all() == np.isnan(ours).all()
    if not np.isnan(ours).all():
        # An entropy that follows from epsilon alone is the same in all runs; steps between updates may round it.
        assert distance(theirs, ours) < FAR or ours.mean() == pytest.approx(theirs.mean(), rel=0.01)


@pytest.mark.parametrize("algorithm", sorted(CASES))
def test_evaluations_stand_at_the_same_steps(algorithm):
    theirs, ours = (sorted(set(trained(algorithm, engine).evals["step"])) for engine in ("sb3", "jax"))
    assert theirs == ours


def test_another_learning_rate_would_be_noticed():
    theirs, ours = scores(trained("dqn", "sb3"), "auc"), scores(trained("dqn", "jax", learning_rate=1e-6), "auc")
    assert distance(theirs, ours) > FAR
