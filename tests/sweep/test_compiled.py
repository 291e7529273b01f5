"""Batches of the compiled engine, one after the other: the next one's program is compiled while one is trained."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path

import pandas as pd
import pytest

import rlhp

pytest.importorskip("jax")

from rlhp.sweep.store import Store
from rlhp.trainers import vectorised

SMALL = {"net_arch": [8], "learning_starts": 0, "train_freq": 8, "buffer_size": 500}
CONFIGS = [{**SMALL, "batch_size": size} for size in (4, 8, 16)]  # three programs
ASKED = {"steps": 64, "seeds": 2, "eval_every": 32, "eval_episodes": 2, "engine": "jax", "progress": False}


def learned(runs: rlhp.Runs) -> pd.DataFrame:
    return runs.evals.sort_values(["run_id", "step"]).reset_index(drop=True)


def test_every_program_but_the_first_is_compiled_ahead_and_nothing_else_changes(monkeypatch, tmp_path: Path) -> None:
    ahead, real = [], vectorised.prepare

    def prepare(batch) -> None:
        ahead.append((dict(batch.recipe.settings)["batch_size"], threading.current_thread() is threading.main_thread()))
        real(batch)

    monkeypatch.setattr(vectorised, "prepare", prepare)
    together = rlhp.sweep("dqn", "CartPole-v1", CONFIGS, out=tmp_path, **ASKED)
    assert ahead == [(8, False), (4, False)]  # the longest first
    alone = [rlhp.sweep("dqn", "CartPole-v1", config, **ASKED) for config in CONFIGS]
    assert len(ahead) == 2
    assert set(together.table["status"]) == {"finished"}
    for runs in alone:
        mine = together.select(list(runs.table.index))
        pd.testing.assert_frame_equal(learned(mine), learned(runs))


def test_what_cannot_be_compiled_ahead_is_trained_all_the_same(monkeypatch) -> None:
    def prepare(batch) -> None:
        raise RuntimeError("no room for the compiler")

    monkeypatch.setattr(vectorised, "prepare", prepare)
    runs = rlhp.sweep("dqn", "CartPole-v1", CONFIGS[:2], **ASKED)
    assert set(runs.table["status"]) == {"finished"}


def test_a_program_that_is_ready_is_not_run_again_for_warmth(monkeypatch) -> None:
    first = rlhp.sweep("dqn", "CartPole-v1", CONFIGS[0], **ASKED)
    begun, real = [], vectorised.program

    def program(recipe):
        found = real(recipe)
        return dataclasses.replace(found, init=lambda *arguments: begun.append(recipe) or found.init(*arguments))

    monkeypatch.setattr(vectorised, "program", program)
    again = rlhp.sweep("dqn", "CartPole-v1", CONFIGS[0], **ASKED)
    assert len(begun) == 1  # where the training begins
    pd.testing.assert_frame_equal(learned(first), learned(again))


def test_a_program_that_exits_is_a_failed_run(monkeypatch) -> None:
    def program(recipe) -> None:
        raise SystemExit(2)

    monkeypatch.setattr(vectorised, "program", program)
    with pytest.warns(RuntimeWarning, match="2 failed"):
        runs = rlhp.sweep("dqn", "CartPole-v1", CONFIGS[0], **ASKED)
    assert runs.table["error"].tolist() == ["SystemExit: 2"] * 2


def test_training_one_run_of_a_batch_again_leaves_the_others(monkeypatch, tmp_path: Path) -> None:
    asked = {**ASKED, "out": tmp_path}
    monkeypatch.setattr(Store, "compact", lambda store: None)  # the process was killed before it came to this
    rlhp.sweep("dqn", "CartPole-v1", CONFIGS[0], **{**asked, "seeds": 4})
    assert len(list((tmp_path / "chunks").iterdir())) == 1
    rlhp.sweep("dqn", "CartPole-v1", CONFIGS[0], **{**asked, "seeds": 1}, keep_policies=True)
    runs = rlhp.Runs.load(tmp_path)
    assert len(runs) == 4
    assert runs.policy(runs.table.index[0]).act([0.0] * 4) in (0, 1)
