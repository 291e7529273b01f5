"""An explorer answers before Python collects garbage."""

from __future__ import annotations

import gc

import pytest
import traitlets

from rlhp.widgets.frame._explorer import Explorer
from rlhp.widgets.frame._promptness import uncollected


class Asked(Explorer):
    """Notes whether the collector was on when it answered."""

    number = traitlets.Int(0)

    def __init__(self) -> None:
        super().__init__("Asked")
        self.seen: list[bool] = []
        self.observe(lambda change: self.seen.append(gc.isenabled()), "number")
        self.on_click(self.start_button, self.start)

    def start(self) -> None:
        self.seen.append(gc.isenabled())
        raise ValueError("nothing to start")


@pytest.fixture(autouse=True)
def _collector():
    assert gc.isenabled()
    yield
    gc.enable()


def test_no_collection_while_an_explorer_answers():
    explorer = Asked()
    explorer.number = 3
    explorer.start_button.click()
    assert len(explorer.seen) >= 2
    assert not any(explorer.seen)
    assert explorer.error == "ValueError: nothing to start"
    assert gc.isenabled()


def test_a_full_collection_that_is_due_waits_for_the_end_of_the_block():
    collected = []

    def note(phase: str, info: dict) -> None:
        collected.append(phase)

    before = gc.get_threshold()
    gc.collect()
    gc.set_threshold(10)
    gc.callbacks.append(note)
    try:
        with uncollected():
            collected.clear()  # a collection on the way here is none of the block's
            held = [[] for _ in range(1_000)]
            assert collected == []
        held += [[] for _ in range(1_000)]
        assert "start" in collected
    finally:
        gc.callbacks.remove(note)
        gc.set_threshold(*before)


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    with uncollected(), uncollected():
        assert not gc.isenabled()
    assert not gc.isenabled()
