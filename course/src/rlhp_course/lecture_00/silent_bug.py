"""Exercise 00.silent_bug. Find the silent bug: an evaluation that never varies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the returns of five episodes, buggy and repaired."""
    ax.plot([1, 2, 3, 4, 5], [42, 42, 42, 42, 42], "x", color="C1", label="buggy: always the same")
    ax.plot([1, 2, 3, 4, 5], [42, 31, 55, 38, 47], "o", color="C0", label="repaired: they differ")
    ax.set(xlabel="episode", ylabel="return", ylim=(0, 80), xticks=range(1, 6))
    ax.legend()
    return (
        "Returns of five episodes: the buggy evaluation gives the same return five times, the repaired one gives five "
        "different returns."
    )


exercise(
    "00.silent_bug",
    title="Find the silent bug: an evaluation that never varies",
    hints=(
        "Print all returns instead of their mean. What is odd about them?",
        "What does `env.reset(seed=...)` do to the environment's random numbers?",
        "Gymnasium's rule: give the seed at the *first* reset only; later resets go on from there.",
    ),
    picture=_picture,
)


class _Walk:
    """A tiny environment: the start is drawn at reset, each step earns it, and some episodes end by a time limit."""

    def __init__(self) -> None:
        self.seeds: list[int | None] = []
        self._rng = np.random.default_rng()
        self._over = True

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        self.seeds.append(seed)
        if seed is not None:
            self._rng = np.random.default_rng(seed)
        self._start, self._t, self._over = float(self._rng.integers(1, 1_000_000)), 0, False
        return np.array([self._start]), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        if self._over:
            expect.fail(
                "An episode was stepped after its end: it is over when it is `terminated` *or* `truncated` (time "
                "limit), and the next one begins with `env.reset()`."
            )
        self._t += 1
        terminated = self._t == 3 and self._start % 2 == 0
        truncated = self._t == 5
        self._over = terminated or truncated
        return np.array([self._start]), self._start, terminated, truncated, {}


def _act(observation: Any) -> int:
    return 0


def _returns(answer: Any, env: _Walk, seed: int) -> list[float]:
    returns = answer(_act, env, 6, seed)
    if np.ndim(returns) == 0:
        expect.fail("Give back a list with the return of every episode, as the buggy version does, not one number.")
    return list(returns)


@checks("00.silent_bug", "one return for each episode")
def _one_each(answer: Any) -> None:
    returns = _returns(answer, _Walk(), 0)
    expect.true(len(returns) == 6, f"With `n_episodes=6` there should be 6 episodes, not {len(returns)}.")


@checks("00.silent_bug", "the episodes are different ones", weight=2)
def _different(answer: Any) -> None:
    env = _Walk()
    returns = _returns(answer, env, 0)
    expect.true(
        len(set(returns)) > 1,
        "All six returns are equal: every reset starts the same episode again, so six episodes tell no more than one. "
        f"`env.reset` was called with the seeds {env.seeds}.",
    )


@checks("00.silent_bug", "the same seed gives the same returns")
def _reproducible(answer: Any) -> None:
    env = _Walk()
    first, second = _returns(answer, env, 3), _returns(answer, _Walk(), 3)
    expect.true(
        any(seed is not None for seed in env.seeds),
        (
            "The seed was never given to the environment, so nobody can repeat this evaluation: pass it to the first "
            "reset."
        ),
    )
    expect.true(first == second, "Twice the same seed gave different returns: where else does chance come in?")
    expect.true(
        first != _returns(answer, _Walk(), 4),
        "Another seed gave the very same returns: use the `seed` that is passed in, not one of your own.",
    )
