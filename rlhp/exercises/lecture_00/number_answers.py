"""What students typically write for return and gradient steps, and a piece of what each is told."""

from __future__ import annotations

import math
from typing import Any

Wrong = dict[str, tuple[Any, str]]

DISCOUNTED_RETURN: Wrong = {
    "plain sum": (lambda rewards, gamma: sum(rewards), "does not use `gamma`"),
    "starts at gamma to the 1": (
        lambda rewards, gamma: sum(gamma ** (t + 1) * r for t, r in enumerate(rewards)),
        "off by one",
    ),
    "discounts backwards": (
        lambda rewards, gamma: sum(gamma**t * r for t, r in enumerate(reversed(rewards))),
        "the last reward counts in full",
    ),
    "gamma once for all": (lambda rewards, gamma: gamma * sum(rewards), "the same weight"),
    "gamma times t": (
        lambda rewards, gamma: sum(gamma * t * r for t, r in enumerate(rewards)),
        "power",
    ),
    "the mean": (
        lambda rewards, gamma: sum(gamma**t * r for t, r in enumerate(rewards)) / len(rewards),
        "sum, not a mean",
    ),
    "one weighted reward a step": (
        lambda rewards, gamma: [gamma**t * r for t, r in enumerate(rewards)],
        "one number",
    ),
}


def _updates(
    rollouts: Any = math.ceil, minibatches: Any = math.ceil, envs: bool = True, epochs: bool = True, every: bool = True
) -> Any:
    """Build one of the typical wrong counts."""

    def answer(steps: int, n_envs: int, n_steps: int, batch_size: int, n_epochs: int) -> Any:
        rollout = n_envs * n_steps if envs else n_steps
        count = rollouts(steps / rollout) * (n_epochs if epochs else 1)
        return count * minibatches(rollout / batch_size) if every else count

    return answer


GRADIENT_STEPS: Wrong = {
    "rollouts rounded down": (_updates(rollouts=math.floor), "rounds the number of rollouts down"),
    "rollouts not rounded": (_updates(rollouts=float), "a part of a rollout"),
    "one environment": (_updates(envs=False), "n_envs"),
    "no epochs": (_updates(epochs=False), "n_epochs"),
    "one minibatch an epoch": (_updates(every=False), "minibatch"),
    "rest minibatch lost": (_updates(minibatches=math.floor), "rest of a rollout"),
}
