"""Whether a run learns at all: when its first gradient step falls due, and what to change where that is never."""

from __future__ import annotations

from rlhp.trainers.hyperparameters import table
from rlhp.trainers.request import RunRequest

__all__ = ["first_update", "never_updates"]


def first_update(request: RunRequest) -> int | None:
    """Give the environment steps after which a run takes its first gradient step; None if it takes none ever.

    Both engines count alike: PPO and A2C learn from whole rollouts; the others learn after every `train_freq` steps of
    each environment, once more than `learning_starts` steps are in the memory.

    Examples
    --------
    >>> first_update(RunRequest("ppo", "CartPole-v1", 0, 1_000, {}, 100))
    2048
    >>> first_update(RunRequest("dqn", "CartPole-v1", 0, 1_000, {"n_envs": 8}, 100))
    128
    """
    values = {name: what.default for name, what in table(request.algorithm).items()} | dict(request.config)
    if "buffer_size" not in values:
        return int(values["n_steps"] * values["n_envs"])
    if values["gradient_steps"] == 0:
        return None
    every = values["train_freq"] * values["n_envs"]
    return int(every * (values["learning_starts"] // every + 1))


def never_updates(request: RunRequest) -> str:
    """Say why a run takes no gradient step within its steps, and what to change; nothing if it takes one.

    A schedule of `gradient_steps` may come to nothing too: that is known only after training, from `n_updates`.
    """
    first = first_update(request)
    if first is not None and first <= request.steps:
        return ""
    if first is None:
        return "`gradient_steps` is 0; give 1 or more, or -1 for one for each environment step"
    shown = {
        name: request.config.get(name, table(request.algorithm)[name].default)
        for name in ("n_steps", "learning_starts", "train_freq", "n_envs")
        if name in table(request.algorithm)
    }
    if "learning_starts" in shown:
        del shown["n_steps"]  # of the returns, here
    if shown["n_envs"] == 1:
        del shown["n_envs"]
    because = " and ".join(f"`{name}` = {value:,}" for name, value in shown.items())
    *some, last = (f"`{name}`" for name in shown)
    smaller = f"{', '.join(some)} or {last}" if some else last
    return (
        f"with {because} the first gradient step of {request.algorithm} comes at environment step {first:,}, and "
        f"`steps` is {request.steps:,}; give at least {first:,} steps, or a smaller {smaller}"
    )
