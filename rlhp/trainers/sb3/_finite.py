"""Environments of which it is known when they give something that is not finite: nothing can be learned from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np

from rlhp.arguments import shown

__all__ = ["Finite", "NotFiniteError"]


class NotFiniteError(ArithmeticError):
    """An environment gave an observation or a reward that is not finite; the message says which."""


class Finite(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Raises where an observation or a reward is not finite, or a reward no number, before an agent sees it.

    Without it one NaN passes through running statistics or a replay memory into the weights, and the run seems to have
    diverged by its hyperparameters.
    """

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Reset, and check the observation."""
        observation, info = self.env.reset(seed=seed, options=options)
        _check(observation, "at a reset")
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take a step, and check what comes of it."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        # The first question is the quick one, which nearly every step ends with.
        if not (isinstance(reward, float | int) and math.isfinite(reward)):
            number = np.asarray(reward)
            if number.dtype.kind not in "biuf" or number.size != 1:
                raise TypeError(f"the environment gave the reward {shown(reward)}, which is not a number")
            if not np.isfinite(number).all():
                raise NotFiniteError(f"the environment gave the reward {reward}")
        _check(observation, "")
        return observation, reward, terminated, truncated, info


def _check(observation: Any, when: str) -> None:
    for name, part in observation.items() if isinstance(observation, Mapping) else [("", observation)]:
        values = np.asarray(part)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            wrong = values[~np.isfinite(values)].flat[0]
            where = f" in its part `{name}`" if name else ""
            raise NotFiniteError(f"the environment gave an observation with {wrong}{where} {when}".rstrip())
