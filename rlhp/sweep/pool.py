"""Train requests with stable-baselines3: one worker process a core, each with one run at a time."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from rlhp.runs import Runs
from rlhp.sweep.limit import GRACE_S, failed, reason
from rlhp.sweep.process import Event, Worker
from rlhp.sweep.store import Store
from rlhp.trainers.request import RunRequest

__all__ = ["train_in_processes"]

_TRIES = 3  # how often a run may bring its process down before it counts as failed
_STOPPING_S = 5.0  # how long a worker may take to stop by itself


def train_in_processes(
    requests: Sequence[RunRequest],
    store: Store,
    *,
    workers: int,
    keep_policies: bool,
    time_limit: float | None = None,
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
    time_limit : float, optional
        Seconds that a run may take. One that is not done then, and does not stop when it is told to, ends with its
        process and counts as `failed`.
    on_event : callable
        Told of ``started`` (with the id of the `process`), ``progress``, ``eval`` and ``finished`` (with the name of
        the `chunk` it is in), and of ``restarted`` where a run begins again because its process died.
    should_stop : callable
        Asked often.

    Raises
    ------
    RuntimeError
        If the sweep cannot go on: the disk is full, or processes do not start.
    """
    pool = _Pool(requests, store, keep_policies, time_limit, on_event)
    try:
        pool.run(min(workers, len(requests)), should_stop)
    finally:
        pool.end(stopped=should_stop())


class _Pool:
    """Workers, what they do, and what is left to do."""

    def __init__(
        self,
        requests: Sequence[RunRequest],
        store: Store,
        keep_policies: bool,
        time_limit: float | None,
        on_event: Callable[[Event], None],
    ) -> None:
        self.store, self.keep_policies, self.on_event = store, keep_policies, on_event
        self.time_limit = time_limit
        self.todo = deque(requests)
        self.tries = dict.fromkeys((request.run_id for request in requests), 0)
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self.older = store.names()
        self.events: queue.Queue[tuple[Worker, Event]] = queue.Queue()
        self.workers: list[Worker] = []

    def run(self, n_workers: int, should_stop: Callable[[], bool]) -> None:
        self.workers += [Worker(self.events) for _ in range(n_workers)]
        startups = 0
        while (self.todo or any(worker.task for worker in self.workers)) and not should_stop():
            for worker in self.workers:
                if worker.ready and worker.task is None and self.todo:
                    self._give(worker, self.todo.popleft())
            self._end_late_ones()
            try:
                worker, event = self.events.get(timeout=0.1)
            except queue.Empty:
                continue
            if worker not in self.workers:
                continue  # it was ended, and what became of its run is known
            if event["event"] == "ready":
                worker.ready = True
            elif event["event"] == "broken":
                raise RuntimeError(event["message"])
            elif event["event"] == "dead":
                startups += worker.task is None
                if startups > _TRIES:
                    raise RuntimeError(f"worker processes do not start: {worker.last_words()}")
                self._bury(worker)
                self._replace(worker)
            else:
                self._note(worker, event)

    def end(self, *, stopped: bool) -> None:
        """End all workers; a run may have finished while the others were told to stop."""
        for worker in self.workers:
            worker.ask_to_stop()
        for worker in self.workers:
            worker.end(patience_s=_STOPPING_S if stopped else 0.0)
        while not self.events.empty():
            worker, event = self.events.get()
            if event["event"] in ("eval", "finished"):
                self._note(worker, event)

    def _give(self, worker: Worker, request: RunRequest) -> None:
        self.rows.pop(request.run_id, None)
        worker.give(request, self.store, self.keep_policies, self.time_limit)
        self.on_event({"event": "started", "run_id": request.run_id, "process": worker.process_id})

    def _note(self, worker: Worker, event: Event) -> None:
        if event["event"] == "finished":
            worker.task = None
            self.rows.pop(event["run_id"], None)
        elif event["event"] == "eval":
            self.rows.setdefault(event["run_id"], []).append(event["row"])
        self.on_event(event)

    def _replace(self, worker: Worker) -> None:
        worker.end(patience_s=0.0)
        self.workers.remove(worker)
        self.workers.append(Worker(self.events))

    def _bury(self, worker: Worker) -> None:
        """Give the run of a dead worker to another, or up after three deaths: then it is a failed run."""
        request = worker.task
        if request is None or self._was_written(worker, request):
            return
        name = request.run_id
        self.tries[name] += 1
        if self.tries[name] < _TRIES:
            self.on_event({"event": "restarted", "run_id": name})
            self.todo.appendleft(request)
        else:
            self._give_up(worker, request, f"its process died {_TRIES} times: {worker.last_words()}")

    def _end_late_ones(self) -> None:
        """End the processes whose run was told that its time is up and goes on all the same: it hangs."""
        if self.time_limit is None:
            return
        for worker in list(self.workers):
            request = worker.task
            if request is None or time.monotonic() < worker.given_at + self.time_limit + GRACE_S:
                continue
            self._replace(worker)
            if not self._was_written(worker, request):
                rows = self.rows.get(request.run_id, [])
                reached = rows[-1]["step"] if rows else 0
                self._give_up(worker, request, reason(self.time_limit, reached, request.steps))

    def _was_written(self, worker: Worker, request: RunRequest) -> bool:
        """Say whether a process that is no more wrote its run, and take note of it, before it could say so."""
        chunk = self.store.find(request.run_id, since=self.older)
        if chunk is not None:
            row = Runs.load(chunk).table.loc[request.run_id]
            told = {"run_id": request.run_id, "status": row["status"], "error": row["error"], "chunk": chunk.name}
            self._note(worker, {"event": "finished", **told})
        return chunk is not None

    def _give_up(self, worker: Worker, request: RunRequest, error: str) -> None:
        chunk = self.store.write(failed(request, self.rows.get(request.run_id, []), error))
        told = {"run_id": request.run_id, "status": "failed", "error": error, "chunk": chunk.name}
        self._note(worker, {"event": "finished", **told})
