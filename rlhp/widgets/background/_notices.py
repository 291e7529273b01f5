"""What nobody should miss of a training: runs that never update, and runs of which nothing is heard."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from rlhp.runs import Runs
from rlhp.trainers import never_updates

__all__ = ["Notices"]

_ADVICE = "It may be slow, or it hangs; Stop ends it."
_HEARD = ("progress", "eval", "finished", "restarted", "compiled")


class Notices:
    """Hears the events of a sweep, and says in `text` what stands now.

    Parameters
    ----------
    requests : sequence of RunRequest
        What will be trained.

    Examples
    --------
    >>> notices = Notices([])
    >>> notices.hear({"event": "silent", "run_id": "a", "heard": "no progress for 60 s from dqn on CartPole-v1"})
    >>> notices.text
    'No progress for 60 s from dqn on CartPole-v1. It may be slow, or it hangs; Stop ends it.'
    >>> notices.hear({"event": "progress", "run_id": "a", "step": 100})
    >>> notices.text
    ''
    """

    def __init__(self, requests: Sequence[Any]) -> None:
        self._guard = threading.Lock()
        self._n = len(requests)
        self._idle = {one.run_id: reason for one in requests if (reason := never_updates(one))}
        self._silent: dict[str, str] = {}
        self._after = ""

    def hear(self, event: dict[str, Any]) -> None:
        """Take note of an event; called from the thread that trains."""
        kind, name = event["event"], event.get("run_id", "")
        with self._guard:
            if kind == "silent":
                self._silent[name] = event["heard"]
            elif kind in _HEARD:
                self._silent.pop(name, None)
                self._silent.pop("", None)  # the runs that are compiled together take turns

    def end(self, runs: Runs) -> None:
        """Take note of what came of the training: whoever was silent has been heard or was stopped."""
        table = runs.table
        idle = table.index[(table["status"] == "finished") & (table["n_updates"] == 0)].difference(list(self._idle))
        with self._guard:
            self._silent.clear()
            if len(idle):
                self._after = (
                    f"{len(idle)} of {len(runs)} runs never updated: they took no gradient step, and what they return "
                    "is the policy they began with."
                )

    @property
    def text(self) -> str:
        """What should not be missed now; empty where there is nothing."""
        with self._guard:
            said = [f"{heard[:1].upper()}{heard[1:]}. {_ADVICE}" for heard in self._silent.values()]
        if self._idle:
            said.append(
                f"{len(self._idle)} of {self._n} runs never update: {next(iter(self._idle.values()))}. What they "
                "return is the policy they began with."
            )
        return " ".join([*said, *([self._after] if self._after else [])])
