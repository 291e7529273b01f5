"""Measure the data sets of this folder: `make data`, or `python data/make.py exploration_cartpole --workers 2`.

Each is one sweep. It resumes: what is in `data/.work/` is not trained again. A finished sweep becomes `data/<name>/`
with its manifest; see `rlhp.datasets`. Each landscape is followed by a data set `<name>_best`, which measures what it
rests on first where that is missing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grids import FRESH, GRIDS, TUNING, Grid
from landscapes import LANDSCAPES, Landscape

import rlhp
from rlhp import datasets
from rlhp.schedules import Constant, Exponential, Linear, Schedule

HERE = Path(__file__).resolve().parent

# The exploration schedules of lecture 01: the same exploration throughout, and decays from 1 over a tenth (SB3's
# default) and half of training. CartPole, whose runs are short, gets three more: nothing but exploration, hardly any,
# and a decay that never rests.
SCHEDULES = [
    Constant(0.1),
    Linear(1.0, 0.05, fraction=0.1),
    Linear(1.0, 0.05, fraction=0.5),
    Exponential(1.0, 0.01, fraction=0.5),
]
MORE_SCHEDULES = [Constant(1.0), Constant(0.01), Linear(1.0, 0.05, fraction=1.0)]

# The batch sizes of lecture 02, and the setting around them: on CartPole that of the exploration schedules.
BATCH_SIZES = (8, 16, 32, 64, 128, 256, 512)
BATCH_SETTING = {
    "net_arch": [64, 64],
    "learning_rate": 1e-3,
    "n_steps": 1,
    "buffer_size": 50_000,
    "learning_starts": 1000,
    "gamma": 0.99,
    "train_freq": 4,
    "gradient_steps": 1,
    "target_update_interval": 250,
    "exploration": Linear(1.0, 0.05, fraction=0.1),
}
BUSY = "The machine did other work meanwhile: what counts is `cpu_time_s`, not `wall_time_s`."
SIDE_BY_SIDE = (
    "`cpu_time_s` is a run's share of the processor time of the runs trained beside it, and some of them paid for "
    "compiling: take the median over runs."
)
ONE_SPACE = (
    "One search space: an importance or a best configuration holds for its ranges, and for networks of [64, 64]."
)
AMPLIFIED = (
    "Training amplifies rounding: on another machine, or with other runs beside it, a run is the same until some "
    "hundred updates and then another draw."
)
NEVER_LEARNT = (
    "Where `n_steps` times `n_envs` is more than the steps of the training, its first rollout never ends and nothing "
    "is learnt: that is part of what these two do here."
)
NEVER_MOVED = (
    "The return stays at -200 until the goal is reached for the first time, and in most configurations it never is: "
    "the landscape is flat but for a corner, and a surrogate foretells next to nothing of it."
)
FIVE = (
    "Five hyperparameters that are known to matter there: a grid that has to find out which do needs more of them, and "
    "grows threefold with each."
)
FLATTERED = (
    "Chosen by their scores in `{name}`, which the choice flatters; compare configurations by these seeds, and never "
    "put both data sets together."
)


@dataclass(frozen=True)
class Study:
    """One data set: what is swept, and what its card says."""

    title: str
    description: str
    algorithm: str
    env_id: str
    configs: list[dict[str, Any]] | Callable[[], list[dict[str, Any]]]  # or how to draw them, which takes a while
    steps: int
    seeds: int | range
    caveats: tuple[str, ...]
    engine: str = "sb3"
    eval_every: int | None = None
    rests_on: str | None = None  # the data set that its configurations are chosen from
    workers: int | None = None  # processes at once, where that is part of what is measured

    def drawn(self) -> list[dict[str, Any]]:
        """Give the configurations."""
        return self.configs() if callable(self.configs) else self.configs


def _with(schedules: list[Schedule], **base: Any) -> list[dict[str, Any]]:
    return [{**base, "exploration": schedule} for schedule in schedules]


def _batches(*variants: dict[str, Any], sizes: Sequence[int] = BATCH_SIZES) -> list[dict[str, Any]]:
    """Give every batch size in every variant of the common setting."""
    return [{**BATCH_SETTING, **variant, "batch_size": size} for variant in variants for size in sizes]


def _landscape(name: str, landscape: Landscape) -> dict[str, Study]:
    """Make a landscape a study, and its best configurations with fresh seeds another."""
    same: dict[str, Any] = {
        "algorithm": landscape.algorithm,
        "env_id": landscape.env_id,
        "steps": landscape.steps,
        "engine": "jax",
    }
    common: tuple[str, ...] = (ONE_SPACE, AMPLIFIED, BUSY, SIDE_BY_SIDE)
    if landscape.algorithm == "ppo":
        common += (NEVER_LEARNT,)
    if landscape.env_id == "MountainCar-v0":
        common += (NEVER_MOVED,)
    return {
        name: Study(
            title=landscape.title,
            description=landscape.description,
            configs=landscape.configs,
            seeds=landscape.n_seeds,
            caveats=common,
            **same,
        ),
        f"{name}_best": Study(
            title=landscape.title_of_best,
            description=landscape.description_of_best(name),
            configs=lambda: landscape.best(datasets.load(name)),
            seeds=landscape.fresh_seeds,
            caveats=(FLATTERED.format(name=name), *common),
            rests_on=name,
            **same,
        ),
    }


def _rivals(name: str, grid: Grid) -> dict[str, Study]:
    """Make a grid a study, and what it and searches take, with fresh seeds, another."""
    same: dict[str, Any] = {
        "algorithm": grid.algorithm,
        "env_id": grid.env_id,
        "steps": grid.steps,
        "engine": "jax",
    }
    common: tuple[str, ...] = (FIVE, AMPLIFIED, BUSY, SIDE_BY_SIDE)
    return {
        name: Study(
            title=grid.title,
            description=grid.description,
            configs=grid.configs,
            seeds=TUNING,
            caveats=common,
            **same,
        ),
        f"{name}_judged": Study(
            title=grid.title_of_judged,
            description=grid.description_of_judged(name),
            configs=lambda: grid.judged(datasets.load(name), HERE / ".work" / f"{name}_searches"),
            seeds=FRESH,
            caveats=common,
            rests_on=name,
            **same,
        ),
    }


STUDIES = {
    "learning_rate_cartpole": Study(
        title="Learning rates of PPO on CartPole",
        description=(
            "Five learning rates, sixteen seeds each, everything else held fixed at rl-baselines3-zoo's settings "
            "(there the learning rate falls linearly from 0.001; here it is constant). Short runs: how fast, not "
            "where it ends."
        ),
        algorithm="ppo",
        env_id="CartPole-v1",
        configs=[
            {
                "learning_rate": learning_rate,
                "n_envs": 8,
                "n_steps": 32,
                "batch_size": 256,
                "n_epochs": 20,
                "gamma": 0.98,
                "gae_lambda": 0.8,
            }
            for learning_rate in (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)
        ],
        steps=20_000,
        seeds=16,
        caveats=(
            "The clip range is constant as well (0.2), where rl-baselines3-zoo lets it fall linearly.",
            "Wall-clock times were taken while the machine did other work; CPU times are steadier.",
        ),
    ),
    "exploration_cartpole": Study(
        title="Exploration schedules of DQN on CartPole",
        description=(
            "Seven schedules of epsilon, twelve seeds each, everything else held fixed. CartPole rewards every step "
            "the pole stays up, so that even random play finds reward at once."
        ),
        algorithm="dqn",
        env_id="CartPole-v1",
        configs=_with(
            SCHEDULES + MORE_SCHEDULES,
            net_arch=[64, 64],
            learning_rate=1e-3,
            batch_size=64,
            buffer_size=50_000,
            learning_starts=1000,
            gamma=0.99,
            train_freq=4,
            gradient_steps=1,
            target_update_interval=250,
        ),
        steps=50_000,
        seeds=12,
        caveats=(
            "One setting of the other hyperparameters, not tuned for any of the schedules.",
            "Wall-clock times were taken while the machine did other work; CPU times are steadier.",
        ),
    ),
    "exploration_mountaincar": Study(
        title="Exploration schedules of DQN on MountainCar",
        description=(
            "Four of the same schedules, ten seeds each, on MountainCar: every step costs 1 until the car is on the "
            "hill, which random play almost never reaches within the 200 steps of an episode. The other settings are "
            "rl-baselines3-zoo's, with two layers of 64 units in place of 256."
        ),
        algorithm="dqn",
        env_id="MountainCar-v0",
        configs=_with(
            SCHEDULES,
            net_arch=[64, 64],
            learning_rate=4e-3,
            batch_size=128,
            buffer_size=10_000,
            learning_starts=1000,
            gamma=0.98,
            train_freq=16,
            gradient_steps=8,
            target_update_interval=600,
        ),
        steps=120_000,
        seeds=10,
        caveats=(
            "rl-baselines3-zoo tuned the other settings for a schedule of its own (a fifth of training, to 0.07).",
            "Wall-clock times were taken while the machine did other work; CPU times are steadier.",
        ),
    ),
    "batch_size_cartpole": Study(
        title="Batch sizes of DQN on CartPole, at three learning rates",
        description=(
            "Seven batch sizes from 8 to 512 at three learning rates, sixteen seeds each. Every run takes the same "
            "number of environment steps and of updates; only how many transitions an update averages over differs, "
            "and the length of the step it takes. The setting is that of `exploration_cartpole`."
        ),
        algorithm="dqn",
        env_id="CartPole-v1",
        configs=_batches(*({"learning_rate": rate} for rate in (3e-4, 1e-3, 3e-3))),
        steps=50_000,
        seeds=16,
        engine="jax",
        eval_every=2_500,
        caveats=("One setting of the other hyperparameters, tuned for none of the batch sizes.", BUSY, SIDE_BY_SIDE),
    ),
    "batch_size_n_steps": Study(
        title="Batch sizes of DQN on CartPole, with n-step returns",
        description=(
            "Batch sizes 8 and 64 with returns over 3 and over 10 steps in place of one, eight seeds each; everything "
            "else as in `batch_size_cartpole` at learning rate 0.001, of whose seeds these are the first eight."
        ),
        algorithm="dqn",
        env_id="CartPole-v1",
        configs=_batches({"n_steps": 3}, {"n_steps": 10}, sizes=(8, 64)),
        steps=50_000,
        seeds=8,
        engine="jax",
        eval_every=2_500,
        caveats=("One setting of the other hyperparameters, tuned for none of the variants.", BUSY, SIDE_BY_SIDE),
    ),
    "batch_size_acrobot": Study(
        title="Batch sizes of DQN on Acrobot",
        description=(
            "Seven batch sizes from 8 to 512, sixteen seeds each, with epsilon and without any: Acrobot costs 1 a step "
            "until the tip has swung up, so that reward must be found first. The setting is that of "
            "`batch_size_cartpole` at learning rate 0.001."
        ),
        algorithm="dqn",
        env_id="Acrobot-v1",
        configs=_batches({}, {"exploration": Constant(0.0)}),
        steps=50_000,
        seeds=16,
        engine="jax",
        eval_every=2_500,
        caveats=("One setting of the other hyperparameters, tuned for none of the batch sizes.", BUSY, SIDE_BY_SIDE),
    ),
    "batch_size_minatar": Study(
        title="Batch sizes of DQN on MinAtar's Breakout, with one-step and three-step returns",
        description=(
            "Batch sizes 8, 32 and 128 with returns over one step and over three, eight seeds each. The game is shown "
            "as 10 by 10 fields in four planes; the network is the same two layers of 64 units. 100,000 steps are few "
            "for it: the runs are still rising when they end."
        ),
        algorithm="dqn",
        env_id="MinAtar/Breakout-v1",
        configs=_batches(
            *({"learning_rate": 3e-4, "target_update_interval": 1000, "n_steps": n} for n in (1, 3)),
            sizes=(8, 32, 128),
        ),
        steps=100_000,
        seeds=8,
        engine="jax",
        eval_every=5_000,
        caveats=(
            "One setting of the other hyperparameters, tuned for none of the batch sizes.",
            "A multilayer perceptron, where the game is usually played by a convolutional network.",
            BUSY,
            SIDE_BY_SIDE,
        ),
    ),
    "batch_size_time": Study(
        title="What an update costs by batch size, with stable-baselines3",
        description=(
            "Seven batch sizes from 8 to 512, three short runs each, one after the other: how long a run takes in "
            "PyTorch, where a small batch does not save much. For the time only; nothing is learnt in so few steps."
        ),
        algorithm="dqn",
        env_id="CartPole-v1",
        configs=_batches({"learning_starts": 100}),
        steps=5_000,
        seeds=3,
        eval_every=5_000,
        caveats=("The first run also pays for starting up: take the shortest of each batch size.",),
        workers=1,
    ),
}
for _name, _one in LANDSCAPES.items():
    STUDIES |= _landscape(_name, _one)
for _name, _grid in GRIDS.items():
    STUDIES |= _rivals(_name, _grid)


def measure(name: str, workers: int | None) -> None:
    """Train what is missing of one data set and write it."""
    study = STUDIES[name]
    if study.rests_on is not None and study.rests_on not in datasets.list():
        measure(study.rests_on, workers)
    configs, seeds = study.drawn(), range(study.seeds) if isinstance(study.seeds, int) else study.seeds
    # Half of the seeds first: an interrupted study is then balanced over its configurations. Compiled runs are trained
    # by the configuration, each program once.
    halves = {len(seeds)} if study.engine == "jax" else {max(1, len(seeds) // 2), len(seeds)}
    for n in sorted(halves):
        runs = rlhp.sweep(
            study.algorithm,
            study.env_id,
            configs,
            steps=study.steps,
            seeds=seeds[:n],
            out=HERE / ".work" / name,
            execution=rlhp.Execution(workers=study.workers or workers),
            engine=study.engine,
            evaluation=rlhp.Evaluation(study.eval_every),
        )
    datasets.write(
        name,
        runs,
        title=study.title,
        description=study.description,
        command=f"python data/make.py {name}",
        caveats=list(study.caveats),
        measured=datasets.Measurement(
            # Compiled runs are trained side by side, so that their wall-clock times overlap.
            hours=float(runs.table["cpu_time_s"].sum()) / 3600 if study.engine == "jax" else None
        ),
    )


def main() -> None:
    """Measure the named data sets, all by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[[], *STUDIES], help="which data sets; all by default")
    parser.add_argument("--workers", type=int, default=None, help="worker processes; one per core by default")
    asked = parser.parse_args()
    for name in asked.names or STUDIES:
        measure(name, asked.workers)


if __name__ == "__main__":
    main()
