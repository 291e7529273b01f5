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


EPISODES, STEPS = 4, 60


def drawn(env, key):
    if env.n_actions is not None:
        return jax.random.randint(key, (), 0, env.n_actions)
    return jax.random.uniform(key, (len(env.action_low),), minval=-1.0, maxval=1.0) * jnp.array(env.action_high)


def shown(env, seen):
    """What gymnax shows, as ours shows it: a number of a Discrete space becomes a row."""
    return jax.nn.one_hot(seen, env.observation_shape[0]) if np.ndim(seen) == 0 else seen


def side_by_side(env, theirs, params, key):
    """Play an episode in both, and on after its end: the starts, and all steps of ours and of theirs."""

    def step(states, n):
        (ours, other), at = states, jax.random.fold_in(key, n)
        action = drawn(env, jax.random.fold_in(at, 1))
        # Their step splits its key: one half for the transition, which is all that ours does, one for a restart.
        ours, *mine = env.step(jax.random.split(at)[0], ours, action)
        _, other, earned, over, cut, info = theirs.step(at, other, action, params)
        its = shown(env, info["final_observation"]), jnp.reshape(earned, ()), over, cut
        return (ours, other), (mine, its)

    ours, seen = env.reset(key, env.default_context())
    first, other = theirs.reset(key, params)
    # A counter of theirs may begin as Python's 0: a loop carries what a step makes of it.
    like = jax.eval_shape(lambda: theirs.step(key, other, drawn(env, key), params)[1])
    other = jax.tree.map(lambda leaf, want: jnp.asarray(leaf, want.dtype), other, like)
    return (seen, shown(env, first)), jax.lax.scan(step, (ours, other), jnp.arange(STEPS))[1]


@pytest.mark.parametrize("name", IDS)
def test_every_step_is_gymnaxs_and_an_end_is_not_stepped_over(name):
    """Their `step` starts again by itself: its observation is then the next start, ours the one the action led to."""
    theirs, params = gymnax.make(name)
    params = params.replace(max_steps_in_episode=min(int(params.max_steps_in_episode), 40))
    env = checked("X-v0", from_gymnax(theirs, params))
    keys = jnp.stack([jax.random.key(episode) for episode in range(EPISODES)])
    played = jax.jit(lambda keys: jax.lax.map(lambda key: side_by_side(env, theirs, params, key), keys))
    starts, (ours, its) = jax.tree.map(np.asarray, played(keys))
    np.testing.assert_array_equal(*starts)
    ends = {"terminated": 0, "truncated": 0}
    for episode in range(EPISODES):
        over = ours[2][episode] | ours[3][episode]
        assert over.any(), "an episode must end"
        length = int(over.argmax()) + 1
        (seen, reward, terminated, truncated), (other, earned, *their_ends) = (
            [part[episode, :length] for part in parts] for parts in (ours, its)
        )
        np.testing.assert_allclose(seen, other, rtol=1e-6)
        np.testing.assert_allclose(reward, earned, rtol=1e-6)
        np.testing.assert_array_equal([terminated, truncated], their_ends)
        ends["terminated"] += int(terminated[-1])
        ends["truncated"] += int(truncated[-1])
    assert sum(ends.values()) >= EPISODES
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
    state, _ = jax.jit(env.reset)(jax.random.key(0), world)
    _, other = jax.jit(theirs.reset)(jax.random.key(0), params)
    step, their_step = jax.jit(env.step), jax.jit(theirs.step_env)
    for n in range(10):
        state, seen, *_ = step(jax.random.key(1), state, n % 2)
        first, other, *_ = their_step(jax.random.key(1), other, n % 2, params.replace(**world))
        np.testing.assert_allclose(seen, first, rtol=1e-4, atol=1e-6)


def test_a_whole_number_among_its_params_is_rounded_to():
    env = from_gymnax("UmbrellaChain-bsuite", parameters={"chain_length": (2, 20)})
    reset, step, lengths = jax.jit(env.reset), jax.jit(env.step), {}
    for length in (2.4, 6.0):
        state, _ = reset(jax.random.key(0), {"chain_length": length})
        for n in range(1, 30):
            state, _, _, terminated, _ = step(jax.random.fold_in(jax.random.key(0), n), state, 0)
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
    configs = [{"n_steps": 32, "net_arch": [8], "env.fail_prob": chance} for chance in (0.0, 0.9)]
    asked = {"evaluation": rlhp.Evaluation(episodes=2), "execution": rlhp.Execution(workers=1, progress=False)}
    runs = rlhp.sweep("a2c", "Rooms-v0", configs, steps=128, seeds=1, **asked)
    assert (runs.table["status"] == "finished").all()
    assert runs.evals["return_mean"].between(0, 1).all()


def test_gymnax_is_imported_by_those_who_ask_for_it():
    code = (
        "import sys; from rlhp.envs import from_gymnax, catalogue, make_jax, MissingPackageError\n"
        "catalogue(); make_jax('CartPole-v1'); assert 'gymnax' not in sys.modules\n"
        "sys.modules['gymnax'] = None\n"
        "try: from_gymnax('Catch-bsuite')\n"
        "except MissingPackageError as error: assert 'pip install gymnax' in str(error), error\n"
        "else: raise SystemExit('no error')\n"
        "del sys.modules['gymnax']; from_gymnax('Catch-bsuite'); assert 'gymnax' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
