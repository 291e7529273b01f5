"""Engine against engine: at equal hyperparameters stable-baselines3 and the compiled engine learn alike.

Weights are compared update by update in tests/agents; here whole runs are, few seeds and short training: shorter still
in the suite than in `make hard`. The full comparison is `benchmarks/parity.py`. A last test shows that what is asserted
here can fail.
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
    evaluations: int = 4


ROLLOUT = {"n_envs": 8, "n_steps": 32, "gamma": 0.98, "gae_lambda": 0.8, "learning_rate": 1e-3, "net_arch": [32]}
REPLAY = {"batch_size": 64, "learning_starts": 500, "learning_rate": 1e-3, "net_arch": [64, 64]}
DQN = REPLAY | {"target_update_interval": 250, "exploration_fraction": 0.6}
PPO = ROLLOUT | {"batch_size": 128, "n_epochs": 10, "normalize": True}
A2C = ROLLOUT | {"n_steps": 8}
TD3 = REPLAY | {"action_noise_std": 0.1}
FULL = {
    "dqn": Case("CartPole-v1", 6_000, DQN, 6),
    "ppo": Case("CartPole-v1", 8_192, PPO, 8),
    "a2c": Case("CartPole-v1", 8_192, A2C, 8),
    "sac": Case("Pendulum-v1", 2_000, REPLAY, 4, 16),
    "td3": Case("Pendulum-v1", 2_000, TD3, 4, 16),
}
# In the suite.
SHORT = {
    "dqn": Case("CartPole-v1", 3_000, DQN, 3, 24, 2),
    "ppo": Case("CartPole-v1", 2_048, PPO, 3, 24, 2),
    "a2c": Case("CartPole-v1", 2_048, A2C, 3, 24, 2),
    "sac": Case("Pendulum-v1", 600, REPLAY | {"learning_starts": 200}, 2, 16, 2),
    "td3": Case("Pendulum-v1", 600, TD3 | {"learning_starts": 200}, 2, 16, 2),
}
ALGORITHMS = sorted(FULL)


@pytest.fixture(params=["short", pytest.param("full", marks=pytest.mark.hard)])
def cases(request) -> str:
    return request.param


@functools.cache
def trained(cases: str, algorithm: str, engine: str, learning_rate: float | None = None) -> Runs:
    case = (SHORT if cases == "short" else FULL)[algorithm]
    config = case.config if learning_rate is None else case.config | {"learning_rate": learning_rate}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # stable-baselines3's advice on rollouts and batch sizes
        return rlhp.sweep(
            algorithm,
            case.env_id,
            config,
            steps=case.steps,
            seeds=case.sb3_seeds if engine == "sb3" else case.seeds,
            evaluation=rlhp.Evaluation(case.steps // case.evaluations, episodes=10 if cases == "full" else 5),
            engine=engine,
            # A second core would compile, and the suite has something for it to do.
            execution=rlhp.Execution(workers=0 if engine == "sb3" else 1, progress=False),
        )


def distance(theirs: np.ndarray, ours: np.ndarray) -> float:
    """Give the difference of two means in units of its standard error.

    Of two or three seeds the spread is not known; our many then stand for both.
    """
    spread = theirs.var(ddof=1) if len(theirs) > 3 else ours.var(ddof=1)
    error = np.sqrt(spread / len(theirs) + ours.var(ddof=1) / len(ours))
    return float(abs(theirs.mean() - ours.mean()) / max(error, 1e-9))


def scores(runs: Runs, objective: str) -> np.ndarray:
    return objectives.score(runs, objective, failures="raise").values.to_numpy()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("objective", ["auc", "final_return", "train_auc"])
def test_both_engines_reach_the_same_returns(cases, algorithm, objective):
    theirs, ours = (scores(trained(cases, algorithm, engine), objective) for engine in ("sb3", "jax"))
    assert distance(theirs, ours) < FAR
    if cases == "full":  # the mean of three seeds may be farther off by luck
        assert abs(theirs.mean() - ours.mean()) < 0.2 * RANGE[FULL[algorithm].env_id]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("column", ["entropy", "value_error", "length_mean"])
def test_both_engines_measure_the_same_besides(cases, algorithm, column):
    theirs, ours = (
        trained(cases, algorithm, engine).evals.groupby("run_id")[column].mean().to_numpy() for engine in ("sb3", "jax")
    )
    assert np.isnan(theirs).all() == np.isnan(ours).all()
    if not np.isnan(ours).all():
        # An entropy that follows from epsilon alone is the same in all runs; steps between updates may round it.
        assert distance(theirs, ours) < FAR or ours.mean() == pytest.approx(theirs.mean(), rel=0.01)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_evaluations_stand_at_the_same_steps(cases, algorithm):
    theirs, ours = (sorted(set(trained(cases, algorithm, engine).evals["step"])) for engine in ("sb3", "jax"))
    assert theirs == ours


def test_another_learning_rate_would_be_noticed(cases):
    theirs, ours = (
        scores(trained(cases, "dqn", "sb3"), "auc"),
        scores(trained(cases, "dqn", "jax", learning_rate=1e-6), "auc"),
    )
    assert distance(theirs, ours) > FAR
