"""Runs of which nothing is heard, and runs that never update, are not missed."""

from __future__ import annotations

import math

import pytest

from rlhp import Evaluation
from rlhp.runs import Runs
from rlhp.sweeps._requests import requests_of
from rlhp.widgets.background._notices import Notices


def asked(**config) -> list:
    return requests_of(
        "dqn", "CartPole-v1", config, steps=1_000, seeds=2, engine="sb3", evaluation=Evaluation(500, episodes=2)
    )


def silent(run_id: str) -> dict:
    return {"event": "silent", "run_id": run_id, "seconds": 61.0, "heard": f"no progress for 61 s from {run_id}"}


def test_a_silent_run_is_told_until_it_is_heard_again() -> None:
    notices = Notices(asked(learning_starts=100))
    assert notices.text == ""
    notices.hear(silent("a"))
    notices.hear(silent("b"))
    assert notices.text.count("It may be slow, or it hangs; Stop ends it.") == 2
    notices.hear({"event": "eval", "run_id": "a", "row": {"step": 10}})
    assert notices.text == "No progress for 61 s from b. It may be slow, or it hangs; Stop ends it."
    notices.hear(silent(""))  # runs that are compiled together
    notices.hear({"event": "progress", "run_id": "b", "step": 20})
    assert notices.text == ""


def test_runs_that_never_update_are_told_before_they_are_trained() -> None:
    text = Notices(asked(learning_starts=1_000)).text
    assert text.startswith("2 of 2 runs never update: with `learning_starts` = 1,000")
    assert text.endswith("What they return is the policy they began with.")
    assert Notices(asked(learning_starts=100)).text == ""


@pytest.mark.parametrize(("updates", "said"), [(0.0, "2 of 2 runs never updated"), (5.0, ""), (math.nan, "")])
def test_runs_that_did_not_update_are_told_afterwards(updates, said) -> None:
    notices = Notices(asked(learning_starts=100))
    notices.hear(silent("a"))
    runs = Runs.from_table([{}] * 2, [1.0, 2.0], seeds=range(2))
    notices.end(Runs(runs.table.assign(n_updates=updates), runs.evals, runs.history))
    assert notices.text.startswith(said)
    assert bool(notices.text) == bool(said), "whoever was silent has ended"


def test_what_was_expected_is_not_told_twice() -> None:
    requests = asked(learning_starts=1_000)
    notices = Notices(requests)
    before = notices.text
    runs = Runs.from_table([{}] * 2, [1.0, 2.0], seeds=range(2))
    table = runs.table.assign(n_updates=0.0).set_axis([one.run_id for one in requests])
    table.index.name = "run_id"
    notices.end(Runs(table, runs.evals.iloc[:0], runs.history))
    assert notices.text == before
