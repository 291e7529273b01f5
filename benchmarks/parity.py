"""Do both engines learn alike? SB3 and the vectorised engine at equal hyperparameters, pair by pair."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rlhp
from rlhp.schedules import Linear

WORK = Path(__file__).resolve().parent / ".work" / "parity"


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
    "a2c_cartpole": Pair("a2c", "CartPole-v1", 100_000, {"n_envs": 8, "net_arch": [64, 64]}),
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
            "learning_rate": 6.3e-4,
            "batch_size": 128,
            "buffer_size": 50_000,
            "learning_starts": 1_000,
            "target_update_interval": 250,
            "exploration": Linear(1.0, 0.1, fraction=0.12),
            "net_arch": [64, 64],
        },
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", nargs="*", default=list(PAIRS))
    parser.add_argument("--engine", choices=["sb3"], default="sb3")
    chosen = parser.parse_args()
    for name in chosen.pairs:
        pair = PAIRS[name]
        rlhp.sweep(
            pair.algorithm,
            pair.env_id,
            pair.config,
            steps=pair.steps,
            seeds=pair.sb3_seeds,
            eval_episodes=20,
            engine="sb3",
            out=WORK / f"{name}-sb3",
        )


if __name__ == "__main__":
    main()
