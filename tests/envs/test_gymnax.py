"""Environments of gymnax for the compiled engine, held to gymnax's own steps, and trained in."""

from __future__ import annotations

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import rlhp
from rlhp.envs import Parameter, from_gymnax, make_jax, register
from rlhp.envs._checks import checked
from rlhp.trainers import RunRequest

gymnax = pytest.importorskip("gymnax")

# What we do not have ourselves: pictures, rows, bits, a single number, continuous actions; ends and time limits.
IDS = [
    "Catch-bsuite",
    "DeepSea-bsuite",
    "UmbrellaChain-bsuite",
    "MemoryChain-bsuite",
    "SimpleBandit-bsuite",
    "FourRooms-misc",
    "FrozenLake-misc",
    "PointRobot-misc",
    "Reacher-misc",
]


def drawn(env, key):
    if env.n_actions is not None:
        return jax.random.randint(key, (), 0, env.n_actions)
    return jax.random.uniform(key, (len(env.action_low),), minval=-1.0, maxval=1.0) * jnp.array(env.action_high)


def shown(env, theirs, seen):
    """What gymnax shows, as ours shows it: a number of a Discrete space becomes a row."""
    return np.eye(env.observation_shape[0])[int(seen)] if np.ndim(seen) == 0 else np.asarray(seen)


@pytest.mark.parametrize("name", IDS)
def test_every_step_is_gymnaxs_and_an_end_is_not_stepped_over(name):
    """Their `step` starts again by itself: its observation is then the next start, ours the one the action led to."""
    theirs, params = gymnax.make(name)
    params = params.replace(max_steps_in_episode=min(int(params.max_steps_in_episode), 40))
    env = checked("X-v0", from_gymnax(theirs, params))
    reset, step, context = jax.jit(env.reset), jax.jit(env.step), env.default_context()
    their_step = jax.jit(lambda k, s, a: theirs.step(k, s, a, params))
    ends = {"terminated": 0, "truncated": 0}
    for episode in range(4):
        key = jax.random.key(episode)
        state, seen = reset(key, context)
        first, other = theirs.reset(key, params)
        np.testing.assert_array_equal(seen, shown(env, theirs, first))
        for n in range(60):
            at = jax.random.fold_in(key, n)
            action = drawn(env, jax.random.fold_in(at, 1))
            # Their step splits its key: one half for the transition, which is all that ours does, one for a restart.
            state, seen, reward, terminated, truncated = step(jax.random.split(at)[0], state, action)
            _, other, earned, over, cut, info = their_step(at, other, action)
            np.testing.assert_allclose(seen, shown(env, theirs, info["final_observation"]), rtol=1e-6)
            assert float(reward) == pytest.approx(float(np.asarray(earned).reshape(())), rel=1e-6)
            assert (bool(terminated), bool(truncated)) == (bool(over), bool(cut)), n
            ends["terminated"] += bool(terminated)
            ends["truncated"] += bool(truncated)
            if terminated or truncated:
                break
        else:
            pytest.fail("an episode must end")
    assert sum(ends.values()) >= 4
    if name in ("FourRooms-misc", "Reacher-misc", "PointRobot-misc"):
        assert ends["truncated"], "a time limit is no end of the world"


def test_facts_are_gymnaxs():
    env = from_gymnax("Catch-bsuite")
    assert (env.env_id, env.observation_shape, env.n_actions, env.time_limit) == ("Catch-bsuite", (10, 5), 3, 1000)
    robot = from_gymnax("PointRobot-misc")
    assert robot.n_actions is None
    np.testing.assert_allclose(robot.action_high, [0.1, 0.1], rtol=1e-6)
    lake = from_gymnax("FrozenLake-misc", env_id="Lake-v0")
    assert lake.observation_shape == (16,)
    assert lake.env_id == "Lake-v0"


