"""What students typically write for 02.n_step_target, and a piece of what each is told."""

from collections.abc import Callable
from typing import Any


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


# %% one discount for the value: "as if it were one step away"
n_step_target = _target(value=lambda value, n, gamma: gamma * value)

# %% value not discounted: "not discounted at all"
n_step_target = _target(value=lambda value, n, gamma: value)

# %% one discount short: "off by one"
n_step_target = _target(value=lambda value, n, gamma: gamma ** (n - 1) * value)

# %% no value: "leaves the value out"
n_step_target = _target(value=lambda value, n, gamma: 0.0)

# %% rewards not discounted: "not discounted"
n_step_target = _target(reward=lambda reward, k, gamma: reward)

# %% first reward discounted: "first reward is discounted"
n_step_target = _target(reward=lambda reward, k, gamma: gamma ** (k + 1) * reward)


# %% one step only: "only the first reward"
def n_step_target(rewards, terminated, value, gamma):
    return rewards[0] + (0.0 if terminated[0] else gamma * value)


# %% bootstraps past the end: "value of a state that the episode never reached"
n_step_target = _target(stop="never")

# %% rewards of the next episode: "next episode"
n_step_target = _target(stop="rewards")

# %% drops the last reward: "reward of the step that ended it"
n_step_target = _target(stop="before")
