"""`rlhp.sweep` and `rlhp.train`: ask for runs, wait with a progress bar, get `Runs`."""

from __future__ import annotations

import contextlib
import dataclasses
import sys
import tempfile
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm.auto import tqdm

from rlhp import arguments
from rlhp.errors import KeepingError
from rlhp.runs import Runs, concat
from rlhp.sweep.compiled import train_compiled
from rlhp.sweep.session import Sweep, in_order, limit_of, need_sb3, provenance, requests_of
from rlhp.sweep.silence import Silence
from rlhp.sweep.store import Store
from rlhp.trainers.engines import ENGINES
from rlhp.trainers.request import RunRequest
from rlhp.trainers.updating import never_updates

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
        What trains: the compiled engine, which trains many runs as one program, or stable-baselines3, which knows every
        Gymnasium environment. ``"auto"`` takes the first where it has the algorithm, the environment and all that is
        asked for; the column `engine` of the result says which it was.
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
        A process that hangs is ended. In this process (``workers=0``) a run is interrupted where Python can be. Runs
        that are compiled together have their time together, compiling included. A run of which nothing is heard for a
        minute is warned of in any case.

    Returns
    -------
    Runs
        In the order of `configs`, then `seeds`. Runs that diverged or failed are rows too, and are warned of; so are
        runs that are too short for a single gradient step (`n_updates` is 0), before anything is trained.
        The same call gives the same evaluations, to the last bit and however busy the machine is, in every process with
        the same versions of the libraries on the same kind and number of processors. In the compiled engine that holds
        for the same runs side by side: where `out` holds some of them, the rest may round differently.
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
    asked: dict[str, Any] = {
        "steps": steps,
        "seeds": seeds,
        "engine": engine,
        "eval_every": eval_every,
        "eval_episodes": eval_episodes,
    }
    kept: dict[str, Any] = {
        "out": None if out is None else arguments.path("out", out),
        "retry_failed": arguments.flag("retry_failed", retry_failed),
        "keep_policies": arguments.flag("keep_policies", keep_policies),
        "time_limit": limit_of(time_limit),
    }
    progress = arguments.flag("progress", progress)
    if workers is not None:
        workers = arguments.whole("workers", workers, at_least=0, hint="Processes; 0 trains in this one.")
    if workers == 0:
        return _train_here(requests_of(algorithm, env_id, configs, **asked), **kept, progress=progress)
    return _watch(Sweep(algorithm, env_id, configs, **asked, **kept, workers=workers), progress)


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
    return _train_here(
        requests,
        out=out,
        retry_failed=resume is not None,
        keep_policies=keep_policy,
        progress=progress,
        time_limit=limit_of(time_limit),
        tensorboard=tensorboard,
        checkpoint_every=checkpoint_every,
        resume=resume,
    )


def _train_here(
    requests: list[RunRequest],
    *,
    out: Path | None,
    retry_failed: bool,
    keep_policies: bool,
    time_limit: float | None,
    progress: bool,
    **logging: Any,
) -> Runs:
    """Train in this process: compiled batches first, then with stable-baselines3 one run after the other."""
    compiled = [request for request in requests if request.engine == "jax"]
    others = [request for request in requests if request.engine == "sb3"]
    if others:
        need_sb3()
        from rlhp.sweep.alone import train_alone
    expected = _warn_of_no_updates(requests)
    with tempfile.TemporaryDirectory(prefix="rlhp-") as temporary:
        store = Store(temporary if out is None else out)
        store.acquire()
        try:
            names = [request.run_id for request in requests]
            held = store.held(names, retry_failed=retry_failed, need_policies=keep_policies)
            parts = [] if held is None else [held]
            done = set() if held is None else set(held.table.index)
            store.note(provenance(requests))

            def hear(event: dict[str, Any]) -> None:
                silence.hear(event)
                bar.on_event(event)

            def add(runs: Runs) -> None:
                parts.append(runs)
                done.update(runs.table.index)
                for name in runs.table.index:
                    hear({"event": "finished", "run_id": name})

            with _Bar(requests, progress) as bar, Silence(requests, bar.on_event) as silence:
                for name in done:
                    bar.on_event({"event": "held", "run_id": name})
                try:
                    train_compiled(
                        [request for request in compiled if request.run_id not in done],
                        store,
                        keep_policies=keep_policies,
                        time_limit=time_limit,
                        on_event=hear,
                        on_runs=add,
                        should_stop=lambda: False,
                    )
                    for request in others:
                        if request.run_id not in done:
                            options = {"policy": store.policy(request.run_id) if keep_policies else None, **logging}
                            options["checkpoints"] = store.checkpoints / request.run_id
                            hear({"event": "started", "run_id": request.run_id})
                            runs = train_alone(request, options, time_limit=time_limit, on_event=hear)
                            store.write(runs)
                            add(runs)
                except KeyboardInterrupt:
                    if not done:
                        raise
                    _warn_of_interruption(len(done), len(set(names)), out)
                except (OSError, KeepingError) as error:
                    raise RuntimeError(_cannot_go_on(error, len(done), out)) from error
            store.compact()
        finally:
            store.release()
        policies = store.policies if keep_policies else None
    return _reported(dataclasses.replace(in_order(concat(parts), names), policies=policies), expected)


