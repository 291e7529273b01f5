"""What a sweep no longer needs does not stay in memory."""

from __future__ import annotations

import os
import weakref
from pathlib import Path

import pytest

from rlhp.trainers import memory, programs
from rlhp.trainers.batches import plan
from rlhp.trainers.request import RunRequest


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


def test_the_programs_used_last_stay_and_what_the_others_took_is_given_back(monkeypatch):
    given = []
    monkeypatch.setattr(programs, "give_back", lambda: given.append(len(given)))
    config = {"net_arch": [8], "buffer_size": 100}
    sizes = range(4, 4 + programs._KEPT + 3)
    recipes = [
        plan([RunRequest("dqn", "CartPole-v1", 0, 64, {**config, "batch_size": size}, 64, 2, "jax")])[0].recipe
        for size in sizes
    ]
    programs._program.cache_clear()
    made = [weakref.ref(programs.program(recipe).segment) for recipe in recipes]
    assert len(given) == 3
    assert programs.program(recipes[-1]) is programs.program(recipes[-1])
    assert len(given) == 3
    memory.give_back()
    assert [one() is not None for one in made] == [False] * 3 + [True] * programs._KEPT
