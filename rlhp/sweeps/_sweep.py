"""`rlhp.sweep` and `rlhp.train`: ask for runs, wait with a progress bar, get `Runs`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from rlhp import arguments
from rlhp.runs import Runs
from rlhp.sweeps._options import Evaluation, Execution, Logging
from rlhp.sweeps._requests import requests_of
from rlhp.sweeps._session import Session
from rlhp.sweeps._watch import watch
from rlhp.trainers import ENGINES

__all__ = ["sweep", "train"]


def sweep(
    algorithm: str,
    env_id: str,
    configs: pd.DataFrame | Iterable[Mapping[str, Any]] | Mapping[str, Any] | None = None,
    *,
    steps: int,
    seeds: int | Iterable[int] = 1,
    engine: str = "auto",
    evaluation: Evaluation | int = Evaluation(),
    out: str | Path | None = None,
    execution: Execution = Execution(),
) -> Runs:
    """Train every configuration with every seed.

    Parameters
    ----------
    algorithm : str
        One of `rlhp.algorithms.names()`.
    env_id : str
        A registered Gymnasium environment; ``"module:EnvId"`` imports `module` first, for environments of your own.
    configs : DataFrame, list of mappings, or mapping
        Hyperparameters, one row or mapping per configuration; what is not named keeps its default. A value may be a
        schedule from `rlhp.schedules`.
    steps : int
        Environment steps of each run.
    seeds : int or iterable of int
        How many seeds (0, 1, ...), or which.
    engine : {"auto", "jax", "sb3"}
        What trains: the compiled engine, which trains many runs with one program, or stable-baselines3, which knows
        every Gymnasium environment. ``"auto"`` takes the first where it has the algorithm, the environment and all that
        is asked for; the column `engine` of the result says which it was.
    evaluation : Evaluation or int
        When a run is evaluated and over how many episodes: ``evaluation=500`` is every 500 environment steps, over ten.
        By default it is every tenth of `steps`.
    out : path, optional
        Folder to keep the runs in. The same call again trains only what is missing; `Runs.load(out)` reads it.
    execution : Execution
        How it is carried out and what is kept: progress bar, worker processes, a time limit for each run, policies,
        whether failed runs are trained again. None of it changes what a run learns.

    Returns
    -------
    Runs
        In the order of `configs`, then `seeds`. Runs that diverged or failed are rows too, and are warned of; so are
        runs that are too short for a single gradient step (`n_updates` is 0), before anything is trained.
        A run gives the same evaluations, to the last bit, however busy the machine is and whatever is trained beside
        it, in every process with the same versions of the libraries on the same kind of processor.
        Ctrl-C warns and returns the runs finished so far.

    Raises
    ------
    ValueError
        If anything asked for is unknown or not allowed; nothing has been trained then.
    TypeError
        If an argument is of another kind altogether.
    RuntimeError
        If the sweep cannot go on (the disk is full, workers do not start); what was finished is kept in `out`.

    Examples
    --------
    >>> runs = rlhp.sweep("dqn", "CartPole-v1", [{"gamma": 0.9}, {"gamma": 0.99}],
    ...                   steps=20_000, seeds=4, out="results/gamma")  # doctest: +SKIP
    """
    how = Execution.of(execution)
    if how.keep_policies and out is None:
        raise ValueError("`execution.keep_policies` needs a place to keep them; give `out=`.")
    requests = requests_of(algorithm, env_id, configs, steps=steps, seeds=seeds, engine=engine, evaluation=evaluation)
    session = Session(requests, out=out, execution=how)
    return watch(session, how.progress)


def train(
    algorithm: str,
    env_id: str,
    config: Mapping[str, Any] | None = None,
    *,
    steps: int,
    seed: int = 0,
    engine: str = "auto",
    evaluation: Evaluation | int = Evaluation(),
    out: str | Path | None = None,
    execution: Execution = Execution(),
    logging: Logging = Logging(),
) -> Runs:
    """Train one run, in this process: a sweep of one.

    Parameters
    ----------
    algorithm, env_id, config, steps, seed, engine, evaluation, out, execution
        As in `sweep`, where `execution.workers` is 0.
    logging : Logging
        What stable-baselines3 leaves behind while it trains, event files for TensorBoard and checkpoints, and the
        checkpoint that it goes on from.

    Returns
    -------
    Runs
        One run. One that diverged or failed is a row too, and is warned of.

    Raises
    ------
    ValueError
        If anything asked for is unknown or not allowed.
    TypeError
        If an argument is of another kind altogether.
    RuntimeError
        If the disk refuses what is to be kept.

    Examples
    --------
    >>> runs = rlhp.train("ppo", "CartPole-v1", {"n_envs": 8}, steps=20_000)  # doctest: +SKIP
    """
    if config is not None:
        config = arguments.mapping("config", config)
    seed = arguments.whole("seed", seed, at_least=0)
    engine = arguments.choice("engine", engine, ENGINES)
    how = Execution.of(execution)
    if how.workers:
        raise ValueError(
            f"`execution.workers` is {how.workers}, and a single run trains in this process; leave it out."
        )
    if how.executor != "local":
        raise ValueError(
            f"`execution.executor` is {how.executor!r}, and a single run trains in this process; leave it out, or ask "
            f"`rlhp.sweep` for one seed."
        )
    wanted = Logging.of(logging)
    out = None if out is None else arguments.path("out", out)
    if out is None and (how.keep_policies or wanted.checkpoint_every is not None):
        raise ValueError("policies and checkpoints need a place to be kept; give `out=`.")
    if wanted.resume is not None and not Path(wanted.resume).exists():
        raise ValueError(
            f"`logging.resume` is {wanted.resume}, where nothing is; give a folder that `checkpoint_every` wrote to."
        )
    if wanted.asked and engine == "jax":
        raise ValueError(f"engine='jax' has no `logging.{wanted.asked[0]}`; leave it out, or give engine='sb3'.")
    requests = requests_of(
        algorithm,
        env_id,
        config,
        steps=steps,
        seeds=[seed],
        engine="sb3" if wanted.asked else engine,
        evaluation=evaluation,
    )
    here = replace(how, workers=0, retry_failed=how.retry_failed or wanted.resume is not None)
    return watch(Session(requests, out=out, execution=here, logging=wanted), how.progress)
