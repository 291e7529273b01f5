"""A session trains runs beside the caller: what is asked for, what trains it, its events, and what is known so far."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from rlhp import arguments
from rlhp.errors import KeepingError
from rlhp.runs import Runs
from rlhp.sweeps._ended import Ended, reached
from rlhp.sweeps._ledger import Ledger, listed
from rlhp.sweeps._options import Execution, Logging
from rlhp.sweeps._queue import RequestQueue
from rlhp.sweeps._record import provenance
from rlhp.sweeps._silence import Silence
from rlhp.sweeps._store import Store, opened
from rlhp.sweeps._writer import Writer
from rlhp.sweeps.executors._choice import check_executor, executors
from rlhp.sweeps.executors._executor import Event
from rlhp.trainers import RunRequest, has_sb3

__all__ = ["Session"]


class Session:
    """Runs in training, by one engine or both; whatever trains in this package is one of these.

    Runs of the compiled engine are trained in threads of this process; those of stable-baselines3 in processes of
    their own, or in the session's thread, once no compiled run is in training. On a Ray
    cluster both are trained at the same time.

    Parameters
    ----------
    requests : sequence of RunRequest
        What to train; what the store holds already is not trained again.
    out : path or Store, optional
        The store, or its folder; by default a temporary one that lives as long as this object.
    execution : Execution
        How it is carried out, and what is kept: of a policy `policy_path` says where. Its progress bar is that of
        `rlhp.sweep`; a session has events.
    growing : bool
        Whether `add` may ask for more while it trains, until `finish` says that no more will come.
    until : callable, optional
        ``until(request) -> step``: where a run of the compiled engine is paused, see `rlhp.sweeps.advance`.
    logging : Logging
        What runs that are trained in this process leave behind.
    on_event : callable, optional
        Called from background threads, never two at a time, with those of `Executor.train`, ``added`` (`runs`),
        ``held`` (`run_id`: it was in the store), ``silent`` (`run_id`, `seconds`, `heard`, `message`), ``finished``
        (`run_id`, `status`, `error`: what was not stopped is on the disk then), and at last ``done``.

    Raises
    ------
    TypeError, ValueError
        If an argument is none that can be.
    ImportError
        If the engine that is needed is not installed, or Ray is not.

    Examples
    --------
    >>> from rlhp.sweeps import requests_of
    >>> requests = requests_of("ppo", "CartPole-v1", {"n_envs": 4}, steps=5_000, seeds=2)
    >>> training = Session(requests)
    >>> training.start().wait(), training.snapshot()  # doctest: +SKIP
    >>> training.close()
    """

    def __init__(
        self,
        requests: Iterable[RunRequest] = (),
        *,
        out: str | Path | Store | None = None,
        execution: Execution = Execution(),
        growing: bool = False,
        until: Callable[[RunRequest], int] | None = None,
        logging: Logging = Logging(),
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._execution = Execution.of(execution)
        for name, value, of in (("on_event", on_event, "event (a dict)"), ("until", until, "request (to a step)")):
            if value is not None and not callable(value):
                raise TypeError(f"`{name}` is {arguments.shown(value)}; give a function of one {of}.")
        self._here = self._execution.workers == 0
        check_executor(self._execution)
        self._growing = arguments.flag("growing", growing)
        self._until = until
        self._on_event = _ignore if on_event is None else on_event
        self.error: str | None = None
        self.failure: BaseException | None = None
        self._ledger = Ledger(self.goal)
        self._compiled_runs: set[str] = set()  # that have not ended
        self._guard, self._telling = threading.Lock(), threading.RLock()
        self._stop, self._over = threading.Event(), threading.Event()
        self._began, self._adding = False, 0
        self._take(listed(requests))
        self.store, self._temporary = opened(out)
        self._executors = executors(self._execution, Logging.of(logging), self.store, until)
        self._sources = {"jax": RequestQueue(), "sb3": RequestQueue(held_back=self._cores_are_taken)}
        self._silence = Silence(self._tell)
        self._writer = Writer(self.store, on_written=self._note_written, on_failure=self._fail)

    def add(self, requests: Iterable[RunRequest]) -> None:
        """Ask for more runs while others train; what the store holds counts as finished at once.

        Raises
        ------
        RuntimeError
            If the session is not `growing`, or has been finished or stopped.
        """
        several = listed(requests)
        with self._guard:
            if not self._growing or self._stop.is_set():
                raise RuntimeError("this session takes no more runs; make it with `growing=True` and `finish` it last.")
            fresh = self._take(several)
            if not self._began or not fresh:
                return
            self._adding += 1
        try:
            self._tell({"event": "added", "runs": len(fresh)})
            self._hand_over(fresh)
        finally:
            with self._guard:
                self._adding -= 1
            self._close_sources()

    def finish(self) -> None:
        """Say that no more runs will come: the session is done when those that were asked for have ended."""
        with self._guard:
            self._growing = False
        self._close_sources()

    def listen(self, on_event: Callable[[Event], None]) -> None:
        """Set who is told of events; before `start`."""
        self._on_event = on_event

    def start(self) -> Session:
        """Start training beside the caller, and return at once.

        Raises
        ------
        RuntimeError
            If it was started before, another sweep writes to the store, or the disk refuses.
        """
        self._begin()
        threading.Thread(target=self._work_in_background, name="rlhp-sweep", daemon=True).start()
        return self

    def run(self) -> None:
        """Train, and return when all is done; what trains in this process without a thread does so in the caller's.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C, once everything has stopped in good order.
        """
        try:
            if self._here:
                self._begin()
                self._work()
            else:
                self.start()
                while not self.wait(timeout=0.2):  # short waits let Ctrl-C in on every platform
                    pass
        except KeyboardInterrupt:
            self.stop()
            raise

    def stop(self, *, wait: bool = True) -> None:
        """Stop training; what is finished stays, what is not counts as `stopped`.

        It returns when nothing trains any more; without `wait` at once, which is how a listener stops what it hears.
        """
        self._stop.set()
        if wait:
            self.wait()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until everything is trained, at most `timeout` seconds; say whether it is."""
        return self._over.wait(timeout) if self._began else True

    def close(self) -> None:
        """Stop training and remove the temporary store, where there is one."""
        self.stop()
        if self._temporary is not None:
            self._temporary.cleanup()

    # --- what is known so far ------------------------------------------------------------------------------------

    @property
    def is_temporary(self) -> bool:
        """Whether the store goes with this object."""
        return self._temporary is not None

    @property
    def done(self) -> bool:
        """Whether nothing is in training any more."""
        return self._over.is_set()

    @property
    def requests(self) -> list[RunRequest]:
        """What was asked for, in that order."""
        return self._ledger.requests

    @property
    def progress(self) -> tuple[int, int]:
        """Environment steps trained so far, and in all that was asked for."""
        return self._ledger.progress

    def goal(self, request: RunRequest) -> int:
        """Return how many environment steps of a run this session trains."""
        return request.steps if self._until is None else min(request.steps, self._until(request))

    def policy_path(self, run_id: str) -> Path:
        """Return where the policy of a run is, once it is trained with `Execution.keep_policies`."""
        return self.store.policy(run_id)

    def finished(self, run_ids: Collection[str] | None = None) -> Runs | None:
        """Return the runs that are done, or those of some ids, in the order of the requests; None if none is."""
        runs = self._ledger.finished(run_ids)
        if runs is None or not self._execution.keep_policies:
            return runs
        return dataclasses.replace(runs, policies=self.store.policies)

    def snapshot(self) -> Runs:
        """Return all runs that have been evaluated at least once; unfinished ones have the status `stopped`."""
        return self._ledger.snapshot()

    def _cores_are_taken(self) -> bool:
        """Whether runs of stable-baselines3 would take this machine's cores from compiled ones."""
        return bool(self._compiled_runs) and self._execution.executor == "local"

    # --- the way of a request ------------------------------------------------------------------------------------

    def _take(self, requests: Sequence[RunRequest]) -> list[RunRequest]:
        """Take note of requests; give those that were not asked for before."""
        if any(request.engine == "sb3" for request in requests) and not has_sb3():
            raise ImportError("training needs stable-baselines3; install it with `pip install 'rlhp[sb3]'`.")
        return self._ledger.take(requests)

    def _begin(self) -> None:
        if self._began:
            raise RuntimeError("this sweep was started before; make a new one.")
        self.store.acquire()
        try:
            with self._guard:
                self._began = True
                first = {one.run_id: one for one in self.requests}
            self._hand_over(list(first.values()))
            self._close_sources()
        except BaseException:
            self._began = False
            self.store.release()
            raise

    def _hand_over(self, fresh: list[RunRequest]) -> None:
        """Return to the executors what the store does not hold."""
        if not fresh:
            return
        goals = None if self._until is None else {one.run_id: self.goal(one) for one in fresh}
        names = [one.run_id for one in fresh]
        how = self._execution
        held = self.store.held(names, retry_failed=how.retry_failed, need_policies=how.keep_policies, goals=goals)
        self.store.note(provenance(fresh))
        if held is not None:
            self._ledger.keep(held)
            for name in held.table.index:
                self._tell({"event": "held", "run_id": name})
        missing = [one for one in fresh if not self._ledger.has_ended(one.run_id)]
        self._silence.expect(missing)
        with self._guard:
            self._compiled_runs.update(one.run_id for one in missing if one.engine == "jax")
        for engine, source in self._sources.items():
            source.put(one for one in missing if one.engine == engine)

    def _close_sources(self) -> None:
        """Let the executors end when they have trained what there is, once no more will come."""
        with self._guard:
            if self._began and not self._growing and not self._adding:
                for source in self._sources.values():
                    source.close()

    def _work_in_background(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self._fail(error)

    def _work(self) -> None:
        """Train: compiled runs in threads, the others from this one."""
        compiled = threading.Thread(target=self._train, args=("jax",), name="rlhp-compiled", daemon=True)
        with contextlib.ExitStack() as last:  # whatever happens, all of these, from the last to the first
            last.callback(self._over.set)
            last.callback(self._tell, {"event": "done"})
            last.callback(self.store.release)
            last.callback(self.store.compact)
            last.enter_context(self._silence)
            last.enter_context(self._writer)
            compiled.start()
            try:
                self._train("sb3")
                _await(compiled)
            except BaseException:  # Ctrl-C, where this is the caller's thread
                self._stop.set()
                _await(compiled)
                raise

    def _train(self, engine: str) -> None:
        source = self._sources[engine]
        while not source.wait(0.2):
            if self._should_stop():
                return
        if source.empty:
            return
        try:
            self._executors[engine].train(
                source,
                policies=self.store.policy if self._execution.keep_policies else None,
                on_event=self._note,
                on_end=self._note_end,
                should_stop=self._should_stop,
            )
        except (Exception, SystemExit) as error:
            self._fail(error)

    def _should_stop(self) -> bool:
        # Nobody waits for what trains when the program has come to its end.
        return self._stop.is_set() or not threading.main_thread().is_alive()

    # --- the way of a result -------------------------------------------------------------------------------------

    def _note(self, event: Event) -> None:
        """Hear what an executor tells."""
        self._silence.hear(event)
        self._ledger.hear(event)
        if event["event"] != "restarted":
            self._tell(event)

    def _note_end(self, run: Ended) -> None:
        """Take a run that ended to the store; one that was stopped on the way is no result."""
        if run.status == "stopped" and (self._until is None or reached(run.rows) < self.goal(run.request)):
            self._tell_finished(run)
        else:
            self._writer.add(run)

    def _note_written(self, runs: Runs, several: Sequence[Ended]) -> None:
        self._ledger.keep(runs)
        for run in several:
            if run.status != "stopped":
                self.store.paused.drop(run.request.run_id)
            self._tell_finished(run)

    def _tell_finished(self, run: Ended) -> None:
        event = {"event": "finished", "run_id": run.request.run_id, "status": run.status, "error": run.error}
        self._silence.hear(event)
        with self._guard:
            self._compiled_runs.discard(run.request.run_id)
        self._tell(event)

    def _fail(self, error: BaseException) -> None:
        """Stop because of an error, and keep the first."""
        told = str(error) if isinstance(error, RuntimeError | OSError | KeepingError) else ""
        with self._guard:
            if self.failure is None:
                self.failure, self.error = error, told or f"{type(error).__name__}: {error}"
        self._stop.set()

    def _tell(self, event: Event) -> None:
        try:
            with self._telling:
                self._on_event(event)
        except Exception as error:  # a listener's mistake must not end the training it listens to
            self.error = self.error or f"on_event raised {type(error).__name__}: {error}"


def _ignore(event: Event) -> None:
    pass


def _await(thread: threading.Thread) -> None:
    while thread.is_alive():
        thread.join(0.2)  # short waits let Ctrl-C in on every platform
