"""Writes finished runs to the store, several at a time: a chunk for each would cost more than many a run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

from rlhp.runs import Runs
from rlhp.sweeps._ended import Ended, as_runs
from rlhp.sweeps._store import Store

__all__ = ["EVERY_S", "MOST", "Writer"]

EVERY_S = 1.0  # between the beginnings of two chunks, as long as fewer than MOST runs wait
MOST = 32


class Writer:
    """Writes from a thread of its own; what was added is written when the ``with`` ends, however it does.

    A run that comes after a while in which none did is written at once, so that slow runs wait for nothing; where many
    come, they are gathered for up to a second.

    Parameters
    ----------
    store : Store
        Claimed by this process.
    on_written : callable
        Given the table of each chunk, and the runs in it, once they are on the disk.
    on_failure : callable
        Given what went wrong; nothing more is written then.
    """

    def __init__(
        self,
        store: Store,
        *,
        on_written: Callable[[Runs, Sequence[Ended]], None],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._store, self._on_written, self._on_failure = store, on_written, on_failure
        self._pending: list[Ended] = []
        self._news, self._closed = threading.Condition(), False
        self._thread = threading.Thread(target=self._work, name="rlhp-writer", daemon=True)

    def add(self, run: Ended) -> None:
        """Hand over a run that ended; returns at once."""
        with self._news:
            self._pending.append(run)
            self._news.notify()

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._news:
            self._closed = True
            self._news.notify()
        self._thread.join()

    def _work(self) -> None:
        try:
            next_at = 0.0
            while several := self._gathered(next_at):
                next_at = time.monotonic() + EVERY_S
                runs = as_runs(several)
                self._store.write(runs)
                self._on_written(runs, several)
        except Exception as error:  # the disk refuses: a matter of the sweep
            self._on_failure(error)

    def _gathered(self, not_before: float) -> list[Ended]:
        """Wait for runs, and for their time; nothing where there will be none."""
        with self._news:
            self._news.wait_for(lambda: bool(self._pending) or self._closed)
            enough = not_before - time.monotonic()
            self._news.wait_for(lambda: self._closed or len(self._pending) >= MOST, max(enough, 0.0))
            several, self._pending = self._pending, []
            return several
