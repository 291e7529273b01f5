"""What a sweep no longer needs does not stay in memory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rlhp.trainers.compiled import _memory as memory


def resident() -> int:
    """Bytes of this process that are in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(memory._trim() is None or not Path("/proc/self/statm").exists(), reason="not Linux with glibc")
def test_what_is_freed_goes_back_although_something_above_it_stays():
    held = [bytes(1_000) for _ in range(200_000)]
    last = held[-1]
    before = resident()
    del held
    assert memory.give_back()
    assert before - resident() > 100e6
    assert last == bytes(1_000)


def test_where_the_c_library_cannot_nothing_happens(monkeypatch):
    monkeypatch.setattr(memory, "_trim", lambda: None)
    assert not memory.give_back()


def test_the_memory_of_the_machine_is_known():
    assert 2**28 < memory.machine_memory() < 2**46
