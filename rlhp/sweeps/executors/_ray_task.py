"""What a task on a Ray cluster does: it trains a few runs by an executor of its own machine, and tells what happens.

Nothing of Ray is imported here but where a task asks which machine it is on: what a task is given and what it tells
are plain values.
"""

from __future__ import annotations

import os
import queue
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlhp.errors import KeepingError
from rlhp.sweeps._ended import Ended
from rlhp.sweeps._paused import Paused
from rlhp.sweeps._queue import RequestQueue
from rlhp.sweeps._record import versions
from rlhp.sweeps.executors._compiled import Compiled
from rlhp.sweeps.executors._executor import Event, Executor
from rlhp.sweeps.executors._here import Here

__all__ = ["Chunk", "train"]

_GATHER_S = 0.1  # what happens within it travels together
_accepted: dict[str, str] = {}  # what was made known in this process: making it known again would compile it again


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Runs of one engine that a task trains, one after the other.

    Parameters
    ----------
    engine : {"jax", "sb3"}
    requests : mapping of str to str
        From ids to requests, as `RunRequest.to_json` writes them.
    algorithms, environments : mapping of str to str
        What a process that imports this package does not know of them, see `rlhp.envs.sharing.packed`.
    versions : mapping
        Of the packages that decide the numbers of a run, where it was asked for.
    paused : mapping of str to bytes
        Runs that were paused are taken up from there.
    until : mapping of str to int, optional
        Where a run is paused.
    time_limit : float, optional
        Seconds a run may take.
    keep_policies : bool
        Whether to hand over the policies of runs that finish.
    """

    engine: str
    requests: Mapping[str, str]
    algorithms: Mapping[str, str]
    environments: Mapping[str, str]
    versions: Mapping[str, str]
    paused: Mapping[str, bytes]
    until: Mapping[str, int] | None
    time_limit: float | None
    keep_policies: bool


def train(chunk: Chunk) -> Iterator[list[Event]]:
    """Train runs, and give what happens as it happens.

    The first event is ``begun`` (`node`), the last one ``over``, or ``broken`` (`message`) where no run can be trained
    here. A run that ended is ``ended`` (`run_id`, `run`, and the files `policy` and `paused` as bytes or None).
    """
    told: queue.Queue[Event] = queue.Queue()
    threading.Thread(target=_work, args=(chunk, told), name="rlhp-task", daemon=True).start()
    while True:
        events = [told.get()]
        while not told.empty():
            events.append(told.get())
        yield events
        if events[-1]["event"] in ("over", "broken"):
            return
        time.sleep(_GATHER_S)


def _work(chunk: Chunk, told: queue.Queue[Event]) -> None:
    place = "a node"
    try:
        node, place = _here()
        told.put({"event": "begun", "node": node})
        _check_versions(chunk, place)
        with tempfile.TemporaryDirectory(prefix="rlhp-") as folder:
            _train(chunk, Path(folder), place, told)
        told.put({"event": "over"})
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        message = f"{error} " if isinstance(error, _NotTheSame | KeepingError) else f"{type(error).__name__}: {error} "
        told.put({"event": "broken", "message": f"{message}({Path(where.filename).name}:{where.lineno}, on {place})"})


class _NotTheSame(Exception):
    """Runs that are trained here would have other numbers than where they were asked for."""


def _check_versions(chunk: Chunk, place: str) -> None:
    for name, found in versions(chunk.engine).items():
        if found != chunk.versions[name]:
            raise _NotTheSame(
                f"{name} is {found} on {place} and {chunk.versions[name]} where the sweep was asked for; install the "
                f"same versions on every machine of the cluster."
            )


def _train(chunk: Chunk, folder: Path, place: str, told: queue.Queue[Event]) -> None:
    from rlhp.algorithms import sharing as algorithms
    from rlhp.envs import sharing as environments
    from rlhp.trainers import RunRequest

    for shared, accept in ((chunk.algorithms, algorithms.accept), (chunk.environments, environments.accept)):
        for name, text in shared.items():
            if _accepted.get(name) != text:
                accept(text)
                _accepted[name] = text
    requests = {name: RunRequest.from_json(text) for name, text in chunk.requests.items()}
    for name, one in requests.items():
        if one.run_id != name:
            raise _NotTheSame(f"the run {name} has the name {one.run_id} on {place}; install the same rlhp there.")
    paused = Paused(folder / "paused")
    for name, content in chunk.paused.items():
        paused.put(name, content)
    until = None if chunk.until is None else (lambda one, steps=chunk.until: steps[one.run_id])
    executor: Executor = Here(chunk.time_limit)
    if chunk.engine == "jax":
        executor = Compiled(paused, until, chunk.time_limit, one_by_one=True)
    _Telling(list(requests.values()), folder, paused, place, told).train(executor, chunk.keep_policies)


class _Telling:
    """Trains requests, and tells of them in a form that travels."""

    def __init__(
        self, requests: Sequence[Any], folder: Path, paused: Paused, place: str, told: queue.Queue[Event]
    ) -> None:
        self.left = {one.run_id: one for one in requests}
        self.rows: dict[str, list[Event]] = {}
        self.folder, self.paused, self.place, self.told = folder, paused, place, told

    def policy(self, run_id: str) -> Path:
        return self.folder / "policies" / f"{run_id}.zip"

    def train(self, executor: Executor, keep_policies: bool) -> None:
        (self.folder / "policies").mkdir()
        while self.left:
            source = RequestQueue()
            source.put(list(self.left.values()))
            source.close()
            try:
                executor.train(
                    source,
                    policies=self.policy if keep_policies else None,
                    on_event=self.hear,
                    on_end=self.end,
                    should_stop=lambda: False,
                )
            except KeyboardInterrupt as error:  # nobody interrupts a task: the environment raised it
                name, one = next(iter(self.left.items()))
                self.end(Ended(one, "failed", self.rows.get(name, []), error=f"{type(error).__name__}: {error}"))

    def hear(self, event: Event) -> None:
        if event["event"] == "eval":
            self.rows.setdefault(event["run_id"], []).append(event["row"])
        if event["event"] in ("started", "compiling"):
            event = {**event, "process": f"{os.getpid()} on {self.place}"}
        self.told.put(event)

    def end(self, run: Ended) -> None:
        name = run.request.run_id
        self.left.pop(name)
        self.rows.pop(name, None)
        policy = self.policy(name)
        self.told.put(
            {
                "event": "ended",
                "run_id": name,
                "run": run.to_json(),
                "policy": policy.read_bytes() if policy.is_file() else None,
                "paused": self.paused.content(name) if run.status == "stopped" else None,
            }
        )
        policy.unlink(missing_ok=True)
        self.paused.drop(name)


def _here() -> tuple[str, str]:
    """Name the cluster's node that this is, and its address."""
    import ray

    return str(ray.get_runtime_context().get_node_id()), str(ray.util.get_node_ip_address())
