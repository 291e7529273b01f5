"""Train with stable-baselines3 in processes of this machine: one run at a time in each, one process a core."""

from __future__ import annotations

import queue
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from rlhp.sweeps._ended import Ended, reached
from rlhp.sweeps._queue import RequestQueue
from rlhp.sweeps.executors._executor import Event, Policies
from rlhp.sweeps.executors._limit import GRACE_S, reason
from rlhp.sweeps.executors._process import Worker
from rlhp.trainers import RunRequest

__all__ = ["Processes"]

_TRIES = 3  # how often a run may bring its process down before it counts as failed
_STOPPING_S = 5.0  # how long a worker may take to stop by itself


@dataclass(frozen=True)
class Processes:
    """The executor of worker processes.

    Parameters
    ----------
    workers : int
        Processes at most.
    time_limit : float, optional
        Seconds that a run may take. One that is not done then, and does not stop when it is told to, ends with its
        process and counts as `failed`.
    """

    workers: int
    time_limit: float | None = None

    def train(
        self,
        requests: RequestQueue,
        *,
        policies: Policies,
        on_event: Callable[[Event], None],
        on_end: Callable[[Ended], None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Train what there is, as many at a time as there are workers; see `Executor`."""
        pool = _Pool(self, requests, policies, on_event, on_end)
        try:
            pool.run(should_stop)
        finally:
            pool.end(stopped=should_stop())


class _Pool:
    """Workers, what they do, and what is left to do."""

    def __init__(
        self,
        plan: Processes,
        requests: RequestQueue,
        policies: Policies,
        on_event: Callable[[Event], None],
        on_end: Callable[[Ended], None],
    ) -> None:
        self.plan, self.requests, self.policies = plan, requests, policies
        self.on_event, self.on_end = on_event, on_end
        self.todo: deque[RunRequest] = deque()  # asked for, or given back by a process that died
        self.tries: Counter[str] = Counter()
        self.events: queue.Queue[tuple[Worker, Event]] = queue.Queue()
        self.workers: list[Worker] = []
        self.startups = 0

    def run(self, should_stop: Callable[[], bool]) -> None:
        over = False
        while not should_stop():
            over = self._hand_out(over)
            if over and not self.todo and not any(worker.task for worker in self.workers):
                return
            self._end_late_ones()
            try:
                worker, event = self.events.get(timeout=0.1)
            except queue.Empty:
                continue
            self._hear(worker, event)

    def end(self, *, stopped: bool) -> None:
        """End all workers; a run may have finished while the others were told to stop."""
        for worker in self.workers:
            worker.ask_to_stop()
        for worker in self.workers:
            worker.end(patience_s=_STOPPING_S if stopped else 0.0)
        while not self.events.empty():
            worker, event = self.events.get()
            if event["event"] in ("eval", "ended"):
                self._note(worker, event)

    def _hand_out(self, over: bool) -> bool:
        """Return every idle worker a run, and start workers while there are more; say whether requests are over."""
        free = self.plan.workers - sum(worker.task is not None for worker in self.workers)
        while len(self.todo) < free and not over:
            try:
                request = next(self.requests)
            except StopIteration:
                over = True
            else:
                if request is None:
                    break
                self.todo.append(request)
        idle = [worker for worker in self.workers if worker.task is None]
        self.workers += [Worker(self.events) for _ in range(min(free, len(self.todo)) - len(idle))]
        for worker in idle:
            if worker.ready and self.todo:
                self._give(worker, self.todo.popleft())
        return over

    def _hear(self, worker: Worker, event: Event) -> None:
        if event["event"] == "ready":
            worker.ready = True
        elif event["event"] == "broken":
            raise RuntimeError(event["message"])
        elif event["event"] == "dead":
            self._bury(worker)
        else:
            self._note(worker, event)

    def _give(self, worker: Worker, request: RunRequest) -> None:
        worker.give(request, None if self.policies is None else self.policies(request.run_id), self.plan.time_limit)
        self.on_event({"event": "started", "run_id": request.run_id, "process": worker.process_id})

    def _note(self, worker: Worker, event: Event) -> None:
        if event["event"] == "ended":
            request, worker.task = worker.task, None
            if request is not None:
                self.on_end(Ended.from_json(request, event["run"]))
            return
        if event["event"] == "eval":
            worker.rows.append(event["row"])
        self.on_event(event)

    def _bury(self, worker: Worker) -> None:
        """Return the run of a dead worker to another, or up after three deaths: then it is a failed run."""
        request, worker.task, last_words = worker.task, None, worker.last_words()
        worker.end(patience_s=0.0)
        self.workers.remove(worker)
        if request is None:
            self.startups += 1
            if self.startups > _TRIES:
                raise RuntimeError(f"worker processes do not start: {last_words}")
            return
        self.tries[request.run_id] += 1
        if worker.late:
            error = reason(self.plan.time_limit or 0.0, reached(worker.rows), request.steps)
            self.on_end(Ended(request, "failed", worker.rows, error=error))
        elif self.tries[request.run_id] < _TRIES:
            self.on_event({"event": "restarted", "run_id": request.run_id})
            self.todo.appendleft(request)
        else:
            error = f"its process died {_TRIES} times: {last_words}"
            self.on_end(Ended(request, "failed", worker.rows, error=error))

    def _end_late_ones(self) -> None:
        """End the processes whose run was told that its time is up and goes on all the same: it hangs.

        What such a process still said comes before word of its death, so that a run that ended just then has ended.
        """
        if self.plan.time_limit is None:
            return
        for worker in self.workers:
            if worker.task is not None and time.monotonic() > worker.given_at + self.plan.time_limit + GRACE_S:
                worker.late = True
                worker.kill()
