"""The journal of a search: one line of JSON an event, on the disk before anybody acts on it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rlhp import arguments

__all__ = ["Event", "Journal"]

Event = dict[str, Any]


class Journal:
    """Keeps the events of one search in a file, which one process at a time may write to.

    A process that is killed while it writes leaves half a line, which goes at the next start: what it tells of was not
    acted on.

    Parameters
    ----------
    path : path
        Made with its folders if it is not there; beside it stands a lock, `<name>.lock`.

    Raises
    ------
    RuntimeError
        If another process, or another search of this one, has it open.
    ValueError
        If a line before the last is no event, or the file cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "search.jsonl"
    >>> with Journal(path) as journal:
    ...     journal.write({"event": "ask", "number": 0})
    >>> with Journal(path) as journal:
    ...     journal.events
    [{'event': 'ask', 'number': 0}]
    """

    def __init__(self, path: str | Path) -> None:
        self.path = arguments.path("journal", path)
        lock = self.path.with_name(f"{self.path.name}.lock")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(lock, thread_local=False)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise RuntimeError(
                f"another search is writing to {self.path}; wait for it to end, or give another journal."
            ) from error
        except OSError as error:
            raise ValueError(f"`journal` is {self.path}, which cannot be made ({error}); give another path.") from error
        try:
            self.events = self._read()
            self._file = self.path.open("ab")
        except BaseException:
            self._lock.release()
            raise

    def write(self, event: Event) -> None:
        """Add an event; once this returns, it is in the file whatever happens to this process."""
        self._file.write(json.dumps(event, allow_nan=False).encode() + b"\n")
        self._file.flush()
        self.events.append(event)

    def refused(self, number: int, why: object) -> ValueError:
        """Return the error that says which line is no event, and why."""
        return ValueError(
            f"line {number} of {self.path} is no event of this search ({why}); give another journal, or move this file "
            f"away to begin anew."
        )

    def close(self) -> None:
        """Let others write."""
        self._file.close()
        self._lock.release()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> list[Event]:
        """Return the events, and cut off a line that was not written to its end."""
        if not self.path.exists():
            return []
        try:
            text = self.path.read_bytes()
            whole = text.rfind(b"\n") + 1
            if whole < len(text):
                with self.path.open("r+b") as file:
                    file.truncate(whole)
                    os.fsync(file.fileno())
        except OSError as error:
            raise ValueError(f"`journal` is {self.path}, which cannot be read ({error}).") from error
        events = []
        for number, line in enumerate(text[:whole].splitlines(), start=1):
            try:
                event = json.loads(line)
                if not isinstance(event, dict) or "event" not in event:
                    raise ValueError("it names no event")
            except ValueError as error:
                raise self.refused(number, error) from error
            events.append(event)
        return events
