"""What students typically write for the exercises on ratio, noise and target, and a piece of what each is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Wrong = dict[str, tuple[Any, str]]

REPLAY_RATIO: Wrong = {
    "upside down": (
        lambda batch_size, train_freq, gradient_steps=1, n_envs=1: train_freq * n_envs / (batch_size * gradient_steps),
        "upside down",
    ),
    "one gradient step": (
        lambda batch_size, train_freq, gradient_steps=1, n_envs=1: batch_size / (train_freq * n_envs),
        "`gradient_steps` is missing",
    ),
    "one environment": (
        lambda batch_size, train_freq, gradient_steps=1, n_envs=1: batch_size * gradient_steps / train_freq,
        "`n_envs` is missing",
    ),
    "environments on the wrong side": (
        lambda batch_size, train_freq, gradient_steps=1, n_envs=1: batch_size * gradient_steps / train_freq * n_envs,
        "more environments collect more",
    ),
    "transitions of a round": (
        lambda batch_size, train_freq, gradient_steps=1, n_envs=1: batch_size * gradient_steps,
        "of one round",
    ),
    "updates, not transitions": (
        lambda batch_size, train_freq, gradient_steps=1, n_envs=1: gradient_steps / (train_freq * n_envs),
        "counts updates",
    ),
    "multiplied by the frequency": (
        lambda batch_size, train_freq, gradient_steps=1, n_envs=1: batch_size * gradient_steps * train_freq / n_envs,
        "train_freq` is in the numerator",
    ),
    "gradient steps on the wrong side": (
        lambda batch_size, train_freq, gradient_steps=1, n_envs=1: batch_size / (train_freq * gradient_steps * n_envs),
        "more gradient steps learn from more",
    ),
    "whole numbers": (
        lambda batch_size, train_freq, gradient_steps=1, n_envs=1: batch_size * gradient_steps // (train_freq * n_envs),
        "`//`",
    ),
}


def _noise(
    draw: Callable[..., Any] | None = None,
    average: Callable[[Any], Any] = lambda batches: batches.mean(axis=1),
    centre: Callable[[Any], Any] = lambda gradients: gradients.mean(axis=0),
    distance: Callable[[Any], Any] = lambda off: np.sqrt((off**2).sum(axis=-1).mean()),
) -> Callable[..., Any]:
    """Build a wrong `gradient_noise`: the right one with one part replaced."""

    def with_replacement(gradients: Any, batch_size: int, n_batches: int, rng: Any) -> Any:
        return rng.integers(len(gradients), size=(n_batches, batch_size))

    def answer(gradients: Any, batch_size: int, n_batches: int, *, rng: Any) -> Any:
        drawn = (draw or with_replacement)(gradients, batch_size, n_batches, rng)
        return distance(average(gradients[drawn]) - centre(gradients))

    return answer


GRADIENT_NOISE: Wrong = {
    "a single batch": (
        _noise(draw=lambda gradients, batch_size, n, rng: rng.integers(len(gradients), size=(1, batch_size))),
        "single batch",
    ),
    "global numpy.random": (
        _noise(
            draw=lambda gradients, size, n, rng: np.random.randint(len(gradients), size=(n, size))  # noqa: NPY002
        ),
        "numpy.random",
    ),
    "the first examples": (
        _noise(draw=lambda gradients, size, n, rng: np.arange(n * size).reshape(n, size) % len(gradients)),
        "whatever `rng`",
    ),
    "sum over the batch": (_noise(average=lambda batches: batches.sum(axis=1)), "sum of a batch"),
    "batches of one": (
        _noise(draw=lambda gradients, size, n, rng: rng.integers(len(gradients), size=(n, 1))),
        "single examples",
    ),
    "averaged over the batches": (_noise(average=lambda batches: batches.mean(axis=0)), "over the batches"),
    "not centred": (_noise(centre=lambda gradients: 0.0), "distance from 0"),
    "no square root": (_noise(distance=lambda off: (off**2).sum(axis=-1).mean()), "square root"),
    "mean over the parameters": (_noise(distance=lambda off: np.sqrt((off**2).mean())), "over the parameters"),
    "mean distance": (_noise(distance=lambda off: np.sqrt((off**2).sum(axis=-1)).mean()), "root of the mean"),
    "signed differences": (_noise(distance=lambda off: off.sum(axis=-1).mean()), "cancel"),
}


def _target(
    *,
    reward: Callable[[float, int, float], float] = lambda reward, k, gamma: gamma**k * reward,
    value: Callable[[float, int, float], float] = lambda value, n, gamma: gamma**n * value,
    stop: str = "after",
) -> Callable[..., float]:
    """Build a wrong `n_step_target`; `stop`: where the sum ends when an episode does (after, before, never)."""

    def answer(rewards: Any, terminated: Any, bootstrap: float, gamma: float) -> float:
        total = 0.0
        for k, (one, end) in enumerate(zip(rewards, terminated, strict=True)):
            if end and stop == "before":
                return total
            total += reward(one, k, gamma)
            if end and stop == "after":
                return total
        if stop == "rewards" and any(terminated):
            return total
        return total + value(bootstrap, len(rewards), gamma)

    return answer


N_STEP_TARGET: Wrong = {
    "one discount for the value": (
        _target(value=lambda value, n, gamma: gamma * value),
        "as if it were one step away",
    ),
    "value not discounted": (_target(value=lambda value, n, gamma: value), "not discounted at all"),
    "one discount short": (_target(value=lambda value, n, gamma: gamma ** (n - 1) * value), "off by one"),
    "no value": (_target(value=lambda value, n, gamma: 0.0), "leaves the value out"),
    "rewards not discounted": (_target(reward=lambda reward, k, gamma: reward), "not discounted"),
    "first reward discounted": (
        _target(reward=lambda reward, k, gamma: gamma ** (k + 1) * reward),
        "first reward is discounted",
    ),
    "one step only": (
        lambda rewards, terminated, value, gamma: rewards[0] + (0.0 if terminated[0] else gamma * value),
        "only the first reward",
    ),
    "bootstraps past the end": (_target(stop="never"), "value of a state that the episode never reached"),
    "rewards of the next episode": (_target(stop="rewards"), "next episode"),
    "drops the last reward": (_target(stop="before"), "reward of the step that ended it"),
}
