"""What students typically write for the exercises on seeds, and a piece of what each is told."""

from __future__ import annotations

from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


def _episode(env: Any, policy: Any, seed: int | None, *, truncation: bool = True) -> float:
    observation, _ = env.reset(seed=seed)
    total, over = 0.0, False
    while not over:
        observation, reward, terminated, truncated, _ = env.step(policy(observation))
        total, over = total + reward, terminated or (truncation and truncated)
    return total


def _as_many_seeds(policy: Any, env: Any, n_episodes: int, seed: int) -> Any:
    return float(np.mean([_episode(env, policy, seed if i == 0 else None) for i in range(n_episodes)]))


SILENT_BUG: Wrong = {
    "the bug itself": (
        lambda policy, env, n_episodes, seed: [_episode(env, policy, seed) for _ in range(n_episodes)],
        "the same episode",
    ),
    "never seeded": (
        lambda policy, env, n_episodes, seed: [_episode(env, policy, None) for _ in range(n_episodes)],
        "never given",
    ),
    "own seed": (
        lambda policy, env, n_episodes, seed: [
            _episode(env, policy, 42 if i == 0 else None) for i in range(n_episodes)
        ],
        "Another seed",
    ),
    "the mean only": (_as_many_seeds, "a list with the return of every episode"),
    "one episode too few": (
        lambda policy, env, n_episodes, seed: [
            _episode(env, policy, seed if i == 0 else None) for i in range(n_episodes - 1)
        ],
        "episodes, not",
    ),
    "ignores the time limit": (
        lambda policy, env, n_episodes, seed: [
            _episode(env, policy, seed if i == 0 else None, truncation=False) for i in range(n_episodes)
        ],
        "time limit",
    ),
}

UPSET: Wrong = {
    "ties lost": (
        lambda better, worse: float(np.mean(np.asarray(worse)[:, None] > np.asarray(better)[None, :])),
        "ties as nothing",
    ),
    "ties won": (
        lambda better, worse: float(np.mean(np.asarray(worse)[:, None] >= np.asarray(better)[None, :])),
        "ties in full",
    ),
    "the other way round": (
        lambda better, worse: float(
            np.mean(
                (np.asarray(worse)[:, None] < np.asarray(better)[None, :])
                + 0.5 * (np.asarray(worse)[:, None] == np.asarray(better)[None, :])
            )
        ),
        "`better` wins",
    ),
    "pairs of equal seeds only": (
        lambda better, worse: float(np.mean([(w > b) + 0.5 * (w == b) for b, w in zip(better, worse, strict=False)])),
        "side by side",
    ),
    "compares the means": (
        lambda better, worse: float(np.mean(worse) > np.mean(better)),
        "compares two averages",
    ),
    "a count": (
        lambda better, worse: float(sum((w > b) + 0.5 * (w == b) for b in better for w in worse)),
        "number of pairs",
    ),
}


def _empty_slice(values: Any) -> Any:
    cut = len(values) // 4
    middle = np.sort(values)[cut:-cut]  # empty when cut is 0
    return middle.sum() / max(len(middle), 1)


IQM: Wrong = {
    "the mean": (lambda returns: float(np.mean(returns)), "plain mean"),
    "the median": (lambda returns: float(np.median(returns)), "median"),
    "not sorted": (
        lambda returns: float(np.mean(returns[len(returns) // 4 : len(returns) - len(returns) // 4])),
        "sort",
    ),
    "drops the best only": (
        lambda returns: float(np.mean(np.sort(returns)[: len(returns) - len(returns) // 4])),
        "only the highest",
    ),
    "drops the worst only": (
        lambda returns: float(np.mean(np.sort(returns)[len(returns) // 4 :])),
        "only the lowest",
    ),
    "a quarter in all": (
        lambda returns: float(np.mean(np.sort(returns)[len(returns) // 8 : len(returns) - len(returns) // 8])),
        "each side",
    ),
    "empty slice for few seeds": (_empty_slice, "fewer than four"),
}
