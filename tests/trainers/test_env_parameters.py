"""Parameters of environments as hyperparameters of runs: checked, named, trained in by both engines, kept."""

from __future__ import annotations

import jax
import numpy as np
import pandas as pd
import pytest

import rlhp
from rlhp import Runs, curves
from rlhp.envs import make_jax
from rlhp.runs import concat
from rlhp.schedules import Constant, Linear, Piecewise
from rlhp.sweeps._requests import requests_of
from rlhp.trainers import RunRequest
from rlhp.trainers._env_parameters import check_world, declared_world, values_of
from rlhp.trainers._policy import load_policy
from rlhp.trainers.sb3._model import build
from rlhp.trainers.sb3._training import Options, _Session, train_run


def asked(engine="sb3", env_id="CartPole-v1", algorithm="ppo", steps=64, **world) -> RunRequest:
    config = {f"env.{name}": value for name, value in world.items()}
    return RunRequest(algorithm, env_id, 0, steps, {"n_steps": 32, **config}, steps, 2, engine)


@pytest.mark.parametrize(
    ("env_id", "world", "message"),
    [
        ("CartPole-v1", {"gravty": 9.8}, r"unknown parameter `gravty` for CartPole-v1; did you mean `gravity`\?"),
        (
            "CartPole-v1",
            {"gravity": 0},
            r"`env.gravity` is 0 for CartPole-v1; allowed: a number from 1 to 100, or a sc",
        ),
        ("CartPole-v1", {"gravity": True}, "`env.gravity` is True for CartPole-v1"),
        ("CartPole-v1", {"gravity": Linear(5, 500)}, "The schedule runs from 5 to 500"),
        ("Acrobot-v1", {"gravity": 9.8}, "`Acrobot-v1` has no parameters that runs could differ in"),
        ("FrozenLake-v1", {"slip": 0.1}, "`FrozenLake-v1` has no parameters .* `rlhp.envs.register`"),
        ("CartPol-v1", {"gravity": 9.8}, r"unknown environment `CartPol-v1`; did you mean `CartPole-v1`"),
    ],
)
def test_what_a_world_cannot_be_is_refused_by_name(env_id, world, message):
    with pytest.raises(ValueError, match=message):
        asked(env_id=env_id, **world)


def test_only_the_compiled_engine_moves_a_world():
    ramp = Linear(5.0, 15.0)
    assert asked("auto", gravity=ramp).engine == "jax"
    with pytest.raises(ValueError, match=r"`env.gravity` cannot move there while it trains; engine='jax' can"):
        asked("sb3", gravity=ramp)
    assert asked("sb3", gravity=Constant(12)).config["env.gravity"] == 12.0
    many = Piecewise(tuple((at / 20, 5.0 + at) for at in range(21)))
    with pytest.raises(ValueError, match=r"`env.gravity`: a piecewise schedule of 21 points"):
        asked("jax", gravity=many)


def test_a_world_is_part_of_what_a_run_is_called_and_written_as():
    plain, heavy = asked(), asked(gravity=12)
    assert len({plain.run_id, heavy.run_id, asked(gravity=13).run_id}) == 3
    assert asked(gravity=None) == plain
    moving = asked("jax", gravity=Linear(5, 15))
    for one in (heavy, moving):
        again = RunRequest.from_json(one.to_json())
        assert (again, again.run_id) == (one, one.run_id)
    assert heavy.row("finished", wall_time_s=0, cpu_time_s=0)["hp.env.gravity"] == 12.0


def test_configurations_of_a_frame_have_worlds():
    frame = pd.DataFrame({"gamma": [0.9, 0.99], "env.length": [0.5, 1.5]})
    found = requests_of("ppo", "CartPole-v1", frame, steps=64, seeds=1, engine="sb3")
    assert [one.config["env.length"] for one in found] == [0.5, 1.5]
    with pytest.raises(ValueError, match=r"`env\.length` is missing"):
        requests_of("ppo", "CartPole-v1", frame.replace(1.5, np.nan), steps=64)


def test_worlds_are_declared_as_hyperparameters_are():
    known = declared_world("Pendulum-v1")
    assert set(known) == {"env.gravity", "env.mass", "env.length", "env.dt"}
    assert all(one.moves and one.mark == "traced" for one in known.values())
    assert check_world("Pendulum-v1", {"env.dt": 0.1, "env.mass": None}) == {"env.dt": 0.1}
    assert values_of({"gamma": 0.9, "env.dt": 0.1, "env.mass": Linear(1.0, 2.0)}) == {"dt": 0.1, "mass": 2.0}


