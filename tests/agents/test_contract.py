"""What every algorithm of the compiled engine keeps to; a new one is one more line of `CASES`."""

from __future__ import annotations

import functools
import importlib
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.agents import moving, streams
from rlhp.agents.agent import PARTS, Clock, State, segment
from rlhp.algorithms import declared
from rlhp.envs import make_jax
from rlhp.schedules import Linear
from tests.agents.asked import QUICK, asked

ROLLOUT = {"n_envs": 2, "n_steps": 6, "net_arch": [8], "learning_rate": 1e-2, "ent_coef": 0.01, "normalize": True}
REPLAY = {"batch_size": 8, "buffer_size": 64, "learning_starts": 8, "net_arch": [8], "learning_rate": 1e-2}
CASES = {
    # One more step before it learns puts off the first update by a whole iteration.
    "dqn": ("CartPole-v1", REPLAY | {"target_update_interval": 12, "prioritized_replay": True, "learning_starts": 11}),
    "ppo": ("CartPole-v1", ROLLOUT | {"batch_size": 8, "n_epochs": 2, "clip_range_vf": 0.2, "target_kl": 0.01}),
    "a2c": ("Pendulum-v1", ROLLOUT),
    "sac": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": -1, "ent_coef": 0.2}),
    "td3": ("Pendulum-v1", REPLAY | {"train_freq": 4, "gradient_steps": -1, "action_noise_std": 0.1}),
}
# What the contract finds in one team it finds in those of a kind: the short suite has one on TD3's parts, and one on
# A2C's. Generations end episodes, or cut them; the first acts at random, and one more step would put off the second.
# And a memory of one transition more has room for one step more of all.
GENERATION = REPLAY | {"buffer_size": 65, "n_actors": 3, "train_freq": 200, "gradient_steps": 4, "learning_starts": 599}
CASES |= {
    "cem_rl": ("Pendulum-v1", GENERATION | {"n_parents": 2, "action_noise_std": 0.1}),
    "erl": (
        "Pendulum-v1",
        GENERATION | {"n_actors": 4, "buffer_size": 63, "learning_starts": 799, "action_noise_std": 0.1},
    ),
    "p3s": (
        "Pendulum-v1",
        REPLAY | {"buffer_size": 65, "n_actors": 3, "train_freq": 4, "best_interval": 12, "action_noise_std": 0.1},
    ),
    "svpg": ("Pendulum-v1", ROLLOUT | {"n_actors": 3}),
}
LONG = {"erl", "p3s"}
TOTAL = 600
VALUE = jax.jit(moving.value)  # one small program instead of thirty


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.hard] * (name in LONG)) for name in sorted(CASES)])
def engine(request):
    return compiled(request.param)


@functools.cache
def compiled(algorithm: str) -> SimpleNamespace:
    """Give the functions of an algorithm for one run, and what they are called with."""
    env_id, config = CASES[algorithm]
    env, agent, traced, loops, shapes = asked(algorithm, make_jax(env_id), config, TOTAL, n_episodes=2)
    return SimpleNamespace(
        algorithm=algorithm,
        env=env,
        agent=agent,
        traced=traced,
        loops=loops,
        shapes=shapes,
        init=jax.jit(lambda seed, traced, loops: begun(agent, seed, traced, loops), compiler_options=QUICK),
        segment=jax.jit(lambda *args: segment(agent, *args), donate_argnums=0, compiler_options=QUICK),
        evaluate=jax.jit(agent.evaluate, compiler_options=QUICK),
    )


def begun(agent, seed, traced, loops):
    return agent.init(streams.key(seed), traced, loops)._replace(memory=agent.memory())


def clock(first: int, count: int, fresh: bool = True) -> Clock:
    return Clock(*(jnp.int32(number) for number in (first, count, TOTAL)), jnp.bool_(fresh))


def train(engine, *, traced=None, loops=None, cuts=(8,), seed=0):
    """Train for `cuts` iterations and give the state after them."""
    traced, loops = {**engine.traced, **(traced or {})}, {**engine.loops, **(loops or {})}
    state, done = engine.init(jnp.int32(seed), traced, loops), 0
    for count in cuts:
        state, _ = engine.segment(state, traced, loops, clock(done, count, fresh=not done))
        done += count
    return state


