"""Do both engines learn alike? stable-baselines3 beside the compiled engine, at equal hyperparameters.

`python benchmarks/parity.py` trains what is not there yet, tests each pair for equivalence, and keeps the table in
`parity.md` and the curves in `parity.png`. Our runs take minutes and lie in `.work/parity/`; those of stable-baselines3
take more than an hour, so what it returned is kept in `parity/`, and trained anew where a pair asks for other runs.
`--only ppo_acrobot` narrows it, `--engine sb3` only trains.

A pair is equivalent where the 90 per cent interval of the difference lies within ten per cent of the range of returns:
two one-sided tests at 5 per cent each (Schuirmann 1987).
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import report

import rlhp
from rlhp import curves, plots
from rlhp.runs import Runs, concat
from rlhp.schedules import Linear
from rlhp.sweeps import requests_of

HERE = Path(__file__).resolve().parent
WORK = HERE / ".work" / "parity"
KEPT = HERE / "parity"
SEEDS = 100  # of ours; the 20 to 80 of stable-baselines3 decide how wide the intervals are
MARGIN, CONFIDENCE = 0.10, 0.90
# From the worst return to the best that an episode can have; on Pendulum, from doing nothing at the bottom.
RANGES = {"CartPole-v1": (0.0, 500.0), "Acrobot-v1": (-500.0, 0.0), "Pendulum-v1": (-1650.0, 0.0)}
CHECKPOINTS = (0.2, 0.4, 0.7, 1.0)  # parts of training


@dataclass(frozen=True)
class Pair:
    """One setting that both engines train."""

    algorithm: str
    env_id: str
    steps: int
    config: dict[str, Any] = field(default_factory=dict)
    sb3_seeds: int = 40


PAIRS = {
    "dqn_cartpole": Pair(
        "dqn",
        "CartPole-v1",
        50_000,
        {
            "learning_rate": 5e-4,
            "batch_size": 64,
            "buffer_size": 50_000,
            "learning_starts": 1_000,
            "target_update_interval": 500,
            "gamma": 0.98,
            "exploration": Linear(1.0, 0.04, fraction=0.16),
            "net_arch": [64, 64],
        },
    ),
    "sac_pendulum": Pair("sac", "Pendulum-v1", 10_000, {"learning_rate": 1e-3, "net_arch": [64, 64]}, sb3_seeds=20),
    "td3_pendulum": Pair(
        "td3",
        "Pendulum-v1",
        10_000,
        {
            "learning_rate": 1e-3,
            "gamma": 0.98,
            "buffer_size": 200_000,
            "learning_starts": 1_000,
            "action_noise_std": 0.1,
            "net_arch": [64, 64],
        },
        sb3_seeds=20,
    ),
    "ppo_cartpole": Pair(
        "ppo",
        "CartPole-v1",
        100_000,
        {
            "n_envs": 8,
            "n_steps": 32,
            "batch_size": 256,
            "gae_lambda": 0.8,
            "gamma": 0.98,
            "n_epochs": 20,
            "learning_rate": Linear(1e-3, 0.0),
            "clip_range": Linear(0.2, 0.0),
            "net_arch": [64, 64],
        },
    ),
    "a2c_cartpole": Pair(
        "a2c",
        "CartPole-v1",
        100_000,
        {
            "n_envs": 8,
            "n_steps": 16,
            "learning_rate": Linear(7e-4, 0.0),
            "normalize_advantage": True,
            "net_arch": [64, 64],
        },
    ),
    "ppo_acrobot": Pair(
        "ppo",
        "Acrobot-v1",
        100_000,
        {
            "n_envs": 8,
            "n_steps": 64,
            "batch_size": 128,
            "gae_lambda": 0.94,
            "n_epochs": 4,
            "learning_rate": 1e-3,
            "normalize": True,
            "net_arch": [64, 64],
        },
    ),
    "dqn_acrobot": Pair(
        "dqn",
        "Acrobot-v1",
        50_000,
        {
            "learning_rate": 5e-4,
            "batch_size": 128,
            "buffer_size": 50_000,
            "learning_starts": 1_000,
            "gamma": 0.999,
            "tau": 0.01,
            "target_update_interval": 1,
            "gradient_steps": 2,
            "exploration": Linear(1.0, 0.05, fraction=0.3),
            "net_arch": [64, 64],
        },
        sb3_seeds=80,  # at an evaluation up to one run in ten is stuck near -500: the mean of 40 is much up to luck
    ),
}


def trained(name: str, engine: str) -> Runs:
    """Give the runs of one side of a pair, training those that are missing."""
    pair = PAIRS[name]
    asked = {
        "steps": pair.steps,
        "seeds": pair.sb3_seeds if engine == "sb3" else SEEDS,
        "evaluation": rlhp.Evaluation(episodes=20),
        "engine": engine,
    }
    kept = KEPT / name
    if engine == "sb3" and kept.exists():
        runs = Runs.load(kept)
        if list(runs.table.index) == [
            one.run_id for one in requests_of(pair.algorithm, pair.env_id, pair.config, **asked)
        ]:
            return runs
    runs = rlhp.sweep(pair.algorithm, pair.env_id, pair.config, out=WORK / f"{name}-{engine}", **asked)
    if engine == "sb3":
        runs.save(kept)
    return runs


def differences(pair: Pair, both: Runs) -> dict[str, tuple[float, float, float]]:
    """Compare the engines over and during training: difference and interval, in parts of the range of returns."""
    low, high = RANGES[pair.env_id]
    found = {}
    every = pair.steps // 10
    cuts = {f"at {part:.0%}": round(part * pair.steps / every) * every for part in CHECKPOINTS}
    for label in ("auc", "final_return", *cuts):
        runs = both
        if label in cuts:
            runs = Runs(both.table, both.evals[both.evals["step"] <= cuts[label]], both.history)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            said = curves.compare(
                runs,
                "auc" if label == "auc" else "final_return",
                by="engine",
                reference="sb3",
                failures="worst",
                test=curves.Test("welch", correction="none", confidence=CONFIDENCE),
                rng=0,
            ).table.iloc[0]
        found[label] = tuple(float(said[column]) / (high - low) for column in ("difference", "low", "high"))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=list(PAIRS), default=list(PAIRS), metavar="PAIR")
    parser.add_argument("--engine", choices=["sb3", "jax"], help="only train, with this engine")
    chosen = parser.parse_args()
    if chosen.engine:
        for name in chosen.only:
            trained(name, chosen.engine)
        return
    rows, equivalent = [], []
    n_rows = -(-len(chosen.only) // 2)
    figure, axes = plt.subplots(n_rows, 2, figsize=(15, 3.8 * n_rows), squeeze=False, layout="constrained")
    for name, ax in zip(chosen.only, axes.flat, strict=False):
        pair = PAIRS[name]
        both = concat([trained(name, engine) for engine in ("sb3", "jax")])
        found = differences(pair, both)
        same = all(-MARGIN < low and high < MARGIN for _, low, high in found.values())
        equivalent.append(same)
        counts = both.table["engine"].value_counts()
        final = both.evals[both.evals["step"] == pair.steps].merge(
            both.table[["engine"]], left_on="run_id", right_index=True
        )
        means = final.groupby("engine")["return_mean"].mean()
        rows.append(
            [
                f"{pair.algorithm.upper()} {pair.env_id}",
                f"{pair.steps:,}",
                f"{counts['sb3']} / {counts['jax']}",
                f"{means['sb3']:.1f} / {means['jax']:.1f}",
                *[f"{100 * d:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})" for d, low, high in found.values()],
                "yes" if same else "**no**",
            ]
        )
        summary = curves.iqm(both, by="engine", rng=0, failures="worst")
        low, high = RANGES[pair.env_id]  # the whole range, of which the margin is a tenth
        room = MARGIN * (high - low)
        title = f"{pair.algorithm.upper()} on {pair.env_id}"
        plots.curves(summary, ax=ax, seeds=False, title=title, ylim=(low - room, high + room))
    for ax in axes.flat[len(chosen.only) :]:
        ax.set_visible(False)
    figure.savefig(HERE / "parity.png", dpi=80)
    text = (
        "The compiled engine minus stable-baselines3, in per cent of the environment's range of returns, with the 90 "
        f"per cent interval (Welch). Equivalent where all six intervals lie within {100 * MARGIN:.0f} per cent: "
        f"{sum(equivalent)} of {len(equivalent)} pairs. Returns are means of 20 greedy episodes; the curves are in "
        "`parity.png` (IQM, simultaneous 95 per cent bands)."
    )
    missing = [f"{pair.algorithm.upper()} {pair.env_id}" for name, pair in PAIRS.items() if name not in chosen.only]
    if missing:
        text += f" Not in this table: {', '.join(missing)}."
    header = ["pair", "steps", "seeds SB3 / ours", "final return SB3 / ours", "mean over training", "final return"]
    header += [f"at {part:.0%} of training" for part in CHECKPOINTS] + ["equivalent"]
    report.write("parity", "Both engines, one result", text, header, rows)


if __name__ == "__main__":
    main()
