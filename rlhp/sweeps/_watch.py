"""Wait for a session with a progress bar, and say what nobody should miss of what came of it."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Sequence

from rlhp.frames import BROKEN
from rlhp.runs import Runs
from rlhp.sweeps._bar import Bar
from rlhp.sweeps._session import Session
from rlhp.trainers import RunRequest, never_updates

__all__ = ["watch"]


def watch(session: Session, progress: bool) -> Runs:
    """Train all that a session was asked for and give it; the session is closed then.

    Ctrl-C stops it in good order, warns, and gives what is finished.

    Parameters
    ----------
    session : Session
        Not started.
    progress : bool
        Whether to show a bar.

    Raises
    ------
    KeyboardInterrupt
        If nothing was finished.
    RuntimeError
        If the sweep cannot go on.
    """
    expected = _warn_of_no_updates(session.requests)
    with contextlib.closing(session), Bar(session, progress) as bar:
        session.listen(bar.on_event)
        interrupted = False
        try:
            session.run()
        except KeyboardInterrupt:
            if session.finished() is None:
                raise
            interrupted = True
        runs = session.finished()
        if session.error is not None:
            raise RuntimeError(_cannot_go_on(session, runs)) from session.failure
        assert runs is not None
        if interrupted and len(runs) < len({request.run_id for request in session.requests}):
            _warn_of_interruption(session, runs)
    return _reported(runs, expected)


def _warn_of_no_updates(requests: Sequence[RunRequest]) -> set[str]:
    """Warn, before anything is trained, of runs that will learn nothing; give their ids."""
    idle = {request.run_id: reason for request in requests if (reason := never_updates(request))}
    if idle:
        first, asked = next(iter(idle.values())), len({request.run_id for request in requests})
        warnings.warn(
            f"{len(idle)} of {asked} runs never update: {first}. What they return is the policy they began with; "
            f"`runs.select(n_updates=0)` gives them.",
            RuntimeWarning,
            stacklevel=_depth(),
        )
    return set(idle)


def _reported(runs: Runs, expected: set[str]) -> Runs:
    """Warn of runs that diverged, failed or learned nothing: they are results, but nobody should miss them.

    Of those in `expected` it was said before that they would learn nothing.
    """
    idle = runs.table[(runs.table["status"] == "finished") & (runs.table["n_updates"] == 0)]
    idle = idle[~idle.index.isin(expected)]
    if len(idle):
        warnings.warn(
            f"{len(idle)} of {len(runs)} runs never updated: they took no gradient step, and what they return is the "
            f"policy they began with; `runs.select(n_updates=0)` gives them. First: `{idle.index[0]}`.",
            RuntimeWarning,
            stacklevel=_depth(),
        )
    status = runs.table["status"]
    diverged, failed = int((status == "diverged").sum()), int((status == "failed").sum())
    if diverged or failed:
        first = runs.table[status.isin(BROKEN)].iloc[0]
        warnings.warn(
            f"of {len(runs)} runs {diverged} diverged and {failed} failed; they stay as rows. "
            f"First, seed {first['seed']}: {first['error']}",
            RuntimeWarning,
            stacklevel=_depth(),
        )
    return runs


def _cannot_go_on(session: Session, runs: Runs | None) -> str:
    done = 0 if runs is None else len(runs)
    kept = "nothing is kept without `out=`"
    if not session.is_temporary:
        kept = f"what was finished is kept in {session.store.folder}"
    return f"the sweep stopped: {str(session.error).rstrip('.')}. {done} runs were finished; {kept}."


def _warn_of_interruption(session: Session, runs: Runs) -> None:
    asked = len({request.run_id for request in session.requests})
    more = "give `out=` to be able to go on"
    if not session.is_temporary:
        more = f"the same call goes on from {session.store.folder}"
    warnings.warn(
        f"interrupted: {len(runs)} of {asked} runs are finished; {more}.", RuntimeWarning, stacklevel=_depth()
    )


def _depth() -> int:
    """Return the `stacklevel` by which a warning of the function that asks names the line outside of this library."""
    frame, depth = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "rlhp":
        frame, depth = frame.f_back, depth + 1
    return depth