def test_parameters_are_fields_of_its_params():
    theirs, params = gymnax.make("CartPole-v1")
    ranges = {"gravity": (1, 100), "force_mag": Parameter(10, 1, 50, "N", "log"), "tau": (0.005, 0.1)}
    env = checked("Pole-v0", from_gymnax(theirs, parameters=ranges))
    assert env.parameters["gravity"] == Parameter(9.8, 1, 100)
    assert env.parameters["force_mag"].unit == "N"
    world = {"gravity": 20.0, "force_mag": 3.0, "tau": 0.05}
    state, _ = env.reset(jax.random.key(0), world)
    _, other = theirs.reset(jax.random.key(0), params)
    step = jax.jit(env.step)
    for n in range(10):
        state, seen, *_ = step(jax.random.key(1), state, n % 2)
        first, other, *_ = theirs.step_env(jax.random.key(1), other, n % 2, params.replace(**world))
        np.testing.assert_allclose(seen, first, rtol=1e-4, atol=1e-6)


def test_a_whole_number_among_its_params_is_rounded_to():
    env = from_gymnax("UmbrellaChain-bsuite", parameters={"chain_length": (2, 20)})
    lengths = {}
    for length in (2.4, 6.0):
        state, _ = env.reset(jax.random.key(0), {"chain_length": length})
        for n in range(1, 30):
            state, _, _, terminated, _ = env.step(jax.random.fold_in(jax.random.key(0), n), state, 0)
            if terminated:
                break
        lengths[length] = n
    assert lengths == {2.4: 2, 6.0: 6}


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"env": 5}, TypeError, "`env` is 5; give an environment of gymnax 1.0 or newer"),
        ({"env": gymnax.environments.CartPole}, TypeError, "`env` is .*; give an environment of gymnax"),
        ({"env": "Catch-bsuit"}, ValueError, r"unknown environment `Catch-bsuit` for gymnax; did you mean `Catch-bsui"),
        ({"params": 5}, TypeError, r"`params` is 5; give a EnvParams of CartPole-v1"),
        ({"parameters": {"gravty": (1, 2)}}, ValueError, r"unknown parameter `gravty` for CartPole-v1; did you mean"),
        ({"parameters": {"gravity": 5}}, ValueError, r"`parameters\['gravity'\]` is 5; give its range \(low, high\)"),
        ({"parameters": {"gravity": (1, 5)}}, ValueError, r"`parameters\['gravity'\]` is \(1, 5\): `default` is 9.8"),
        (
            {"parameters": {"max_steps_in_episode": (1, 5)}},
            ValueError,
            "is the time limit of all runs: give it in `par",
        ),
        ({"env_id": ""}, ValueError, "`env_id` is ''"),
    ],
)
def test_says_what_it_cannot_take(given, kind, message):
    with pytest.raises(kind, match=message):
        from_gymnax(**{"env": "CartPole-v1", **given})


@pytest.mark.usefixtures("nothing_registered")
def test_a_sweep_trains_in_an_environment_of_gymnax_and_in_its_worlds():
    register("Rooms-v0", jax=from_gymnax("FourRooms-misc", parameters={"fail_prob": (0.0, 0.9)}), return_bounds=(0, 1))
    assert make_jax("Rooms-v0").env_id == "Rooms-v0"
    request = RunRequest("dqn", "Rooms-v0", 0, 64, {"env.fail_prob": 0.5}, 64, 1, "auto")
    assert request.engine == "jax"
    configs = [{"n_steps": 32, "env.fail_prob": chance} for chance in (0.0, 0.9)]
    runs = rlhp.sweep("a2c", "Rooms-v0", configs, steps=256, seeds=1, execution=rlhp.Execution(progress=False))
    assert (runs.table["status"] == "finished").all()
    assert runs.evals["return_mean"].between(0, 1).all()


def test_gymnax_is_imported_by_those_who_ask_for_it():
    code = (
        "import sys; from rlhp.envs import from_gymnax, catalogue, make_jax; catalogue(); make_jax('CartPole-v1');"
        "assert 'gymnax' not in sys.modules; from_gymnax('Catch-bsuite'); assert 'gymnax' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    missing = (
        "import sys; sys.modules['gymnax'] = None; from rlhp.envs import from_gymnax, MissingPackageError\n"
        "try: from_gymnax('Catch-bsuite')\n"
        "except MissingPackageError as error: assert 'pip install gymnax' in str(error), error\n"
        "else: raise SystemExit('no error')"
    )
    subprocess.run([sys.executable, "-c", missing], check=True)
