"""What teams share: stacks of actors, scores of a generation, and recent returns."""

from __future__ import annotations

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.agents import networks, replay, streams, td3, teams
from rlhp.agents.agent import Clock, Now, segment
from rlhp.envs import make_jax
from tests.agents.asked import QUICK, asked

REPLAY = {"batch_size": 8, "buffer_size": 640, "learning_starts": 8, "net_arch": [8], "learning_rate": 1e-2}
REPLAY |= {"action_noise_std": 0.1}
GENERATION = REPLAY | {"train_freq": 50, "gradient_steps": -1}
ROLLOUT = {"n_envs": 2, "n_steps": 6, "net_arch": [8], "learning_rate": 1e-2, "ent_coef": 0.01, "normalize": True}
# The base, what both are asked for, what the team is asked for besides, iterations, and how far apart weights may be.
# ERL's learner is TD3's to the last bit. The others compute the same in another program: products of a stack of one,
# and sums that XLA merges otherwise, round otherwise, and training goes on from there.
ALONE = {
    "erl": ("td3", GENERATION, {}, 8, 0.0),
    "cem_rl": ("td3", GENERATION, {}, 8, 1e-3),
    "p3s": ("td3", REPLAY | {"train_freq": 4, "gradient_steps": 2}, {}, 100, 1e-4),
    "svpg": ("a2c", ROLLOUT, {"temperature": 1.0}, 40, 1e-3),
}
TOTAL = 1_000


@functools.cache
def trained(algorithm, count, given):
    """Train for `count` iterations; give the policy's numbers, its first ones, and the metrics."""
    _, agent, traced, loops, _ = asked(algorithm, make_jax("Pendulum-v1"), dict(given), TOTAL, n_episodes=2)

    @functools.partial(jax.jit, compiler_options=QUICK)
    def run(seed):
        begun = agent.init(streams.key(seed), traced, loops)._replace(memory=agent.memory())
        clock = Clock(jnp.int32(0), jnp.int32(count), jnp.int32(TOTAL))
        state, metrics = segment(agent, begun, traced, loops, clock)
        return agent.parameters(begun.weights), agent.parameters(state.weights), metrics

    begun, policy, metrics = run(jnp.int32(0))
    return flat(policy), flat(begun), {name: float(value) for name, value in metrics.items()}


def flat(tree) -> np.ndarray:
    return np.concatenate([np.ravel(leaf).astype(float) for leaf in jax.tree.leaves(tree)])


@pytest.mark.parametrize("team", ALONE)
def test_an_actor_alone_learns_what_its_base_algorithm_learns(team):
    base, config, more, count, tolerance = ALONE[team]
    config = {name: tuple(value) if isinstance(value, list) else value for name, value in config.items()}
    expected, first, told = trained(base, count, tuple(config.items()))
    found, begun, metrics = trained(team, count, tuple((config | {"n_actors": 1} | more).items()))
    np.testing.assert_array_equal(begun, first)
    assert np.abs(expected - first).max() > 0.05, "it has learned something"
    np.testing.assert_allclose(found, expected, rtol=0, atol=tolerance)
    assert metrics["updates"] == told["updates"] > 0
    assert metrics["n_episodes"] == told["n_episodes"] > 0
    assert metrics["loss"] == pytest.approx(told["loss"], rel=1e-4)


def test_each_actor_acts_on_what_it_sees_itself():
    actors = [networks.uniform(jax.random.key(i), [3, 8, 1]) for i in range(3)]
    stack, seen = teams.stacked(actors), jnp.arange(9.0).reshape(3, 3)
    expected = [td3.policy(actor, seen[i : i + 1])[0] for i, actor in enumerate(actors)]
    np.testing.assert_allclose(teams.each(stack, seen), expected, rtol=1e-6)


