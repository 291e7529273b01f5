"""`rlhp.sweep` and `rlhp.train`: ask for runs, wait with a progress bar, get `Runs`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from rlhp import arguments
from rlhp.runs import Runs
from rlhp.sweeps._requests import requests_of
from rlhp.sweeps._session import Session
from rlhp.sweeps._watch import watch
from rlhp.sweeps.executors._here import Logging
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
    eval_every: int | None = None,
    eval_episodes: int = 10,
    out: str | Path | None = None,
    workers: int | None = None,
    progress: bool = True,
    retry_failed: bool = False,
    keep_policies: bool = False,
    time_limit: float | None = None,
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
    eval_every, eval_episodes : int
        A greedy evaluation over `eval_episodes` episodes on environments of its own every `eval_every` environment
        steps (default: a tenth of `steps`), and one at `steps`.
    out : path, optional
        Folder to keep the runs in. The same call again trains only what is missing; `Runs.load(out)` reads it.
    workers : int, optional
        Worker processes of stable-baselines3, by default one per core; 0 trains in this process, one run after the
        other. The compiled engine needs none: it uses all cores from this process.
    progress : bool
        Show a progress bar with an estimate of the time left.
    retry_failed : bool
        Train runs again that failed before; otherwise a failed run is a result like any other.
    keep_policies : bool
        Keep each run's final policy as ``out/policies/<run_id>.zip``; `Runs.policy` gives it.
    time_limit : float, optional
        Seconds of wall-clock time a run may take; one that is not done then ends as `failed`, with what was evaluated.
        A process that hangs is ended. In this process (``workers=0``) a run is interrupted where Python can be. Of a
        compiled run the time counts in which it is trained: not compiling, and not waiting while others take their
        turn. A run of which nothing is heard for a minute is warned of in any case.

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
    if arguments.flag("keep_policies", keep_policies) and out is None:
        raise ValueError("`keep_policies` needs a place to keep them; give `out=`.")
    progress = arguments.flag("progress", progress)
    requests = requests_of(
        algorithm,
        env_id,
        configs,
        steps=steps,
        seeds=seeds,
        engine=engine,
        eval_every=eval_every,
        eval_episodes=eval_episodes,
    )
    session = Session(
        requests,
        out=out,
        workers=workers,
        retry_failed=retry_failed,
        keep_policies=keep_policies,
        time_limit=time_limit,
    )
    return watch(session, progress)


def train(
    algorithm: str,
    env_id: str,
    config: Mapping[str, Any] | None = None,
    *,
    steps: int,
    seed: int = 0,
    engine: str = "auto",
    eval_every: int | None = None,
    eval_episodes: int = 10,
    out: str | Path | None = None,
    progress: bool = True,
    keep_policy: bool = False,
    tensorboard: str | Path | None = None,
    checkpoint_every: int | None = None,
    resume: str | Path | None = None,
    time_limit: float | None = None,
) -> Runs:
    """Train one run, in this process: a sweep of one.

    Parameters
    ----------
    algorithm, env_id, config, steps, seed, engine, eval_every, eval_episodes, out, progress, time_limit
        As in `sweep`, with ``workers=0``.
    keep_policy : bool
        Keep the final policy as ``out/policies/<run_id>.zip``, for `rlhp.load_policy`.
    tensorboard : path, optional
        Folder for TensorBoard's event files.
    checkpoint_every : int, optional
        Environment steps between checkpoints, written to ``out/checkpoints/<run_id>``: the model, the evaluations so
        far and, in the newest, everything needed to go on.
    resume : path, optional
        A checkpoint, or a folder of checkpoints of which the newest is taken, to go on from. Where the environment
        can be pickled, the curve is the one of the uninterrupted run. The files are unpickled: trust them.

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
    progress, keep_policy = arguments.flag("progress", progress), arguments.flag("keep_policy", keep_policy)
    if checkpoint_every is not None:
        checkpoint_every = arguments.whole("checkpoint_every", checkpoint_every, at_least=1, hint="Environment steps.")
    places = {"out": out, "tensorboard": tensorboard, "resume": resume}
    out, tensorboard, resume = (None if one is None else arguments.path(name, one) for name, one in places.items())
    if out is None and (keep_policy or checkpoint_every is not None):
        raise ValueError("policies and checkpoints need a place to be kept; give `out=`.")
    if resume is not None and not resume.exists():
        raise ValueError(f"`resume` is {resume}, where nothing is; give a folder that `checkpoint_every=` wrote to.")
    only_sb3 = {"tensorboard": tensorboard, "checkpoint_every": checkpoint_every, "resume": resume}
    wanted = [name for name, value in only_sb3.items() if value is not None]
    if wanted and engine == "jax":
        raise ValueError(f"engine='jax' has no `{wanted[0]}`; leave it out, or give engine='sb3'.")
    requests = requests_of(
        algorithm,
        env_id,
        config,
        steps=steps,
        seeds=[seed],
        engine="sb3" if wanted else engine,
        eval_every=eval_every,
        eval_episodes=eval_episodes,
    )
    session = Session(
        requests,
        out=out,
        workers=0,
        retry_failed=resume is not None,
        keep_policies=keep_policy,
        time_limit=time_limit,
        logging=Logging(tensorboard=tensorboard, checkpoint_every=checkpoint_every, resume=resume),
    )
    return watch(session, progress)
