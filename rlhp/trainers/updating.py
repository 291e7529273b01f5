"""Whether a run learns at all: when its first gradient step falls due, and what to change where that is never."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from rlhp.frames import HP
from rlhp.runs import Runs
from rlhp.trainers.configurations import check_config
from rlhp.trainers.hyperparameters import algorithms, table
from rlhp.trainers.request import RunRequest

__all__ = ["first_update", "never_updated", "never_updates"]


# What decides when the first gradient step falls due.
_DECIDING = ("n_steps", "n_envs", "learning_starts", "train_freq", "gradient_steps")


def first_update(algorithm: str, config: Mapping[str, Any]) -> int | None:
    """Give the environment steps after which a run takes its first gradient step; None if it takes none ever.

    Parameters
    ----------
    algorithm : str
    config : mapping
        Hyperparameters as `check_config` gives them.

    Both engines count alike: PPO and A2C learn from whole rollouts; the others learn after every `train_freq` steps of
    each environment, once more than `learning_starts` steps are in the memory.

    Examples
    --------
    >>> first_update("ppo", {}), first_update("dqn", {"n_envs": 8})
    (2048, 128)
    """
    values = {name: what.default for name, what in table(algorithm).items()} | dict(config)
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
    first = first_update(request.algorithm, request.config)
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


def never_updated(runs: Runs) -> list[str]:
    """Give the ids of the runs that took no gradient step, also where nobody counted.

    Where `n_updates` is not known, as in tables that were measured before it was kept, it is told from the run's
    hyperparameters, if the algorithm is one of ours. Runs that did not finish and were not counted are left out.

    Examples
    --------
    >>> runs = Runs.from_table([{"n_steps": 8}, {"n_steps": 64}], [1.0, 2.0], algorithm="ppo", steps=20)
    >>> len(never_updated(runs))
    1
    """
    table_of = runs.table
    uncounted = table_of[table_of["n_updates"].isna() & (table_of["status"] == "finished")]
    uncounted = uncounted[uncounted["algorithm"].isin(algorithms())]
    found = set(table_of.index[table_of["n_updates"] == 0])
    names = [name for name in runs.hyperparameters if name in _DECIDING]
    deciding = ["algorithm", "steps", *(f"{HP}{name}" for name in names)]
    for values, group in uncounted.groupby(deciding, dropna=False):
        whole: tuple[Any, ...] = values
        algorithm, steps, *cells = whole
        known = table(str(algorithm))
        config = {name: cell for name, cell in zip(names, cells, strict=True) if name in known and not pd.isna(cell)}
        first = first_update(str(algorithm), check_config(str(algorithm), config))
        if first is None or first > steps:
            found |= set(group.index)
    return [name for name in table_of.index if name in found]
