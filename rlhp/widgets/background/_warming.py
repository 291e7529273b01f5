"""Compile what an explorer will train, off the main thread, while its reader still reads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

__all__ = ["WarmUp"]


class WarmUp:
    """Makes the compiled engine ready: imports it and compiles the programs of some requests, one after the other.

    Parameters
    ----------
    requests : sequence of sequences of RunRequest
        Each as one training would ask for it, with ``engine="jax"``.
    """

    def __init__(self, requests: Sequence[Sequence[Any]]) -> None:
        self._requests = [list(one) for one in requests]
        self._cancelled = threading.Event()
        self.failure: BaseException | None = None
        self.done = 0
        # Not a daemon: an interpreter that ends while the compiler works would crash.
        self._thread = threading.Thread(target=self._work, name="rlhp-warm-up", daemon=False)

    def start(self) -> WarmUp:
        """Start and return at once."""
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Compile no further program; the one under way is finished, a compiler cannot be interrupted."""
        self._cancelled.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over; False if `timeout` (seconds) came first."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        """Whether something is being compiled."""
        return self._thread.is_alive()

    @property
    def programs(self) -> int:
        """How many there are to compile in all."""
        return len(self._requests)

    def _work(self) -> None:
        try:
            from rlhp.trainers.compiled import devices, prepared, program

            for requests in self._requests:
                if self._cancelled.is_set() or not threading.main_thread().is_alive():
                    return
                for one in {one.recipe: one for one in map(prepared, requests)}.values():
                    for device in devices():
                        program(one, device)
                self.done += 1
        except Exception as error:  # the training that follows meets it again and shows it
            self.failure = error
