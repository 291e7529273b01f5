"""Whether a run learns at all: when its first gradient step falls due, and what to change where that is never."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from rlhp.algorithms import declared, defaults, names
from rlhp.frames import HP
from rlhp.runs import Runs
from rlhp.trainers._configurations import check_config
from rlhp.trainers._request import RunRequest

__all__ = ["first_update", "never_updated", "never_updates"]


# What decides when the first gradient step falls due, besides how long an iteration is.
_DECIDING = {"learning_starts", "gradient_steps"}


def first_update(algorithm: str, config: Mapping[str, Any]) -> int | None:
    """Return the environment steps after which a run takes its first gradient step; None if it takes none ever.

    Parameters
    ----------
    algorithm : str
    config : mapping
        Hyperparameters as `check_config` gives them.

    Both engines count alike: an algorithm learns after each iteration, whose length its declaration says; one with a
    replay memory once more than `learning_starts` steps are in it.

    Examples
    --------
    >>> first_update("ppo", {}), first_update("dqn", {"n_envs": 8})
    (2048, 128)
    """
    values = defaults(algorithm) | dict(config)
    every = math.prod(int(values[name]) for name in declared(algorithm).iteration)
    if values.get("gradient_steps") == 0:
        return None
    if "learning_starts" not in values:
        return every
    return every * (int(values["learning_starts"]) // every + 1)


def never_updates(request: RunRequest) -> str:
    """Return why a run takes no gradient step within its steps, and what to change; nothing if it takes one.

    A schedule of `gradient_steps` may come to nothing too: that is known only after training, from `n_updates`.
    """
    first = first_update(request.algorithm, request.config)
    if first is not None and first <= request.steps:
        return ""
    if first is None:
        return "`gradient_steps` is 0; give 1 or more, or -1 for one for each environment step"
    values = defaults(request.algorithm) | dict(request.config)
    deciding = [name for name in ("learning_starts", *declared(request.algorithm).iteration) if name in values]
    shown = {name: values[name] for name in deciding if name != "n_envs" or values[name] > 1}
    because = " and ".join(f"`{name}` = {value:,}" for name, value in shown.items())
    *some, last = (f"`{name}`" for name in shown)
    smaller = f"{', '.join(some)} or {last}" if some else last
    return (
        f"with {because} the first gradient step of {request.algorithm} comes at environment step {first:,}, and "
        f"`steps` is {request.steps:,}; give at least {first:,} steps, or a smaller {smaller}"
    )


def never_updated(runs: Runs) -> list[str]:
    """Return the ids of the runs that took no gradient step, also where nobody counted.

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
    uncounted = uncounted[uncounted["algorithm"].isin(names())]
    found = set(table_of.index[table_of["n_updates"] == 0])
    iterations = {name for one in uncounted["algorithm"].unique() for name in declared(one).iteration}
    asked = [name for name in runs.hyperparameters if name in _DECIDING | iterations]
    deciding = ["algorithm", "steps", *(f"{HP}{name}" for name in asked)]
    for values, group in uncounted.groupby(deciding, dropna=False):
        whole: tuple[Any, ...] = values
        algorithm, steps, *cells = whole
        known = defaults(str(algorithm))
        config = {name: cell for name, cell in zip(asked, cells, strict=True) if name in known and not pd.isna(cell)}
        first = first_update(str(algorithm), check_config(str(algorithm), config))
        if first is None or first > steps:
            found |= set(group.index)
    return [name for name in table_of.index if name in found]