WORLDS = [
    ("CartPole-v1", "ppo", {"gravity": 3.7, "masspole": 0.4, "length": 1.2, "force_mag": 20.0}),
    ("MountainCar-v0", "ppo", {"force": 0.003, "goal_position": 0.2}),
    ("MountainCarContinuous-v0", "ppo", {"power": 0.004, "goal_velocity": 0.02}),
    ("Pendulum-v1", "ppo", {"gravity": 1.6, "mass": 2.0, "length": 0.7}),
]


@pytest.mark.parametrize(("env_id", "algorithm", "world"), WORLDS)
def test_both_engines_play_the_world_that_was_asked_for(env_id, algorithm, world, monkeypatch):
    """Whole stretches of an episode from one start, in training and in evaluation, against the JAX environment."""
    request = asked(env_id=env_id, algorithm=algorithm, **world)
    model = build(request)
    session = _Session(request, Options(), lambda event: None, lambda: False)
    evaluated = []
    monkeypatch.setattr(
        "rlhp.trainers.sb3._training.evaluate",
        lambda model, envs, seeds: evaluated.extend(envs) or {"return_mean": 0.0},
    )
    session.train()
    env = make_jax(env_id)
    context = {**env.default_context(), **world}
    step = jax.jit(env.step)
    for other in (model.env.envs[0], *evaluated[:2]):
        state, _ = env.reset(jax.random.key(3), context)
        other.reset(seed=0)
        other.unwrapped.state = np.asarray(state.numbers, np.float64)
        different = False
        plain, _ = env.reset(jax.random.key(3), env.default_context())
        for n in range(8):
            action = np.int32(n % 2) if env.n_actions else np.float32([0.8])
            state, seen, _, terminated, _ = step(jax.random.key(0), state, action)
            plain, default, *_ = step(jax.random.key(0), plain, action)
            theirs, _, over, *_ = other.step(action)
            np.testing.assert_allclose(seen, theirs, rtol=1e-3, atol=1e-4)
            assert bool(terminated) == over
            different |= not np.allclose(seen, default, rtol=1e-3, atol=1e-4)
            if over:
                break
        assert different, "another world than the default one"


@pytest.mark.filterwarnings("ignore:.*out of date")
def test_a_policy_is_watched_in_the_world_it_learned_in(tmp_path, monkeypatch):
    train_run(asked(length=2.0), Options(policy=tmp_path / "kept"))
    policy, made = load_policy(tmp_path / "kept"), []
    assert policy.request.config["env.length"] == 2.0
    from rlhp.envs import _registry as registry

    original = registry.make_gymnasium
    monkeypatch.setattr("rlhp.envs.make_gymnasium", lambda *a, **k: made.append(original(*a, **k)) or made[-1])
    policy.record(max_steps=2)
    policy.record("CartPole-v0", max_steps=2)
    assert [one.unwrapped.length for one in made] == [2.0, 0.5]


@pytest.fixture(scope="module")
def swept(tmp_path_factory) -> Runs:
    """Worlds beside each other in one sweep of the compiled engine: numbers, a schedule, and the default."""
    gravities = [1.0, 9.8, 100.0, Linear(1.0, 100.0)]
    small = {"n_steps": 64, "batch_size": 8, "net_arch": [8]}
    configs = [{**small, "env.gravity": gravity} for gravity in gravities] + [small]
    evaluation = rlhp.Evaluation(128, episodes=2)
    return rlhp.sweep("ppo", "CartPole-v1", configs, steps=256, seeds=2, evaluation=evaluation, engine="jax")


def test_runs_in_different_worlds_learn_differently_and_the_default_is_its_number(swept):
    assert (swept.table["status"] == "finished").all()
    ends = swept.evals.groupby("run_id")["loss"].last().reindex(swept.table.index).to_numpy().reshape(5, 2)
    assert len({tuple(row) for row in ends[:4]}) == 4, "no two worlds teach the same"
    np.testing.assert_array_equal(ends[1], ends[4])


def test_worlds_survive_being_saved_joined_and_read(swept, tmp_path):
    swept.save(tmp_path / "kept")
    again = Runs.load(tmp_path / "kept")
    pd.testing.assert_frame_equal(again.table, swept.table)
    assert again.table["hp.env.gravity"].iloc[0] == 1.0
    halves = [swept.select(swept.table.index[:4]), swept.select(swept.table.index[4:])]
    pd.testing.assert_frame_equal(concat(halves).table, swept.table)
    flat = swept.evals[["run_id", "step", "return_mean"]].join(swept.table, on="run_id")
    columns = ["step", "return_mean", "algorithm", "env_id", "seed", "hp.n_steps", "hp.env.gravity"]
    flat[columns].to_csv(tmp_path / "flat.csv", index=False)
    read = Runs.from_csv(tmp_path / "flat.csv")
    assert sorted(map(str, read.table["hp.env.gravity"])) == sorted(map(str, swept.table["hp.env.gravity"]))
    assert len(curves.iqm(swept, by="env.gravity", rng=0, n_boot=50, failures="drop").table)
