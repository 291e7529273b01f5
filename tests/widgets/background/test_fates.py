"""Runs that broke are told by every explorer that trains, in its status, its text and its figure."""

from __future__ import annotations

import itertools

import pytest

from rlhp import Runs
from rlhp.runs import concat
from rlhp.widgets import BatchExplorer, Experiment, LiveTrainer, ScheduleExplorer
from rlhp.widgets.background._fates import brief, fates
from rlhp.widgets.retrain._growing import growing
from tests.widgets.retrain.test_growing import run
from tests.widgets.stand_in import until

KINDS = [LiveTrainer, ScheduleExplorer, BatchExplorer]


def new(make, kind, **options):
    short = {"steps": 1_000, "n_seeds": 3}
    asked = short if kind is LiveTrainer else {"experiment": Experiment(**short), "prediction": None}
    return make(kind, **asked, **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", ["diverged", "failed"])
@pytest.mark.parametrize("reached", [0, 400])
def test_where_all_runs_broke_it_is_said_and_nothing_is_awaited(make, stand_in, kind, status, reached) -> None:
    one = new(make, kind)
    one.start()
    sweep = stand_in.made[-1]
    n = len(sweep.requests)
    sweep.reach(reached)
    sweep.end(statuses=[status] * n)
    one.wait(20)
    assert f"{n} of {n} runs {status}" in one.status
    assert f"3 of 3 seeds {status}" in one.text
    assert ("before their first evaluation" if not reached else "after the evaluation at step 400") in one.text
    assert "not done yet" not in one.text
    figure = one.curve
    assert ("<img" in figure.value) == bool(reached)
    assert f"3 of 3 seeds {status}" in figure.alt
    assert ("pole fell" in one.error) == (status == "failed")
    assert ("ValueError: pole fell" in one.text) == (status == "failed")


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_that_broke_at_once_ends_no_curve_of_the_others(make, stand_in, kind) -> None:
    one = new(make, kind)
    one.start()
    sweep = stand_in.made[-1]
    sweep.statuses = {sweep.requests[0].run_id: "diverged"}
    sweep.reach(500)
    until(lambda: "after 500 steps" in one.text.lower())
    assert one.error == ""
    assert "1 of 3 seeds diverged" in one.text
    sweep.reach(1_000)
    one.wait(20)
    assert "after 1,000 steps" in one.text.lower()
    assert f"1 of {len(sweep.requests)} runs diverged" in one.status


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.hard)])
def test_any_mixture_of_statuses_and_lengths_can_be_aggregated(every) -> None:
    """Every fourth mixture of three, in which all kinds and pairs of them occur; the long version takes all."""
    kinds = [("stopped", 0), ("stopped", 2), ("finished", 4), ("diverged", 0), ("diverged", 1), ("failed", 0)]
    mixtures = list(itertools.combinations_with_replacement(kinds, 3))[::every]
    pairs = {frozenset(pair) for three in mixtures for pair in itertools.combinations(three, 2)}
    assert pairs >= {frozenset(pair) for pair in itertools.combinations(kinds, 2)}
    for three in mixtures:
        runs = concat(
            [
                run(str(place), list(range(1, length + 1)), status=status, seed=place, gamma=(0.9, 0.9, 0.99)[place])
                for place, (status, length) in enumerate(three)
            ]
        )
        for by in (None, "gamma"):
            now = growing(runs, by=by)
            assert (now.summary is None) == (not any(length for _, length in three))
            assert now.sentence()


def test_fates_are_counted_and_explained() -> None:
    broken = [run("a", [1, 2], status="diverged"), run("b", [], seed=1, status="diverged"), run("c", [1], seed=2)]
    runs = concat([*broken, run("d", [], seed=3, status="failed")])
    assert brief(runs) == "2 of 4 runs diverged and 1 failed"
    said = fates({"pinned": runs})
    assert said == (
        "Pinned: 2 of 4 seeds diverged (a number in their training became infinite or not a number), after the "
        "evaluation at step 200, 1 before the first one. Pinned: 1 of 4 seeds failed, before its first evaluation."
    )
    fine = Runs.from_table([{}], [1.0])
    assert (brief(fine), fates({"": fine})) == ("", "")