def numbers(tree) -> np.ndarray:
    """Give all of a pytree's numbers in a row, keys among them."""

    def plain(leaf):
        return jax.random.key_data(leaf) if jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key) else leaf

    return np.concatenate([np.ravel(plain(leaf)).astype(float) for leaf in jax.tree.leaves(tree)])


def policy(engine, state) -> np.ndarray:
    """Give everything the policy needs as one row of numbers."""
    return numbers(engine.agent.parameters(state.weights))


def learned(engine, state) -> np.ndarray:
    """Give what every value has to change: the policy; of ERL all weights, since its champion may have no teacher."""
    return numbers(state.weights) if engine.algorithm == "erl" else policy(engine, state)


def encoded(value) -> jnp.ndarray:
    return jnp.asarray(moving.encode(value))


def constants(engine) -> dict[str, float]:
    """Give the traced hyperparameters that stand still, and are not without limit."""
    values = {name: [float(VALUE(kept, at)) for at in (0.0, 0.5, 1.0)] for name, kept in engine.traced.items()}
    return {name: value[0] for name, value in values.items() if np.isfinite(value[0]) and len(set(value)) == 1}


def test_the_same_seed_gives_the_same_run_and_another_seed_another(engine):
    first, other = policy(engine, train(engine)), policy(engine, train(engine, seed=1))
    np.testing.assert_array_equal(first, policy(engine, train(engine)))
    assert np.isfinite(first).all()
    assert np.abs(first - other).max() > 1e-3


def test_a_state_comes_apart_by_name(engine):
    twin, state = train(engine), train(engine)
    assert isinstance(state, State)
    assert set(PARTS) < set(State._fields)
    # A child has all of its parent but the random stream, and goes its own way.
    child = state._replace(key=streams.key(1))
    one, _ = engine.segment(child, engine.traced, engine.loops, clock(8, 8))
    two, _ = engine.segment(twin, engine.traced, engine.loops, clock(8, 8))
    assert np.abs(policy(engine, one) - policy(engine, two)).max() > 1e-4


def test_segments_may_be_cut_anywhere(engine):
    whole, parts = train(engine, cuts=(5,)), train(engine, cuts=(2, 0, 3))
    np.testing.assert_array_equal(numbers(whole._replace(tally=())), numbers(parts._replace(tally=())))


def test_what_is_measured_does_not_know_where_segments_were_cut(engine):
    # Where they are cut depends on how fast the machine is, and floating-point sums on the order of adding.
    measured = []
    for cuts in ((60,), (1, 2, 0, 5, 52), (13, 47)):
        state, done = engine.init(jnp.int32(0), engine.traced, engine.loops), 0
        for count in cuts:
            state, metrics = engine.segment(state, engine.traced, engine.loops, clock(done, count, fresh=not done))
            done += count
        measured.append(metrics)
    assert measured[0].keys() == {"loss", "updates", "train_return_mean", "n_episodes"}
    assert measured[0]["updates"] > 0
    assert measured[0]["n_episodes"] > 0
    for metrics in measured[1:]:
        for name, value in measured[0].items():
            np.testing.assert_array_equal(value, metrics[name], err_msg=name)


def test_fresh_metrics_begin_anew(engine):
    state = train(engine, cuts=(40,))
    _, metrics = engine.segment(state, engine.traced, engine.loops, clock(40, 0))
    assert metrics["updates"] == metrics["n_episodes"] == 0
    assert np.isnan(metrics["loss"])
    assert np.isnan(metrics["train_return_mean"])


# What counts only beyond a threshold: another value that crosses it; or none, where a test of the rule itself holds it.
OTHERWISE = {"elite_fraction": Linear(0.6, 0.7), "search_ratio": None, "search_radius": None}


