"""The stopwatch counts training, not compiling and not evaluating."""

from __future__ import annotations

import pytest

from rlhp.widgets.background._stopwatch import Stopwatch


def heard(*events) -> Stopwatch:
    """A stopwatch that heard (second, kind, run) in turn."""
    clock = iter([at for at, *_ in events])
    watch = Stopwatch(now=lambda: next(clock))
    for _, kind, run in events:
        watch.hear({"event": kind, "run_id": run, "row": {"step": 1}})
    return watch


def test_compiling_and_evaluating_are_not_training() -> None:
    watch = heard(
        (0, "compiling", ""), (10, "compiled", ""), (11, "progress", "a"), (12, "progress", "a"), (15, "eval", "a"),
        (16, "progress", "a"), (20, "eval", "a"),
    )  # fmt: skip
    assert watch.trained("a") == (2, 3)
    assert watch.n_evals == 2
    assert watch.trained("b") == ()


def test_each_batch_has_its_own_beginning() -> None:
    watch = heard(
        (0, "compiling", ""), (1, "compiled", ""), (3, "progress", "a"), (4, "eval", "a"),
        (4, "compiling", ""), (9, "compiled", ""), (9.5, "progress", "b"), (10, "eval", "b"),
    )  # fmt: skip
    assert watch.trained("a") == (2,)
    assert watch.trained("b") == pytest.approx((0.5,))


def test_workers_that_never_compile_are_timed_from_their_first_word() -> None:
    assert heard((5, "progress", "a"), (7, "progress", "a"), (9, "eval", "a")).trained("a") == (2,)
    assert heard((5, "eval", "a")).trained("a") == ()


def test_it_knows_how_long_the_compiler_has_been_asked() -> None:
    clock = iter([3.0, 5.5, 6.0])
    watch = Stopwatch(now=lambda: next(clock))
    assert watch.compiling_for() == 0
    watch.hear({"event": "compiling"})
    assert watch.compiling_for() == 2.5
    watch.hear({"event": "compiled"})
    assert watch.compiling_for() == 0
