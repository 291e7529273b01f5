"""Train requests with stable-baselines3: one worker process a core, each with one run at a time."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable, Sequence

import pandas as pd

from rlhp.runs import Runs, empty_evals, empty_history
from rlhp.sweep.process import Event, Worker
from rlhp.sweep.store import Store
from rlhp.trainers.request import RunRequest

__all__ = ["train_in_processes"]

_TRIES = 3  # how often a run may bring its process down before it counts as failed
_GRACE_S = 5.0  # how long a worker may take to stop by itself


def train_in_processes(
    requests: Sequence[RunRequest],
    store: Store,
    *,
    workers: int,
    keep_policies: bool,
    on_event: Callable[[Event], None],
    should_stop: Callable[[], bool],
) -> None:
    """Train runs; each worker writes what it finishes to the store.

    Parameters
    ----------
    requests : sequence of RunRequest
        With ``engine="sb3"``.
    store : Store
        Where runs and policies go.
    workers : int
        Processes at most.
    keep_policies : bool
        Whether to keep the policies.
    on_event : callable
        Told of ``progress``, ``eval`` and ``finished``, and of ``restarted`` where a run begins again because its
        process died.
    should_stop : callable
        Asked often.

    Raises
    ------
    RuntimeError
        If the sweep cannot go on: the disk is full, or processes do not start.
    """
    pool = _Pool(requests, store, keep_policies, on_event)
    try:
        pool.run(min(workers, len(requests)), should_stop)
    finally:
        pool.end(stopped=should_stop())


class _Pool:
    """Workers, what they do, and what is left to do."""

    def __init__(
        self, requests: Sequence[RunRequest], store: Store, keep_policies: bool, on_event: Callable[[Event], None]
    ) -> None:
        self.store, self.keep_policies, self.on_event = store, keep_policies, on_event
        self.todo = deque(requests)
        self.tries = dict.fromkeys((request.run_id for request in requests), 0)
        self.events: queue.Queue[tuple[Worker, Event]] = queue.Queue()
        self.workers: list[Worker] = []

    def run(self, n_workers: int, should_stop: Callable[[], bool]) -> None:
        self.workers += [Worker(self.events) for _ in range(n_workers)]
        startups = 0
        while (self.todo or any(worker.task for worker in self.workers)) and not should_stop():
            for worker in self.workers:
                if worker.ready and worker.task is None and self.todo:
                    worker.give(self.todo.popleft(), self.store, self.keep_policies)
            try:
                worker, event = self.events.get(timeout=0.1)
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
                self._bury(worker)
                worker.end(patience_s=0.0)
                self.workers.remove(worker)
                self.workers.append(Worker(self.events))
            else:
                self._note(worker, event)

    def end(self, *, stopped: bool) -> None:
        """End all workers; a run may have finished while the others were told to stop."""
        for worker in self.workers:
            worker.ask_to_stop()
        for worker in self.workers:
            worker.end(patience_s=_GRACE_S if stopped else 0.0)
        while not self.events.empty():
            worker, event = self.events.get()
            if event["event"] in ("eval", "finished"):
                self._note(worker, event)

    def _note(self, worker: Worker, event: Event) -> None:
        if event["event"] == "finished":
            worker.task = None
        self.on_event(event)

    def _bury(self, worker: Worker) -> None:
        """Give the run of a dead worker to another, or up after three deaths: then it is a failed run."""
        request = worker.task
        if request is None:
            return
        name = request.run_id
        self.tries[name] += 1
        self.on_event({"event": "restarted", "run_id": name})
        if (self.store.chunks / name).is_dir():  # it died after writing the run, before saying so
            self._note(worker, {"event": "finished", "run_id": name, "status": "finished", "error": ""})
        elif self.tries[name] < _TRIES:
            self.todo.appendleft(request)
        else:
            error = f"its process died {_TRIES} times: {worker.last_words()}"
            row = request.row("failed", wall_time_s=float("nan"), cpu_time_s=float("nan"), error=error)
            self.store.write(Runs(pd.DataFrame([row]), empty_evals(), empty_history()))
            self._note(worker, {"event": "finished", "run_id": name, "status": "failed", "error": error})