def _watch(session: Sweep, progress: bool) -> Runs:
    """Wait for a session with a progress bar; Ctrl-C stops it in good order."""
    out = None if session.is_temporary else session.store.folder
    expected = _warn_of_no_updates(session.requests)
    with contextlib.closing(session), _Bar(session.requests, progress) as bar:
        session.listen(bar.on_event)
        session.start()
        try:
            while not session.wait(timeout=0.2):  # short waits let Ctrl-C in on every platform
                pass
        except KeyboardInterrupt:
            session.stop()
            if session.finished() is None:
                raise
        runs = session.finished()
        if session.error is not None:
            raise RuntimeError(_cannot_go_on(session.error, len(runs) if runs is not None else 0, out))
        assert runs is not None
        if len(runs) < len({request.run_id for request in session.requests}):
            _warn_of_interruption(len(runs), len(session.requests), out)
    return _reported(runs, expected)


class _Bar:
    """One progress bar over the environment steps a sweep still has to train, with the engine and the runs done.

    Runs that the store held are told before anything else and are no work, so that the estimate of the time left
    rests on training alone; hence the bar appears with the first event that is not of them.
    """

    def __init__(self, requests: list[RunRequest], shown: bool) -> None:
        self._steps = {request.run_id: request.steps for request in requests}
        self._engines = " and ".join(sorted({request.engine for request in requests}))
        self._done: dict[str, int] = {}
        self._finished: set[str] = set()
        self._shown = shown
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *reason: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def on_event(self, event: dict[str, Any]) -> None:
        name = event.get("run_id", "")
        if event["event"] == "silent":
            warnings.warn(event["message"], RuntimeWarning, stacklevel=2)
            return
        if event["event"] == "held":
            self._finished.add(name)
            return
        if self._bar is None:
            total = sum(steps for run, steps in self._steps.items() if run not in self._finished)
            shown = self._shown and total > 0
            self._bar = tqdm(total=total, unit="step", unit_scale=True, disable=not shown, desc=self._engines)
        done = f"{len(self._finished)} of {len(self._steps)} runs"
        if event["event"] == "compiling":
            self._bar.set_postfix_str(f"{done}, compiling")
        elif getattr(self._bar, "postfix", None) != done:  # a bar that is not shown has none
            self._bar.set_postfix_str(done, refresh=False)
        step = {"progress": event.get("step", 0), "finished": self._steps.get(name, 0)}.get(event["event"], 0)
        if step > self._done.get(name, 0):
            step = min(step, self._steps[name])
            self._bar.update(step - self._done.get(name, 0))
            self._done[name] = step
        if event["event"] == "finished":
            self._finished.add(name)
            self._bar.set_postfix_str(f"{len(self._finished)} of {len(self._steps)} runs")


def _warn_of_no_updates(requests: list[RunRequest]) -> set[str]:
    """Warn, before anything is trained, of runs that will learn nothing; give their ids."""
    idle = {request.run_id: reason for request in requests if (reason := never_updates(request))}
    if idle:
        first, asked = next(iter(idle.values())), len({request.run_id for request in requests})
        warnings.warn(
            f"{len(idle)} of {asked} runs never update: {first}. What they return is the policy they began with; "
            f"`runs.select(n_updates=0)` gives them.",
            RuntimeWarning,
            stacklevel=_depth(),
        )
    return set(idle)


def _reported(runs: Runs, expected: set[str]) -> Runs:
    """Warn of runs that diverged, failed or learned nothing: they are results, but nobody should miss them.

    Of those in `expected` it was said before that they would learn nothing.
    """
    idle = runs.select(status="finished", n_updates=0).table
    idle = idle[~idle.index.isin(expected)]
    if len(idle):
        warnings.warn(
            f"{len(idle)} of {len(runs)} runs never updated: they took no gradient step, and what they return is the "
            f"policy they began with; `runs.select(n_updates=0)` gives them. First: `{idle.index[0]}`.",
            RuntimeWarning,
            stacklevel=_depth(),
        )
    status = runs.table["status"]
    diverged, failed = int((status == "diverged").sum()), int((status == "failed").sum())
    if diverged or failed:
        first = runs.table[status.isin(["diverged", "failed"])].iloc[0]
        warnings.warn(
            f"of {len(runs)} runs {diverged} diverged and {failed} failed; they stay as rows. "
            f"First, seed {first['seed']}: {first['error']}",
            RuntimeWarning,
            stacklevel=_depth(),
        )
    return runs


def _cannot_go_on(error: object, done: int, out: Path | None) -> str:
    kept = f"what was finished is kept in {out}" if out is not None else "nothing is kept without `out=`"
    return f"the sweep stopped: {str(error).rstrip('.')}. {done} runs were finished; {kept}."


def _warn_of_interruption(done: int, asked: int, out: str | Path | None) -> None:
    more = f"the same call goes on from {out}" if out is not None else "give `out=` to be able to go on"
    warnings.warn(f"interrupted: {done} of {asked} runs are finished; {more}.", RuntimeWarning, stacklevel=_depth())


def _depth() -> int:
    """Give the `stacklevel` by which a warning of the function that asks names the line outside of this library."""
    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "rlhp":
        frame, depth = frame.f_back, depth + 1
    return depth