def test_a_member_is_taken_from_a_stack_and_put_back():
    stack = teams.stacked([{"a": jnp.float32(i), "b": jnp.full(2, i)} for i in range(3)])
    assert teams.member(stack, 1)["b"].tolist() == [1, 1]
    after = teams.placed(stack, 2, {"a": jnp.float32(7), "b": jnp.full(2, 8)})
    assert after["a"].tolist() == [0, 1, 7]
    assert after["b"].tolist() == [[0, 0], [1, 1], [8, 8]]


def test_fitness_is_the_mean_of_what_ended_and_else_what_was_earned_so_far():
    score = teams.Score(jnp.array([-6.0, 0.0, 4.0]), jnp.array([2.0, 0.0, 1.0]), jnp.array([-9.0, -5.0, -9.0]))
    assert teams.fitness(score).tolist() == [-3, -5, 4]


def test_recent_returns_are_those_of_the_last_ten_episodes():
    recent = teams.nothing(2)
    assert teams.recent_mean(recent).tolist() == [-np.inf, -np.inf]
    for value in range(13):
        recent = teams.noted(recent, jnp.array([True, value == 5]), jnp.array([value, 100.0]))
    assert teams.recent_mean(recent).tolist() == [np.mean(range(3, 13)), 100]
    assert recent.count.tolist() == [13, 1]


def test_a_generation_begins_anew_scores_episodes_and_cuts_the_last_where_it_stands():
    # Three actors, 30 steps each: no episode of Pendulum ends, so all are cut.
    config = REPLAY | {"n_actors": 3, "train_freq": 30, "learning_starts": 0, "action_noise_std": 0.0}
    env, agent, traced, loops, _ = asked("erl", make_jax("Pendulum-v1"), config, TOTAL, n_episodes=2)
    state = agent.init(streams.key(0), traced, loops)._replace(memory=agent.memory())
    actors = teams.stacked([networks.uniform(jax.random.key(i), [3, 8, 1]) for i in range(3)])
    quiet = jnp.full(3, False)

    @functools.partial(jax.jit, compiler_options=QUICK)
    def play(state, first):
        return teams.played_generation(env, state, actors, quiet, traced, loops, Now(first, jnp.int32(TOTAL)))

    one, score = play(state, jnp.int32(0))
    rows = np.asarray(one.memory.rows[:30])  # observation 3, next 3, action, reward, terminated, truncated
    np.testing.assert_allclose(teams.fitness(score), rows[:, :, 7].sum(0), rtol=1e-5)
    assert rows[:, :, 9].sum(0).tolist() == [1, 1, 1], "each was cut once"
    assert rows[29, :, 9].tolist() == [1, 1, 1], "at its last step"
    assert np.abs(np.asarray(one.playing.observation) - rows[29, :, 3:6]).max(1).min() > 1e-3, "and begins anew"
    assert one.playing.running.tolist() == [0, 0, 0]
    for i in range(3):  # what was done is what the actor does in the state it saw
        greedy = td3.policy(teams.member(actors, i), jnp.asarray(rows[:, i, :3]))
        np.testing.assert_allclose(rows[:, i, 6], np.asarray(greedy)[:, 0], atol=1e-5)
    two, _ = play(one, jnp.int32(1))
    np.testing.assert_array_equal(two.memory.rows[30, :, :3], one.playing.observation)
    assert int(two.playing.n_episodes) == 0, "what was cut is no episode that ended"


def test_a_cut_leaves_ends_as_they_are():
    env = make_jax("Pendulum-v1")
    memory = replay.empty(env, 4, 3)
    ends = jnp.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    memory = memory._replace(rows=memory.rows.at[2, :, 8:].set(ends).at[2, :, 7].set(5.0))
    reward, ended = replay.outcome(env, memory, jnp.int32(2))
    assert (reward.tolist(), ended.tolist()) == ([5, 5, 5], [False, True, True])
    after = replay.cut(env, memory, jnp.int32(2)).rows
    assert after[2, :, 8:].tolist() == [[0, 1], [1, 0], [0, 1]]
    np.testing.assert_array_equal(after[jnp.array([0, 1, 3])], 0.0)
