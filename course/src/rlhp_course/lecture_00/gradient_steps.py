"""Exercise 00.gradient_steps. How often does the network change?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rlhp.exercises import expect
from rlhp.exercises.declare import checks, exercise

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def _picture(ax: Axes) -> str:
    """Draw the rollouts that a budget of steps takes."""
    for rollout in range(3):
        ax.broken_barh([(rollout * 256, 256)], (0, 1), facecolors=("C0", "C1")[rollout % 2], alpha=0.6)
        ax.text(rollout * 256 + 128, 0.35, f"rollout {rollout + 1}\n256 steps", ha="center", va="center")
    ax.axvline(600, ymin=0.4, ymax=0.84, color="black", linestyle="--")
    ax.annotate("steps = 600", (600, 1.02), ha="center", va="bottom")
    ax.set(xlabel="environment steps (n_envs = 8, n_steps = 32)", yticks=[], ylim=(0, 1.2))
    return (
        "Asked for 600 environment steps with 8 environments of 32 steps, PPO plays three whole rollouts of 256 steps, "
        "so it goes on to step 768."
    )


exercise(
    "00.gradient_steps",
    title="How often does the network change?",
    hints=(
        "One rollout is `n_envs * n_steps` environment steps.",
        (
            "PPO never stops in the middle of a rollout: 600 steps with rollouts of 256 need 3 rollouts, not "
            "2 and not 2.34."
        ),
        "In each epoch the rollout is cut into minibatches of `batch_size`; a smaller rest is a minibatch too.",
        "`math.ceil(a / b)` rounds up; `a // b` rounds down.",
    ),
    picture=_picture,
)


@checks("00.gradient_steps", "rollouts, epochs and minibatches", weight=2)
def _count_updates(answer: Any) -> None:
    expect.close(
        answer(10_000, 4, 128, 64, 10),
        1600,
        "`gradient_steps(10_000, n_envs=4, n_steps=128, batch_size=64, n_epochs=10)`",
        mistakes=(
            (1520, "That rounds the number of rollouts down (`//`): PPO finishes the rollout it began, so round up."),
            (1562.5, "That counts a part of a rollout; PPO finishes the rollout it began, so round up."),
            (1580, "A rollout is `n_steps` in *each* of the environments: `n_envs` is missing."),
            (160, "Each rollout is used `n_epochs` times."),
            (200, "Each epoch has a gradient step for every minibatch of `batch_size`, not one in all."),
        ),
    )


@checks("00.gradient_steps", "a small last minibatch counts as well")
def _rest(answer: Any) -> None:
    expect.close(
        answer(100, 1, 100, 64, 1),
        2,
        "`gradient_steps(100, n_envs=1, n_steps=100, batch_size=64, n_epochs=1)`",
        mistakes=(
            (
                1,
                "100 transitions are a minibatch of 64 and one of 36: the rest of a rollout is a minibatch too, so "
                "round up.",
            ),
        ),
    )
