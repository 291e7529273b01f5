"""Programs are found again by what decides them, and compiled once whoever asks."""

from __future__ import annotations

import json
import threading
import weakref

import jax
import numpy as np
import pytest

from rlhp.schedules import Cosine, Exponential, Linear, Piecewise, Step
from rlhp.trainers._request import RunRequest
from rlhp.trainers.compiled import _memory as memory
from rlhp.trainers.compiled import _programs as programs
from rlhp.trainers.compiled._backend import devices
from rlhp.trainers.compiled._drive import Limits, drive
from rlhp.trainers.compiled._programs import program
from rlhp.trainers.compiled._recipes import full_config, prepared
from rlhp.trainers.compiled._running import Running

SMALL = {"net_arch": [8], "batch_size": 8, "learning_starts": 40, "learning_rate": 1e-2, "target_update_interval": 30}
ROLLOUT = {"net_arch": [8], "n_envs": 2, "n_steps": 16}


def request(config=None, *, seed=0, algorithm="dqn", env_id="CartPole-v1", base=SMALL) -> RunRequest:
    return RunRequest(algorithm, env_id, seed, 240, {**base, **(config or {})}, 80, 2, "jax")


@pytest.fixture
def shelves(monkeypatch):
    """Give empty shelves, and what is compiled from now on."""
    for name in ("_programs", "_shared", "_likes"):
        monkeypatch.setattr(programs, name, programs._Shelf(programs._KEPT))
    compiled, real = [], programs._compiled

    def compile_(name, *arguments, **options):
        compiled.append(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(programs, "_compiled", compile_)
    return compiled


@pytest.fixture
def counted(shelves, monkeypatch):
    """Give what is compiled from now on, where it is enough to know that: nothing is."""
    monkeypatch.setattr(programs, "_compiled", lambda name, *arguments, **options: shelves.append(name) or object())
    return shelves


def test_whatever_is_traced_or_a_loop_shares_one_program_and_changes_what_is_learned(shelves):
    changes = [
        {},
        {"learning_rate": Cosine(1e-2, 1e-4)},
        {"exploration": Exponential(1, 0.01, fraction=0.5)},
        {"exploration": Piecewise(((0, 1), (0.3, 0.2), (1, 0)))},
        {"gamma": Step(0.9, 0.99)},
        {"gamma": Linear(0.9, 0.99)},
        {"tau": 0.1, "target_update_interval": 1},
        {"max_grad_norm": 1.0, "learning_starts": 100, "buffer_size": 60},
        {"train_freq": 8, "gradient_steps": 3},
        {"gradient_steps": -1},
        {"n_steps": 3},
        {"batch_size": 5},
    ]
    ended = []
    drive((request(change) for change in changes), on_end=ended.append, limits=Limits(workers=1))
    assert sorted(shelves) == ["evaluate", "init", "memory", "segment"]
    losses = {tuple(row["loss"] for row in run.rows) for run in ended}
    assert len(losses) == len(changes)


def test_a_rollouts_loops_share_one_program_too(shelves):
    changes = [
        {},
        {"n_steps": 15, "n_envs": 3},
        {"n_epochs": 2, "batch_size": 12},
        {"normalize": True, "normalize_advantage": False},
        {"target_kl": 1e-7, "clip_range_vf": 1e-4},
    ]
    ended = []
    drive(
        (request(change, algorithm="ppo", base=ROLLOUT | {"batch_size": 8}) for change in changes),
        on_end=ended.append,
        limits=Limits(workers=1),
    )
    assert sorted(shelves) == ["evaluate", "init", "segment"]
    assert len({tuple(row["loss"] for row in run.rows) for run in ended}) == len(changes)


@pytest.mark.parametrize(
    ("algorithm", "env_id", "one", "other"),
    [
        ("ppo", "CartPole-v1", ROLLOUT | {"batch_size": 8}, ROLLOUT | {"batch_size": 128, "n_steps": 128}),
        ("dqn", "CartPole-v1", SMALL, SMALL | {"double_q": True, "prioritized_replay": True}),
        ("sac", "Pendulum-v1", {"net_arch": [8], "batch_size": 8}, {"net_arch": [8], "batch_size": 200}),
    ],
)
def test_what_decides_only_how_an_agent_learns_compiles_no_other_evaluation(counted, algorithm, env_id, one, other):
    kind = {"algorithm": algorithm, "env_id": env_id}
    first, second = (prepared(request(config, base={}, **kind)) for config in (one, other))
    assert first.recipe != second.recipe
    assert program(first).segment is not program(second).segment
    assert program(first).evaluate is program(second).evaluate
    assert [counted.count(name) for name in ("init", "evaluate", "segment")] == [1, 1, 2]
    third = prepared(request({**one, "net_arch": [4]}, base={}, **kind))
    assert third.recipe.evaluated() != first.recipe.evaluated()


def test_a_program_of_another_device_is_the_same_to_the_bit():
    """Every core has an XLA of its own; a run may go from one to the other in the middle of its training."""
    one, other = devices()[0], devices()[-1]
    stayed, moved = Running(request()), Running(request())
    for step, place in enumerate((one, other, one)):
        stayed.advance(one)
        moved.advance(place)
        assert moved.status == stayed.status, step
    for mine, its in zip(jax.tree.leaves(stayed.state.weights), jax.tree.leaves(moved.state.weights), strict=True):
        np.testing.assert_array_equal(mine, its)
    assert json.dumps(moved.rows) == json.dumps(stayed.rows)
    if len(devices()) > 1:
        assert program(moved.prepared, one) is not program(moved.prepared, other)


def test_threads_that_ask_at_once_wait_for_one_that_compiles(shelves):
    wanted = prepared(request())
    found: list = []
    threads = [threading.Thread(target=lambda: found.append(program(wanted))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 6
    assert all(one is found[0] for one in found)
    assert sorted(shelves) == ["evaluate", "init", "memory", "segment"]


def test_a_program_that_could_not_be_made_is_tried_again():
    shelf, tried = programs._Shelf(2), []

    def make():
        tried.append(1)
        if len(tried) == 1:
            raise MemoryError("no room")
        return "made"

    with pytest.raises(MemoryError):
        shelf.get("key", make)
    assert "key" not in shelf
    assert shelf.get("key", make) == "made"
    assert "key" in shelf


def test_the_programs_used_last_stay_and_what_the_others_took_is_given_back(monkeypatch):
    class Thing:
        pass

    given = []
    monkeypatch.setattr(programs, "give_back", lambda: given.append(1))
    shelf = programs._Shelf(3)
    made = [weakref.ref(shelf.get(i, Thing)) for i in range(3)]
    assert shelf.get(0, Thing) is made[0]()
    assert given == []
    for i in (3, 4):
        made.append(weakref.ref(shelf.get(i, Thing)))
    assert len(given) == 2
    memory.give_back()
    assert [one() is not None for one in made] == [True, False, False, True, True]


def test_a_shelf_is_open_while_something_is_made():
    shelf, begun, goes_on = programs._Shelf(3), threading.Event(), threading.Event()

    def make():
        begun.set()
        goes_on.wait(30)
        return "slow"

    thread = threading.Thread(target=lambda: shelf.get("slow", make))
    thread.start()
    begun.wait(30)
    assert shelf.get("quick", lambda: "quick") == "quick"
    assert "slow" not in shelf, "nobody waited for it"
    goes_on.set()
    thread.join()
    assert "slow" in shelf


def test_an_agent_that_is_registered_anew_is_another_program():
    import dataclasses

    from rlhp.algorithms import declared, register

    before = prepared(request())
    assert prepared(request(seed=1)).recipe == before.recipe
    old = declared("dqn")
    from rlhp.agents import dqn

    def agent(env, shapes, *, n_episodes=10):
        return dqn.agent(env, shapes, n_episodes=n_episodes)

    agent.__module__ = dqn.__name__
    try:
        register(dataclasses.replace(old, agent=agent), replace=True)
        assert prepared(request()).recipe != before.recipe
    finally:
        register(old, replace=True)


def test_every_hyperparameter_of_a_run_and_of_its_world_has_a_value():
    full = full_config(request({"gamma": 0.5}))
    assert full["gamma"] == 0.5
    assert full["tau"] == 1.0
    assert full["env.gravity"] == 9.8
    assert "normalize" not in full  # only stable-baselines3 has it for this algorithm


def test_the_seconds_of_compiling_are_noted(shelves):
    spent = program(prepared(request())).compiled_s
    assert spent.keys() == {"init", "evaluate", "memory", "segment"}
    assert all(seconds > 0 for seconds in spent.values())
