"""Requests handed out one by one while more come."""

from __future__ import annotations

import threading
import time

from rlhp.sweeps._queue import RequestQueue
from rlhp.trainers._request import RunRequest

FIRST, SECOND = (RunRequest("ppo", "CartPole-v1", seed, 100, {}, 50, engine="sb3") for seed in range(2))


def test_gives_what_was_put_in_order_then_nothing_for_now_then_ends() -> None:
    source = RequestQueue()
    source.put([FIRST])
    source.put([SECOND])
    assert [next(source), next(source), next(source)] == [FIRST, SECOND, None]
    source.put([FIRST])
    source.close()
    assert list(source) == [FIRST]


def test_what_is_held_back_is_there_later() -> None:
    held = [True]
    source = RequestQueue(held_back=lambda: held[0])
    source.put([FIRST])
    source.close()
    assert next(source) is None
    assert not source.empty
    held[0] = False
    assert list(source) == [FIRST]


def test_waiting_ends_with_what_is_put_or_with_the_end() -> None:
    for news in (lambda source: source.put([FIRST]), RequestQueue.close):
        source = RequestQueue()
        assert not source.wait(0.01)
        threading.Timer(0.05, news, (source,)).start()
        began = time.monotonic()
        assert source.wait(30)
        assert time.monotonic() - began < 20


def test_threads_that_ask_together_get_each_request_once() -> None:
    source, got = RequestQueue(), []
    source.put([FIRST] * 500)
    source.close()
    threads = [threading.Thread(target=lambda: got.extend(source)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 500
