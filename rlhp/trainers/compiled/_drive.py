"""Train many runs side by side: as many threads as there are cores, each advancing one run at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jax import Device

from rlhp.trainers._request import RunRequest
from rlhp.trainers.compiled import _backend as backend
from rlhp.trainers.compiled._memory import machine_memory
from rlhp.trainers.compiled._recipes import Recipe
from rlhp.trainers.compiled._running import Event, Running

__all__ = ["Limits", "drive"]

_OPEN = 64  # runs that advance together at most: what a killed process loses, and how many curves grow at once
_PROGRAMS = 24  # programs of theirs at most: each takes some sixty megabytes
_MEMORY_SHARE = 0.25  # of the machine's memory that their states may take
_WAIT_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many runs are trained side by side.

    Attributes
    ----------
    workers : int, optional
        Threads; as many as the process may use cores.
    most_open : int
        Runs that advance together at most.
    memory : int, optional
        Bytes that the states of open runs may take; a quarter of the machine's. A single run may take more.
    """

    workers: int | None = None
    most_open: int = _OPEN
    memory: int | None = None


def drive(
    requests: Iterable[RunRequest | None],
    *,
    until: Callable[[RunRequest], int] | None = None,
    on_event: Callable[[Event], None] | None = None,
    on_end: Callable[[Running], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    over: Callable[[Running], bool] | None = None,
    policies: Callable[[str], Path] | None = None,
    begin: Callable[[RunRequest], Running] = Running,
    limits: Limits = Limits(),
) -> None:
    """Train runs until there are no more; it returns when all of them have ended.

    The threads always advance the least advanced of the runs that are open, by one evaluation, so that they grow
    together. What a run learns does not depend on the others. A program that is not there yet is compiled by one
    thread, while the others train what is ready.

    Parameters
    ----------
    requests : iterable of RunRequest or None
        Asked for the next one whenever one more run could be opened, by one thread at a time. None means: nothing now,
        but perhaps later; it is asked again.
    until : callable, optional
        ``until(request) -> step``: a run is ended as `stopped` at its first evaluation there or later.
    on_event : callable, optional
        Hears the events of `Running.advance`, and ``{"event": "compiling", "runs"}`` and ``"compiled"`` before and
        after a program is looked for, `runs` being the open runs that wait for it.
    on_end : callable, optional
        ``on_end(running)``, once for each run. It and `on_event` are called from the threads, never two at a time.
    should_stop : callable, optional
        Asked often; True ends all that are open as `stopped`.
    over : callable, optional
        ``over(running)``, asked as often: True ends this run as `stopped`.
    policies : callable, optional
        ``policies(run_id) -> path``: where to keep the policies of runs that finish.
    begin : callable
        ``begin(request) -> Running``: a new run, or one that was left before.
    limits : Limits
        How many threads, and how many runs may be open.

    Raises
    ------
    KeepingError
        If the disk refuses a policy.
    Exception
        What a callback raised. Runs that raise do not: they are `failed`.
    """
    work = _Work(
        iter(requests),
        until=until,
        on_event=on_event,
        on_end=on_end,
        should_stop=should_stop,
        over=over,
        policies=policies,
        begin=begin,
        limits=limits,
    )
    # Not daemons: an interpreter that ends while the compiler works would crash.
    places = backend.devices()
    threads = [
        threading.Thread(target=work.work, args=(places[i % len(places)],), name=f"rlhp-training-{i}", daemon=False)
        for i in range(limits.workers or len(places))
    ]
    try:
        for thread in threads:
            thread.start()
        # Short waits, in which the signal of an interrupted cell gets through.
        while (alive := [thread for thread in threads if thread.is_alive()]) and not work.stopped():
            alive[0].join(_WAIT_S)  # which ends with the thread: a short run waits for nothing
    finally:
        work.close()
    if work.error is not None:
        raise work.error


class _Work:
    """What there is to do, shared by the threads."""

    def __init__(
        self,
        requests: Iterator[RunRequest | None],
        *,
        until: Callable[[RunRequest], int] | None,
        on_event: Callable[[Event], None] | None,
        on_end: Callable[[Running], None] | None,
        should_stop: Callable[[], bool] | None,
        over: Callable[[Running], bool] | None,
        policies: Callable[[str], Path] | None,
        begin: Callable[[RunRequest], Running],
        limits: Limits,
    ) -> None:
        self.halted = threading.Event()
        self.error: BaseException | None = None
        self._requests: Iterator[RunRequest | None] | None = requests  # None when there are no more
        self._until, self._on_event, self._on_end = until, on_event, on_end
        self._should_stop, self._over, self._policies = should_stop, over, policies
        self._begin, self._most_open = begin, limits.most_open
        self._memory = limits.memory or int(machine_memory() * _MEMORY_SHARE)
        self._changed = threading.Condition()
        self._calling = threading.RLock()
        self._open: list[Running] = []  # in the order in which they were asked for
        self._training: set[Running] = set()
        self._compiling: set[Recipe] = set()
        self._there: set[tuple[Recipe, Device]] = set()
        self._told: set[Recipe] = set()

    def work(self, device: Device) -> None:
        """Compile and train what is due, until nothing is left; what one thread of several does, on its device."""
        try:
            while (running := self._next(device)) is not None:
                if (running.prepared.recipe, device) in self._there:
                    self._train(running, device)
                else:
                    self._compile(running, device)
        except BaseException as error:  # a callback's, or a disk that refuses: for the caller
            self.error = self.error or error
            self.halted.set()
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Let the threads come to a stop, and end what is left open.

        A compiler cannot be interrupted: its thread ends by itself, and nobody waits for it.
        """
        self.halted.set()
        with self._changed:
            while self._training:
                self._changed.wait(_WAIT_S)
            left, self._open = self._open, []
        for running in left:
            running.stop()
            self._call(self._on_end, running)

    def _next(self, device: Device) -> Running | None:
        """Wait for the run that a thread should see to on its device; None when there are no more."""
        with self._changed:
            while not self.stopped():
                self._open_more()
                idle = [one for one in self._open if one not in self._training]
                there = {recipe for recipe, place in self._there if place is device}
                ready = [one for one in idle if one.prepared.recipe in there and self._has_room(one)]
                missing = [one for one in idle if one.prepared.recipe not in there | self._compiling]
                if missing and not (ready and self._compiling):
                    self._compiling.add(missing[0].prepared.recipe)
                    return missing[0]
                if ready:
                    due = min(ready, key=lambda one: one.step / one.request.steps)
                    self._training.add(due)
                    return due
                if not self._open and self._requests is None:
                    return None
                self._changed.wait(_WAIT_S)
            self.halted.set()
            return None

    def _open_more(self) -> None:
        while self._requests is not None and len(self._open) < self._most_open and self._programs_open() < _PROGRAMS:
            try:
                request = next(self._requests)
            except StopIteration:
                self._requests = None
                return
            if request is None:
                return
            running = self._begin(request)
            running.resume()
            if self._enough(running):
                self._call(self._on_end, running)
            else:
                self._open.append(running)

    def _programs_open(self) -> int:
        return len({running.prepared.recipe for running in self._open})

    def _has_room(self, running: Running) -> bool:
        """Return whether a run can be begun, or has been, within the memory there is."""
        if running.state is not None:
            return True
        begun = [one for one in self._open if one.state is not None or one in self._training]
        taken = sum(one.state_bytes() for one in begun)
        return not begun or taken + running.state_bytes() <= self._memory

    def _compile(self, running: Running, device: Device) -> None:
        """Get a program for a device; told of is the first time, the others read it from the cache on disk."""
        recipe = running.prepared.recipe
        with self._changed:
            waiting = sum(one.prepared.recipe == recipe for one in self._open)
            first = recipe not in self._told
            self._told.add(recipe)
        if first:
            self._call(self._on_event, {"event": "compiling", "runs": waiting})
        failed: BaseException | None = None
        try:
            running.program(device)
        except (Exception, SystemExit) as error:
            failed = error
        finally:
            with self._changed:
                self._compiling.discard(recipe)
                if failed is None:
                    self._there.add((recipe, device))
                self._changed.notify_all()
        if self.stopped():
            return  # whoever waited for it has left
        if failed is not None:
            running.fail(failed)
            self._end(running)
            return
        if first:
            self._call(self._on_event, {"event": "compiled", "runs": waiting})

    def _train(self, running: Running, device: Device) -> None:
        def stop() -> bool:
            return self.stopped() or (self._over is not None and self._over(running))

        try:
            running.advance(device, on_event=self._tell, should_stop=stop, policies=self._policies)
            if self._enough(running) or stop():
                self._end(running)
        except BaseException:
            with self._changed:
                self._open = [one for one in self._open if one is not running]  # its end was not, or cannot be, told
            raise
        finally:
            with self._changed:
                self._training.discard(running)
                self._changed.notify_all()

    def _enough(self, running: Running) -> bool:
        """Return whether a run has ended, or is where it was to be stopped."""
        if running.status == "going" and self._until is not None and running.step >= self._until(running.request):
            running.stop()
        return running.status != "going"

    def _end(self, running: Running) -> None:
        running.stop()  # where it has not ended otherwise
        with self._changed:
            if running not in self._open:
                return
            self._open.remove(running)
        self._call(self._on_end, running)

    def _tell(self, event: Event) -> None:
        """Hand on an event of a run, whose fault it is not where that raises."""
        try:
            self._call(self._on_event, event)
        except Exception as error:
            self.error = self.error or error
            self.halted.set()

    def _call(self, listener: Callable[..., None] | None, what: object) -> None:
        if listener is not None:
            with self._calling:
                listener(what)

    def stopped(self) -> bool:
        """Return whether all is to end."""
        return self.halted.is_set() or (self._should_stop is not None and self._should_stop())
