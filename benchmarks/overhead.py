"""What does `rlhp.train` cost on top of stable-baselines3 called directly, with the same evaluations?

`python benchmarks/overhead.py` trains pairs, one after the other in alternating order in one process on one thread,
and keeps the table in `overhead.md`. The direct run evaluates with SB3's own `EvalCallback`, over as many episodes at
the same steps, on as many parallel evaluation environments. CPU time is compared too: other work on the machine moves
it less.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

import gymnasium
import numpy as np
import report
import torch
from scipy import stats
from stable_baselines3 import DQN, PPO
from stable_baselines3.common.callbacks import EvalCallback
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv

import rlhp

EPISODES = 10
STUDIES: dict[str, tuple[type, int, dict[str, Any]]] = {
    "dqn": (DQN, 20_000, {"batch_size": 64, "buffer_size": 50_000, "learning_starts": 1000}),
    "ppo": (PPO, 50_000, {"n_envs": 8, "n_steps": 32, "batch_size": 256, "n_epochs": 20}),
}


def timed(function: Any, algorithm: str, seed: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    function(algorithm, seed)
    return time.perf_counter() - wall, time.process_time() - cpu


def through_rlhp(algorithm: str, seed: int) -> None:
    _, steps, config = STUDIES[algorithm]
    rlhp.train(
        algorithm,
        "CartPole-v1",
        config,
        steps=steps,
        seed=seed,
        evaluation=rlhp.Evaluation(episodes=EPISODES),
        engine="sb3",
        execution=rlhp.Execution(progress=False),
    )


def directly(algorithm: str, seed: int) -> None:
    cls, steps, config = STUDIES[algorithm]
    n_envs = config.get("n_envs", 1)
    arguments = {name: value for name, value in config.items() if name != "n_envs"}
    train_env, eval_env = (
        DummyVecEnv([lambda: Monitor(gymnasium.make("CartPole-v1"))] * n) for n in (n_envs, EPISODES)
    )
    model = cls("MlpPolicy", train_env, seed=seed, device="cpu", **arguments)
    callback = EvalCallback(
        eval_env, n_eval_episodes=EPISODES, eval_freq=steps // 10 // n_envs, verbose=0, deterministic=True
    )
    model.learn(steps, callback=callback)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10)
    pairs = parser.parse_args().pairs
    torch.set_num_threads(1)
    rows = []
    for algorithm in STUDIES:
        through_rlhp(algorithm, 99), directly(algorithm, 99)  # warm up
        ratios, times = [], []
        for seed in range(pairs):
            calls = [through_rlhp, directly]
            order = calls if seed % 2 == 0 else calls[::-1]
            taken = {call: timed(call, algorithm, seed) for call in order}
            ours, theirs = (np.array(taken[call]) for call in calls)
            ratios.append(ours / theirs)
            times.append([ours[0], theirs[0]])
            wall, cpu = ratios[-1]
            print(f"{algorithm} pair {seed + 1} of {pairs}: wall {wall:.3f}, CPU {cpu:.3f}", flush=True)
        logs = np.log(ratios)
        half = stats.t.ppf(0.975, pairs - 1) * logs.std(axis=0, ddof=1) / np.sqrt(pairs)
        centre = logs.mean(axis=0)
        ends = zip(np.exp(centre), np.exp(centre - half), np.exp(centre + half), strict=True)
        cells = [f"{ratio:.3f} ({low:.3f} to {high:.3f})" for ratio, low, high in ends]
        ours, theirs = np.mean(times, axis=0)
        rows.append([algorithm, f"{STUDIES[algorithm][1]:,}", pairs, f"{ours:.2f}", f"{theirs:.2f}", *cells])
    text = (
        "Time of `rlhp.train` divided by that of stable-baselines3 called directly with its own `EvalCallback`, on "
        f"CartPole-v1: ten evaluations over {EPISODES} episodes on as many parallel environments. Geometric mean of "
        "paired ratios with its 95 % Student-t interval; below 1 means that `rlhp.train` is faster (its evaluation "
        "steps only the episodes still running)."
    )
    header = ["algorithm", "steps", "pairs", "rlhp s", "SB3 s", "wall ratio", "CPU ratio"]
    report.write("overhead", "What rlhp.train costs on top of stable-baselines3", text, header, rows)


if __name__ == "__main__":
    main()
