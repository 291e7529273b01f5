"""What every algorithm of the compiled engine keeps to; a new one is one more line of `CASES`."""

from __future__ import annotations

import functools
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.agents import moving, streams
from rlhp.agents.agent import Clock, marks
from rlhp.envs import make_jax
from rlhp.schedules import Linear
from rlhp.trainers.batches import plan
from rlhp.trainers.hyperparameters import table
from rlhp.trainers.programs import agent_of, module_of
from rlhp.trainers.request import RunRequest

ROLLOUT = {"n_envs": 2, "n_steps": 6, "net_arch": [8], "learning_rate": 1e-2, "ent_coef": 0.01, "normalize": True}
REPLAY = {"batch_size": 8, "buffer_size": 64, "learning_starts": 8, "net_arch": [8], "learning_rate": 1e-2}
CASES = {
    "dqn": ("CartPole-v1", REPLAY | {"target_update_interval": 12}),
    "ppo": ("CartPole-v1", ROLLOUT | {"batch_size": 8, "n_epochs": 2}),
    "a2c": ("Pendulum-v1", ROLLOUT),
    "sac": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": -1}),
    "td3": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": -1, "action_noise_std": 0.1}),
}
RUNS, TOTAL = 3, 600


@pytest.fixture(params=sorted(CASES))
def engine(request):
    return compiled(request.param)


@functools.cache
def compiled(algorithm: str) -> SimpleNamespace:
    """Give the functions of an algorithm over three runs, and what they are called with."""
    env_id, config = CASES[algorithm]
    asked = [RunRequest(algorithm, env_id, seed, TOTAL, config, TOTAL, 2, "jax") for seed in range(RUNS)]
    (batch,) = plan(asked, most=RUNS)
    agent = agent_of(batch.recipe)

    def init(seed, traced, uniform):
        return agent.init(streams.key(seed), traced, uniform)

    return SimpleNamespace(
        algorithm=algorithm,
        env=make_jax(env_id),
        agent=agent,
        marks=marks(module_of(algorithm).Hyperparameters),
        traced={name: jnp.asarray(value[:RUNS]) for name, value in batch.traced.items()},
        uniform={name: jnp.int32(value) for name, value in batch.uniform.items()},
        init=jax.jit(jax.vmap(init, in_axes=(0, 0, None))),
        segment=jax.jit(jax.vmap(agent.segment, in_axes=(0, 0, None, None)), donate_argnums=0),
        evaluate=jax.jit(jax.vmap(agent.evaluate, in_axes=(0, 0, None, None))),
    )


def clock(first: int, count: int, fresh: bool = True) -> Clock:
    return Clock(*(jnp.int32(number) for number in (first, count, TOTAL)), jnp.int32(fresh))


def train(engine, *, traced=None, uniform=None, cuts=(8,), seed=0):
    """Train for `cuts` iterations and give the state after them."""
    traced, uniform = {**engine.traced, **(traced or {})}, {**engine.uniform, **(uniform or {})}
    state, done = engine.init(jnp.arange(seed, seed + RUNS), traced, uniform), 0
    for count in cuts:
        state, _ = engine.segment(state, traced, uniform, clock(done, count))
        done += count
    return state


def weights(engine, state, run=None):
    """Give everything the policies need as one array [run, numbers], or that of one run."""
    leaves = [np.asarray(leaf).reshape(RUNS, -1) for leaf in jax.tree.leaves(engine.agent.parameters(state))]
    together = np.concatenate(leaves, axis=1)
    return together if run is None else together[run]


def encoded(*values) -> jnp.ndarray:
    return jnp.stack([moving.encode(value) for value in values])


def constants(engine) -> dict[str, float]:
    """Give the traced hyperparameters that stand still, and are not without limit."""
    values = {
        name: [float(moving.value(numbers[0], at)) for at in (0.0, 0.5, 1.0)] for name, numbers in engine.traced.items()
    }
    return {name: value[0] for name, value in values.items() if np.isfinite(value[0]) and len(set(value)) == 1}


def test_the_same_seed_gives_the_same_run_and_another_seed_another(engine):
    first = weights(engine, train(engine))
    np.testing.assert_array_equal(first, weights(engine, train(engine)))
    assert np.isfinite(first).all()
    for one, other in ((0, 1), (1, 2)):
        assert np.abs(first[one] - first[other]).max() > 1e-3
    np.testing.assert_array_equal(first[1:], weights(engine, train(engine, seed=1))[:-1])


def test_a_run_among_others_is_the_run_alone(engine):
    state = engine.init(jnp.arange(RUNS), engine.traced, engine.uniform)
    alone = jax.tree.map(lambda leaf: leaf[1], state)
    traced = {name: numbers[1] for name, numbers in engine.traced.items()}
    alone, metrics = jax.jit(engine.agent.segment)(alone, traced, engine.uniform, clock(0, 8))
    together, both = engine.segment(state, engine.traced, engine.uniform, clock(0, 8))
    mine = np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(engine.agent.parameters(alone))])
    np.testing.assert_allclose(mine, weights(engine, together, 1), rtol=1e-3, atol=1e-4)
    assert metrics.keys() == both.keys() >= {"loss", "updates", "train_return_mean", "n_episodes"}
    np.testing.assert_allclose(metrics["loss"], both["loss"][1], rtol=1e-3)


