"""The requests that an executor trains: handed out one by one, while more may come."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable

from rlhp.trainers import RunRequest

__all__ = ["RequestQueue"]


class RequestQueue:
    """An iterator over requests that may grow while an executor goes through it, from any thread.

    ``next(source)`` gives a request; None where there is none now but more may come; and it ends once `close` was
    called and nothing is left.

    Parameters
    ----------
    held_back : callable, optional
        Asked before a request is handed out; while it says True, there is none now.

    Examples
    --------
    >>> source = RequestQueue()
    >>> next(source) is None
    True
    >>> source.close()
    >>> list(source)
    []
    """

    def __init__(self, held_back: Callable[[], bool] = lambda: False) -> None:
        self._held_back = held_back
        self._waiting: deque[RunRequest] = deque()
        self._closed = False
        self._news = threading.Condition()

    def put(self, requests: Iterable[RunRequest]) -> None:
        """Add requests after those that wait."""
        with self._news:
            self._waiting.extend(requests)
            self._news.notify_all()

    def close(self) -> None:
        """Say that no more will come."""
        with self._news:
            self._closed = True
            self._news.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait for a request or the end of them, at most `timeout` seconds; say whether there is either."""
        with self._news:
            return self._news.wait_for(lambda: bool(self._waiting) or self._closed, timeout)

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def __iter__(self) -> RequestQueue:
        return self

    def __next__(self) -> RunRequest | None:
        with self._news:
            if self._waiting:
                return None if self._held_back() else self._waiting.popleft()
            if self._closed:
                raise StopIteration
            return None
