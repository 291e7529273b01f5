"""Train with the compiled engine: as many runs side by side in this process as there are cores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rlhp.sweeps._ended import Ended
from rlhp.sweeps._paused import Paused
from rlhp.sweeps._queue import RequestQueue
from rlhp.sweeps.executors._executor import Event, Policies
from rlhp.sweeps.executors._limit import late
from rlhp.trainers import RunRequest

if TYPE_CHECKING:
    from rlhp.trainers.compiled import Running

__all__ = ["Compiled"]


@dataclass(frozen=True)
class Compiled:
    """The executor of compiled programs, one thread a core.

    Parameters
    ----------
    paused : Paused
        Runs that were paused are taken up from there.
    until : callable, optional
        ``until(request) -> step``: where a run is paused and kept.
    time_limit : float, optional
        Seconds that a run may be trained, compiling and waiting for its turn not counted; one that is not done then
        counts as `failed`.
    one_by_one : bool
        Train one run after the other on one core, where others have the machine's other cores.
    """

    paused: Paused
    until: Callable[[RunRequest], int] | None = None
    time_limit: float | None = None
    one_by_one: bool = False

    def train(
        self,
        requests: RequestQueue,
        *,
        policies: Policies,
        on_event: Callable[[Event], None],
        on_end: Callable[[Ended], None],
        should_stop: Callable[[], bool],
    ) -> None:
        """Train what there is side by side; see `Executor`."""
        from rlhp.trainers.compiled import Limits, Running, drive

        def over(running: Running) -> bool:
            return self.time_limit is not None and running.wall_time_s > self.time_limit

        def end(running: Running) -> None:
            ended = Ended(
                running.request,
                running.status,
                list(running.rows),
                running.wall_time_s,
                running.cpu_time_s,
                running.error,
                running.n_updates,
                list(running.history),
            )
            if over(running):
                ended = late(ended, self.time_limit or 0.0)
            if self.until is not None and ended.status == "stopped":
                self.paused.keep(running)
            on_end(ended)

        def begin(request: RunRequest) -> Running:
            return self.paused.take(request) or Running(request)

        drive(
            requests,
            until=self.until,
            on_event=on_event,
            on_end=end,
            should_stop=should_stop,
            over=over,
            policies=policies,
            begin=begin,
            limits=Limits(workers=1, most_open=1) if self.one_by_one else Limits(),
        )
