"""What is asked for becomes requests: every configuration with every seed, checked before anything is trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.algorithms import names
from rlhp.arguments import shown, whole
from rlhp.sweeps._options import Evaluation
from rlhp.trainers import ENGINES, RunRequest, config_rows, counted

__all__ = ["requests_of", "seeds_of"]


def requests_of(
    algorithm: str,
    env_id: str,
    configs: pd.DataFrame | Iterable[Mapping[str, Any]] | Mapping[str, Any] | None = None,
    *,
    steps: int,
    seeds: int | Iterable[int] = 1,
    engine: str = "auto",
    evaluation: Evaluation | int = Evaluation(),
) -> list[RunRequest]:
    """Describe the runs of a sweep: every configuration with every seed, configurations first.

    The options are those of `rlhp.sweep`.

    Raises
    ------
    ValueError
        If anything named is unknown or not allowed, or there is nothing to train.
    TypeError
        If `configs`, `seeds` or `evaluation` is of another kind altogether.
    """
    algorithm = arguments.choice("algorithm", algorithm, names())
    env_id = arguments.text("env_id", env_id, hint="An id such as 'CartPole-v1', or 'module:EnvId'.")
    if not env_id.isprintable():
        raise ValueError(f"`env_id` is {shown(env_id)}; give an id such as 'CartPole-v1', or 'module:EnvId'.")
    engine = arguments.choice("engine", engine, ENGINES)
    evaluated = Evaluation.of(evaluation)
    rows, chosen = config_rows(algorithm, configs), seeds_of(seeds)
    if not rows or not chosen:
        raise ValueError(
            f"nothing to train: `configs` gives {len(rows)} configurations and `seeds` {len(chosen)} seeds; give at "
            f"least one of each."
        )
    steps = counted("steps", steps)
    every, episodes = evaluated.interval(steps), evaluated.episodes
    requests = []
    for row in rows:
        requests += [RunRequest(algorithm, env_id, seed, steps, row, every, episodes, engine) for seed in chosen]
    return requests


def seeds_of(seeds: Any) -> list[int]:
    """Return the seeds that a number of seeds, or several, stand for.

    Raises
    ------
    ValueError
        If it is neither a number of seeds nor several.

    Examples
    --------
    >>> seeds_of(3), seeds_of([7, 8])
    ([0, 1, 2], [7, 8])
    """
    if isinstance(seeds, int | np.integer) and not isinstance(seeds, bool):
        return list(range(whole("seeds", seeds, at_least=0, at_most=1_000_000)))
    several = isinstance(seeds, Iterable) and getattr(seeds, "ndim", 1) > 0
    if isinstance(seeds, str | bytes | Mapping) or not several:
        raise ValueError(f"`seeds` is {shown(seeds)}; give how many (0, 1, ... are taken), or a list of seeds.")
    chosen = []
    for at, seed in enumerate(seeds):
        try:
            chosen.append(counted("seed", seed))
        except ValueError as error:
            raise ValueError(f"`seeds`, item {at}: {error}") from error
    return chosen
