"""What students typically write where a schedule becomes actions, and a piece of what each is told."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]


def _logs(lengths: Any, progress: Any, *, start: float, end: float, fraction: float) -> list[float]:
    """Epsilon at every step when progress is counted in the way given (step, episode, step in the episode)."""
    out, step = [], 0
    for episode, length in enumerate(lengths):
        for within in range(length):
            share = min(progress(step, episode, within) / fraction, 1.0)
            out.append(start + (end - start) * share)
            step += 1
    return out


def _logged(progress: Any) -> Any:
    def answer(
        episode_lengths: Any, total_steps: int, start: float = 1.0, end: float = 0.05, fraction: float = 0.5
    ) -> Any:
        return _logs(
            episode_lengths,
            lambda *where: progress(where, len(episode_lengths), total_steps, episode_lengths),
            start=start,
            end=end,
            fraction=fraction,
        )

    return answer


SILENT_BUG: Wrong = {
    "the bug itself": (_logged(lambda where, n, total, lengths: where[1] / total), "never comes down"),
    "per episode": (_logged(lambda where, n, total, lengths: where[1] / n), "same for a whole episode"),
    "starts anew every episode": (
        _logged(lambda where, n, total, lengths: where[2] / max(lengths)),
        "jumps back",
    ),
    "one step late": (_logged(lambda where, n, total, lengths: (where[0] + 1) / total), "first step"),
    "whole-number progress": (_logged(lambda where, n, total, lengths: where[0] // total), "`//`"),
    "in percent": (_logged(lambda where, n, total, lengths: 100 * where[0] / total), "percent"),
    "one value per episode": (
        lambda episode_lengths, total_steps, start=1.0, end=0.05, fraction=0.5: [
            1.0 - 0.95 * min(i / len(episode_lengths) / fraction, 1.0) for i in range(len(episode_lengths))
        ],
        "every environment step",
    ),
}

PERSISTENT_ACTIONS: Wrong = {
    "a new one each step": (
        lambda n_steps, n_actions, repeat, *, rng: rng.integers(n_actions, size=n_steps),
        "changes at every step",
    ),
    "tiles in place of repeats": (
        lambda n_steps, n_actions, repeat, *, rng: np.resize(rng.integers(n_actions, size=repeat), n_steps),
        "np.tile",
    ),
    "draws too few": (
        lambda n_steps, n_actions, repeat, *, rng: np.repeat(rng.integers(n_actions, size=n_steps // repeat), repeat),
        "10 actions",
    ),
    "does not cut": (
        lambda n_steps, n_actions, repeat, *, rng: np.repeat(
            rng.integers(n_actions, size=math.ceil(n_steps / repeat)), repeat
        ),
        "12 actions",
    ),
    "never the last action": (
        lambda n_steps, n_actions, repeat, *, rng: np.repeat(
            rng.integers(n_actions - 1, size=math.ceil(n_steps / repeat)), repeat
        )[:n_steps],
        "never drawn",
    ),
    "counts from one": (
        lambda n_steps, n_actions, repeat, *, rng: np.repeat(
            rng.integers(1, n_actions + 1, size=math.ceil(n_steps / repeat)), repeat
        )[:n_steps],
        "from 0",
    ),
    "global numpy.random": (
        lambda n_steps, n_actions, repeat, *, rng: np.repeat(
            np.random.randint(n_actions, size=math.ceil(n_steps / repeat)),  # noqa: NPY002
            repeat,
        )[:n_steps],
        "numpy.random",
    ),
}
