"""One run of the compiled engine: what it measures, counts and becomes.

Lengths of runs and of batches are chosen so that all runs of an algorithm are of one program.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from rlhp.errors import KeepingError
from rlhp.schedules import Linear
from rlhp.trainers._request import RunRequest
from rlhp.trainers.compiled import _running as running
from rlhp.trainers.compiled._drive import drive
from rlhp.trainers.compiled._running import Running

SMALL = {
    "net_arch": [8],
    "batch_size": 8,
    "learning_starts": 40,
    "learning_rate": 1e-2,
    "target_update_interval": 30,
}
ROLLOUT = {"n_envs": 2, "n_steps": 4, "net_arch": [8], "batch_size": 8}


def request(config=None, *, seed=0, steps=240, algorithm="dqn", env_id="CartPole-v1", base=SMALL) -> RunRequest:
    return RunRequest(algorithm, env_id, seed, steps, {**base, **(config or {})}, steps // 3, 2, "jax")


def trained(asked: RunRequest, **options) -> Running:
    run = Running(asked)
    while run.status == "going":
        run.advance(**options)
    return run


def test_the_same_seed_gives_the_same_run_and_another_does_not():
    one, again, other = (trained(request(seed=seed)) for seed in (0, 0, 1))
    assert json.dumps(one.rows) == json.dumps(again.rows)
    assert [row["return_mean"] for row in one.rows] != [row["return_mean"] for row in other.rows]


@pytest.mark.parametrize("algorithm", ["dqn", "ppo"])
def test_how_long_a_call_works_changes_no_bit_of_a_table(algorithm, monkeypatch):
    base = {"dqn": SMALL, "ppo": ROLLOUT}[algorithm]
    tables = []
    for most in (1, 3, 10_000):
        monkeypatch.setattr(Running, "_next_count", lambda self, left, most=most: min(left, most))
        run = trained(request(algorithm=algorithm, base=base))
        tables.append((json.dumps(run.rows), run.n_updates))
    assert tables[0] == tables[1] == tables[2]


def test_gradient_steps_are_counted():
    def updates(config=None, **kind) -> int:
        return trained(request(config, **kind)).n_updates

    # Transitions 8 to 240, every fourth: learning begins after the 40th.
    assert updates({"train_freq": 4}) == (240 - 40) / 4
    assert updates({"train_freq": 8, "gradient_steps": 3}) == 25 * 3
    assert updates({"learning_starts": 240}) == 0
    base = {**ROLLOUT, "n_steps": 16, "batch_size": 10, "n_epochs": 3}
    kind = {"algorithm": "ppo", "steps": 7 * 16 * 2, "base": base}
    assert updates(**kind) == 7 * 3 * 4
    assert updates({"target_kl": 1e-9}, **kind) < 7 * 3 * 4
    assert updates({"n_steps": 128}, **kind) == 0


def test_an_evaluation_knows_how_far_training_is():
    """The entropy of an exploring policy follows its schedule: it takes the greedy one of two actions, or either."""
    rows = trained(request({"exploration": Linear(1.0, 0.0, fraction=1.0), "train_freq": 4})).rows
    epsilon = 1 - np.array([80, 160, 240]) / 240
    chances = np.stack([1 - epsilon / 2, epsilon / 2])
    expected = -(chances * np.log(np.where(chances > 0, chances, 1))).sum(0)
    np.testing.assert_allclose([row["entropy"] for row in rows], expected, atol=1e-5)


def test_evaluations_stand_where_they_were_asked_for():
    runs = trained(request({"train_freq": 7})).runs()
    assert runs.evals["step"].tolist() == [80, 160, 240]
    assert (runs.evals["n_episodes"] == 2).all()
    assert np.isfinite(runs.evals[["return_mean", "length_mean", "entropy", "value_error", "loss"]]).all(axis=None)


def test_before_learning_starts_there_is_no_loss():
    assert [np.isnan(row["loss"]) for row in trained(request({"learning_starts": 100})).rows] == [True, False, False]


def test_a_run_is_told_of_as_it_goes():
    heard: list = []
    run = trained(request(), on_event=heard.append)
    assert [event["row"] for event in heard if event["event"] == "eval"] == run.rows
    steps = [event["step"] for event in heard if event["event"] == "progress"]
    assert steps == sorted(steps)
    assert steps[-1] == 240
    assert {event["run_id"] for event in heard} == {run.request.run_id}


@pytest.mark.parametrize(
    ("algorithm", "env_id", "learning_rate", "base"),
    [
        ("sac", "Pendulum-v1", 1e3, {"net_arch": [8], "batch_size": 8, "learning_starts": 40}),
        # Adam's steps are as long as the rate says, and these losses are linear or clipped: 1e3 overflows nothing.
        ("dqn", "CartPole-v1", 1e20, SMALL),
        ("ppo", "CartPole-v1", 1e20, {**ROLLOUT, "n_epochs": 4}),
    ],
)
def test_a_run_that_diverges_has_ended_and_leaves_the_others_as_they_are(algorithm, env_id, learning_rate, base):
    kind = {"algorithm": algorithm, "env_id": env_id, "base": base}
    asked = [request(**kind), request({"learning_rate": learning_rate}, **kind), request({"gamma": 0.9}, **kind)]
    ended: list[Running] = []
    drive(iter(asked), on_end=ended.append)
    found = {run.request.run_id: run for run in ended}
    diverged = found[asked[1].run_id]
    assert diverged.status == "diverged"
    assert diverged.error == f"the weights are no longer finite at step {80 * (len(diverged.rows) + 1)}"
    assert len(diverged.runs().evals) < 3
    for one in (asked[0], asked[2]):
        assert found[one.run_id].status == "finished"
        assert json.dumps(found[one.run_id].rows) == json.dumps(trained(one).rows)


def test_a_run_that_raises_has_failed_and_its_row_says_how(monkeypatch):
    def broken(*wanted):
        raise RuntimeError("no room\nfor anything")

    monkeypatch.setattr(running, "program", broken)
    run = trained(request())
    assert (run.status, run.error) == ("failed", "RuntimeError: no room")
    assert run.runs().table["status"].tolist() == ["failed"]
    run.advance()
    assert run.status == "failed"


def test_a_run_that_its_agent_refuses_has_failed_and_the_others_are_trained(monkeypatch):
    real, asked = running.prepared, [request(), request({"gamma": 0.5})]

    def refused(one):
        if one is asked[0]:
            raise LookupError("not with me")
        return real(one)

    monkeypatch.setattr(running, "prepared", refused)
    ended: list[Running] = []
    drive(iter(asked), on_end=ended.append)
    assert [(run.status, run.error) for run in ended] == [("failed", "LookupError: not with me"), ("finished", "")]
    assert ended[0].runs().table["status"].tolist() == ["failed"]


def test_a_run_that_lost_its_state_says_so():
    run = Running(request())
    run.advance()
    run.state = None
    run.advance()
    assert run.status == "failed"
    assert "begin it anew" in run.error


def test_stopping_leaves_a_run_that_can_go_on():
    run = Running(request())
    run.advance(should_stop=lambda: True)
    assert (run.status, run.step, run.rows) == ("going", 0, [])
    assert run.runs().table["status"].tolist() == ["stopped"]
    run.stop()
    run.advance()
    assert run.rows == []
    run.resume()
    while run.status == "going":
        run.advance()
    assert json.dumps(run.rows) == json.dumps(trained(request()).rows)


def test_times_are_of_the_run_alone():
    ended: list[Running] = []
    drive((request(seed=seed) for seed in range(4)), on_end=ended.append)
    for run in ended:
        assert 0 < run.cpu_time_s
        assert 0 < run.wall_time_s
        row = run.runs().table.iloc[0]
        assert (row["wall_time_s"], row["cpu_time_s"]) == (run.wall_time_s, run.cpu_time_s)


def test_a_policy_that_the_disk_refuses_is_no_fault_of_the_run(tmp_path):
    (tmp_path / "file").write_text("where a folder should be")
    with pytest.raises(KeepingError, match="could not write the policy"):
        trained(request(), policies=lambda run_id: tmp_path / "file" / f"{run_id}.zip")


def test_policies_are_kept_of_runs_that_finish(tmp_path):
    kept = lambda run_id: tmp_path / f"{run_id}.zip"  # noqa: E731
    run = trained(request(), policies=kept)
    other = Running(request(seed=1))
    other.advance(policies=kept)
    assert [file.stem for file in tmp_path.iterdir()] == [run.request.run_id]


def test_what_has_become_of_a_run_is_a_table():
    run = trained(request())
    table = run.runs().table
    assert table.index.tolist() == [run.request.run_id]
    assert table["n_updates"].item() == run.n_updates
    pd.testing.assert_frame_equal(run.runs().evals, pd.DataFrame(run.rows)[run.runs().evals.columns], check_dtype=False)
