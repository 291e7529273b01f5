"""Train runs a part of their way: what halving, races and populations are loops over."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rlhp import arguments
from rlhp.runs import Runs
from rlhp.sweeps._ledger import listed
from rlhp.sweeps._options import Execution
from rlhp.sweeps._paused import MEMORY
from rlhp.sweeps._session import Session
from rlhp.sweeps._store import Store
from rlhp.sweeps.executors._executor import Event
from rlhp.trainers import RunRequest

__all__ = ["advance"]


def advance(
    requests: Iterable[RunRequest],
    until: int | Iterable[int],
    store: str | Path | Store,
    *,
    memory: int = MEMORY,
    execution: Execution = Execution(),
    on_event: Callable[[Event], None] | None = None,
) -> Runs:
    """Train each run up to a step, from where it was paused the last time.

    How far a run is trained is no part of it: its schedules always run over all its `steps`, and it keeps its `run_id`.
    So pausing changes nothing that it learns, to the last bit; whatever a run has been trained with, another call, in
    this process or a later one, goes on exactly there. What the store has is not trained again.

    Parameters
    ----------
    requests : iterable of RunRequest
        Of the compiled engine (``engine="jax"``), of whatever algorithms, environments and lengths; see
        `rlhp.sweeps.requests_of`.
    until : int or iterable of int, one per request
        Environment steps. A run is paused at its first evaluation there or later; one whose `steps` are reached is
        finished.
    store : path or Store
        Where runs and states of paused runs are kept. A `Store` that is given again keeps states in memory besides.
    memory : int
        Bytes of states that stay in memory at most; the most recently used do.
    execution : Execution
        As in `rlhp.sweep`; `keep_policies` keeps those of the runs that are finished. There is no progress bar.
    on_event : callable, optional
        As for `rlhp.sweeps.Session`.

    Returns
    -------
    Runs
        Each run up to its step, in the order of `requests`: `finished`, `diverged` or `failed` where it came to its end
        by then, else `stopped`. Of a run that had been trained further before, what came later is left out, its times
        and updates are not known, and it is `stopped`: the same call gives the same decisions.

    Raises
    ------
    ValueError
        If there is nothing to train, a run is of another engine, or `until` fits not.
    TypeError
        If an argument is of another kind altogether.
    KeyboardInterrupt
        After Ctrl-C. All states are kept: the same call goes on where it was.
    RuntimeError
        If the training cannot go on.

    Examples
    --------
    >>> from rlhp.sweeps import requests_of
    >>> requests = requests_of("a2c", "CartPole-v1", [{"gamma": 0.9}, {"gamma": 0.99}], steps=900, seeds=2)
    >>> with tempfile.TemporaryDirectory() as folder:  # doctest: +SKIP
    ...     first = advance(requests, 90, folder)
    ...     last = advance(requests[:2], 900, folder)
    """
    asked = listed(requests)
    for at, one in enumerate(asked):
        if one.engine != "jax":
            raise ValueError(
                f"`requests`, item {at}, is of engine={one.engine!r}, whose runs cannot be paused to the bit; give "
                f"requests of the compiled engine (engine='jax'), or train them to their end with `rlhp.sweep`."
            )
    if not asked:
        raise ValueError("`requests` is empty, so there is nothing to train; give at least one.")
    goals: dict[str, int] = {}
    for one, step in zip(asked, _steps(until, len(asked)), strict=True):
        goals[one.run_id] = max(goals.get(one.run_id, 0), step)
    kept = store if isinstance(store, Store) else Store(arguments.path("store", store))
    kept.paused.memory = arguments.whole("memory", memory, at_least=0, hint="Bytes.")
    session = Session(
        asked,
        out=kept,
        execution=execution,
        until=lambda request: goals[request.run_id],
        on_event=on_event,
    )
    with contextlib.closing(session):
        session.run()
        if session.failure is not None:
            raise RuntimeError(
                f"the training stopped: {str(session.error).rstrip('.')}. What was trained is kept in {kept.folder}."
            ) from session.failure
        runs = session.finished()
    assert runs is not None
    return _cut(runs, {one.run_id: _pause(one, goals[one.run_id]) for one in asked})


def _steps(until: Any, n: int) -> Sequence[int]:
    if not arguments.several(until):
        return [arguments.whole("until", until, at_least=1, hint="Environment steps.")] * n
    steps = [arguments.whole(f"until[{at}]", one, at_least=1) for at, one in enumerate(until)]
    if len(steps) != n:
        raise ValueError(f"`until` has {len(steps)} steps for {n} requests; give one, or one per request.")
    return steps


def _pause(request: RunRequest, step: int) -> int:
    """Return the evaluation at which a run is paused that is to be trained up to a step."""
    return next((one for one in request.eval_steps() if one >= step), request.steps)


def _cut(runs: Runs, pauses: dict[str, int]) -> Runs:
    """Leave out what runs were trained beyond their pause, as if nobody had."""
    table = runs.table.copy()
    last = runs.evals.groupby("run_id")["step"].max().reindex(table.index).fillna(0)
    pause = table.index.map(pauses)
    further = (pause < table["steps"]) & (last >= pause) & ((last > pause) | (table["status"] != "stopped"))
    table.loc[further, "status"] = "stopped"
    table.loc[further, "error"] = ""
    table.loc[further, ["wall_time_s", "cpu_time_s", "n_updates"]] = math.nan
    evals, history = (
        frame[frame["step"].to_numpy() <= frame["run_id"].map(pauses).to_numpy(np.int64)]
        for frame in (runs.evals, runs.history)
    )
    return Runs(table, evals, history, runs.policies)
