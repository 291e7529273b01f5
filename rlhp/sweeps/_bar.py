"""The progress bar of a session."""

from __future__ import annotations

import warnings
from typing import Any

from tqdm.auto import tqdm

from rlhp.sweeps._session import Session
from rlhp.sweeps.executors._executor import Event

__all__ = ["Bar"]


class Bar:
    """One progress bar over the environment steps a session still has to train, with the engine and the runs done.

    Runs that the store held are told before anything else and are no work, so that the estimate of the time left
    rests on training alone; hence the bar appears with the first event that is not of them.

    Parameters
    ----------
    session : Session
        Its events are to be told to `on_event`.
    shown : bool
        Whether there is one at all; what a run that is silent warns of is told in any case.
    """

    def __init__(self, session: Session, shown: bool) -> None:
        self._session, self._shown = session, shown
        self._goals: dict[str, int] = {}
        self._done: dict[str, int] = {}
        self._finished: set[str] = set()
        self._total = 0  # steps to train: not those of runs that were in the store
        self._bar: tqdm[Any] | None = None
        self._count()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *reason: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def on_event(self, event: Event) -> None:
        """Show an event."""
        name, kind = event.get("run_id", ""), event["event"]
        if kind == "silent":
            warnings.warn(event["message"], RuntimeWarning, stacklevel=2)
            return
        if kind == "added":
            self._count()
        if kind == "held":
            self._finished.add(name)
            self._total -= self._goals[name]
        if self._bar is None:
            if kind in ("held", "added"):
                return
            shown = self._shown and self._total > 0
            engines = " and ".join(sorted({request.engine for request in self._session.requests}))
            self._bar = tqdm(total=self._total, unit="step", unit_scale=True, disable=not shown, desc=engines)
        elif self._bar.total != self._total:
            self._bar.total = self._total
            self._bar.refresh()
        done = f"{len(self._finished)} of {len(self._goals)} runs"
        if kind == "compiling":
            self._bar.set_postfix_str(f"{done}, compiling")
        elif getattr(self._bar, "postfix", None) != done:  # a bar that is not shown has none
            self._bar.set_postfix_str(done, refresh=False)
        step = {"progress": event.get("step", 0), "finished": self._goals.get(name, 0)}.get(kind, 0)
        if step > self._done.get(name, 0):
            step = min(step, self._goals[name])
            self._bar.update(step - self._done.get(name, 0))
            self._done[name] = step
        if kind == "finished":
            self._finished.add(name)
            self._bar.set_postfix_str(f"{len(self._finished)} of {len(self._goals)} runs")

    def _count(self) -> None:
        for one in self._session.requests:
            if one.run_id not in self._goals:
                self._goals[one.run_id] = self._session.goal(one)
                self._total += self._goals[one.run_id]
