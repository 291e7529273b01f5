"""Train on a Ray cluster: tasks of one run of stable-baselines3 or a few compiled runs, on whatever machine is free."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rlhp.algorithms import sharing as algorithms
from rlhp.envs import sharing as environments
from rlhp.errors import KeepingError
from rlhp.sweeps._ended import Ended, reached
from rlhp.sweeps._paused import Paused
from rlhp.sweeps._queue import RequestQueue
from rlhp.sweeps._record import versions
from rlhp.sweeps._silence import QUIET_S
from rlhp.sweeps.executors._executor import Event, Policies
from rlhp.sweeps.executors._limit import GRACE_S, reason
from rlhp.sweeps.executors._ray_address import connect
from rlhp.sweeps.executors._ray_losses import Losses
from rlhp.sweeps.executors._ray_task import Chunk, train
from rlhp.trainers import RunRequest

__all__ = ["Ray"]

_MOST = 16  # compiled runs of a task: one takes seconds, and so much is lost with a machine at most
_COUNTED_S = 5.0  # how long a count of the cluster's CPUs holds: machines come and go
_WAIT_S = 0.2
_TRIES = 3  # how many tasks that died before they began are too many


@dataclass(frozen=True)
class Ray:
    """The executor of a Ray cluster.

    Parameters
    ----------
    paused : Paused
        Compiled runs that were paused are taken up from there.
    until : callable, optional
        ``until(request) -> step``: where a compiled run is paused and kept.
    time_limit : float, optional
        Seconds that a run may take. One of stable-baselines3 that does not stop then ends with its process.
    workers : int, optional
        Tasks at a time; by default as many as the cluster has CPUs, and as many that wait.
    address : str, optional
        Of the cluster, see `connect`.
    """

    paused: Paused
    until: Callable[[RunRequest], int] | None = None
    time_limit: float | None = None
    workers: int | None = None
    address: str | None = None

    def train(
        self,
        requests: RequestQueue,
        *,
        policies: Policies,
        on_event: Callable[[Event], None],
        on_end: Callable[[Ended], None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Train what there is, on as many CPUs as the cluster gives; see `Executor`."""
        tasks = _Tasks(connect(self.address), self, requests, policies, on_event, on_end)
        try:
            tasks.run(should_stop)
        finally:
            tasks.end()


@dataclass(eq=False)
class _Task:
    """A task that was given to the cluster, and what is known of it."""

    stream: Any  # of lists of events
    left: dict[str, RunRequest]  # its runs that have not ended; the first is in training
    rows: dict[str, list[Event]] = field(default_factory=dict)
    node: str = ""  # where it has begun
    given_at: float = math.inf  # when the run in training was begun, where it is known
    late: bool = False  # cancelled because that run did not stop when its time was up
    over: bool = False


