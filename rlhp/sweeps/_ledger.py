"""What a session knows of its runs: which were asked for, how far each is, and what became of those that ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from rlhp import arguments
from rlhp.runs import Runs, concat
from rlhp.sweeps._ended import Ended, as_runs
from rlhp.sweeps.executors._executor import Event
from rlhp.trainers import RunRequest

__all__ = ["Ledger", "listed"]


class Ledger:
    """Takes note from any thread, and gives what is known by now.

    Parameters
    ----------
    goal : callable
        ``goal(request) -> step``: how far a run is to be trained.
    """

    def __init__(self, goal: Callable[[RunRequest], int]) -> None:
        self.requests: list[RunRequest] = []
        self._goal = goal
        self._by_id: dict[str, RunRequest] = {}
        self._ended: dict[str, Runs] = {}  # each run that ended, and a table that holds it
        self._rows: dict[str, list[dict[str, Any]]] = {}  # of those that have not
        self._steps: dict[str, int] = {}
        self._guard = threading.Lock()

    def take(self, requests: Sequence[RunRequest]) -> list[RunRequest]:
        """Take note of requests; give those that were not asked for before."""
        with self._guard:
            fresh = {one.run_id: one for one in requests if one.run_id not in self._by_id}
            self.requests += requests
            self._by_id.update(fresh)
        return list(fresh.values())

    def hear(self, event: Event) -> None:
        """Take note of what an executor tells."""
        name = event.get("run_id", "")
        with self._guard:
            if event["event"] == "progress":
                self._steps[name] = event["step"]
            elif event["event"] == "eval":
                self._rows.setdefault(name, []).append(event["row"])
                self._steps[name] = event["row"]["step"]
            elif event["event"] == "restarted":
                self._rows.pop(name, None)
                self._steps.pop(name, None)

    def keep(self, runs: Runs) -> None:
        """Take note of runs that ended."""
        with self._guard:
            for name in runs.table.index:
                self._ended[name] = runs
                self._steps[name] = self._goal(self._by_id[name])
                self._rows.pop(name, None)

    def has_ended(self, run_id: str) -> bool:
        """Whether a run is done."""
        return run_id in self._ended

    @property
    def progress(self) -> tuple[int, int]:
        """Environment steps trained so far, and in all that was asked for."""
        with self._guard:
            goals = [(request.run_id, self._goal(request)) for request in self.requests]
            return sum(min(self._steps.get(name, 0), goal) for name, goal in goals), sum(goal for _, goal in goals)

    def finished(self, run_ids: Collection[str] | None = None) -> Runs | None:
        """Return the runs that are done, or those of some ids, in the order of the requests; None if none is."""
        with self._guard:
            names = [name for name in self._by_id if name in self._ended and (run_ids is None or name in run_ids)]
            parts = self._parts(names)
        return _in_order(parts, names) if parts else None

    def snapshot(self) -> Runs:
        """Return all runs that have been evaluated at least once; unfinished ones have the status `stopped`."""
        with self._guard:
            going = [Ended(self._by_id[name], "stopped", list(rows)) for name, rows in self._rows.items() if rows]
            names = [name for name in self._by_id if name in self._ended or self._rows.get(name)]
            parts = self._parts(name for name in names if name in self._ended)
        if going:
            parts.append(as_runs(going))
        if not parts:
            nothing = as_runs([Ended(self.requests[0], "stopped")])
            return nothing.select([])
        return _in_order(parts, names)

    def _parts(self, names: Iterable[str]) -> list[Runs]:
        """Return each table that holds one of some runs that ended, once."""
        return list({id(self._ended[name]): self._ended[name] for name in names}.values())


def listed(requests: Any) -> list[RunRequest]:
    """Return several requests as a list.

    Raises
    ------
    TypeError
        If they are something else.
    """
    several = arguments.sequence("requests", requests, hint="What `rlhp.sweeps.requests_of` gives.")
    return [arguments.instance(f"requests[{at}]", one, RunRequest) for at, one in enumerate(several)]


def _in_order(parts: Sequence[Runs], names: Sequence[str]) -> Runs:
    """Return some of the runs of tables, in the order of `names`."""
    runs = parts[0] if len(parts) == 1 else concat(parts)
    return Runs(
        runs.table.loc[list(names)],
        runs.evals[runs.evals["run_id"].isin(names)],  # whoever makes the table orders them as the runs
        runs.history[runs.history["run_id"].isin(names)],
        runs.policies,
    )
