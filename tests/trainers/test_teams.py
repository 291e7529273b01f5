"""A team of actors is a run like any other: swept, paused, written to disk, taken up again, and its policy kept."""

from __future__ import annotations

import pytest

import rlhp
from rlhp.sweeps import requests_of
from rlhp.trainers._updates import first_update
from rlhp.trainers.compiled._running import Running
from rlhp.trainers.segments import advance, begin, restore, runs_of, snapshot

REPLAY = {"batch_size": 8, "buffer_size": 256, "learning_starts": 8, "net_arch": [8]}
GENERATION = REPLAY | {"n_actors": 2, "train_freq": 200, "gradient_steps": 4}
CASES = {
    "cem_rl": GENERATION,
    "erl": GENERATION | {"n_actors": 3},
    "p3s": REPLAY | {"n_actors": 2, "train_freq": 4, "best_interval": 100},
    "svpg": {"n_actors": 2, "n_envs": 2, "n_steps": 6, "net_arch": [8], "normalize": True},
}
SHORT = "cem_rl"  # one stands for all in the suite: what is tested here knows no algorithm
ASKED = {"steps": 2_400, "seeds": 2, "evaluation": rlhp.Evaluation(1_200, episodes=2), "engine": "jax"}


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.hard] * (name != SHORT)) for name in CASES])
def algorithm(request) -> str:
    return request.param


def test_a_team_is_swept_paused_and_kept_as_any_run(algorithm, tmp_path, monkeypatch):
    execution = rlhp.Execution(progress=False, keep_policies=True)
    runs = rlhp.sweep(algorithm, "Pendulum-v1", CASES[algorithm], **ASKED, out=tmp_path / "out", execution=execution)
    assert runs.table["status"].tolist() == ["finished"] * 2
    assert runs.evals["step"].tolist() == [1_200, 2_400] * 2, "steps are the team's"
    assert runs.table["hp.n_actors"].tolist() == [CASES[algorithm]["n_actors"]] * 2
    assert (runs.table["n_updates"] > 0).all()
    action = runs.policy(runs.table.index[0]).act([1.0, 0.0, 0.0])
    assert action.shape == (1,)
    assert abs(float(action[0])) <= 2

    requests = requests_of(algorithm, "Pendulum-v1", CASES[algorithm], **ASKED)
    assert [one.run_id for one in requests] == runs.table.index.tolist()
    monkeypatch.setattr(Running, "_next_count", lambda self, left: 1)
    training, heard = begin(requests), []
    advance(training, 10**9, on_event=heard.append, should_stop=lambda: len(heard) > 3)
    monkeypatch.undo()
    assert set(runs_of(training).table["status"]) == {"stopped"}
    training = restore(snapshot(training, tmp_path / "cut.zip"))
    advance(training, 10**9)
    columns = ["step", "return_mean", "loss", "train_return_mean", "value_error"]
    found = runs_of(training).evals.sort_values(["run_id", "step"])[columns].to_numpy().tolist()
    expected = runs.evals.sort_values(["run_id", "step"])[columns].to_numpy().tolist()
    assert str(found) == str(expected), "to the last bit; not a number where it was none"


def test_an_iteration_is_the_steps_of_all_actors():
    assert first_update("cem_rl", {}) == 2_000
    assert first_update("erl", {"train_freq": 100, "learning_starts": 1_100}) == 2_200
    assert first_update("p3s", {"learning_starts": 0}) == 4
    assert first_update("svpg", {"n_envs": 2}) == 160


def test_a_team_trains_in_the_compiled_engine_alone():
    with pytest.raises(ValueError, match="the algorithm is not in stable-baselines3"):
        rlhp.train("p3s", "Pendulum-v1", steps=100, engine="sb3")
