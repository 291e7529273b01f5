"""A sweep that runs beside the caller: worker processes, their events, and what is known so far."""

from __future__ import annotations

import importlib.util
import os
import platform
import queue
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from rlhp.errors import unknown_name
from rlhp.runs import Runs, concat, empty_evals, empty_history
from rlhp.sweep.process import Event, Worker
from rlhp.sweep.store import Store
from rlhp.trainers.request import RunRequest

__all__ = ["Sweep", "need_sb3", "provenance", "requests_of"]

_TRIES = 3  # how often a run may bring its process down before it counts as failed
_GRACE_S = 5.0  # how long a worker may take to stop by itself


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
    """
    if engine not in ("auto", "sb3"):
        raise ValueError(unknown_name("engine", engine, ["auto", "sb3"]))
    if isinstance(configs, pd.DataFrame):
        rows: list[Mapping[str, Any]] = [{str(k): v for k, v in row.items()} for row in configs.to_dict("records")]
    elif configs is None or isinstance(configs, Mapping):
        rows = [configs or {}]
    else:
        rows = list(configs)
    chosen = list(range(seeds)) if isinstance(seeds, int) else [int(seed) for seed in seeds]
    if not rows or not chosen:
        raise ValueError(f"nothing to train: {len(rows)} configurations, {len(chosen)} seeds; give one of each.")
    every = max(1, steps // 10) if eval_every is None else eval_every
    return [
        RunRequest(algorithm, env_id, seed, steps, row, every, eval_episodes, "sb3") for row in rows for seed in chosen
    ]


class Sweep:
    """Runs in training, in processes of their own.

    Parameters
    ----------
    algorithm, env_id, configs, steps, seeds, engine, eval_every, eval_episodes
        As in `rlhp.sweep`.
    out : path, optional
        Folder of the store; by default a temporary one that lives as long as this object.
    workers : int, optional
        Processes, by default one per core (and never more than there are runs).
    retry_failed : bool
        Train runs again that are in the store as `failed`.
    keep_policies : bool
        Save the final policy of each run, see `policy_path`.
    on_event : callable, optional
        Called from a background thread with each event: ``progress`` (`run_id`, `step`), ``eval`` (`run_id`, `row`),
        ``finished`` (`run_id`, `status`, `error`), ``held`` (`run_id`: it was in the store), and at last ``done``.

    Raises
    ------
    ValueError
        If the request is not one that can be trained.
    ImportError
        If stable-baselines3 is not installed.

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
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        need_sb3()
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
        if workers is not None and workers < 1:
            raise ValueError(f"`workers` is {workers}; give 1 or more processes.")
        self._workers = workers or os.cpu_count() or 1
        self._temporary = tempfile.TemporaryDirectory(prefix="rlhp-") if out is None else None
        self.store = Store(self._temporary.name if self._temporary is not None else str(out))
        self._retry_failed, self._keep_policies = retry_failed, keep_policies
        self._on_event = on_event or (lambda event: None)
        self.error: str | None = None
        self.started_at = 0.0
        self._by_id = {request.run_id: request for request in self.requests}
        self._finished: dict[str, Runs] = {}
        self._rows: dict[str, list[dict[str, Any]]] = {}
        self._steps: dict[str, int] = {}
        self._guard = threading.Lock()
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
        for name in self._finished:
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
            parts = [self._finished[r.run_id] for r in self.requests if r.run_id in self._finished]
        return concat(parts) if parts else None

    def snapshot(self) -> Runs:
        """Give all runs that have been evaluated at least once; unfinished ones have the status `stopped`."""
        with self._guard:
            parts = []
            for request in self.requests:
                name = request.run_id
                if name in self._finished:
                    parts.append(self._finished[name])
                elif self._rows.get(name):
                    row = request.row("stopped", wall_time_s=float("nan"), cpu_time_s=float("nan"))
                    parts.append(Runs(pd.DataFrame([row]), pd.DataFrame(self._rows[name]), empty_history()))
        if not parts:
            row = self.requests[0].row("stopped", wall_time_s=float("nan"), cpu_time_s=float("nan"))
            return Runs(pd.DataFrame([row]).iloc[:0], empty_evals(), empty_history())
        return concat(parts)

    def close(self) -> None:
        """Stop training and remove the temporary store, where there is one."""
        if self._thread is not None:
            self.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

    # --- the background thread -----------------------------------------------------------------------------------

    def _take_stock(self) -> list[RunRequest]:
        self._finished = self.store.held(
            self._by_id, retry_failed=self._retry_failed, need_policies=self._keep_policies
        )
        self._steps = {name: self._by_id[name].steps for name in self._finished}
        return [request for request in self._by_id.values() if request.run_id not in self._finished]

    def _manage(self, missing: list[RunRequest]) -> None:
        events: queue.Queue[tuple[Worker, Event]] = queue.Queue()
        todo, tries = deque(missing), dict.fromkeys(self._by_id, 0)
        workers: list[Worker] = []
        try:
            workers += [Worker(events) for _ in range(min(self._workers, len(todo)))]
            startups = 0
            while (todo or any(worker.task for worker in workers)) and not self._stop.is_set():
                for worker in workers:
                    if worker.ready and worker.task is None and todo:
                        worker.give(todo.popleft(), self.store, self._keep_policies)
                try:
                    worker, event = events.get(timeout=0.1)
                except queue.Empty:
                    continue
                if event["event"] == "ready":
                    worker.ready = True
                elif event["event"] == "broken":
                    raise RuntimeError(event["message"])
                elif event["event"] == "dead":
                    startups += worker.task is None
                    if startups > _TRIES:
                        raise RuntimeError(f"worker processes do not start: {worker.last_words()}")
                    self._bury(worker, todo, tries)
                    worker.end(patience_s=0.0)
                    workers.remove(worker)
                    workers.append(Worker(events))
                else:
                    self._note(worker, event)
        except Exception as error:
            self.error = f"{type(error).__name__}: {error}" if not isinstance(error, RuntimeError) else str(error)
        finally:
            for worker in workers:
                worker.ask_to_stop()
            for worker in workers:
                worker.end(patience_s=_GRACE_S if self._stop.is_set() else 0.0)
            while not events.empty():  # a run may have finished while the others were told to stop
                worker, event = events.get()
                if event["event"] in ("eval", "finished"):
                    self._note(worker, event)
            try:
                self.store.compact()
            except Exception as error:
                self.error = self.error or str(error)
            self.store.release()
            self._over.set()
            self._tell({"event": "done"})

    def _note(self, worker: Worker, event: Event) -> None:
        name = event["run_id"]
        with self._guard:
            if event["event"] == "progress":
                self._steps[name] = event["step"]
            elif event["event"] == "eval":
                self._rows.setdefault(name, []).append(event["row"])
                self._steps[name] = event["row"]["step"]
            elif event["event"] == "finished":
                worker.task = None
                if event["status"] != "stopped":
                    self._finished[name] = Runs.load(self.store.chunks / name)
                    self._steps[name] = self._by_id[name].steps
        self._tell(event)

    def _bury(self, worker: Worker, todo: deque[RunRequest], tries: dict[str, int]) -> None:
        """Give the run of a dead worker to another, or up after three deaths: then it is a failed run."""
        request = worker.task
        if request is None:
            return
        name = request.run_id
        tries[name] += 1
        with self._guard:
            self._rows.pop(name, None)
            self._steps.pop(name, None)
        if (self.store.chunks / name).is_dir():  # it died after writing the run, before saying so
            self._note(worker, {"event": "finished", "run_id": name, "status": "finished", "error": ""})
        elif tries[name] < _TRIES:
            todo.appendleft(request)
        else:
            error = f"its process died {_TRIES} times: {worker.last_words()}"
            row = request.row("failed", wall_time_s=float("nan"), cpu_time_s=float("nan"), error=error)
            self.store.write(Runs(pd.DataFrame([row]), empty_evals(), empty_history()))
            self._note(worker, {"event": "finished", "run_id": name, "status": "failed", "error": error})

    def _tell(self, event: Event) -> None:
        try:
            self._on_event(event)
        except Exception as error:  # a listener's mistake must not end the training it listens to
            self.error = self.error or f"on_event raised {type(error).__name__}: {error}"


def need_sb3() -> None:
    """Raise a helpful ImportError where stable-baselines3 is missing."""
    if importlib.util.find_spec("stable_baselines3") is None:
        raise ImportError("training needs stable-baselines3; install it with `pip install 'rlhp[sb3]'`.")


def provenance(requests: list[RunRequest]) -> dict[str, Any]:
    """Describe a call for the record: what was asked for, with which versions, on what kind of machine."""
    first, versions = requests[0], {}
    for name in ("rlhp", "stable-baselines3", "torch", "gymnasium", "numpy"):
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