class _Tasks:
    """Tasks, and what is left to do."""

    def __init__(
        self,
        ray: Any,
        plan: Ray,
        requests: RequestQueue,
        policies: Policies,
        on_event: Callable[[Event], None],
        on_end: Callable[[Ended], None],
    ) -> None:
        self.ray, self.plan, self.requests, self.policies = ray, plan, requests, policies
        self.on_event, self.on_end = on_event, on_end
        # A task that is lost is begun again from here, where it is known which of its runs have ended.
        self.remote = ray.remote(num_cpus=1, max_retries=0, num_returns="streaming")(train)
        self.todo: deque[RunRequest] = deque()  # asked for, or given back by a task that was lost
        self.tasks: list[_Task] = []
        self.losses = Losses(ray)
        self.startups = 0  # tasks in a row that died before they began
        self.cpus, self.counted_at = 1, -math.inf
        self.waiting_since, self.patience = time.monotonic(), QUIET_S

    def run(self, should_stop: Callable[[], bool]) -> None:
        over = False
        while not should_stop():
            over = self._ask(over)
            self._submit()
            if not self.tasks:
                if over:
                    return
                self.requests.wait(_WAIT_S)
                time.sleep(0.01)  # what is held back is there, and must not be asked for all the time
                continue
            self._end_late_ones()
            self._warn_where_nothing_begins()
            self._hear_all(_WAIT_S)

    def end(self) -> None:
        """Cancel all tasks; a run may have ended while they were told to."""
        if not self.tasks:
            return
        self._hear_all(0.0)
        for task in self.tasks:
            self._cancel(task)
            if task.node and task.left:
                first = next(iter(task.left.values()))
                self.on_end(Ended(first, "stopped", self._before_its_pause(task, first)))

    # --- giving work -------------------------------------------------------------------------------------------------

    def _ask(self, over: bool) -> bool:
        """Take all requests there are; say whether no more will come."""
        while not over:
            try:
                request = next(self.requests)
            except StopIteration:
                return True
            if request is None:
                return False
            self.todo.append(request)
        return over

    def _submit(self) -> None:
        """Give the cluster tasks, so that each of its CPUs has one and the next one waits for it."""
        now = time.monotonic()
        if self.todo and now > self.counted_at + _COUNTED_S:
            self.cpus, self.counted_at = max(1, int(self.ray.cluster_resources().get("CPU", 0))), now
        most = self.plan.workers or 2 * self.cpus
        if self.todo and not self.tasks:
            self.waiting_since, self.patience = now, QUIET_S
        while self.todo and len(self.tasks) < most:
            size = 1 if self.todo[0].engine == "sb3" else min(_MOST, math.ceil(len(self.todo) / most))
            several = [self.todo.popleft() for _ in range(max(1, size))]
            self.tasks.append(_Task(self.remote.remote(self._chunk(several)), {one.run_id: one for one in several}))

    def _chunk(self, several: list[RunRequest]) -> Chunk:
        engine, compiled = several[0].engine, several[0].engine == "jax"
        until = self.plan.until
        states = {one.run_id: self.plan.paused.content(one.run_id) for one in several if compiled}
        shared = {one.algorithm: algorithms.packed(one.algorithm, compiled=compiled) for one in several}
        worlds = {one.env_id: environments.packed(one.env_id, compiled=compiled) for one in several}
        return Chunk(
            engine=engine,
            requests={one.run_id: one.to_json() for one in several},
            algorithms={name: text for name, text in shared.items() if text is not None},
            environments={name: text for name, text in worlds.items() if text is not None},
            versions=versions(engine),
            paused={name: content for name, content in states.items() if content is not None},
            until=None if until is None else {one.run_id: until(one) for one in several},
            time_limit=self.plan.time_limit,
            keep_policies=self.policies is not None,
        )

    # --- hearing what became of it -------------------------------------------------------------------------------

    def _hear_all(self, wait_s: float) -> None:
        streams = {task.stream: task for task in self.tasks}
        ready, _ = self.ray.wait(list(streams), num_returns=1, timeout=wait_s, fetch_local=False)
        if ready:
            ready, _ = self.ray.wait(list(streams), num_returns=len(streams), timeout=0, fetch_local=False)
        for stream in ready:
            self._hear(streams[stream])

    def _hear(self, task: _Task) -> None:
        """Hear the next events of a task, or that there will be none."""
        wrong = self.ray.exceptions
        # What concerns every task: the function raised before its first event, or cannot be placed at all.
        hopeless = (wrong.RayTaskError, wrong.RuntimeEnvSetupError, wrong.TaskUnschedulableError)
        try:
            events = self.ray.get(next(task.stream))
        except StopIteration:
            self._bury(task, "it ended early")
        except hopeless as error:
            raise RuntimeError(f"the cluster cannot train it: {_last_line(error)}") from error
        except wrong.RayError as error:
            self._bury(task, _last_line(error))
        else:
            for event in events:
                self._note(task, event)

    def _note(self, task: _Task, event: Event) -> None:
        kind = event["event"]
        if kind == "broken":
            raise RuntimeError(event["message"])
        if kind == "begun":
            task.node, self.startups = event["node"], 0
            self.waiting_since, self.patience = math.inf, QUIET_S
        elif kind == "over":
            task.over = True
            if not task.left:
                self.tasks.remove(task)
        elif kind == "ended":
            self._keep_files(event)
            task.rows.pop(event["run_id"], None)
            task.given_at = math.inf
            self.on_end(Ended.from_json(task.left.pop(event["run_id"]), event["run"]))
        else:
            if kind == "started":
                task.given_at = time.monotonic()
            elif kind == "eval":
                task.rows.setdefault(event["run_id"], []).append(event["row"])
            self.on_event(event)

    def _keep_files(self, event: Event) -> None:
        """Write what a run left on another machine, before anybody hears that it has ended."""
        name = event["run_id"]
        if event["paused"] is not None:
            self.plan.paused.put(name, event["paused"])
        if event["policy"] is None or self.policies is None:
            return
        path = self.policies(name)
        draft = path.with_name(f".{path.stem}.ray.tmp.zip")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(event["policy"])
            draft.replace(path)
        except OSError as error:
            raise KeepingError(f"could not write the policy {path} ({error})") from error

    def _bury(self, task: _Task, why: str) -> None:
        """Have the runs of a task that was lost trained by others, unless one brings its process down every time."""
        self.tasks.remove(task)
        self._cancel(task)
        left = list(task.left.values())
        if not task.node:
            self.startups += 1
            if self.startups >= _TRIES:
                raise RuntimeError(f"Ray's workers do not start: {why}")
        elif left:
            name = left[0].run_id
            rows = task.rows.get(name, [])
            if task.late:
                error = reason(self.plan.time_limit or 0.0, reached(rows), left[0].steps)
                self.on_end(Ended(left.pop(0), "failed", rows, error=error))
            elif verdict := self.losses.verdict(name, task.node, why):
                self.on_end(Ended(left.pop(0), "failed", rows, error=verdict))
            else:
                self.on_event({"event": "restarted", "run_id": name})
        self.todo.extendleft(reversed(left))

    def _end_late_ones(self) -> None:
        """End the tasks whose run was told in its process that its time is up and goes on all the same: it hangs.

        The time of a compiled run does not include compiling, so only its own process can tell.
        """
        if self.plan.time_limit is None:
            return
        for task in self.tasks:
            first = next(iter(task.left.values()), None)
            patience = self.plan.time_limit + 3 * GRACE_S  # word of its end may be on its way
            if first is not None and first.engine == "sb3" and time.monotonic() > task.given_at + patience:
                task.late, task.given_at = True, math.inf
                self._cancel(task)

    def _warn_where_nothing_begins(self) -> None:
        seconds = time.monotonic() - self.waiting_since
        if seconds < self.patience:
            return
        self.patience *= 2
        name = next(iter(self.tasks[0].left), "")
        said = f"none of {len(self.tasks)} tasks has begun for {seconds:.0f} s on a cluster of {self.cpus} CPUs"
        message = f"{said}. Others may use them; `ray status` says who waits for what. Ctrl-C stops the sweep."
        self.on_event({"event": "silent", "run_id": name, "seconds": seconds, "heard": said, "message": message})

    def _before_its_pause(self, task: _Task, one: RunRequest) -> list[Event]:
        """Return the evaluations of a run that was cancelled: one whose state did not come is not paused."""
        rows, until = task.rows.get(one.run_id, []), self.plan.until
        return rows if until is None else [row for row in rows if row["step"] < until(one)]

    def _cancel(self, task: _Task) -> None:
        if not task.over:
            self.ray.cancel(task.stream, force=True)


def _last_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1] if lines else ''}".rstrip(": ")[:400]
