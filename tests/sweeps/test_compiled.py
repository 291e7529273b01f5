"""The compiled engine behind a session: side by side with whatever, one by one to the store, each within its time."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd
import pytest

import rlhp
from tests.sweeps.asking import how

pytest.importorskip("jax")

from rlhp.sweeps._requests import requests_of
from rlhp.sweeps._session import Session
from rlhp.sweeps._store import Store
from rlhp.trainers.compiled import _running as running

SMALL = {"net_arch": [8], "learning_starts": 0, "train_freq": 8, "buffer_size": 250}
EIGHT = {**SMALL, "batch_size": 8}
CONFIGS = [{**SMALL, "batch_size": size} for size in (4, 8, 16)]  # two programs, of which other tests have one too
STEPS = 240
ASKED = {"steps": STEPS, "seeds": 2, "evaluation": rlhp.Evaluation(120, episodes=2), "engine": "jax", **how()}


def learned(runs: rlhp.Runs) -> pd.DataFrame:
    return runs.evals.sort_values(["run_id", "step"]).reset_index(drop=True)


def test_runs_learn_the_same_in_whatever_company() -> None:
    together = rlhp.sweep("dqn", "CartPole-v1", CONFIGS, **ASKED)
    assert set(together.table["status"]) == {"finished"}
    for config in CONFIGS:
        runs = rlhp.sweep("dqn", "CartPole-v1", config, **ASKED)
        pd.testing.assert_frame_equal(learned(together.select(list(runs.table.index))), learned(runs))


def test_a_program_that_exits_is_a_failed_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def program(prepared: object, device: object = None) -> None:
        raise SystemExit(2)

    monkeypatch.setattr(running, "program", program)
    with pytest.warns(RuntimeWarning, match="2 failed"):
        runs = rlhp.sweep("dqn", "CartPole-v1", CONFIGS[0], **ASKED)
    assert runs.table["error"].tolist() == ["SystemExit: 2"] * 2


def test_training_one_run_again_leaves_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = {**ASKED, "out": tmp_path}
    monkeypatch.setattr(Store, "compact", lambda store: None)  # the process was killed before it came to this
    rlhp.sweep("dqn", "CartPole-v1", CONFIGS[0], **{**asked, "seeds": 4})
    rlhp.sweep("dqn", "CartPole-v1", CONFIGS[0], **{**asked, "seeds": 1} | how(keep_policies=True))
    runs = rlhp.Runs.load(tmp_path)
    assert len(runs) == 4
    (again,) = runs.table.index[runs.table["seed"] == 0]  # rows stand as they were written: another may have been first
    assert runs.policy(again).act([0.0] * 4) in (0, 1)


def test_a_slow_run_takes_no_time_from_the_others() -> None:
    """Each has the limit for itself: what all take together is many times that."""
    slow = requests_of(
        "dqn", "CartPole-v1", EIGHT, steps=10**8, evaluation=rlhp.Evaluation(10**7, episodes=2), engine="jax"
    )
    quick = requests_of(
        "dqn", "CartPole-v1", EIGHT, steps=STEPS, seeds=30, evaluation=rlhp.Evaluation(120, episodes=2), engine="jax"
    )
    session = Session([*slow, *quick], execution=rlhp.Execution(time_limit=2.5))
    try:
        session.run()
        runs = session.finished()
    finally:
        session.close()
    assert runs is not None
    assert runs.table["status"].tolist() == ["failed"] + ["finished"] * 30
    assert runs.table["error"].iloc[0].startswith("TimeLimit: not done after 2.5 s (it was at step 0 of 100,000,000)")


def test_more_may_be_asked_for_while_it_trains_and_workers_do_not_wait_for_others() -> None:
    """A searcher in miniature: two runs at first, one more for each that ends, while a long one goes on and on."""

    def asked(seed: int, steps: int = STEPS) -> list:
        return requests_of(
            "dqn",
            "CartPole-v1",
            EIGHT,
            steps=steps,
            seeds=[seed],
            evaluation=rlhp.Evaluation(120, episodes=2),
            engine="jax",
        )

    long = asked(99, steps=120 * 10**6)
    events: list[dict] = []

    def hear(event: dict) -> None:
        events.append(event)
        if event["event"] == "finished" and event["status"] == "finished":
            n = sum(one["event"] == "finished" for one in events)
            if n <= 5:
                session.add(asked(n + 1))
            if n == 7:
                session.finish()
                session.stop(wait=False)

    session = Session([*asked(0), *asked(1), *long], growing=True, on_event=hear)
    try:
        session.start()
        assert session.wait(200)
        runs = session.finished()
        assert runs is not None
        assert runs.table["seed"].tolist() == list(range(7))
        assert session.snapshot().table["seed"].tolist() == [0, 1, 99, *range(2, 7)]
        assert [one["runs"] for one in events if one["event"] == "added"] == [1] * 5
        assert session.progress[1] == 7 * STEPS + 120 * 10**6
        assert 7 * STEPS < session.progress[0] < 120 * 10**6
        with pytest.raises(RuntimeError, match=r"takes no more runs; make it with `growing=True`"):
            session.add(asked(50))
    finally:
        session.close()


def test_both_engines_in_one_session_and_one_after_the_other() -> None:
    def asked(engine: str, steps: int) -> list:
        config = {"n_steps": 8, "net_arch": [8]}
        plan = {"seeds": 2, "evaluation": rlhp.Evaluation(steps // 2, episodes=2), "engine": engine}
        return requests_of("a2c", "CartPole-v1", config, steps=steps, **plan)

    rlhp.sweep("a2c", "CartPole-v1", {}, steps=8, engine="sb3", **how(workers=0))  # what it imports is there
    mixed = [*asked("sb3", 64), *asked("jax", 200_000)]
    order: list[str] = []
    engines = {one.run_id: one.engine for one in mixed}
    session = Session(mixed, execution=rlhp.Execution(workers=0))
    session.listen(lambda event: order.append(engines[event["run_id"]]) if event["event"] == "eval" else None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            session.run()
        runs = session.finished()
    finally:
        session.close()
    assert runs is not None
    assert runs.table["engine"].tolist() == ["sb3", "sb3", "jax", "jax"]
    assert order == ["jax"] * 4 + ["sb3"] * 4  # they would share the cores, and both be slow