def test_segments_may_be_cut_anywhere(engine):
    whole, parts = train(engine, cuts=(5,)), train(engine, cuts=(2, 0, 3))
    np.testing.assert_array_equal(weights(engine, whole), weights(engine, parts))
    np.testing.assert_array_equal(whole.playing.observation, parts.playing.observation)


def test_what_is_measured_does_not_know_where_segments_were_cut(engine):
    # Where they are cut depends on how fast the machine is, and floating-point sums on the order of adding.
    measured = []
    for cuts in ((60,), (1, 2, 0, 5, 52), (13, 47)):
        state, done = engine.init(jnp.arange(RUNS), engine.traced, engine.uniform), 0
        for count in cuts:
            state, metrics = engine.segment(state, engine.traced, engine.uniform, clock(done, count, fresh=not done))
            done += count
        measured.append(metrics)
    assert (measured[0]["updates"] > 0).all()
    assert (measured[0]["n_episodes"] > 0).all()
    for metrics in measured[1:]:
        for name, value in measured[0].items():
            np.testing.assert_array_equal(value, metrics[name], err_msg=name)


def test_fresh_metrics_begin_anew(engine):
    state = train(engine, cuts=(40,))
    _, metrics = engine.segment(state, engine.traced, engine.uniform, clock(40, 0))
    assert not np.asarray(metrics["updates"]).any()
    assert not np.asarray(metrics["n_episodes"]).any()
    assert np.isnan(metrics["loss"]).all()
    assert np.isnan(metrics["train_return_mean"]).all()


def test_no_value_recompiles_anything(engine):
    before = weights(engine, train(engine))
    for name, value in constants(engine).items():
        train(engine, traced={name: encoded(value * 0.9, Linear(value, value * 0.5), value)}, cuts=(1,))
    for name, value in engine.uniform.items():
        train(engine, uniform={name: value + 1}, cuts=(1,))
    assert engine.segment._cache_size() == engine.init._cache_size() == 1
    faster = weights(engine, train(engine, traced={"learning_rate": encoded(1e-2, 2e-2, 1e-2)}))
    assert np.abs(faster[1] - before[1]).max() > 1e-3
    np.testing.assert_array_equal(faster[[0, 2]], before[[0, 2]])


def test_a_flat_schedule_is_the_constant(engine):
    moves = {name for name, what in table(engine.algorithm).items() if what.moves}
    flat = {name: encoded(*[Linear(v, v)] * RUNS) for name, v in constants(engine).items() if name in moves and v > 0}
    assert "learning_rate" in flat
    constant, moving_ = weights(engine, train(engine)), weights(engine, train(engine, traced=flat))
    np.testing.assert_allclose(constant, moving_, rtol=1e-3, atol=1e-4)


def test_a_run_that_diverges_leaves_the_others_what_they_are(engine):
    alone = weights(engine, train(engine))
    state = train(engine, traced={"learning_rate": encoded(1e-2, 1e-2, 1e-2).at[1, 1:3].set(jnp.nan)})
    assert not np.isfinite(weights(engine, state, 1)).all()
    np.testing.assert_array_equal(weights(engine, state)[[0, 2]], alone[[0, 2]])


def test_an_evaluation_plays_greedily_to_the_end_and_the_policy_can_be_taken_along(engine):
    state = train(engine)
    arguments = state, engine.traced, jnp.float32(0.5)
    one, again = (engine.evaluate(*arguments, streams.key(5)) for _ in range(2))
    other = engine.evaluate(*arguments, streams.key(6))
    keys = {"return_mean", "return_std", "n_episodes", "length_mean", "entropy", "value_error"}
    assert one.keys() == again.keys() == keys
    for name in keys:
        np.testing.assert_array_equal(one[name], again[name])
    assert (one["n_episodes"] == 2).all()
    assert np.abs(one["return_mean"] - other["return_mean"]).max() > 0
    assert (one["length_mean"] <= engine.env.time_limit).all()
    env = engine.env
    seen = jax.vmap(env.reset)(jax.random.split(jax.random.key(0), 16))[1]
    parameters = jax.tree.map(lambda leaf: leaf[0], engine.agent.parameters(state))
    actions = np.asarray(engine.agent.act(parameters, seen))
    if env.n_actions is not None:
        assert actions.shape == (16,)
        assert np.isin(actions, range(env.n_actions)).all()
    else:
        assert actions.shape == (16, len(env.action_low))
        assert ((actions >= np.array(env.action_low)) & (actions <= np.array(env.action_high))).all()
