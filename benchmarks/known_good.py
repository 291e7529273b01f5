"""Do settings that are known to work, work here? PPO and DQN on CartPole with rl-baselines3-zoo's tuned settings.

`python benchmarks/known_good.py` trains five seeds of each with either engine and keeps the table in `known_good.md`.
"""

from __future__ import annotations

import itertools
import tempfile

import report

import rlhp
from rlhp.schedules import Linear

SEEDS = range(5)
ENGINES = ("sb3", "jax")
THRESHOLD = 475.0  # what Gymnasium registers as CartPole-v1's reward threshold; the maximum is 500
STUDIES = {
    "ppo": (
        100_000,
        {
            "n_envs": 8,
            "n_steps": 32,
            "batch_size": 256,
            "gae_lambda": 0.8,
            "gamma": 0.98,
            "n_epochs": 20,
            "ent_coef": 0.0,
            "learning_rate": Linear(1e-3, 0.0),
            "clip_range": Linear(0.2, 0.0),
        },
    ),
    "dqn": (
        50_000,
        {
            "net_arch": [256, 256],
            "learning_rate": 2.3e-3,
            "batch_size": 64,
            "buffer_size": 100_000,
            "learning_starts": 1000,
            "gamma": 0.99,
            "target_update_interval": 10,
            "train_freq": 256,
            "gradient_steps": 128,
            "exploration": Linear(1.0, 0.04, fraction=0.16),
        },
    ),
}


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for (algorithm, (steps, config)), engine in itertools.product(STUDIES.items(), ENGINES):
            runs = rlhp.sweep(
                algorithm,
                "CartPole-v1",
                config,
                steps=steps,
                seeds=SEEDS,
                evaluation=rlhp.Evaluation(episodes=20),
                engine=engine,
                out=f"{folder}/{algorithm}-{engine}",
            )
            for name, row in runs.table.iterrows():
                curve = runs.evals[runs.evals["run_id"] == name].set_index("step")["return_mean"]
                rows.append(
                    [
                        algorithm,
                        engine,
                        f"{steps:,}",
                        row["seed"],
                        f"{curve.iloc[-1]:.1f}",
                        f"{curve.max():.1f} at {curve.idxmax():,}",
                        "yes" if curve.iloc[-1] >= THRESHOLD else "no",
                        f"{row['cpu_time_s']:.0f}",
                    ]
                )
    passed = {
        a: " and ".join(f"{sum(row[:2] == [a, e] and row[6] == 'yes' for row in rows)} ({e})" for e in ENGINES)
        for a in STUDIES
    }
    text = (
        f"rl-baselines3-zoo's tuned settings on CartPole-v1 through `rlhp.sweep`, mean greedy return over 20 episodes. "
        f"At the end of training at least {THRESHOLD:g}: PPO in {passed['ppo']} of {len(SEEDS)} seeds, "
        f"DQN in {passed['dqn']} of {len(SEEDS)}."
    )
    header = [
        "algorithm",
        "engine",
        "steps",
        "seed",
        "final return",
        "best evaluation",
        f"final >= {THRESHOLD:g}",
        "CPU s",
    ]
    report.write("known_good", "Settings known to work", text, header, rows)


if __name__ == "__main__":
    main()
