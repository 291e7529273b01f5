"""The parent's side of a worker process: start it, give it a run, hear its events, end it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from rlhp.algorithms import sharing as algorithms
from rlhp.envs import sharing as environments
from rlhp.sweeps.executors._executor import Event
from rlhp.trainers import RunRequest

__all__ = ["Worker"]


class Worker:
    """One worker process and the thread that reads its events.

    Each event of the process is put on `events` together with this object; the last one, ``{"event": "dead"}``, is put
    there when the process has ended for whatever reason.
    """

    def __init__(self, events: queue.Queue[tuple[Worker, Event]]) -> None:
        self.ready = False
        self.task: RunRequest | None = None
        self.rows: list[dict[str, Any]] = []  # what was evaluated of it
        self.given_at = 0.0
        self.late = False  # ended because its run did not stop when its time was up
        self._idle = threading.Event()
        self._log = tempfile.TemporaryFile(mode="w+")
        here = str(Path(__file__).resolve().parents[3])
        # What this process can import (beside a script, or in a notebook's folder), the other can.
        paths = os.pathsep.join(dict.fromkeys([here, *(part for part in sys.path if part)]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "rlhp.sweeps.executors.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            bufsize=1,
            env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"},
            start_new_session=True,  # Ctrl-C is for the parent, which stops its workers in good order
        )
        self._reader = threading.Thread(target=self._read, args=(events,), daemon=True)
        self._reader.start()

    @property
    def process_id(self) -> int:
        """What the system calls the process."""
        return self._process.pid

    def give(self, request: RunRequest, policy: Path | None, time_limit: float | None) -> None:
        """Have it train a run, within `time_limit` seconds, and keep its policy at `policy`."""
        self.task, self.rows, self.given_at = request, [], time.monotonic()
        self._idle.clear()
        kept = None if policy is None else str(policy.resolve())
        self._send(
            {
                "request": request.to_json(),
                "algorithm": algorithms.packed(request.algorithm),
                "environment": environments.packed(request.env_id),
                "policy": kept,
                "time_limit": time_limit,
            }
        )

    def ask_to_stop(self) -> None:
        """Ask it to end the run it trains; it says when it has."""
        if self.task is not None:
            self._send({"stop": True})

    def kill(self) -> None:
        """End the process at once; its last event is on its way."""
        self._process.kill()

    def end(self, *, patience_s: float) -> None:
        """End the process, after letting it finish stopping for at most `patience_s` seconds."""
        if self.task is not None:
            self._idle.wait(patience_s)
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for stream in (self._process.stdin, self._process.stdout, self._log):
            with contextlib.suppress(OSError):  # the pipe broke with the process
                stream.close()  # type: ignore[union-attr]

    def last_words(self) -> str:
        """Return the end of what the process wrote to standard error, and how it ended."""
        self._log.seek(0)
        lines = [line.strip() for line in self._log.read().splitlines() if line.strip()]
        code = self._process.wait()
        how = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
        if code == -9:  # what the system sends where memory runs out
            how += " (out of memory?)"
        return "; ".join([how, *lines[-2:]])

    def _send(self, message: Event) -> None:
        with contextlib.suppress(OSError):  # it died: the reading thread tells
            self._process.stdin.write(json.dumps(message) + "\n")  # type: ignore[union-attr]

    def _read(self, events: queue.Queue[tuple[Worker, Event]]) -> None:
        with contextlib.suppress(ValueError):  # a line cut short by its death
            for line in self._process.stdout:  # type: ignore[union-attr]
                event = json.loads(line)
                events.put((self, event))
                if event["event"] == "ended":
                    self._idle.set()
        self._idle.set()
        events.put((self, {"event": "dead"}))
