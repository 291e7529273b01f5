"""Copies that restart by themselves, on an environment whose episodes are known in advance."""

from __future__ import annotations

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from rlhp.envs import Environment, make_jax
from rlhp.envs import playing as rooms
from rlhp.envs.playing import Playing, account, lanes, opened, returned

# One program each for a number of copies, and not one for every operation in them.
start = jax.jit(rooms.start, static_argnums=(0, 2))
play = jax.jit(rooms.play, static_argnums=0)


@cache
def counting(time_limit: int = 3) -> Environment:
    """Episodes that count up: action 1 ends one (termination), the limit cuts one; the reward is the count.

    The observation is [count, a number drawn at the start, a number drawn at the step].
    """

    def reset(key, context):
        drawn = jax.random.uniform(key)
        return (jnp.zeros((), jnp.int32), drawn), jnp.stack([0.0, drawn, 0.0])

    def step(key, state, action):
        count, drawn = state[0] + 1, state[1]
        seen = jnp.stack([count.astype(jnp.float32), drawn, jax.random.uniform(key)])
        return (count, drawn), seen, count.astype(jnp.float32), action == 1, count >= time_limit

    return Environment("Counting-v0", (3,), "float32", reset, step, time_limit, n_actions=2)


def test_episodes_end_restart_and_are_counted():
    env = counting()
    playing = start(env, jax.random.key(0), 2, {})
    starts = [np.asarray(playing.observation[:, 1])]
    seen = []
    # The first copy is cut after 3 steps each time; the second ends itself at its second step.
    for n in range(6):
        playing, transition = play(env, jax.random.key(n), playing, jnp.array([0, n % 2]), {})
        seen.append(transition)
        if bool(transition.terminated[1]):
            starts.append(np.asarray(playing.observation[:, 1]))
    counts = np.stack([t.observation[:, 0] for t in seen])
    np.testing.assert_array_equal(counts, [[0, 0], [1, 1], [2, 0], [0, 1], [1, 0], [2, 1]])
    # The true last observation is kept, whatever the copy goes on with.
    np.testing.assert_array_equal([t.next_observation[0, 0] for t in seen], [1, 2, 3, 1, 2, 3])
    np.testing.assert_array_equal([t.truncated[0] for t in seen], [0, 0, 1, 0, 0, 1])
    np.testing.assert_array_equal([t.terminated[1] for t in seen], [0, 1, 0, 1, 0, 1])
    np.testing.assert_array_equal([t.reward[0] for t in seen], [1, 2, 3, 1, 2, 3])
    assert len({float(s[1]) for s in starts}) == 4, "every episode starts from a state of its own"
    mean, n_episodes = account(playing)
    cleared = opened(playing)
    assert int(n_episodes) == 5
    assert float(mean) == pytest.approx((2 * 6 + 3 * 3) / 5)
    assert int(cleared.n_episodes) == float(cleared.returns) == 0
    assert np.isnan(account(cleared)[0])
    kept = opened(playing, False)
    assert [float(kept.returns), int(kept.n_episodes)] == [float(playing.returns), 5]


def test_an_episode_under_way_keeps_its_return_over_a_new_account():
    env, key = counting(), jax.random.key(0)
    playing = start(env, key, 1, {})
    for n in range(2):
        playing, _ = play(env, jax.random.key(n), playing, jnp.array([0]), {})
    mean, n_episodes = account(playing)
    playing = opened(playing)
    assert np.isnan(mean)
    assert int(n_episodes) == 0
    playing, _ = play(env, jax.random.key(2), playing, jnp.array([0]), {})
    assert float(account(playing)[0]) == 6  # 1 + 2 + 3, of which two came before


def test_copies_streams_and_steps_draw_apart():
    env = counting()
    playing = start(env, jax.random.key(0), 3, {})
    assert len(set(np.asarray(playing.observation[:, 1]).tolist())) == 3
    after, transition = play(env, jax.random.key(0), playing, jnp.ones(3, jnp.int32), {})
    drawn = np.concatenate([transition.next_observation[:, 2], after.observation[:, 1]])
    assert len(set(drawn.tolist())) == 6, "a step and the restart that follows it must not share their randomness"
    again, _ = play(env, jax.random.key(0), playing, jnp.ones(3, jnp.int32), {})
    np.testing.assert_array_equal(again.observation, after.observation)
    other, _ = play(env, jax.random.key(1), playing, jnp.ones(3, jnp.int32), {})
    assert not np.array_equal(other.observation[:, 1], after.observation[:, 1])


@pytest.mark.parametrize("n_envs", [pytest.param(1, marks=pytest.mark.hard), 4])
def test_scans_and_runs_vmapped_as_it_does_alone(n_envs):
    env = make_jax("CartPole-v1")
    world = {name: parameter.default for name, parameter in env.parameters.items()}

    @partial(jax.jit, static_argnums=1)
    def rollout(key, steps) -> tuple[Playing, jax.Array]:
        def body(playing, n):
            at = jax.random.fold_in(key, n)
            actions = jax.random.randint(at, (n_envs,), 0, 2)
            playing, transition = play(env, at, playing, actions, world)
            return playing, (transition.reward, transition.terminated | transition.truncated)

        return jax.lax.scan(body, start(env, key, n_envs, world), jnp.arange(steps))

    keys = jax.random.split(jax.random.key(7), 3)
    playing, (rewards, ended) = jax.jit(jax.vmap(lambda key: rollout(key, 150)))(keys)
    alone, _ = rollout(keys[1], 150)
    for ours, theirs in zip(jax.tree.leaves(playing), jax.tree.leaves(alone), strict=True):
        np.testing.assert_allclose(np.asarray(ours)[1], theirs, rtol=1e-5, atol=1e-5)
    assert (playing.n_episodes == ended.sum(axis=(1, 2))).all()
    np.testing.assert_allclose(playing.returns + playing.running.sum(axis=1), rewards.sum(axis=(1, 2)))


def test_copies_that_do_not_count_play_on_and_leave_the_account_alone():
    env, key = counting(), jax.random.key(0)
    whole = part = start(env, key, 3, {})
    counted = jnp.array([True, True, False])
    for n in range(7):
        actions = jnp.array([0, 1, 1])
        whole, _ = play(env, jax.random.key(n), whole, actions, {})
        part, _ = play(env, jax.random.key(n), part, actions, {}, counted)
    np.testing.assert_array_equal(part.observation, whole.observation)
    # The first is cut after three steps, whose rewards are 1, 2 and 3; the others end at each step, whose reward is 1.
    assert [int(whole.n_episodes), float(whole.returns)] == [2 + 7 + 7, 2 * 6 + 7 + 7]
    assert [int(part.n_episodes), float(part.returns)] == [2 + 7, 2 * 6 + 7]


def test_some_of_the_copies_are_taken_and_put_back():
    env = counting()
    playing = start(env, jax.random.key(0), 8, {})
    some, _ = play(env, jax.random.key(1), lanes(playing, jnp.int32(2), 3), jnp.array([0, 1, 0]), {})
    after = jax.jit(returned)(playing, some, jnp.int32(2))
    np.testing.assert_array_equal(after.observation[2:5], some.observation)
    np.testing.assert_array_equal(after.states[0], [0, 0, 1, 0, 1, 0, 0, 0])
    for others in ((0, 2), (5, 8)):
        np.testing.assert_array_equal(after.observation[slice(*others)], playing.observation[slice(*others)])
    assert [int(after.n_episodes), float(after.returns)] == [1, 1.0]
