"""A sweep that runs beside the caller: what trains, its events, and what is known so far."""

from __future__ import annotations

import dataclasses
import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rlhp import arguments
from rlhp.algorithms import names
from rlhp.arguments import shown, whole
from rlhp.runs import Runs, concat, empty_evals, empty_history
from rlhp.sweep.compiled import train_compiled
from rlhp.sweep.pool import train_in_processes
from rlhp.sweep.process import Event
from rlhp.sweep.silence import Silence
from rlhp.sweep.store import Store
from rlhp.trainers.configurations import check_config, config_rows
from rlhp.trainers.engines import ENGINES, choose, has_sb3
from rlhp.trainers.request import RunRequest, counted

__all__ = ["Sweep", "in_order", "limit_of", "need_sb3", "provenance", "requests_of"]


def requests_of(
    algorithm: str,
    env_id: str,
    configs: pd.DataFrame | Iterable[Mapping[str, Any]] | Mapping[str, Any] | None,
    *,
    steps: int,
    seeds: int | Iterable[int] = 1,
    engine: str = "auto",
    eval_every: int | None = None,
    eval_episodes: int = 10,
) -> list[RunRequest]:
    """Describe the runs of a sweep: every configuration with every seed, configurations first.

    Raises
    ------
    ValueError
        If anything named is unknown or not allowed, or there is nothing to train.
    TypeError
        If `configs` or `seeds` is of another kind altogether.
    """
    algorithm = arguments.choice("algorithm", algorithm, names())
    env_id = arguments.text("env_id", env_id, hint="An id such as 'CartPole-v1', or 'module:EnvId'.")
    if not env_id.isprintable():
        raise ValueError(f"`env_id` is {shown(env_id)}; give an id such as 'CartPole-v1', or 'module:EnvId'.")
    engine = arguments.choice("engine", engine, ENGINES)
    eval_episodes = counted("eval_episodes", eval_episodes)
    rows, chosen = config_rows(algorithm, configs), _seeds(seeds)
    if not rows or not chosen:
        raise ValueError(
            f"nothing to train: `configs` gives {len(rows)} configurations and `seeds` {len(chosen)} seeds; give at "
            f"least one of each."
        )
    steps = counted("steps", steps)
    every = max(1, steps // 10) if eval_every is None else counted("eval_every", eval_every)
    requests = []
    for row in rows:
        config = check_config(algorithm, row)
        by = choose(algorithm, env_id, config, engine)
        requests += [RunRequest(algorithm, env_id, seed, steps, config, every, eval_episodes, by) for seed in chosen]
    return requests


def _seeds(seeds: Any) -> list[int]:
    """Give the seeds that a number of seeds, or several, stand for."""
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


class Sweep:
    """Runs in training: compiled together in a thread of this process, or with stable-baselines3 in others.

    Parameters
    ----------
    algorithm, env_id, configs, steps, seeds, engine, eval_every, eval_episodes
        As in `rlhp.sweep`.
    out : path, optional
        Folder of the store; by default a temporary one that lives as long as this object.
    workers : int, optional
        Processes of stable-baselines3, by default one per core (and never more than there are runs).
    retry_failed : bool
        Train runs again that are in the store as `failed`.
    keep_policies : bool
        Save the final policy of each run, see `policy_path`.
    time_limit : float, optional
        Seconds a run may take; see `rlhp.sweep`.
    on_event : callable, optional
        Called from background threads with each event: ``compiling`` and ``compiled`` (`runs`: how many one program
        is for), ``started`` (`run_id`, `process`), ``progress`` (`run_id`, `step`), ``eval`` (`run_id`, `row`),
        ``silent`` (`run_id`, `seconds`, `message`: nothing was heard of it for a while), ``finished`` (`run_id`,
        `status`, `error`), ``held`` (`run_id`: it was in the store), and at last ``done``.

    Raises
    ------
    ValueError
        If the request is not one that can be trained.
    ImportError
        If the engine that is needed is not installed.

    Examples
    --------
    >>> training = Sweep("ppo", "CartPole-v1", {"n_envs": 4}, steps=5_000, seeds=2)  # doctest: +SKIP
    >>> training.start(); training.wait(); training.snapshot()  # doctest: +SKIP
    """

    def __init__(
        self,
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
        retry_failed: bool = False,
        keep_policies: bool = False,
        time_limit: float | None = None,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        if workers is not None:
            workers = arguments.whole("workers", workers, at_least=1, hint="Processes of stable-baselines3.")
        retry_failed = arguments.flag("retry_failed", retry_failed)
        keep_policies = arguments.flag("keep_policies", keep_policies)
        if out is not None:
            out = arguments.path("out", out)
        if on_event is not None and not callable(on_event):
            raise TypeError(f"`on_event` is {arguments.shown(on_event)}; give a function of one event (a dict).")
        self._time_limit = limit_of(time_limit)
        self.requests = requests_of(
            algorithm,
            env_id,
            configs,
            steps=steps,
            seeds=seeds,
            engine=engine,
            eval_every=eval_every,
            eval_episodes=eval_episodes,
        )
        if any(request.engine == "sb3" for request in self.requests):
            need_sb3()
        self._workers = workers or os.cpu_count() or 1
        self._temporary = tempfile.TemporaryDirectory(prefix="rlhp-") if out is None else None
        self.store = Store(self._temporary.name if self._temporary is not None else str(out))
        self._retry_failed, self._keep_policies = retry_failed, keep_policies
        self._on_event = on_event or (lambda event: None)
        self.error: str | None = None
        self.started_at = 0.0
        self._by_id = {request.run_id: request for request in self.requests}
        self._chunks: list[Runs] = []  # finished runs, as they came
        self._finished: set[str] = set()
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._steps: dict[str, int] = {}
        self._guard = threading.Lock()
        self._silence = Silence(self.requests, self._tell)
        self._stop, self._over = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_temporary(self) -> bool:
        """Whether the store goes with this object."""
        return self._temporary is not None

    def listen(self, on_event: Callable[[Event], None]) -> None:
        """Set who is told of events; before `start`."""
        self._on_event = on_event

    def start(self) -> Sweep:
        """Start training what the store does not hold yet, and return at once."""
        if self._thread is not None:
            raise RuntimeError("this sweep was started before; make a new one.")
        self.store.acquire()
        try:
            missing = self._take_stock()
            self.store.note(provenance(self.requests))
        except BaseException:
            self.store.release()
            raise
        self.started_at = time.monotonic()
        for name in [name for name in self._by_id if name in self._finished]:
            self._tell({"event": "held", "run_id": name})
        self._thread = threading.Thread(target=self._manage, args=(missing,), name="rlhp-sweep", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop training; what is finished stays, what is not counts as `stopped`. Returns when the processes ended."""
        self._stop.set()
        self.wait()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until everything is trained, at most `timeout` seconds; say whether it is."""
        return self._over.wait(timeout) if self._thread is not None else True

    @property
    def done(self) -> bool:
        """Whether nothing is in training any more."""
        return self._over.is_set()

    @property
    def progress(self) -> tuple[int, int]:
        """Environment steps trained so far, and in all."""
        with self._guard:
            steps = sum(min(self._steps.get(r.run_id, 0), r.steps) for r in self.requests)
        return steps, sum(r.steps for r in self.requests)

    def policy_path(self, run_id: str) -> Path:
        """Say where the policy of a run is, once it is trained with `keep_policies`."""
        return self.store.policy(run_id)

    def finished(self) -> Runs | None:
        """Give the runs that are done, in the order of the request; None if none is."""
        with self._guard:
            chunks = list(self._chunks)
        return self._with_policies(in_order(concat(chunks), self._by_id)) if chunks else None

    def snapshot(self) -> Runs:
        """Give all runs that have been evaluated at least once; unfinished ones have the status `stopped`."""
        with self._guard:
            parts = list(self._chunks)
            going = {name: list(rows) for name, rows in self._rows.items() if name not in self._finished and rows}
        if going:
            table = pd.DataFrame([_unfinished(self._by_id[name]) for name in going])
            evals = pd.DataFrame([row for rows in going.values() for row in rows])
            parts.append(Runs(table, evals, empty_history()))
        if not parts:
            row = _unfinished(self.requests[0])
            return Runs(pd.DataFrame([row]).iloc[:0], empty_evals(), empty_history())
        return in_order(concat(parts), self._by_id)

    def _with_policies(self, runs: Runs) -> Runs:
        return dataclasses.replace(runs, policies=self.store.policies if self._keep_policies else None)

    def close(self) -> None:
        """Stop training and remove the temporary store, where there is one."""
        if self._thread is not None:
            self.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

    # --- the background thread -----------------------------------------------------------------------------------

    def _take_stock(self) -> list[RunRequest]:
        held = self.store.held(self._by_id, retry_failed=self._retry_failed, need_policies=self._keep_policies)
        if held is not None:
            self._add(held)
        return [request for request in self._by_id.values() if request.run_id not in self._finished]

    def _manage(self, missing: list[RunRequest]) -> None:
        by_engine = {engine: [request for request in missing if request.engine == engine] for engine in ("jax", "sb3")}
        try:
            with self._silence:
                self._train(by_engine)
        except BaseException as error:
            self.error = f"{type(error).__name__}: {error}" if not isinstance(error, RuntimeError) else str(error)
        finally:
            try:
                self.store.compact()
            finally:
                self.store.release()
                self._over.set()
                self._tell({"event": "done"})

    def _train(self, by_engine: Mapping[str, list[RunRequest]]) -> None:
        if by_engine["jax"]:
            train_compiled(
                by_engine["jax"],
                self.store,
                keep_policies=self._keep_policies,
                time_limit=self._time_limit,
                on_event=self._note,
                on_runs=self._note_runs,
                should_stop=self._stop.is_set,
            )
        if by_engine["sb3"] and not self._stop.is_set():
            train_in_processes(
                by_engine["sb3"],
                self.store,
                workers=self._workers,
                keep_policies=self._keep_policies,
                time_limit=self._time_limit,
                on_event=self._note,
                should_stop=self._stop.is_set,
            )

    def _add(self, runs: Runs) -> None:
        with self._guard:
            self._chunks.append(runs)
            self._finished.update(runs.table.index)
            self._steps.update({name: self._by_id[name].steps for name in runs.table.index})

    def _note(self, event: Event) -> None:
        self._silence.hear(event)
        name = event.get("run_id", "")
        if event["event"] == "finished" and event["status"] != "stopped":
            self._add(Runs.load(self.store.chunks / event["chunk"]))
        with self._guard:
            if event["event"] == "progress":
                self._steps[name] = event["step"]
            elif event["event"] == "eval":
                self._rows.setdefault(name, []).append(event["row"])
                self._steps[name] = event["row"]["step"]
            elif event["event"] == "restarted":
                self._rows.pop(name, None)
                self._steps.pop(name, None)
        if event["event"] != "restarted":
            self._tell(event)

    def _note_runs(self, runs: Runs) -> None:
        self._add(runs)
        for name, row in runs.table.iterrows():
            event = {"event": "finished", "run_id": name, "status": row["status"], "error": row["error"]}
            self._silence.hear(event)
            self._tell(event)

    def _tell(self, event: Event) -> None:
        try:
            self._on_event(event)
        except Exception as error:  # a listener's mistake must not end the training it listens to
            self.error = self.error or f"on_event raised {type(error).__name__}: {error}"


def _unfinished(request: RunRequest) -> dict[str, Any]:
    return request.row("stopped", wall_time_s=float("nan"), cpu_time_s=float("nan"))


def in_order(runs: Runs, names: Iterable[str]) -> Runs:
    """Give runs in the order of `names`; those it does not have are passed over."""
    place = {name: number for number, name in enumerate(name for name in names if name in runs.table.index)}
    evals = runs.evals.iloc[runs.evals["run_id"].map(place).argsort(kind="stable")]
    return Runs(runs.table.loc[list(place)], evals.reset_index(drop=True), runs.history, runs.policies)


def limit_of(time_limit: Any) -> float | None:
    """Check a limit on the seconds of a run.

    Raises
    ------
    ValueError
        If it is no time.
    """
    if time_limit is None:
        return None
    return arguments.real("time_limit", time_limit, above=0, hint="Seconds a run may take, or None.")


def need_sb3() -> None:
    """Raise a helpful ImportError where stable-baselines3 is missing."""
    if not has_sb3():
        raise ImportError("training needs stable-baselines3; install it with `pip install 'rlhp[sb3]'`.")


def provenance(requests: list[RunRequest]) -> dict[str, Any]:
    """Describe a call for the record: what was asked for, with which versions, on what kind of machine."""
    first, versions = requests[0], {}
    packages = ("jax", "jaxlib", "optax") if first.engine == "jax" else ("stable-baselines3", "torch")
    for name in ("rlhp", *packages, "gymnasium", "numpy"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "algorithm": first.algorithm,
        "env_id": first.env_id,
        "engine": first.engine,
        "steps": first.steps,
        "eval_every": first.eval_every,
        "eval_episodes": first.eval_episodes,
        "runs": len(requests),
        "seeds": sorted({request.seed for request in requests}),
        "python": platform.python_version(),
        "machine": f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores",
        "versions": versions,
    }
