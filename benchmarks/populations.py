"""What the studies of populations train and how they score it; `population.py` runs them.

Each line of a study is kept as runs in `benchmarks/.work/population/<problem>/<line>`, so that one that was stopped
goes on from its last meeting, and more repetitions are added to those there are. Lines of different studies that are
the same populations are trained once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ConfigSpace import ConfigurationSpace, Constant, Float, Integer
from scipy.stats import bootstrap

import rlhp
from rlhp.frames import content_hash
from rlhp.population import Exchange, Independent, Perturb, Truncation, Unchanged, evolve
from rlhp.runs import Runs

WORK = Path(__file__).resolve().parent / ".work" / "population"
RNG = 20


@dataclass(frozen=True)
class Problem:
    """What is trained: its space, the steps of an agent, and how often members meet."""

    name: str
    algorithm: str
    env_id: str
    steps: int
    every: int
    moving: tuple[Any, ...]
    held: dict[str, Any] = field(default_factory=dict)

    @property
    def space(self) -> ConfigurationSpace:
        held = [Constant(name, value) for name, value in self.held.items()]
        return ConfigurationSpace(space=[*self.moving, *held])


PENDULUM = Problem(
    "pendulum_a2c",
    "a2c",
    "Pendulum-v1",
    300_000,
    10_000,
    (
        Float("ent_coef", (1e-8, 0.05)),
        Float("vf_coef", (0.2, 0.8)),
        Float("learning_rate", (0.005, 0.015)),  # for the coefficient of the actor's loss, .5 to 1.5, which Adam undoes
    ),
    {"n_envs": 8, "gamma": 0.95, "gae_lambda": 0.8, "use_rms_prop": 0, "net_arch": "[64, 64]"},
)
CARTPOLE = Problem(
    "cartpole_ppo",
    "ppo",
    "CartPole-v1",
    100_000,
    5_120,
    (
        Float("learning_rate", (1e-5, 1e-2), log=True),
        Float("clip_range", (0.05, 0.4)),
        Float("ent_coef", (0.0, 0.05)),
        Float("gae_lambda", (0.7, 1.0)),
        Float("gamma", (0.8, 0.9999), meta={"measure": "flipped-log"}),
    ),
    {"n_envs": 8, "n_steps": 32, "batch_size": 256, "n_epochs": 20},
)
ACROBOT = Problem(
    "acrobot_dqn",
    "dqn",
    "Acrobot-v1",
    100_000,
    5_000,
    (
        Float("learning_rate", (1e-5, 1e-2), log=True),
        Float("gamma", (0.8, 0.9999), meta={"measure": "flipped-log"}),
        Float("exploration_final_eps", (0.01, 0.2), log=True),
        Integer("target_update_interval", (10, 5_000), log=True),
    ),
    {"net_arch": "[64, 64]", "batch_size": 64, "buffer_size": 50_000, "learning_starts": 1_000, "train_freq": 4},
)
PROBLEMS = (PENDULUM, CARTPOLE, ACROBOT)


def pbt(problem: Problem, **change: Any) -> Exchange:
    """Population based training as most of the lines have it."""
    return replace(Exchange(every=problem.every, exploit=Truncation(0.2), explore=Perturb()), **change)


def selection(problem: Problem, **change: Any) -> Exchange:
    """Weights are copied, and everybody keeps its hyperparameters."""
    return pbt(problem, explore=Unchanged(), copied="weights", **change)


def search(problem: Problem) -> Exchange:
    """Nobody meets anybody: the same draws."""
    return pbt(problem, exploit=Independent(), explore=Unchanged())


def trained(
    problem: Problem, exchange: Exchange, *, size: int, seeds: Sequence[int], steps: int = 0, evaluate: int = 0
) -> Runs:
    """Train populations, or read those that are kept."""
    steps, evaluation = steps or problem.steps, rlhp.Evaluation(evaluate or None)
    line = content_hash(exchange=exchange.described(), size=size, steps=steps, evaluate=evaluate)
    return evolve(
        problem.algorithm,
        problem.env_id,
        problem.space,
        size=size,
        steps=steps,
        exchange=exchange,
        seeds=seeds,
        evaluation=evaluation,
        out=WORK / problem.name / line,
    )


def scores(runs: Runs) -> pd.DataFrame:
    """Return what came of each population, a row each, in the order of their seeds.

    `winner` is the return at the end of the member that was best at the evaluation before: the evaluation that chooses
    it is not the one that scores it. `mean` is the mean of all members over the last sixth of training, as the public
    study has it. Members without an evaluation there count as the worst that was ever measured on the problem.
    """
    table, evals = runs.table, runs.evals
    worst, rows = evals["return_mean"].min(), {}
    steps = np.sort(evals["step"].unique())
    for name, members in table.groupby("population", sort=False):
        mine = evals[evals["run_id"].isin(members.index)]
        wide = mine.pivot(index="step", columns="run_id", values="return_mean")
        wide = wide.reindex(index=steps, columns=members.index)
        rows[str(name)] = {
            "winner": wide.iloc[-1].fillna(worst)[wide.iloc[-2].fillna(worst).idxmax()],
            "mean": wide[wide.index > steps[-1] * 5 / 6].fillna(worst).to_numpy().mean(),
        }
    return pd.DataFrame(rows).T


def interval(values: Any) -> str:
    """Say a mean and its 95 % interval, by a bootstrap of the repetitions."""
    found = np.asarray(values, dtype=float)
    if len(found) < 2:
        return f"{found.mean():,.1f}"
    low, high = bootstrap((found,), np.mean, n_resamples=9_999, method="basic", rng=RNG).confidence_interval
    return f"{found.mean():,.1f} [{low:,.1f}, {high:,.1f}]"


def beside(one: pd.Series, other: pd.Series) -> str:
    """Say by how much one line is better than another, repetition by repetition."""
    return interval(one.to_numpy() - other.to_numpy()) if len(one) == len(other) else ""
