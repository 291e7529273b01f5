"""What students typically write for 00.silent_bug, and a piece of what each is told."""

from typing import Any

import numpy as np


def _episode(env: Any, policy: Any, seed: int | None, *, truncation: bool = True) -> float:
    observation, _ = env.reset(seed=seed)
    total, over = 0.0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total, over = total + reward, terminated or (truncation and truncated)
    return total


# %% the bug itself: "the same episode"
def fixed_evaluate(policy, env, n_episodes, seed):
    return [_episode(env, policy, seed) for _ in range(n_episodes)]


# %% never seeded: "never given"
def fixed_evaluate(policy, env, n_episodes, seed):
    return [_episode(env, policy, None) for _ in range(n_episodes)]


# %% own seed: "Another seed"
def fixed_evaluate(policy, env, n_episodes, seed):
    return [_episode(env, policy, 42 if i == 0 else None) for i in range(n_episodes)]


# %% the mean only: "a list with the return of every episode"
def fixed_evaluate(policy: Any, env: Any, n_episodes: int, seed: int) -> Any:
    return float(np.mean([_episode(env, policy, seed if i == 0 else None) for i in range(n_episodes)]))


# %% one episode too few: "episodes, not"
def fixed_evaluate(policy, env, n_episodes, seed):
    return [_episode(env, policy, seed if i == 0 else None) for i in range(n_episodes - 1)]


# %% ignores the time limit: "time limit"
def fixed_evaluate(policy, env, n_episodes, seed):
    return [_episode(env, policy, seed if i == 0 else None, truncation=False) for i in range(n_episodes)]