def test_no_value_recompiles_anything_and_every_one_counts(engine):
    algorithm = declared(engine.algorithm)
    before = learned(engine, train(engine, cuts=(30,)))
    for name, value in constants(engine).items():
        whole = name in algorithm.hyperparameters and algorithm.hyperparameters[name].kind == "int"
        other = (
            Linear(value + 2, value + 3) if whole else Linear(value * 0.02, value * 0.01) if value else Linear(0.1, 0.2)
        )
        other = OTHERWISE.get(name, other)
        changed = learned(engine, train(engine, traced={name: encoded(other or Linear(value, value))}, cuts=(30,)))
        assert other is None or np.abs(changed - before).max() > 0, name
    for name, value in engine.loops.items():
        switch = algorithm.hyperparameters[name].kind == "bool" if name in algorithm.hyperparameters else value <= 1
        more = 8 if name == "learning_starts" else 1  # a team takes several steps at a time
        changed = learned(engine, train(engine, loops={name: 1 - value if switch else value + more}, cuts=(30,)))
        assert changed.shape == before.shape
        assert np.abs(changed - before).max() > 0, name
    assert engine.segment._cache_size() == engine.init._cache_size() == 1


def test_a_flat_schedule_is_the_constant(engine):
    moves = {name for name, what in declared(engine.algorithm).hyperparameters.items() if what.moves}
    flat = {name: encoded(Linear(v, v)) for name, v in constants(engine).items() if name in moves and v > 0}
    assert "learning_rate" in flat
    constant, moved = policy(engine, train(engine)), policy(engine, train(engine, traced=flat))
    np.testing.assert_allclose(constant, moved, rtol=1e-3, atol=1e-4)


def test_a_run_that_diverges_says_so(engine):
    endless = encoded(1e-2).at[1:3].set(jnp.nan)
    state = train(engine, traced={"learning_rate": endless})
    # A team may go on with those of its actors that are sound; its critics are not, and so it is ended.
    assert not np.isfinite(np.append(policy(engine, state), state.tally.loss)).all()


def test_what_only_learning_depends_on_does_not_touch_the_rest(engine):
    # `init` and `evaluate` are compiled once for all runs that differ in these.
    module = importlib.import_module(declared(engine.algorithm).agent.partition(":")[0])
    assert module.LEARNING < set(engine.shapes)
    other = {name: value * 2 if name in module.LEARNING else value for name, value in engine.shapes.items()}
    assert all(isinstance(engine.shapes[name], int) for name in module.LEARNING), "or choose other ones here"
    again = module.agent(engine.env, other, n_episodes=2)
    one, two = (
        jax.jit(lambda key, agent=agent: agent.init(key, engine.traced, engine.loops)).lower(streams.key(0)).as_text()
        for agent in (engine.agent, again)
    )
    assert one == two
    state = train(engine)
    args = state.weights, engine.traced, engine.loops, jnp.float32(0.5), streams.key(5)
    one, two = (jax.jit(agent.evaluate).lower(*args).as_text() for agent in (engine.agent, again))
    assert one == two


def test_an_evaluation_plays_greedily_to_the_end_and_the_policy_can_be_taken_along(engine):
    state = train(engine)
    arguments = state.weights, engine.traced, engine.loops, jnp.float32(0.5)
    one, again = (engine.evaluate(*arguments, streams.key(5)) for _ in range(2))
    other = engine.evaluate(*arguments, streams.key(6))
    keys = {"return_mean", "return_std", "n_episodes", "length_mean", "entropy", "value_error"}
    assert one.keys() == again.keys() == keys
    for name in keys:
        np.testing.assert_array_equal(one[name], again[name])
    assert one["n_episodes"] == 2
    assert np.abs(one["return_mean"] - other["return_mean"]) > 0
    assert one["length_mean"] <= engine.env.time_limit
    env = engine.env

    @jax.jit
    def acted(weights):
        context = env.context(moving.values(engine.traced, 0.0))
        _, seen = jax.vmap(env.reset, in_axes=(0, None))(jax.random.split(jax.random.key(0), 16), context)
        return engine.agent.act(engine.agent.parameters(weights), seen)

    actions = np.asarray(acted(state.weights))
    if env.n_actions is not None:
        assert actions.shape == (16,)
        assert np.isin(actions, range(env.n_actions)).all()
    else:
        assert actions.shape == (16, len(env.action_low))
        assert ((actions >= np.array(env.action_low)) & (actions <= np.array(env.action_high))).all()
