"""What trains the runs of a session: one protocol, whoever does the work and wherever."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from rlhp.sweeps._ended import Ended
from rlhp.sweeps._queue import RequestQueue

__all__ = ["Event", "Executor", "Policies"]

Event = dict[str, Any]
Policies = Callable[[str], Path] | None
"""``policies(run_id) -> path``: where a run's final policy is kept; None where none is."""


class Executor(Protocol):
    """Trains requests until there are no more.

    It neither stores runs nor counts them: the session does, so that an executor may stand on another machine.
    """

    def train(
        self,
        requests: RequestQueue,
        *,
        policies: Policies,
        on_event: Callable[[Event], None],
        on_end: Callable[[Ended], None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Train what `requests` gives; return when it ends, or soon after `should_stop` says True.

        Parameters
        ----------
        requests : RequestQueue
            May grow meanwhile.
        policies : callable or None
            Where final policies go.
        on_event : callable
            Told, from any thread, of ``compiling`` and ``compiled`` (`runs`), ``started`` (`run_id`, `process` where it
            has one of its own), ``progress`` (`run_id`, `step`), ``eval`` (`run_id`, `row`), and ``restarted``
            (`run_id`) where a run begins again because its process died.
        on_end : callable
            Given each run once, when it ended, from any thread; also those that `should_stop` ended, as `stopped`.
        should_stop : callable
            Asked often.

        Raises
        ------
        RuntimeError, OSError
            If the sweep cannot go on: the disk refuses a policy, or processes do not start.
        """
